"""Data arrives again: what is new makes a new version, what is known is not read again."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from anping.core.errors import AnpingError, ParameterError
from anping.engine import read as reading_door
from anping.engine.table import Table
from anping.evidence.verify.run import verify
from anping.recipes.samples import write_sample
from anping.steps.add import ADD
from anping.steps.catalogue import step
from anping.workspace.dossier import export
from anping.workspace.perform import Job, Performed, perform
from anping.workspace.pipeline import read_pipeline, run_pipeline
from anping.workspace.witnessing import checkpoint
from anping.workspace.workspace import Workspace

Add = Callable[..., Performed]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.create(tmp_path / "workspace")


@pytest.fixture
def add(workspace: Workspace) -> Add:
    def adding(path: Path | str, **parameters: Any) -> Performed:
        return perform(workspace, Job(ADD, "visits", {"path": path, **parameters}))

    return adding


def rows(workspace: Workspace) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (
        Table.open(workspace.path(workspace.need("visits"))).arrow().to_pylist()
    )
    return found


def report(workspace: Workspace) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(
        workspace.path(workspace.need("visits.arrivals")).read_bytes()
    )
    return body


@pytest.fixture
def read_files(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files whose rows were really read."""
    seen: list[str] = []
    original = reading_door.read_many

    def spying(paths: Any, **options: Any) -> Any:
        seen.extend(path.name for path in paths)
        return original(paths, **options)

    monkeypatch.setattr(reading_door, "read_many", spying)
    return seen


def test_new_files_join_and_known_ones_are_not_read(
    workspace: Workspace, add: Add, tmp_path: Path, read_files: list[str]
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "b.csv").write_text("id,v\n1,a\n2,b\n")
    first = add(folder)
    (folder / "a.csv").write_text("id,v\n3,c\n")
    (folder / "c.csv").write_text("v,id\nd,4\n")
    second = add(folder)
    assert read_files == ["b.csv", "a.csv", "c.csv"]
    assert [row["id"] for row in rows(workspace)] == [1, 2, 3, 4]
    assert {asset.reference for asset in second.outputs} == {"visits@2", "visits.arrivals@2"}
    parts = report(workspace)["parts"]
    assert [(p["name"], p["rows"], p["first_row"]) for p in parts] == [
        ("b.csv", 2, 0), ("a.csv", 1, 2), ("c.csv", 1, 3),
    ]  # fmt: skip
    again = add(folder)
    assert again.reused
    assert len(workspace.assets("visits")) == 2
    measures = {measure.name: (measure.value, measure.n) for measure in second.outcome.measures}
    assert measures == {"intake.rows.accepted": (4.0, 4), "intake.rows.refused": (0.0, 4)}
    statement = next(workspace.ledger.entries([second.statement])).record
    names = [material["name"] for material in statement["predicate"]["materials"]]
    assert any("visits" in name for name in names)
    assert any("unchanged" in note.en for note in second.outcome.notes)
    assert first.statement < second.statement


def test_changed_and_vanished_files_are_told(
    workspace: Workspace, add: Add, tmp_path: Path, read_files: list[str]
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for name, number in (("a.csv", 1), ("b.csv", 2), ("c.csv", 3)):
        (folder / name).write_text(f"id\n{number}\n")
    add(str(folder / "*.csv"))
    read_files.clear()
    (folder / "a.csv").write_text("id\n10\n11\n")
    (folder / "b.csv").unlink()
    done = add(str(folder / "*.csv"))
    assert read_files == ["a.csv"]
    assert [row["id"] for row in rows(workspace)] == [3, 10, 11]
    told = " ".join(note.en for note in done.outcome.notes)
    assert "1 changed ones read again" in told
    assert "1 parts are gone" in told
    read_files.clear()
    (folder / "a.csv").unlink()
    add(str(folder / "*.csv"))
    assert read_files == []
    assert rows(workspace) == [{"id": 3}]


def test_a_renamed_file_is_known_by_its_digest(
    workspace: Workspace, add: Add, tmp_path: Path, read_files: list[str]
) -> None:
    (tmp_path / "a.csv").write_text("id\n1\n")
    add(tmp_path / "a.csv")
    (tmp_path / "a.csv").rename(tmp_path / "b.csv")
    done = add(tmp_path / "b.csv")
    assert read_files == ["a.csv"]
    assert len(workspace.assets("visits")) == 1
    assert any("Nothing new" in note.en for note in done.outcome.notes)


def test_other_parameters_read_everything_again(
    workspace: Workspace, add: Add, tmp_path: Path, read_files: list[str]
) -> None:
    (tmp_path / "a.csv").write_text("id\n1\n")
    add(tmp_path / "a.csv")
    add(tmp_path / "a.csv", types=["id=string"], purposes=["TRAIN"])
    assert read_files == ["a.csv", "a.csv"]
    assert rows(workspace) == [{"id": "1"}]
    assert workspace.need("visits").labels.purposes == frozenset({"TRAIN"})
    add(tmp_path / "a.csv", types=["id=string"], purposes=["TRAIN", "RETRIEVE"])
    assert workspace.need("visits").labels.purposes == frozenset({"TRAIN", "RETRIEVE"})


def test_types_widen_and_texts_keep_their_spelling(
    workspace: Workspace, add: Add, tmp_path: Path
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "1.csv").write_text("n,x,t,empty,d\n1,1.5,007,,2024-01-01\n2,2.0,a,,2024-01-02\n")
    add(folder)
    (folder / "2.csv").write_text("n,x,t,empty,d\n1.25,3,1.50,7,unknown\n")
    done = add(folder)
    found = Table.open(workspace.path(workspace.need("visits"))).arrow()
    assert {field.name: str(field.type) for field in found.schema} == {
        "n": "double", "x": "double", "t": "string", "empty": "int64", "d": "string",
    }  # fmt: skip
    assert found.column("t").to_pylist() == ["007", "a", "1.50"]
    assert found.column("empty").to_pylist() == [None, None, 7]
    assert found.column("d").to_pylist() == ["2024-01-01", "2024-01-02", "unknown"]
    told = " ".join(note.en for note in done.outcome.notes)
    assert "“n” was widened from int64 to double" in told
    assert "“d” was widened" in told
    assert "“empty”" not in told


def test_other_columns_are_refused_unless_united(
    workspace: Workspace, add: Add, tmp_path: Path
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "1.csv").write_text("a,b\n1,2\n")
    add(folder)
    (folder / "2.csv").write_text("a,c\n3,4\n")
    with pytest.raises(AnpingError) as caught:
        add(folder)
    assert caught.value.code == "schema.other-columns"
    assert len(workspace.assets("visits")) == 1
    add(folder, union_columns=True)
    assert rows(workspace) == [{"a": 1, "b": 2, "c": None}, {"a": 3, "b": None, "c": 4}]
    (folder / "3.csv").write_text("a,d\n5,6\n")
    add(folder, union_columns=True)
    assert rows(workspace)[-1] == {"a": 5, "b": None, "c": None, "d": 6}


def test_bad_rows_of_new_files_only_go_aside(
    workspace: Workspace, add: Add, tmp_path: Path
) -> None:
    folder, aside = tmp_path / "in", tmp_path / "bad.jsonl"
    folder.mkdir()
    (folder / "1.csv").write_text("a,b\n1,2\n1\n")
    add(folder, quarantine=aside)
    (folder / "2.csv").write_text("a,b\n3,4\n9,9,9\n")
    done = add(folder, quarantine=aside)
    lines = [json.loads(line) for line in aside.read_text("utf-8").splitlines()]
    assert [(line["file"], line["row"]) for line in lines] == [("2.csv", 3)]
    assert aside.stat().st_mode & 0o777 == 0o600
    measures = {measure.name: measure.value for measure in done.outcome.measures}
    assert measures == {"intake.rows.accepted": 2.0, "intake.rows.refused": 2.0}


def visits(path: Path, *new: tuple[Any, ...]) -> str:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS visits (id INTEGER PRIMARY KEY, at TEXT)")
        connection.executemany("INSERT INTO visits VALUES (?, ?)", new)
    connection.close()
    return f"sqlite:///{path}"


@pytest.mark.parametrize("since", ["id", "at"])
def test_later_rows_of_a_database_join(
    workspace: Workspace, add: Add, tmp_path: Path, since: str
) -> None:
    url = visits(tmp_path / "clinic.db", (1, "2024-01-01"), (2, "2024-01-02"))
    options = {"table": "visits", "since": since}
    add(url, **options)
    assert set(add(url, **options).outputs) == {
        workspace.need("visits@1"), workspace.need("visits.arrivals@1"),
    }  # fmt: skip
    visits(tmp_path / "clinic.db", (3, "2024-01-03"))
    done = add(url, **options)
    assert [row["id"] for row in rows(workspace)] == [1, 2, 3]
    assert len(workspace.assets("visits")) == 2
    assert [part["rows"] for part in report(workspace)["parts"]] == [2, 1]
    assert "2024" not in json.dumps(report(workspace))
    record = next(workspace.ledger.entries([done.statement])).record
    text = json.dumps(record, ensure_ascii=False)
    assert "sqlite:///clinic.db" in text
    assert str(tmp_path) not in text
    assert any("earlier rows that are changed" in limit.en for limit in done.outcome.limits)
    assert add(url, **options).outputs
    assert len(workspace.assets("visits")) == 2


def test_new_rows_that_are_all_refused_change_nothing(
    workspace: Workspace, add: Add, tmp_path: Path
) -> None:
    url = visits(tmp_path / "clinic.db", (1, "fine"))
    aside = tmp_path / "bad.jsonl"
    options = {"table": "visits", "since": "id", "quarantine": aside}
    add(url, **options)
    visits(tmp_path / "clinic.db", (2, "a\0b"))
    done = add(url, **options)
    assert [asset.version for asset in done.outputs] == [1, 1]
    assert any("refused" in note.en for note in done.outcome.notes)
    assert json.loads(aside.read_text("utf-8"))["code"] == "input.nul-character"
    visits(tmp_path / "clinic.db", (3, "fine"))
    add(url, **options)
    assert [row["id"] for row in rows(workspace)] == [1, 3]


def test_a_cursor_that_the_database_orders_otherwise_is_refused(
    workspace: Workspace, add: Add, tmp_path: Path
) -> None:
    url = visits(tmp_path / "clinic.db", (1, "2024-01-01 10:00:00"))
    query = "SELECT id, datetime(at) AS at FROM visits"
    add(url, query=query, since="at")
    visits(tmp_path / "clinic.db", (2, "2024-01-01T09:00:00"))
    with pytest.raises(AnpingError) as caught:
        add(url, query="SELECT id, at FROM visits", since="at")
        add(url, query="SELECT id, at FROM visits", since="at")
        visits(tmp_path / "clinic.db", (3, "2024-01-01T08:00:00"))
        add(url, query="SELECT id, at FROM visits", since="at")
    assert caught.value.code == "input.cursor-order"


def test_a_whole_table_again_is_the_same_version(
    workspace: Workspace, add: Add, tmp_path: Path
) -> None:
    url = visits(tmp_path / "clinic.db", (1, "x"))
    add(url, table="visits")
    assert add(url, table="visits").reused
    visits(tmp_path / "clinic.db", (2, "y"))
    add(url, table="visits")
    assert [row["id"] for row in rows(workspace)] == [1, 2]
    assert len(workspace.assets("visits")) == 2


def test_secrets_stay_out(
    workspace: Workspace, add: Add, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = visits(tmp_path / "clinic.db", (1, "x"))
    for secret in ("postgresql://me:geheim@host/db", "https://host/x.csv?X-Amz-Signature=geheim"):
        with pytest.raises(ParameterError) as caught:
            add(secret, table="visits")
        assert caught.value.code == "parameter.source-secret"
        assert "geheim" not in str(caught.value)
    with pytest.raises(ParameterError):
        add("env:CLINIC", table="visits")
    monkeypatch.setenv("CLINIC", url)
    done = add("env:CLINIC", table="visits")
    assert rows(workspace) == [{"id": 1, "at": "x"}]
    record = next(workspace.ledger.entries([done.statement])).record
    assert record["predicate"]["invocation"]["parameters"]["path"] == "env:CLINIC"
    with pytest.raises(ParameterError) as caught:
        add(tmp_path / "clinic.db", since="id")
    assert caught.value.code == "parameter.source-selection"


def test_what_arrived_twice_is_released_and_verified(tmp_path: Path) -> None:
    """The statement of the second arrival rests on the first; an auditor sees both sources."""
    write_sample("bank", tmp_path / "sample", people=300)
    whole = (tmp_path / "sample" / "customers.csv").read_text("utf-8-sig").splitlines(keepends=True)
    folder = tmp_path / "in"
    folder.mkdir()
    middle = len(whole) // 2
    (folder / "1.csv").write_text("".join(whole[:middle]), "utf-8")
    pipeline = tmp_path / "sample" / "pipeline.yaml"
    body = yaml.safe_load(pipeline.read_text("utf-8"))
    add = next(entry for entry in body["steps"] if entry["step"] == "know.add")
    add["with"]["path"] = "../in"
    pipeline.write_text(yaml.safe_dump(body, allow_unicode=True, sort_keys=False), "utf-8")
    workspace = Workspace.create(tmp_path / "workspace")
    next(run_pipeline(workspace, read_pipeline(pipeline), step=step))
    (folder / "2.csv").write_text("".join([whole[0], *whole[middle:]]), "utf-8")
    done = list(run_pipeline(workspace, read_pipeline(pipeline), step=step))
    assert done[0].outputs[0].version == 2
    assert not done[-1].refused
    checkpoint(workspace)
    handed = export(workspace, body["subject"], tmp_path / "dossier")
    report = verify(handed.folder)
    assert report.ok, report.of("fail")
    statements = (handed.folder / "evidence" / "statements.intoto.jsonl").read_text("utf-8")
    assert statements.count("\n") > len(done)
