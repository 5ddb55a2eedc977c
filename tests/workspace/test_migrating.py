"""A workspace that an earlier version made opens, is migrated whole or not at all, and goes on."""

import zipfile
from pathlib import Path

import pytest
import sqlalchemy as sa

from anping.core.errors import EvidenceError, KeyStoreError, WorkspaceError
from anping.workspace import migrating, tables
from anping.workspace.database import connected, read_place, reading, writing
from anping.workspace.migrating import migrate, upgrade
from anping.workspace.perform import Job, perform
from anping.workspace.witnessing import cosigned_by
from anping.workspace.workspace import Workspace
from command_line import anping, fails
from places import home
from postgres import postgresql_url
from toy import COUNT

GOLDEN = Path(__file__).with_name("golden") / "format-1.zip"
STATEMENTS = 7


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A workspace of format 1, as version 0.1 wrote it: seven statements, a witness's cosignature."""
    with zipfile.ZipFile(GOLDEN) as archive:
        archive.extractall(tmp_path)
    for path in (*(tmp_path / "old.keys").iterdir(), tmp_path / "witness" / "witness.pem"):
        path.chmod(0o600)
    return tmp_path / "old"


def test_an_older_workspace_says_what_to_do(old: Path) -> None:
    for way in (Workspace.open, Workspace.create):
        with pytest.raises(WorkspaceError) as caught:
            way(old)
        assert caught.value.code == "workspace.older"
    body = fails("log", "--workspace", old, code="workspace.older")
    assert "anping migrate" in body["hint"]["zh"]


def test_a_newer_workspace_is_left_alone(tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path / "w")
    workspace.state("format", str(int(tables.FORMAT) + 1))
    for way in (Workspace.open, migrate):
        with pytest.raises(WorkspaceError) as caught:
            way(tmp_path / "w")
        assert caught.value.code == "workspace.newer"
    workspace.state("format", "two")
    with pytest.raises(WorkspaceError) as damaged:
        Workspace.open(tmp_path / "w")
    assert damaged.value.code == "workspace.damaged"


def test_the_golden_workspace_is_migrated_and_goes_on(old: Path, tmp_path: Path) -> None:
    said = anping("migrate", "--workspace", old)
    assert said.code == 0, said.all
    assert "7" in said.out
    again = migrate(old)
    assert (again.before, again.after, again.statements) == (2, 2, STATEMENTS)
    workspace = Workspace.open(old)
    public = workspace.key_store.public()
    seen = workspace.ledger.audited(public)
    assert (seen.statements, seen.checkpoints, seen.notes) == (STATEMENTS, 2, ())
    references = [asset.reference for asset in workspace.assets()]
    assert references == [
        "customers@1", "customers.scan@1", "fruit@1", "fruit.count@1", "fruit.count@2",
        "fruit.refusal@1", "policy@1", "policy.signature@1",
    ]  # fmt: skip
    assert all(workspace.path(asset).exists() for asset in workspace.assets())
    done = perform(workspace, Job(COUNT, "fruit", {"letter": "z"}))
    assert (done.statement, done.outputs[0].reference) == (STATEMENTS, "fruit.count@3")
    signed = cosigned_by(workspace, tmp_path / "witness")
    assert signed.head.size == STATEMENTS + 1
    assert workspace.ledger.audit(public) == STATEMENTS + 1


def dump(place: Path) -> list[str]:
    with connected(read_place(place)) as engine, reading(engine) as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        return list(raw.iterdump())


def test_a_failure_halfway_changes_nothing(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = dump(old)
    calls: list[int] = []
    whole = migrating.__dict__["audit"]

    def second_audit_fails(*given: object, **named: object) -> object:
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return whole(*given, **named)

    monkeypatch.setattr(migrating, "audit", second_audit_fails)
    with pytest.raises(KeyboardInterrupt):
        migrate(old)
    monkeypatch.undo()
    assert dump(old) == before
    assert migrate(old).before == 1


def test_a_ledger_that_does_not_hold_is_not_migrated(old: Path) -> None:
    with connected(read_place(old)) as engine, writing(engine) as connection:
        connection.execute(sa.text('DELETE FROM statements WHERE "index" = 3'))
    before = dump(old)
    with pytest.raises(EvidenceError):
        migrate(old)
    assert dump(old) == before


def test_without_its_keys_nothing_is_migrated(old: Path, tmp_path: Path) -> None:
    with pytest.raises(KeyStoreError):
        migrate(old, keys=tmp_path / "elsewhere")
    with pytest.raises(WorkspaceError) as caught:
        migrate(tmp_path / "none")
    assert caught.value.code == "workspace.missing"


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
def test_the_revisions_end_in_the_tables(backend: str, tmp_path: Path) -> None:
    """alembic's own comparison finds no difference, and the definitions are the same."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    made, migrated = home(backend, tmp_path / "made"), home(backend, tmp_path / "migrated")
    made.create()
    (tmp_path / "migrated" / "workspace").mkdir(parents=True)
    found = []
    for place in (made, migrated):
        with connected(read_place(place.place)) as engine:
            if place is migrated:
                with writing(engine) as connection:
                    upgrade(connection, since=None)
            with reading(engine) as connection:
                context = MigrationContext.configure(
                    connection, opts={"version_table": "revisions", "compare_type": True}
                )
                assert compare_metadata(context, tables.metadata) == []
                inspector = sa.inspect(connection)
                found.append(
                    {
                        name: (
                            [(c["name"], str(c["type"]), c["nullable"])
                             for c in inspector.get_columns(name)],
                            inspector.get_pk_constraint(name)["constrained_columns"],
                            [index["column_names"] for index in inspector.get_indexes(name)],
                        )
                        for name in tables.metadata.tables
                    }
                )  # fmt: skip
    assert found[0] == found[1]


def test_a_database_of_the_first_format_is_migrated(old: Path, tmp_path: Path) -> None:
    """PostgreSQL from the first revision, with the golden workspace's rows in it."""
    place = postgresql_url()
    with (
        connected(read_place(place)) as engine,
        connected(read_place(old)) as source,
        reading(source) as golden,
        writing(engine) as connection,
    ):
        upgrade(connection, since=None, until="1")
        for table in tables.metadata.sorted_tables:
            rows = [dict(row._mapping) for row in golden.execute(sa.select(table))]
            connection.execute(sa.insert(table), rows)
    keys = tmp_path / "old.keys"
    with pytest.raises(WorkspaceError) as caught:
        Workspace.open(place, keys=keys)
    assert caught.value.code == "workspace.older"
    done = migrate(place, keys=keys)
    assert (done.before, done.after, done.statements) == (1, 2, STATEMENTS)
    workspace = Workspace.open(place, keys=keys, objects=old / "objects")
    assert perform(workspace, Job(COUNT, "fruit", {"letter": "z"})).statement == STATEMENTS
    assert workspace.ledger.audit(workspace.key_store.public()) == STATEMENTS + 1
