"""A regulator's principles are data with sources; the gate is green only with all the evidence."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from anping.core.errors import PolicyError
from anping.govern.principles_gate import (
    About,
    decide_principles,
    principle_names,
    read_principles,
)

FSC = "fsc-financial-ai"
STATED = {"oversight": "a person reviews", "inclusion": "a branch serves everybody"}
MADE = About(
    "learn.scorecard", "engineer", True,
    frozenset({"scorecard.auc", "judge.credit.adverse_impact", "judge.credit.first_reason", "judge.credit.psi"}),
    "govern.training", limits=True,
)  # fmt: skip
JUDGED = About(
    "judge.model", "evaluator", False,
    frozenset({"judge.membership.auc", "judge.robustness.score"}),
)  # fmt: skip


def missing(*about: About, **stated: str) -> set[str]:
    verdict = decide_principles(read_principles(FSC), about, stated=stated)
    assert verdict.refused == any(not reason.holds for reason in verdict.reasons)
    return {reason.code for reason in verdict.reasons if not reason.holds}


def test_the_six_principles_of_the_fsc_are_there_with_sources_and_their_standing() -> None:
    found = read_principles(FSC)
    assert FSC in principle_names()
    assert [one.key for one in found.asks] == [
        "governance", "fairness", "privacy", "robustness", "transparency", "sustainability",
    ]  # fmt: skip
    assert {source.date.isoformat() for source in found.sources} == {"2024-06-20", "2023-10-17"}
    assert "not" in found.standing.en
    assert "未經" in found.standing.zh


def test_everything_there_is_green_and_nothing_is_red() -> None:
    assert missing(MADE, JUDGED, **STATED) == set()
    assert len(missing()) == 12


def test_each_missing_piece_turns_its_own_reason_red() -> None:
    assert missing(MADE, **STATED) == {
        "principles.governance.independent",
        "principles.privacy.membership",
        "principles.robustness.stress",
    }
    own = replace(JUDGED, agent="engineer")
    assert missing(MADE, own, **STATED) == {"principles.governance.independent"}
    assert missing(MADE, JUDGED, oversight="yes") == {"principles.sustainability.inclusion"}
    assert missing(replace(MADE, gate=""), JUDGED, **STATED) == {"principles.privacy.purpose"}
    assert missing(replace(MADE, limits=False), JUDGED, **STATED) == {"principles.transparency.limits"}  # fmt: skip
    watched = replace(MADE, measures=MADE.measures - {"judge.credit.psi"})
    assert missing(watched, JUDGED, **STATED) == {"principles.robustness.watched"}
    monitor = About("run.monitor", "engineer", False, frozenset())
    assert missing(watched, JUDGED, monitor, **STATED) == set()


def test_unknown_and_malformed_principles_are_refused(tmp_path: Path) -> None:
    with pytest.raises(PolicyError) as caught:
        read_principles("nobody")
    assert caught.value.code == "principles.unknown"
    path = tmp_path / "own.yaml"
    path.write_text("principles: 1\nid: own\nversion: 1\n", "utf-8")
    with pytest.raises(PolicyError) as caught:
        read_principles(path)
    assert caught.value.code == "policy.malformed"
