"""A model leaves by the policy's rules for people and purposes, and by what a model adds to them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from anping.core.labels import Labels, Tier
from anping.govern.model_release import ModelFacts, decide_model_release
from anping.govern.policy import read_policy
from anping.govern.request import ReleaseRequest

POLICY = read_policy("anping-taiwan-1")
FACTS: dict[str, Any] = {"protected": True, "judged": True, "newest_consents": True}
ASKED: dict[str, Any] = {
    "tier": Tier.CONTROLLED,
    "today": date(2026, 3, 1),
    "labels": Labels(purposes=frozenset({"TRAIN"})),
    "measures": (),
    "findings": (),
    "columns": (),
    "agent": "steward",
    "licence": "controlled-research",
    "purposes": frozenset({"TRAIN"}),
    "producer": "engineer",
    "approver": "officer",
    "recipient": "university-lab",
}


def failed(facts: dict[str, Any] | None = None, **asked: Any) -> set[str]:
    request = ReleaseRequest(**{**ASKED, **asked})
    verdict = decide_model_release(request, POLICY, ModelFacts(**{**FACTS, **(facts or {})}))
    found = {reason.code for reason in verdict.reasons if not reason.holds}
    assert verdict.refused is bool(found)
    assert all(reason.next_step for reason in verdict.reasons if not reason.holds)
    return found


def test_an_examined_model_of_a_protected_table_may_leave() -> None:
    assert failed() == set()


@pytest.mark.parametrize("tier", list(Tier))
def test_what_a_model_adds_depends_on_the_tier(tier: Tier) -> None:
    raw = failed({"protected": False}, tier=tier)
    assert ("model.protected" in raw) is (tier in {Tier.OPEN, Tier.REGISTERED})
    assert ("model.judged" in failed({"judged": False}, tier=tier)) is (tier is not Tier.INTERNAL)
    assert "model.consents" in failed({"newest_consents": False}, tier=tier)
    of_raw = failed({"predictions": "raw"}, tier=tier)
    assert ("model.predictions" in of_raw) is (tier is not Tier.INTERNAL)
    assert "model.predictions" not in failed({"predictions": "protected"}, tier=tier)


def test_the_policys_own_rules_hold_for_models_too() -> None:
    assert failed(purposes=frozenset({"RETRIEVE"})) >= {"release.purposes:labels"}
    assert failed(recipient="") == {"release.recipient"}
    assert failed(agent="visitor") == {"release.role"}
    ended = Labels(purposes=frozenset({"TRAIN"}), retain_until=date(2026, 2, 1))
    assert failed(labels=ended) == {"release.retention"}
