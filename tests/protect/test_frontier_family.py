from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anping.core.errors import ParameterError
from anping.protect import Plan, dump_plan, parse_plan
from anping.protect.frontier.family import GIVEN, RECODINGS, Family, candidates

PLAN = """\
plan: 1
model: {k: 5, l: 2, sensitive: [illness]}
columns:
  age: {do: generalise, hierarchy: {kind: age}}
  illness: {do: keep}
"""


def plan(text: str = PLAN) -> Plan:
    return parse_plan(text)


@settings(max_examples=40, deadline=None)
@given(
    k=st.lists(st.integers(2, 60), min_size=1, max_size=4, unique=True),
    recoding=st.lists(st.sampled_from(RECODINGS), min_size=1, unique=True),
    suppression=st.lists(st.sampled_from([0.0, 0.02, 0.1, 1.0]), min_size=1, unique=True),
    diversity=st.lists(st.integers(1, 4), max_size=2, unique=True),
)
def test_every_candidate_is_another_plan_with_an_id_of_its_own(
    k: Any, recoding: Any, suppression: Any, diversity: Any
) -> None:
    family = Family(tuple(k), tuple(recoding), tuple(suppression), tuple(diversity))
    found = candidates(plan(), family)
    assert len({each.id for each in found}) == len(found)
    assert len({each.plan.model_dump_json() for each in found}) == len(found)
    assert any(each.plan == plan() for each in found)
    for each in found:
        assert parse_plan(dump_plan(each.plan)) == each.plan
        assert each.plan.columns == plan().columns
        assert each.plan.model is not None
        assert each.id == GIVEN or f"k{each.plan.model.k}-" in each.id


def test_ids_say_what_is_particular() -> None:
    family = Family(k=(3,), suppression=(0.0, 0.05), l=(1, 3))
    ids = {each.id for each in candidates(plan(), family)}
    assert ids == {
        GIVEN,
        *(f"k3-{way}-l{number}" for way in ("local", "numeric", "both-s5") for number in (1, 3)),
        *(f"k3-full-s{share}-l{number}" for share in (0, 5) for number in (1, 3)),
    }


def test_the_models_say_what_the_ids_do() -> None:
    found = {each.id: each.plan.model for each in candidates(plan(), Family(k=(7,), l=(1, 2)))}
    local, full = found["k7-local-l1"], found["k7-full-s2-l2"]
    assert local is not None
    assert full is not None
    assert (local.k, local.l, local.full_domain, local.local_recoding) == (7, None, False, True)
    assert (full.l, full.sensitive, full.full_domain) == (2, ("illness",), True)
    assert full.suppression_limit == 0.02


def test_t_is_asked_of_every_sensitive_column_with_the_distance_that_the_plan_gives() -> None:
    given = "criteria: [{kind: t-closeness, column: age2, t: 0.5, distance: ordered}]"
    text = PLAN.replace("[illness]}", f"[illness], {given}}}") + "  age2: {do: keep}\n"
    found = {each.id: each.plan.model for each in candidates(plan(text), Family(k=(4,), t=(0.2,)))}
    model = found["k4-local-t0.2"]
    assert model is not None
    told = {each.model_dump()["column"]: each.model_dump() for each in model.criteria}
    assert {name: one["t"] for name, one in told.items()} == {"illness": 0.2, "age2": 0.2}
    assert {name: one["distance"] for name, one in told.items()} == {
        "illness": "equal", "age2": "ordered",
    }  # fmt: skip


def test_a_way_that_the_goal_forbids_is_left_out() -> None:
    text = PLAN.replace(
        "sensitive: [illness]}",
        "sensitive: [illness], full_domain: true, local_recoding: false, goal: discernibility}",
    )
    ids = {each.id for each in candidates(plan(text), Family(k=(4,), suppression=(0.1,)))}
    assert ids == {GIVEN, "k4-full-s10", "k4-both-s10"}


def test_a_plan_of_a_profile_is_no_longer_it_when_k_changes() -> None:
    named = plan(PLAN.replace("plan: 1", "plan: 1\nprofile: restricted"))
    found = {each.id: each.plan.profile for each in candidates(named, Family(k=(5, 7)))}
    assert found["k5-local"] == "restricted"
    assert found["k7-local"] is None


def test_other_plans_are_tried_as_they_are_under_their_names() -> None:
    other = plan(PLAN.replace("k: 5", "k: 9"))
    found = candidates(plan(), Family(k=(3,), recoding=("local",)), also={"cautious": other})
    assert [each.id for each in found] == [GIVEN, "k3-local", "cautious"]
    assert found[-1].plan == other
    with pytest.raises(ParameterError) as caught:
        candidates(plan(), Family(k=(3,), recoding=("local",)), also={"k3-local": other})
    assert caught.value.code == "frontier.doubled"


@pytest.mark.parametrize(
    ("text", "family", "code"),
    [
        ("plan: 1\ncolumns:\n  age: {do: keep}\n", {}, "frontier.no-model"),
        (PLAN.replace(", l: 2, sensitive: [illness]", ""), {"l": (2,)}, "frontier.no-sensitive"),
        (PLAN, {"k": ()}, "frontier.family"),
        (PLAN, {"k": (1,)}, "frontier.family"),
        (PLAN, {"recoding": ("sideways",)}, "frontier.family"),
        (PLAN, {"suppression": (2.0,)}, "frontier.family"),
        (PLAN, {"recoding": ("both",), "suppression": ()}, "frontier.family"),
        (PLAN, {"t": (0.0,)}, "frontier.family"),
    ],
)
def test_a_family_that_means_nothing_is_refused(text: str, family: Any, code: str) -> None:
    with pytest.raises(ParameterError) as caught:
        candidates(plan(text), Family(**family))
    assert caught.value.code == code
