"""Duplicate tables in a workspace: found by the sketches that scans left, on the command line too."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from anping.core.errors import ParameterError, WorkspaceError
from anping.steps.add import ADD
from anping.steps.compose.similar import alike
from anping.steps.compose.sketching import LATER
from anping.steps.scan import SCAN
from anping.workspace.perform import Job, perform
from anping.workspace.workspace import Workspace
from command_line import MARKER, anping, fails


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    folder = tmp_path_factory.mktemp("similar")
    rows = [f"{MARKER}{n},{20 + n % 50},2024-01-{1 + n % 28:02}" for n in range(120)]
    files = {
        "people": rows,
        "copy": rows,
        "shuffled": rows[::-1],
        "part": rows[:90],
        "unseen": rows,
    }
    workspace = Workspace.create(folder / "w")
    for name, lines in files.items():
        path = folder / f"{name}.csv"
        path.write_text("\n".join(["name,age,day", *lines]) + "\n", "utf-8")
        perform(workspace, Job(ADD, name, {"path": path}))
        if name != "unseen":
            perform(workspace, Job(SCAN, name, {}))
    return workspace


def test_tables_alike_are_found(filled: Workspace) -> None:
    found = alike(filled, "people")
    assert {one.table: one.relation for one in found.found} == {
        "copy@1": "identical",
        "shuffled@1": "reordered",
        "part@1": "superset",
    }
    assert [one.relation for one in found.found] == ["identical", "reordered", "superset"]
    assert found.without == ("unseen@1",)
    within = next(one for one in found.found if one.table == "part@1").within
    assert (within.value, within.n) == (0.75, 120)


def test_what_was_not_scanned_is_sketched_when_asked(filled: Workspace) -> None:
    assert alike(filled, "unseen").found[0].relation == "identical"
    assert "unseen@1" in {one.table for one in alike(filled, "people", every=True).found}


def test_a_very_long_table_is_sketched_when_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("anping.steps.compose.sketching.MOST_ROWS", 3)
    workspace = Workspace.create(tmp_path / "w")
    for name in ("one", "other"):
        path = tmp_path / f"{name}.csv"
        path.write_text("a,b\n" + "".join(f"{n},{n * n}\n" for n in range(9)), "utf-8")
        perform(workspace, Job(ADD, name, {"path": path}))
        done = perform(workspace, Job(SCAN, name, {}))
        assert {one.name for one in done.outputs} & {f"{name}.sketch"} == set()
        assert done.outcome.notes[-1] == LATER
    found = alike(workspace, "one", every=True).found
    assert [(one.table, one.relation) for one in found] == [("other@1", "identical")]


def test_sketches_hold_no_value_and_are_confidential(filled: Workspace) -> None:
    asset = filled.need("people.sketch")
    assert asset.confidential
    assert asset.labels == filled.need("people").labels
    content = filled.path(asset).read_text("utf-8")
    assert "祕密" not in content
    assert set(json.loads(content)) == {"format", "table", "sketch"}


def test_what_is_no_table_is_refused(filled: Workspace) -> None:
    with pytest.raises(ParameterError) as caught:
        alike(filled, "people.scan")
    assert caught.value.code == "similar.no-table"
    with pytest.raises(WorkspaceError):
        alike(filled, "nothing")


def test_the_command_line(filled: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    place = ("--workspace", Path(filled.location))
    monkeypatch.setenv("ANPING_LANG", "zh")
    said = anping("similar", "people", *place)
    assert said.code == 0, said.all
    assert "copy@1  相同" in said.out
    assert "unseen@1" in said.out
    body = json.loads(anping("similar", "people", "--all", "--json", *place).out)
    assert body["similar"][0]["said"]["en"].startswith("identical")
    assert body["withoutSketch"] == []
    fails("similar", "people.scan", *place, code="similar.no-table")
