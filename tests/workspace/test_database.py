"""A workspace in a database: where it lies, who waits for whom, and what a lost connection costs."""

import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from anping.core.errors import AnpingError, MissingExtraError, ParameterError, WorkspaceError
from anping.workspace import database, tables
from anping.workspace.database import read_place, reading, writing
from anping.workspace.perform import Job, perform
from anping.workspace.resolve import resolve
from anping.workspace.step import Port
from anping.workspace.workspace import Workspace
from command_line import anping, fails
from places import Home, home, take_many
from postgres import Server, postgresql, schema_of
from toy import COUNT, TAKE, Ticking

SECRET = "Qx7geheim"


@pytest.fixture
def server() -> Server:
    return postgresql()


@pytest.fixture
def remote(tmp_path: Path) -> Home:
    return home("postgresql", tmp_path)


def take(workspace: Workspace, source: Path) -> Any:
    return perform(workspace, Job(TAKE, "fruit", {"path": str(source)}))


# --- where it lies ------------------------------------------------------------------------------


def test_a_workspace_in_a_database_needs_keys_and_objects(remote: Home) -> None:
    for left_out in ({"keys": None}, {"objects": None}):
        with pytest.raises(ParameterError) as caught:
            Workspace.create(remote.place, **(remote.named | left_out))
        assert caught.value.code == "workspace.incomplete"
    remote.create()
    with pytest.raises(ParameterError) as opened:
        Workspace.open(remote.place)
    assert opened.value.code == "workspace.incomplete"


def test_where_the_content_lies_is_a_fact(
    remote: Home, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANPING_SCRATCH", str(tmp_path / "scratch"))
    workspace = remote.create()
    done = take(workspace, source)
    again = remote.open()
    assert again.objects.location == str(remote.objects)
    assert again.path(done.outputs[0]).read_text() == "banana"
    assert again.scratch.is_relative_to(tmp_path / "scratch")
    assert again.scratch.stat().st_mode & 0o077 == 0
    assert list(again.scratch.iterdir()) == []
    remote.content.rename(tmp_path / "moved")
    moved = Workspace.open(remote.place, keys=remote.keys, objects=tmp_path / "moved")
    assert moved.path(done.outputs[0]).read_text() == "banana"


def test_a_folder_may_keep_its_content_elsewhere(tmp_path: Path, source: Path) -> None:
    made = Workspace.create(tmp_path / "w", objects=tmp_path / "o")
    done = take(made, source)
    assert not (tmp_path / "w" / "objects").exists()
    assert Workspace.open(tmp_path / "w").path(done.outputs[0]).is_relative_to(tmp_path / "o")
    with pytest.raises(WorkspaceError) as caught:
        _ = Workspace.open(home_with_url(tmp_path).place, keys=tmp_path / "workspace.keys").folder
    assert caught.value.code == "workspace.no-folder"


def home_with_url(folder: Path) -> Home:
    made = home("postgresql", folder)
    made.create()
    return made


def test_two_schemas_are_two_workspaces(tmp_path: Path, source: Path) -> None:
    one, other = (home("postgresql", tmp_path / name).create() for name in ("one", "other"))
    take(one, source)
    assert (one.ledger.size, other.ledger.size) == (1, 0)
    assert one.fact("id") != other.fact("id")


@pytest.mark.parametrize(
    ("place", "code"),
    [
        (f"mysql://u:{SECRET}@h/db", "workspace.unknown-database"),
        (f"postgresql://u:{SECRET}@h:port/db", "workspace.bad-url"),
        ("postgresql://u@/db?host=/nowhere/at/all", "workspace.connection-lost"),
        (f"postgresql://u:{SECRET}@127.0.0.1:1/db", "workspace.connection-lost"),
        (f"postgresql://127.0.0.1:1/db?user=u&password={SECRET}", "workspace.connection-lost"),
    ],
)
def test_a_place_that_cannot_be_used_says_no_password(place: str, code: str) -> None:
    keys = ("--keys", "nowhere.keys")
    body = fails("log", "--workspace", place, *keys, code=code)
    assert SECRET not in str(body)
    with pytest.raises(AnpingError) as caught:
        Workspace.create(place, keys="k", objects="o")
    assert SECRET not in str(caught.value)
    assert SECRET not in read_shown(place)


def read_shown(place: str) -> str:
    try:
        return read_place(place).name
    except WorkspaceError:
        return ""


def test_a_schema_that_is_not_there(server: Server, tmp_path: Path) -> None:
    place = server.url("nobody_made_this")
    with pytest.raises(WorkspaceError) as caught:
        Workspace.create(place, keys=tmp_path / "k", objects=tmp_path / "o")
    assert caught.value.code == "workspace.no-schema"
    with pytest.raises(WorkspaceError) as missing:
        Workspace.open(place, keys=tmp_path / "k")
    assert missing.value.code == "workspace.missing"


def test_the_extra_is_named_where_it_is_missing(
    remote: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "psycopg", None)
    with pytest.raises(MissingExtraError) as caught:
        remote.create()
    assert "anping[postgres]" in caught.value.to("en")


def test_the_command_line_takes_a_url(remote: Home, source: Path) -> None:
    named = ("--workspace", remote.place, "--keys", remote.keys)
    assert anping("init", *named, "--objects", remote.content).code == 0
    table = source.with_name("t.csv")
    table.write_text("a,b\n1,2\n3,4\n", "utf-8")
    assert anping("add", "t", table, *named).code == 0
    listed = anping("assets", *named)
    assert "t@1" in listed.out
    assert anping("log", *named).code == 0
    assert anping("init", *named).code == 0


# --- one writer at a time -----------------------------------------------------------------------


def test_a_writer_waits_and_then_gives_up(
    home_on_each: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "WAIT", 1)
    first, second = home_on_each.create(Ticking()), home_on_each.open(Ticking())
    with first.transaction() as connection:
        connection.execute(sa.insert(tables.facts).values(name="a", value="1"))
        with pytest.raises(WorkspaceError) as caught:
            second.state("b", "2")
        assert caught.value.code == "workspace.database"
        assert second.fact("a") is None
    second.state("b", "2")
    assert (second.fact("a"), first.fact("b")) == ("1", "2")


def test_a_reader_sees_one_snapshot(home_on_each: Home) -> None:
    first, second = home_on_each.create(Ticking()), home_on_each.open(Ticking())
    count = sa.select(sa.func.count()).select_from(tables.facts)
    with reading(first.database) as connection:
        before = connection.execute(count).scalar()
        second.state("a", "1")
        assert connection.execute(count).scalar() == before
    with reading(first.database) as connection:
        assert connection.execute(count).scalar() == (before or 0) + 1


def test_a_value_that_the_database_cannot_hold_is_no_lost_connection(remote: Home) -> None:
    with pytest.raises(WorkspaceError) as caught:
        remote.create().state("a", "\x00")
    assert caught.value.code == "workspace.database"


def test_a_reader_may_not_write_in_a_database(remote: Home) -> None:
    with (
        pytest.raises(WorkspaceError),
        reading(remote.create().database) as connection,
    ):
        connection.execute(sa.delete(tables.facts))


def test_two_processes_at_once_lose_nothing(home_on_each: Home, source: Path) -> None:
    workspace = home_on_each.create()
    start = multiprocessing.get_context("spawn")
    running = [
        start.Process(target=take_many, args=(home_on_each, source, name))
        for name in ("one", "two")
    ]
    for process in running:
        process.start()
    for process in running:
        process.join()
    assert [process.exitcode for process in running] == [0, 0]
    assert workspace.ledger.audit(workspace.key_store.public()) == 12
    versions = [asset.version for asset in workspace.assets("shared")]
    assert versions == list(range(1, 13))
    times = [entry.record["predicate"]["finishedOn"] for entry in workspace.ledger.entries()]
    assert times == sorted(times)


# --- a connection that is lost ------------------------------------------------------------------


@contextmanager
def at(moment: str, workspace: Workspace, do: Callable[[], object]) -> Iterator[None]:
    """Do something once, just before or after a statement of a writer reaches the server."""
    done: list[bool] = []

    def hook(connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if moment in statement and not done:
            done.append(True)
            do()

    sa.event.listen(workspace.database, "before_cursor_execute", hook)
    try:
        yield
    finally:
        sa.event.remove(workspace.database, "before_cursor_execute", hook)
    assert done


@pytest.mark.parametrize(
    "moment",
    ["pg_advisory_xact_lock", "INSERT INTO statements", "INSERT INTO nodes", "INSERT INTO runs",
     "FROM facts", "FROM assets"],
)  # fmt: skip
def test_a_connection_cut_at_any_statement(
    server: Server, remote: Home, source: Path, moment: str
) -> None:
    workspace = remote.create(Ticking())
    take(workspace, source)
    job = Job(COUNT, "fruit", {})
    with at(moment, workspace, lambda: server.cut(schema_of(remote.place))):
        with pytest.raises(WorkspaceError) as caught:
            perform(workspace, job)
        assert caught.value.code == "workspace.connection-lost"
    assert workspace.ledger.size == 1
    assert [asset.name for asset in workspace.assets()] == ["fruit"]
    assert list(workspace.scratch.iterdir()) == []
    done = perform(workspace, job)
    assert not done.reused
    assert workspace.ledger.audit(workspace.key_store.public()) == 2


@pytest.mark.parametrize("reached", [True, False])
def test_a_commit_whose_outcome_is_unknown_is_settled_by_running_again(
    server: Server,
    remote: Home,
    source: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    reached: bool,
) -> None:
    workspace = remote.create(Ticking())
    take(workspace, source)
    whole = workspace.database.dialect.do_commit
    writes: list[bool] = []

    def commit(connection: Any) -> None:
        if connection.read_only:
            whole(connection)
            return
        writes.append(True)
        if reached:
            whole(connection)
        server.cut(schema_of(remote.place))
        whole(connection) if not reached else connection.execute("SELECT 1")

    workspace.secret("digest")
    monkeypatch.setattr(workspace.database.dialect, "do_commit", commit)
    with pytest.raises(WorkspaceError) as caught:
        perform(workspace, Job(COUNT, "fruit", {}))
    monkeypatch.undo()
    assert writes
    assert caught.value.code == "workspace.connection-lost"
    done = perform(workspace, Job(COUNT, "fruit", {}))
    assert done.reused == reached
    assert done.statement == 1
    assert workspace.ledger.audit(workspace.key_store.public()) == 2


def test_a_server_that_stops_and_starts_again(server: Server, remote: Home, source: Path) -> None:
    workspace = remote.create(Ticking())
    take(workspace, source)
    server.stop()
    try:
        for call in (
            lambda: perform(workspace, Job(COUNT, "fruit", {})),
            workspace.assets,
            lambda: list(workspace.ledger.entries()),
            remote.open,
        ):
            with pytest.raises(WorkspaceError) as caught:
                call()
            assert caught.value.code == "workspace.connection-lost"
        body = fails("log", *remote.options, code="workspace.connection-lost")
        assert "nothing that was finished is lost" in body["what"]["en"]
    finally:
        server.start()
    assert perform(workspace, Job(COUNT, "fruit", {})).statement == 1
    assert workspace.ledger.audit(workspace.key_store.public()) == 2


def test_an_init_that_was_killed_is_done_again(tmp_path: Path) -> None:
    place = tmp_path / "w"
    place.mkdir()
    with (
        database.connected(read_place(place)) as engine,
        pytest.raises(KeyboardInterrupt),
        writing(engine) as connection,
    ):
        tables.metadata.create_all(connection)
        raise KeyboardInterrupt
    assert (place / "workspace.sqlite").exists()
    with pytest.raises(WorkspaceError) as missing:
        Workspace.open(place)
    assert missing.value.code == "workspace.missing"
    assert Workspace.create(place).ledger.size == 0


def test_tables_that_are_gone_are_never_made_anew(tmp_path: Path, source: Path) -> None:
    take(Workspace.create(tmp_path / "w"), source)
    for path in (tmp_path / "w").glob("workspace.sqlite*"):
        path.unlink()
    (tmp_path / "w" / "workspace.sqlite").touch()
    for way in (Workspace.open, Workspace.create):
        with pytest.raises(WorkspaceError) as caught:
            way(tmp_path / "w")
        assert caught.value.code == "workspace.damaged"


def test_names_of_a_hint_are_few(workspace: Workspace, source: Path) -> None:
    for number in range(20):
        perform(workspace, Job(TAKE, f"s{number:02}", {"path": str(source)}))
    with pytest.raises(WorkspaceError) as caught:
        workspace.need("nothing")
    assert caught.value.hint.en.count(",") == 11
    assert (
        workspace.find("s01@x") is workspace.find("s01@02") is workspace.find("s01@9" * 9) is None
    )
    assert workspace.find("s01@1") == workspace.find("s01")


def test_the_inputs_of_a_step_are_seen_at_one_moment(workspace: Workspace, source: Path) -> None:
    take(workspace, source)
    begun: list[str] = []

    def hook(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        begun.append(statement)

    both = replace(
        COUNT, takes=(*COUNT.takes, Port("plan", "plan", "{subject}.plan", optional=True))
    )
    sa.event.listen(workspace.database, "begin", lambda _: begun.append("BEGIN"))
    sa.event.listen(workspace.database, "before_cursor_execute", hook)
    assert set(resolve(workspace, both, "fruit", {})) == {"raw"}
    lookups = [at for at, each in enumerate(begun) if "FROM assets" in each]
    assert len(lookups) == 2
    assert "BEGIN" not in begun[lookups[0] : lookups[1]]
