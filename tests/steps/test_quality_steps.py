"""Quality over versions, contracts and descriptions from end to end, in both languages."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from anping.core.errors import ParameterError, WorkspaceError
from anping.core.measure import Measure, find
from anping.know.summary import History
from anping.steps.catalogue import step
from anping.workspace.perform import Job, Performed, perform
from anping.workspace.workspace import Workspace
from command_line import anping
from know.table_versions import columns_of

SUBJECT = "visits"
Do = Callable[..., Performed]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.create(tmp_path / "workspace")


@pytest.fixture
def do(workspace: Workspace) -> Do:
    def doing(identifier: str, **parameters: Any) -> Performed:
        return perform(workspace, Job(step(identifier), SUBJECT, parameters))

    return doing


def write(folder: Path, version: int, **changed: list[Any]) -> Path:
    """Write a version as CSV and return its path."""
    columns = {**columns_of(version, rows=400), **changed}
    path = folder / "visits.csv"
    with path.open("w", encoding="utf-8", newline="") as lines:
        rows = csv.writer(lines)
        rows.writerow("診斷" if name == "illness" else name for name in columns)
        rows.writerows(zip(*columns.values(), strict=True))
    return path


def kept(workspace: Workspace) -> History:
    asset = workspace.need(f"{SUBJECT}.history")
    return History.from_json(json.loads(workspace.path(asset).read_bytes()))


def told(workspace: Workspace) -> dict[str, Any]:
    asset = workspace.need(f"{SUBJECT}.quality-data")
    body: dict[str, Any] = json.loads(workspace.path(asset).read_bytes())
    return body


def test_a_first_version_says_that_there_is_no_history(
    workspace: Workspace, do: Do, tmp_path: Path
) -> None:
    do("know.add", path=write(tmp_path, 1))
    do("know.scan")
    done = do("know.quality")
    assert "no history" in done.outcome.limits[0].en
    assert "沒有歷史" in done.outcome.notes[0].zh
    assert told(workspace)["expectations"] == []
    assert do("know.quality").reused
    assert [each.version for each in kept(workspace).versions] == [1]


def test_versions_never_looked_at_are_learned_from_as_those_that_were(
    workspace: Workspace, do: Do, tmp_path: Path
) -> None:
    for version in (1, 2, 3, 4):
        do("know.add", path=write(tmp_path, version))
        do("know.scan")
        if version != 2:
            do("know.quality")
    first = kept(workspace)
    assert [each.version for each in first.versions] == [1, 2, 3, 4]
    statement = workspace.ledger.entries([do("know.quality").statement])
    ports = {m["annotations"]["port"] for m in next(statement).record["predicate"]["materials"]}
    # Of the earlier tables none had to be read for the last one: their summaries were kept.
    assert ports == {"table", "scan", "earlier"}
    afresh = do("know.quality", afresh=True)
    assert not afresh.reused
    again = kept(workspace)
    assert [each.version for each in again.versions] == [1, 2, 3, 4]
    assert [c.counts for c in again.versions[-1].columns] == [
        c.counts for c in first.versions[-1].columns
    ]


def test_drift_and_faults_are_told_and_a_strict_step_refuses(
    workspace: Workspace, do: Do, tmp_path: Path
) -> None:
    for version in (1, 2, 3, 4):
        do("know.add", path=write(tmp_path, version))
    numbers = columns_of(5, rows=400)["number"]
    amounts = [v + 600 for v in columns_of(5, rows=400)["amount"]]
    path = write(tmp_path, 5, number=[numbers[1], *numbers[1:]], amount=amounts)
    do("know.add", path=path)
    do("know.scan")
    done = do("know.quality")
    assert not done.refused
    body = told(workspace)
    assert body["learnedFrom"] == [1, 2, 3, 4]
    broken = {(e["kind"], e["subject"]) for e in body["expectations"] if e["status"] == "broken"}
    assert broken >= {("unique", "number")}
    assert {subject for _, subject in broken} == {"number", "amount"}
    assert [d["column"] for d in body["drift"] if d["status"] == "drifted"] == ["amount"]
    moved = find(done.outcome.measures, "drift.stability", "amount")
    assert isinstance(moved, Measure)
    assert moved.interval is not None
    assert moved.n == 400
    counted = find(done.outcome.measures, "quality.broken")
    assert counted is not None
    assert counted.value == len(broken)
    page = workspace.path(workspace.need(f"{SUBJECT}.quality")).read_text("utf-8")
    for value in ("高血壓", "糖尿病", "@mail.example", "民國"):
        assert value not in page
        assert value not in json.dumps(body, ensure_ascii=False)
    strict = do("know.quality", strict=True)
    assert strict.refused
    assert strict.verdict is not None
    assert {reason.code for reason in strict.verdict.reasons} == {f"quality.{k}" for k, _ in broken}
    # What a person says was wrong is not learned from.
    do("know.add", path=write(tmp_path, 6))
    do("know.quality", without=[5])
    assert told(workspace)["learnedFrom"] == [1, 2, 3, 4]


def test_a_column_taken_for_sensitive_later_leaves_the_history(
    workspace: Workspace, do: Do, tmp_path: Path
) -> None:
    do("know.add", path=write(tmp_path, 1))
    do("know.scan")
    do("know.quality")
    assert "甲" in json.dumps(kept(workspace).as_json(), ensure_ascii=False)
    do("know.add", path=write(tmp_path, 2))
    do("know.scan")
    do("know.confirm", change=["grade=sensitive"], why="a grade of health")
    do("know.quality")
    assert "甲" not in json.dumps(kept(workspace).as_json(), ensure_ascii=False)


def test_a_proposed_contract_checks_the_next_arrival(workspace: Workspace, tmp_path: Path) -> None:
    place = ["--workspace", str(workspace.folder), "--keys", workspace.key_store.location]
    for version in (1, 2, 3):
        assert anping("add", SUBJECT, write(tmp_path, version), *place).code == 0
    assert anping("scan", SUBJECT, *place).code == 0
    early = anping("--json-errors", "contract", "propose", SUBJECT, *place)
    assert early.error["code"] == "workspace.asset-missing"
    quality = anping("--lang", "zh", "quality", SUBJECT, *place)
    assert quality.code == 0
    into = tmp_path / "visits.odcs.yaml"
    said = anping("contract", "propose", SUBJECT, "--into", into, *place)
    assert said.code == 0, said.err
    assert "--contract" in said.out
    again = anping("add", SUBJECT, write(tmp_path, 4), "--contract", into, *place)
    assert again.code == 0, again.err
    born = columns_of(5, rows=400)
    wrong = write(tmp_path, 5, grade=["戊", *born["grade"][1:]])
    refused = anping("--json-errors", "add", SUBJECT, wrong, "--contract", into, *place)
    assert refused.error["code"] == "input.contract-broken"
    # The newest version was not looked at yet, so there is nothing to propose from.
    behind = anping("--json-errors", "contract", "propose", SUBJECT, *place)
    assert behind.error["code"] == "contract.no-history"


def test_a_description_is_a_proposal_until_a_person_confirms_it(
    workspace: Workspace, do: Do, tmp_path: Path
) -> None:
    do("know.add", path=write(tmp_path, 1))
    do("know.scan")

    def description() -> dict[str, Any]:
        asset = workspace.need(f"{SUBJECT}.description")
        body: dict[str, Any] = json.loads(workspace.path(asset).read_bytes())
        return body

    do("know.describe")
    proposed = description()
    assert proposed["decisions"] == {}
    assert "HEAL" in proposed["tags"]
    assert proposed["title"]["zh"].startswith("健康")
    assert "2024-01 至 2024-02" in proposed["description"]["zh"]
    assert "HEAL:type:DIAGNOSIS" in proposed["evidence"]
    do("know.describe", title_zh="門診", why="known by that name")
    written = description()
    assert written["title"] == {"zh": "門診", "en": proposed["title"]["en"]}
    assert set(written["decisions"]) == {"title"}
    do("know.describe", accept=True, why="read")
    done = description()
    assert done["title"]["zh"] == "門診"
    assert done["decisions"]["title"]["why"] == "known by that name"
    assert done["decisions"]["tags"]["why"] == "read"
    with pytest.raises(ParameterError) as error:
        do("know.describe", title="王小明 A123456789")
    assert error.value.code == "describe.personal-data"
    assert "王小明" not in str(error.value)


def test_nothing_is_described_before_a_scan(do: Do, tmp_path: Path) -> None:
    do("know.add", path=write(tmp_path, 1))
    for name in ("know.describe", "know.quality"):
        with pytest.raises(WorkspaceError) as error:
            do(name)
        assert error.value.code == "workspace.asset-missing"
