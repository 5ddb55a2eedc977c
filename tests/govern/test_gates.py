from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anping.core.columns import ColumnFinding, Decision, Role
from anping.core.labels import Labels, Tier
from anping.core.measure import Interval, Measure
from anping.core.text import Text
from anping.core.verdict import Verdict
from anping.govern.gates import decide_release
from anping.govern.policy import policy_bytes, read_policy
from anping.govern.recheck import recheck
from anping.govern.request import ReleaseRequest
from anping.govern.thresholds import measure_reasons

POLICY = read_policy("anping-taiwan-1")
Build = Callable[..., ReleaseRequest]


def broken(verdict: Verdict) -> set[str]:
    return {reason.code for reason in verdict.reasons if not reason.holds}


@pytest.mark.parametrize("tier", list(Tier))
def test_what_is_well_protected_may_go(build: Build, tier: Tier) -> None:
    verdict = decide_release(build(tier), POLICY)
    assert not broken(verdict)
    assert verdict.outcome == ("allow" if tier is Tier.OPEN else "allow-with-conditions")
    assert len(verdict.reasons) > 10
    for condition in verdict.conditions:
        assert "{" not in condition.zh + condition.en


def test_the_same_request_gives_the_same_verdict(build: Build) -> None:
    assert decide_release(build(), POLICY).as_json() == decide_release(build(), POLICY).as_json()


@pytest.mark.parametrize("tier", list(Tier))
def test_every_missing_measure_is_a_refusal(build: Build, tier: Tier) -> None:
    rules = POLICY.rules(tier)
    names = {each.measure for each in rules.thresholds if not each.where_measured}
    for name in names | {each.measure for each in rules.requires}:
        request = build(tier)
        without = tuple(m for m in request.measures if m.name != name)
        verdict = decide_release(replace(request, measures=without), POLICY)
        assert verdict.refused
        missing = [reason for reason in verdict.reasons if not reason.holds]
        assert all("not measured" in reason.why.en for reason in missing)
        assert all(reason.next_step is not None for reason in missing)


def test_a_measure_of_the_raw_table_does_not_stand_for_the_protected_one(build: Build) -> None:
    request = build()
    before = tuple(
        replace(m, subject="before") if m.subject == "after" else m for m in request.measures
    )
    assert decide_release(replace(request, measures=before), POLICY).refused


def test_a_missing_interval_is_a_refusal(build: Build) -> None:
    request = build()
    without = tuple(replace(m, interval=None) for m in request.measures)
    verdict = decide_release(replace(request, measures=without), POLICY)
    assert broken(verdict) == {"release.threshold:risk.linkage.excess:upper"}


def test_a_better_measure_cannot_hide_a_worse_one(build: Build) -> None:
    request = build()
    worse = replace(request.measures[1], value=0.9)
    for measures in ((worse, *request.measures), (*request.measures, worse)):
        assert decide_release(replace(request, measures=measures), POLICY).refused


def test_what_exists_only_for_some_tables_is_held_to_its_threshold_there(build: Build) -> None:
    request = build()
    none, some = (
        Measure("deid.identifiers_left", left, "cells", 10, Text("量", "m"), column)
        for left, column in ((0, "職業"), (2, "備註"))
    )
    assert not decide_release(replace(request, measures=(*request.measures, none)), POLICY).refused
    verdict = decide_release(replace(request, measures=(*request.measures, some, none)), POLICY)
    failed = [reason for reason in verdict.reasons if not reason.holds]
    assert [reason.code for reason in failed] == ["release.threshold:deid.identifiers_left:value"]
    assert "(備註)" in failed[0].why.en
    assert "（備註）為 2（" in failed[0].why.zh


def test_refusals_say_the_next_step_in_both_languages(build: Build) -> None:
    request = build(measures=())
    for reason in decide_release(request, POLICY).reasons:
        if not reason.holds:
            assert reason.next_step is not None
            assert reason.next_step.zh
            assert "anping" in reason.next_step.en


def _finding(column: str, role: Role, categories: tuple[str, ...] = ()) -> ColumnFinding:
    decision = Decision("steward", "2026-11-21T09:00:00Z", "seen")
    return ColumnFinding(
        column, "TYPE", role, 0.9, 1.0, 10, categories=categories, decision=decision
    )


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"columns": ("年齡", "身分證字號")}, "release.untreated:direct_identifier"),
        (
            {"columns": ("身分證字號",), "treated": {"身分證字號": "none"}},
            "release.untreated:direct_identifier",
        ),
        ({"columns": ("年齡", "未知")}, "release.scanned"),
        ({"findings": ()}, "release.scanned"),
        ({"agent": "engineer"}, "release.role"),
        ({"agent": ""}, "release.role"),
        ({"purposes": frozenset()}, "release.purposes:tier"),
        ({"purposes": frozenset({"SELL"})}, "release.purposes:tier"),
        ({"licence": ""}, "release.licence"),
        ({"licence_redistribution": True}, "release.licence:redistribution"),
        ({"licence_purposes": frozenset({"EVAL_ONLY"})}, "release.purposes:licence"),
        ({"labels": Labels(purposes=frozenset({"EVAL_ONLY"}))}, "release.purposes:labels"),
        ({"labels": Labels(retain_until=date(2026, 11, 20))}, "release.retention"),
        ({"labels": Labels(licences=frozenset({"CC-BY-NC"}))}, "release.licence:inherited"),
    ],
)
def test_each_rule_of_the_controlled_tier(build: Build, changes: dict[str, Any], code: str) -> None:
    verdict = decide_release(build(**changes), POLICY)
    assert verdict.refused
    assert code in broken(verdict)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"agent": "steward"}, "release.role"),
        ({"approver": ""}, "release.second-person"),
        ({"approver": "officer:chen"}, "release.second-person"),
        ({"approver": "engineer:lin"}, "release.second-person"),
        ({"treated": {"年齡": "pseudonymization"}}, "release.technique:pseudonymisation"),
        ({"labels": Labels(categories=frozenset({"pdpa:art6:medical"}))}, "release.category"),
        (
            {"findings": (_finding("年齡", Role.NONE), _finding("違約", Role.SPECIAL_CATEGORY))},
            "release.role:special_category",
        ),
        (
            {"findings": (_finding("年齡", Role.NONE), _finding("違約", Role.FREE_TEXT))},
            "release.role:free_text",
        ),
    ],
)
def test_each_rule_of_the_open_tier(build: Build, changes: dict[str, Any], code: str) -> None:
    verdict = decide_release(build(Tier.OPEN, **changes), POLICY)
    assert verdict.refused
    assert any(found.startswith(code) for found in broken(verdict))


def test_an_unconfirmed_column_is_named(build: Build) -> None:
    request = build()
    findings = (replace(request.findings[0], decision=None), *request.findings[1:])
    verdict = decide_release(replace(request, findings=findings), POLICY)
    assert broken(verdict) == {"release.confirmed"}
    assert "身分證字號" in next(r.why.zh for r in verdict.reasons if not r.holds)


def test_a_treated_identifier_may_go_to_a_controlled_tier(build: Build) -> None:
    verdict = decide_release(
        build(columns=("身分證字號",), treated={"身分證字號": "pseudonymization"}), POLICY
    )
    assert not verdict.refused


def test_an_open_tier_takes_an_open_licence(build: Build) -> None:
    request = build(Tier.OPEN, licence="CC-BY-4.0", licence_redistribution=True)
    assert not decide_release(request, POLICY).refused


def test_residency_becomes_a_condition(build: Build) -> None:
    verdict = decide_release(build(labels=Labels(residency=frozenset({"TW"}))), POLICY)
    assert any("TW" in condition.en for condition in verdict.conditions)


def _worse(measure: Measure, step: float) -> Measure:
    """Return the measure moved in the direction that no policy likes."""
    moved = -step if measure.name == "risk.class_size.min" else step
    ends = measure.interval
    if ends is not None:
        ends = Interval(ends.low, ends.high + step, ends.level, ends.method)
    return replace(measure, value=measure.value + moved, interval=ends)


@given(
    tier=st.sampled_from(list(Tier)),
    k=st.integers(1, 40),
    which=st.integers(0, 7),
    step=st.floats(0, 10, allow_nan=False),
)
def test_making_a_measure_worse_never_turns_a_refusal_into_permission(
    tier: Tier, k: int, which: int, step: float
) -> None:
    text = Text("量", "m")
    measures = tuple(
        Measure(name, value, "share", 10, text, subject, ends)
        for name, value, subject, ends in (
            ("risk.class_size.min", k, "after", None),
            ("risk.prosecutor.max", 1 / k, "after", None),
            ("risk.marketer", 1 / (k + 2), "after", None),
            ("risk.sample_uniqueness", float(k == 1), "after", None),
            ("risk.linkage.success", 0.1, "", None),
            ("risk.linkage.control", 0.1, "", None),
            ("risk.linkage.excess", 0.0, "", Interval(0, 1 / (k + 1), 0.95, "w")),
            ("deid.information_loss", 0.4, "", None),
        )
    )
    finding = _finding("年齡", Role.QUASI_IDENTIFIER)
    request = ReleaseRequest(
        tier=tier,
        today=date(2026, 11, 21),
        labels=Labels(),
        measures=measures,
        findings=(finding,),
        columns=("年齡",),
        agent="officer",
        licence="L",
        purposes=frozenset({"TRAIN"}),
        producer="engineer",
        approver="officer:2",
    )
    worse = (*measures[:which], _worse(measures[which], step), *measures[which + 1 :])
    if decide_release(request, POLICY).refused:
        assert decide_release(replace(request, measures=worse), POLICY).refused


def _predicate(request: ReleaseRequest) -> dict[str, Any]:
    return {
        "invocation": {
            "parameters": {"tier": request.tier.value, "purposes": sorted(request.purposes)}
        },
        "decision": decide_release(request, POLICY).as_json(),
    }


def test_an_auditor_comes_to_the_same_answer(build: Build) -> None:
    request = build()
    found = recheck(_predicate(request), request.measures, policy_bytes("anping-taiwan-1"))
    assert len(found) > 8
    assert all(each.holds for each in found)


@pytest.mark.parametrize("name", ["measures", "outcome", "reasons", "conditions", "purposes"])
def test_an_auditor_sees_a_decision_that_does_not_follow(build: Build, name: str) -> None:
    request = build()
    predicate, measures = _predicate(request), request.measures
    if name == "measures":
        measures = tuple(replace(m, value=0.5) for m in measures)
    elif name == "outcome":
        predicate["decision"]["outcome"] = "refuse"
    elif name == "reasons":
        predicate["decision"]["reasons"] = predicate["decision"]["reasons"][1:]
    elif name == "conditions":
        predicate["decision"]["conditions"] = []
    else:
        predicate["invocation"]["parameters"]["purposes"] = ["SELL"]
    found = recheck(predicate, measures, policy_bytes("anping-taiwan-1"))
    assert not all(each.holds for each in found)


@pytest.mark.parametrize(
    "predicate",
    [{}, {"invocation": None}, {"invocation": {"parameters": {"tier": "moon"}}, "decision": {}}],
)
def test_an_auditor_is_never_thrown_off(predicate: dict[str, Any]) -> None:
    found = recheck(predicate, (), policy_bytes("anping-taiwan-1"))
    assert [each.holds for each in found] == [False]


def test_an_auditor_is_told_of_a_broken_policy(build: Build) -> None:
    found = recheck(_predicate(build()), (), b"policy: 9")
    assert found[0].code == "gate.policy.malformed"


def _said(value: float, name: str = "risk.marketer") -> str:
    measure = Measure(name, value, "probability", 1_200, Text("風險", "Risk"), "after")
    reasons = measure_reasons(POLICY.tiers[Tier.CONTROLLED], (measure,))
    return next(r.why.en for r in reasons if r.code.startswith(f"release.threshold:{name}"))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.1167, "Risk: 11.7% (n=1,200), threshold ≤ 16.7%."),
        (0.0001, "Risk: <0.1% (n=1,200), threshold ≤ 16.7%."),
        (0.9999, "Risk: >99.9% (n=1,200), threshold ≤ 16.7%."),
        (1.0, "Risk: 100% (n=1,200), threshold ≤ 16.7%."),
    ],
)
def test_shares_are_written_in_percent(value: float, expected: str) -> None:
    assert _said(value).startswith(expected)


@given(st.floats(0, 1))
def test_a_value_that_is_not_the_threshold_does_not_look_like_it(value: float) -> None:
    said = _said(value, "risk.prosecutor.max")
    shown, limit = said.removeprefix("Risk: ").split(". ")[0], said.split("threshold ≤ ")[1]
    assert (shown.split(" (")[0] == limit.split(". ")[0]) == (value == 0.2)
