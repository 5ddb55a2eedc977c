"""Label flow, ancestry, further checks, and computing the numbers again."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from anping.core.errors import EvidenceError
from anping.core.labels import Tier
from anping.core.measure import Measure
from anping.core.text import Text
from anping.evidence.verify import Finding, OpenedDossier, Report, verify


def codes(report: Report) -> set[str]:
    return {finding.code for finding in report.of("fail")}


def made(tools: ModuleType, folder: Path, change: Callable[[list[Any]], None]) -> Report:
    """Build an otherwise honest dossier around a changed chain."""
    records = tools.chain()
    change(records)
    tools.build(folder, tools.Owner(), records=records)
    return verify(folder)


def test_a_lowering_must_be_declared_and_justified(tools: ModuleType, tmp_path: Path) -> None:
    def undeclared(records: list[Any]) -> None:
        records[3] = replace(records[3], lowers=())

    def unjustified(records: list[Any]) -> None:
        records[3] = replace(records[3], measurements=())

    assert codes(made(tools, tmp_path / "a", undeclared)) == {"labels.undeclared"}
    assert codes(made(tools, tmp_path / "b", unjustified)) == {"labels.unjustified"}


def test_labels_that_may_never_drop(tools: ModuleType, tmp_path: Path) -> None:
    def purposes(records: list[Any]) -> None:
        [safe] = records[3].subjects
        free = replace(safe, labels=replace(safe.labels, purposes=None))
        records[3] = replace(records[3], subjects=(free,))

    def absent(records: list[Any]) -> None:
        [scan] = records[1].subjects
        records[1] = replace(records[1], subjects=(replace(scan, labels=None),))

    assert "labels.broken" in codes(made(tools, tmp_path / "a", purposes))
    assert {"labels.broken", "flow.relabelled"} <= codes(made(tools, tmp_path / "b", absent))


def test_labels_cannot_change_between_two_steps(tools: ModuleType, tmp_path: Path) -> None:
    def relabelled(records: list[Any]) -> None:
        raw, plan = records[3].materials
        records[3] = replace(
            records[3],
            materials=(replace(raw, labels=tools.SAFE), replace(plan, labels=tools.SAFE)),
            lowers=(),
        )

    assert codes(made(tools, tmp_path / "a", relabelled)) == {"flow.relabelled"}


def test_a_missing_ancestor_is_named(tools: ModuleType, tmp_path: Path) -> None:
    report = made(tools, tmp_path / "a", lambda records: records.pop(2))
    assert codes(report) == {"flow.missing-ancestor"}
    [finding] = report.of("fail")
    assert "customers.plan@1" in finding.what.en
    assert "protect.deid" in finding.what.zh


def test_another_table_than_the_measured_one_is_caught(
    tools: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def other(records: list[Any]) -> None:
        changed = tools.resource(tools.asset("customers.safe", b"other", tools.SAFE), "protected")
        records[3] = replace(records[3], subjects=(changed,))
        records[5] = replace(records[5], materials=(changed,))

    monkeypatch.setattr(tools, "SAFE_TABLE", tools.asset("customers.safe", b"other", tools.SAFE))
    assert codes(made(tools, tmp_path / "a", other)) == {"flow.not-delivered"}


def test_statements_beside_the_chain_are_told(tools: ModuleType, tmp_path: Path) -> None:
    aside = tools.resource(tools.asset("aside", b"aside", tools.RAW, kind="report"), "report")
    report = made(
        tools, tmp_path / "a", lambda records: records.append(tools.step("judge.x", (), (aside,)))
    )
    assert report.ok
    assert "flow.unrelated" in {finding.code for finding in report.of("info")}


def count(statement: Mapping[str, Any], find: Callable[[str], Path | None]) -> list[Measure]:
    """A real replayer: count the rows of the protected table in the dossier."""
    predicate = statement["predicate"]
    named = [*statement["subject"], *predicate["materials"]]
    found = [find(item["digest"].get("sha256", "")) for item in named]
    path = next((path for path in found if path is not None), None)
    measures = [Measure.from_json(item) for item in predicate["measurements"]]
    if path is None:
        return measures[:1]
    rows = len(path.read_text("utf-8").splitlines()) - 1
    return [replace(measure, n=rows) for measure in measures]


REPLAYERS: dict[str, Any] = {"rows": count, "classes": count}


def test_numbers_are_recomputed(witnessed: Any) -> None:
    report = verify(witnessed.folder, replayers=REPLAYERS)
    assert report.ok
    found = [finding.code for finding in report.findings if finding.code.startswith("replay")]
    assert sorted(found) == ["replay.owner-only", "replay.same", "replay.same"]
    assert "replay.off" in {finding.code for finding in verify(witnessed.folder).of("info")}


def test_a_number_that_does_not_come_out_again_fails(witnessed: Any) -> None:
    def off(by: float) -> dict[str, Any]:
        def replayer(predicate: Any, find: Any) -> list[Measure]:
            return [replace(m, value=m.value + by) for m in count(predicate, find)]

        return {"rows": count, "classes": replayer}

    assert verify(witnessed.folder, replayers=off(9e-7)).ok
    assert codes(verify(witnessed.folder, replayers=off(2e-6))) == {"replay.differs"}

    def fewer(predicate: Any, find: Any) -> list[Measure]:
        return [replace(m, n=m.n + 1) for m in count(predicate, find)]

    assert codes(verify(witnessed.folder, replayers={**REPLAYERS, "rows": fewer})) == {
        "replay.differs"
    }
    nothing = {**REPLAYERS, "rows": lambda *_: []}
    assert codes(verify(witnessed.folder, replayers=nothing)) == {"replay.absent"}
    unknown = verify(witnessed.folder, replayers={"rows": count})
    assert "replay.unknown" in {finding.code for finding in unknown.of("warn")}


def test_a_replayer_that_breaks_is_a_failure_without_values(witnessed: Any) -> None:
    def breaks(*_: Any) -> list[Measure]:
        raise ValueError("A123456789")

    def refuses(*_: Any) -> list[Measure]:
        raise EvidenceError("x.y", Text("不行", "cannot"), hint=Text("無", "none"))

    report = verify(witnessed.folder, replayers={"rows": breaks, "classes": refuses})
    assert codes(report) == {"replay.error"}
    assert "A123456789" not in str(report)
    assert any("cannot" in finding.what.en for finding in report.of("fail"))


def test_further_checks_see_the_opened_dossier(witnessed: Any) -> None:
    def check(opened: OpenedDossier) -> Iterator[Finding]:
        assert opened.release is not None
        path = opened.path("data/customers.csv")
        assert path is not None
        assert opened.file(opened.names["data/customers.csv"]) == path
        assert opened.path("absent") is None
        assert [statement.index for statement in opened.statements] == list(range(1, 8))
        yield Finding("x.looked", "warn", Text("看過", "looked"))

    def breaks(opened: OpenedDossier) -> Iterator[Finding]:
        raise KeyError("A123456789")

    report = verify(witnessed.folder, checks=(check,))
    assert report.ok
    assert report.findings[-1].code == "x.looked"
    broken = verify(witnessed.folder, checks=(breaks,))
    assert codes(broken) == {"check.error"}
    assert "A123456789" not in str(broken)
    assert broken.as_json()["ok"] is False


def test_a_release_may_lower_the_tier_only_by_its_decision(
    tools: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tools, "RELEASED", replace(tools.RELEASED, tier=Tier.OPEN))
    assert made(tools, tmp_path / "a", lambda _: None).ok
    monkeypatch.setattr(tools, "ALLOWED", None)
    report = made(tools, tmp_path / "b", lambda _: None)
    assert codes(report) == {"labels.unjustified"}
    assert "decision.none" in {finding.code for finding in report.of("warn")}


def test_verifying_imports_nothing_heavy() -> None:
    code = (
        "import sys, anping.evidence.verify\n"
        "print(' '.join({'pydantic', 'pyarrow', 'duckdb', 'numpy', 'sqlalchemy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not done.stdout.strip()
