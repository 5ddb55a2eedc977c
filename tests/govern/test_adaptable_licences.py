"""A source under CC BY may be released under stricter terms, with credit; a share-alike one not."""

from dataclasses import replace
from datetime import date

from anping.core.labels import Labels, Tier
from anping.core.verdict import Reason
from anping.govern.gates import decide_release, release_conditions
from anping.govern.people_rules import permission_reasons
from anping.govern.policy import read_policy
from anping.govern.request import ReleaseRequest

POLICY = read_policy("anping-taiwan-1")
RULES = POLICY.rules(Tier.CONTROLLED)


def request(**changed: object) -> ReleaseRequest:
    base = ReleaseRequest(
        tier=Tier.CONTROLLED,
        today=date(2026, 1, 1),
        labels=Labels(licences=frozenset({"CC-BY-4.0"})),
        measures=(),
        findings=(),
        columns=(),
        agent="steward",
        licence="controlled-research",
        purposes=frozenset({"TRAIN"}),
    )
    return replace(base, **changed)  # type: ignore[arg-type]


def inherited(asked: ReleaseRequest) -> Reason:
    return next(
        r for r in permission_reasons(RULES, asked) if r.code == "release.licence:inherited"
    )


def test_an_unknown_or_share_alike_source_licence_is_a_conflict() -> None:
    assert not inherited(request()).holds
    assert decide_release(request(), POLICY).refused


def test_an_adaptable_source_licence_asks_only_for_credit() -> None:
    asked = request(adaptable_licences=frozenset({"CC-BY-4.0"}))
    assert inherited(asked).holds
    conditions = release_conditions(RULES, asked)
    assert any("CC-BY-4.0" in condition.en for condition in conditions)
    assert all("CC-BY-4.0" not in c.en for c in release_conditions(RULES, request()))
