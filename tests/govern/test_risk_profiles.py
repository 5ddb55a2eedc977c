"""The named profiles: conventions with sources, and what they say of a release."""

import pytest

from anping.core.errors import PolicyError
from anping.core.measure import Measure
from anping.core.text import Text
from anping.govern.policy import read_policy
from anping.govern.risk_profiles import risk_profile, risk_profiles

TITLE = Text("風險", "risk")


def measured(maximum: float, average: float) -> tuple[Measure, ...]:
    return (
        Measure("risk.prosecutor.max", maximum, "probability", 100, TITLE, "after"),
        Measure("risk.marketer", average, "probability", 100, TITLE, "after"),
    )


def test_the_four_conventions() -> None:
    found = risk_profiles()
    assert [profile.k for profile in found.values()] == [3, 5, 11, 20]
    for profile in found.values():
        assert profile.maximum == 1 / profile.k
        assert profile.average < profile.maximum
        for citation in (*profile.sources, profile.average_source):
            assert citation.text.zh
            assert citation.text.en


def test_both_bounds_must_hold() -> None:
    profile = risk_profile("public")
    assert [r.holds for r in profile.reasons(measured(1 / 11, 1 / 13))] == [True, True]
    assert [r.holds for r in profile.reasons(measured(1 / 11, 1 / 12))] == [True, False]
    assert [r.holds for r in profile.reasons(measured(1 / 10, 1 / 13))] == [False, True]
    assert [r.holds for r in profile.reasons(())] == [False, False]


def test_the_shipped_policy_follows_the_profiles() -> None:
    pairs = {
        "internal": "internal", "controlled": "restricted", "registered": "public", "open": "strict"
    }  # fmt: skip
    policy = read_policy("anping-taiwan-1")
    for tier, rules in policy.tiers.items():
        wanted = {each.key: each.value for each in risk_profile(pairs[tier.value]).thresholds()}
        stated = {each.key: each.value for each in rules.thresholds}
        assert {key: stated[key] for key in wanted} == wanted


def test_an_unknown_profile() -> None:
    with pytest.raises(PolicyError) as caught:
        risk_profile("lax")
    assert caught.value.code == "policy.no-profile"
    assert "strict" in caught.value.hint.en


def test_a_source_says_how_it_was_looked_at() -> None:
    """What was entered without its text having been read is told as such wherever it is shown."""
    sources = [each for profile in risk_profiles().values() for each in profile.sources]
    assert {each.seen for each in sources} == {"text", "abstract", "summary", "none"}
    for each in sources:
        if each.seen == "text":
            assert each.text == each.said
        else:
            assert each.text.en.startswith(each.said.en)
            assert "seen" in each.text.en.removeprefix(each.said.en)
            assert "查證" in each.text.zh.removeprefix(each.said.zh)
    for profile in risk_profiles().values():
        assert profile.sources[0].seen != "none", "a profile does not begin with the unconfirmed"
