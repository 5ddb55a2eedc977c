"""Criteria and goals from a plan's YAML to a released table."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from anping.core.errors import AnpingError, InfeasibleError, PlanError
from anping.engine.table import Table
from anping.protect import dump_plan, parse_plan, protect
from anping.protect.apply import Protected
from anping.protect.fit_plan import Settings
from anping.protect.limits import limits_of

SALARY = ("low", "middle", "high")
_PLAN = """\
plan: 1
model: {{k: 3, {model}}}
columns:
  age: {{do: generalise, hierarchy: {{kind: age}}}}
  area: {{do: generalise, hierarchy: {{kind: category}}}}
  salary: {{do: keep}}
  score: {{do: keep}}
"""


@pytest.fixture(scope="module")
def table() -> pa.Table:
    generator = np.random.default_rng(4)
    return pa.table(
        {
            "age": generator.integers(20, 80, 400),
            "area": generator.choice(list("ABC"), 400),
            "salary": generator.choice(SALARY, 400, p=(0.3, 0.5, 0.2)),
            "score": generator.integers(1, 6, 400),
        }
    )


def released(table: pa.Table, model: str, folder: Path | None = None) -> Protected:
    plan = parse_plan(_PLAN.format(model=model))
    assert parse_plan(dump_plan(plan).decode()) == plan
    return protect(Table.of(table), plan, settings=Settings(seed=1, hierarchies_folder=folder))


def shares(protected: Protected, column: str) -> list[dict[object, float]]:
    classes: dict[tuple[object, ...], list[object]] = defaultdict(list)
    for row in protected.table.to_pylist():
        classes[row["age"], row["area"]].append(row[column])
    assert min(map(len, classes.values())) >= 3
    return [
        {value: count / len(each) for value, count in Counter(each).items()}
        for each in classes.values()
    ]


@pytest.mark.parametrize("way", ["", ", full_domain: true, local_recoding: false"])
def test_no_value_is_too_frequent_and_none_too_likely(table: pa.Table, way: str) -> None:
    model = "criteria: [{kind: alpha, column: salary, alpha: 0.7}, "
    model += "{kind: beta-likeness, column: score, beta: 1.5}], suppression_limit: 0.2" + way
    made = released(table, model)
    assert max(max(each.values()) for each in shares(made, "salary")) <= 0.7
    whole = Counter(table["score"].to_pylist())
    for each in shares(made, "score"):
        assert all(share <= 2.5 * whole[value] / 400 + 1e-9 for value, share in each.items())
    assert any(
        "beta-likeness" in text.en for text in limits_of(parse_plan(_PLAN.format(model=model)))
    )


@pytest.mark.parametrize("order", ["", ", order: [low, middle, high]"])
def test_classes_are_close_to_the_whole_by_an_order(table: pa.Table, order: str) -> None:
    model = f"criteria: [{{kind: t-closeness, column: salary, t: 0.2, distance: ordered{order}}}]"
    made = released(table, model + ", suppression_limit: 0.3")
    whole = Counter(table["salary"].to_pylist())
    ordered = SALARY if order else sorted(SALARY)
    for each in shares(made, "salary"):
        steps = np.cumsum([each.get(value, 0) - whole[value] / 400 for value in ordered])
        assert np.abs(steps).sum() / 2 <= 0.2 + 1e-9


def test_classes_are_close_to_the_whole_by_a_tree(table: pa.Table, tmp_path: Path) -> None:
    (tmp_path / "salary.csv").write_text("low;modest;*\nmiddle;modest;*\nhigh;rich;*\n")
    model = (
        "criteria: [{kind: t-closeness, column: salary, t: 0.15, distance: tree, tree: salary.csv}]"
    )
    made = released(table, model + ", suppression_limit: 0.3", tmp_path)
    whole = Counter(table["salary"].to_pylist())
    for each in shares(made, "salary"):
        extra = {value: each.get(value, 0) - whole[value] / 400 for value in SALARY}
        within = min(
            max(extra["low"], 0) + max(extra["middle"], 0),
            -min(extra["low"], 0) - min(extra["middle"], 0),
        )
        assert within / 2 + abs(extra["high"]) <= 0.15 + 1e-9


@pytest.mark.parametrize(
    "criterion",
    [
        "{kind: average-risk, most: 0.1}",
        "{kind: population-uniqueness, most: 0.001, population: 100000}",
        "{kind: k-map, k: 20, population: 2000}",
        "{kind: delta-disclosure, column: salary, delta: 2.5}",
    ],
)
@pytest.mark.parametrize("goal", ["loss", "discernibility", "class_size", "entropy", "precision"])
def test_a_search_for_the_release_as_a_whole(table: pa.Table, criterion: str, goal: str) -> None:
    model = f"criteria: [{criterion}], goal: {goal}, weights: {{age: 2.0}}, suppression_limit: 0.3"
    made = released(table, model + ", full_domain: true, local_recoding: false")
    found = shares(made, "salary")
    if "average" in criterion:
        assert len(found) / made.table.num_rows <= 0.1
    if "delta" in criterion:
        assert all(len(each) == 3 for each in found)


def test_recursive_diversity_has_its_c(table: pa.Table) -> None:
    made = released(table, "l: 2, l_kind: recursive, c: 3.0, sensitive: [salary]")
    for each in shares(made, "salary"):
        first, *rest = sorted(each.values(), reverse=True)
        assert first < 3 * sum(rest)


@pytest.mark.parametrize(
    ("model", "code"),
    [
        ("l: 2, l_kind: recursive, sensitive: [salary]", "plan.recursive-needs-c"),
        ("l: 2, c: 2.0, sensitive: [salary]", "plan.recursive-needs-c"),
        ("goal: discernibility", "plan.needs-search"),
        ("criteria: [{kind: alpha, column: nowhere, alpha: 0.5}]", "plan.unknown-column"),
        ("criteria: [{kind: alpha, column: age, alpha: 0.5}]", "plan.sensitive-not-released"),
        (
            "criteria: [{kind: t-closeness, column: salary, t: 0.2, distance: tree}]",
            "plan.distance",
        ),
        (
            "criteria: [{kind: t-closeness, column: salary, t: 0.2, distance: ordered, order: [low]}]",
            "plan.order-incomplete",
        ),
    ],
)
def test_a_model_that_does_not_fit_together(table: pa.Table, model: str, code: str) -> None:
    with pytest.raises(PlanError) as caught:
        released(table, model)
    assert caught.value.code == code


def test_a_criterion_out_of_reach_names_a_way_out(table: pa.Table) -> None:
    with pytest.raises(InfeasibleError) as caught:
        released(table, "criteria: [{kind: alpha, column: salary, alpha: 0.01}]")
    assert isinstance(caught.value, AnpingError)
    assert caught.value.hint is not None
