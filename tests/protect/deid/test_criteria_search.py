"""The search agrees with brute force, for every criterion and goal in combination."""

from __future__ import annotations

from math import inf

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anping.core.errors import InfeasibleError
from anping.engine.codes import hashes
from anping.engine.table import Table
from anping.protect.deid.anonymize import anonymize
from anping.protect.deid.criteria.classes import (
    ClassCounts,
    Criterion,
    ReleaseCriterion,
    ValueCounts,
)
from anping.protect.deid.evaluation import Evaluator
from anping.protect.deid.goals.choice import goal_of
from protect.deid.criteria_cases import VALUES, Problem, best, criteria, lower, price, problems
from protect.deid.lattice_cases import encoded


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(problem=problems())
def test_the_search_finds_what_looking_at_every_node_finds(problem: Problem) -> None:
    table = Table.of(pa.Table.from_pylist([*map(dict, problem.rows)]))
    expected = best(problem)
    try:
        found = anonymize(
            table,
            problem.hierarchies,
            model=problem.model,
            person=problem.person,
            options=problem.options,
        )
    except InfeasibleError:
        assert expected == (inf,)
        return
    assert found.optimal
    priced = price(problem, list(found.levels.values()))
    assert priced.allowed
    assert priced.suppressed == found.suppressed_rows
    assert not lower(expected, priced.score)
    assert not lower(priced.score, expected)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(problem=problems(), data=st.data())
def test_a_node_costs_what_the_definitions_say_and_proves_only_what_holds(
    problem: Problem, data: st.DataObject
) -> None:
    table = Table.of(pa.Table.from_pylist([*map(dict, problem.rows)]))
    whole, _ = encoded(table, problem.hierarchies, problem.model, problem.person)
    if problem.options.weights is not None:
        return
    goal = goal_of(whole, problem.model, problem.options)
    evaluator = Evaluator(whole, problem.model, goal)
    node = tuple(data.draw(st.integers(0, high)) for high in whole.top)
    below = tuple(data.draw(st.integers(0, high)) for high in node)
    coarse, fine = evaluator.evaluate(node), evaluator.evaluate(below)
    for levels, found in ((node, coarse), (below, fine)):
        priced = price(problem, levels)
        assert found.priced.score == pytest.approx(priced.score, rel=1e-9, abs=1e-12)
        if found.suppressed <= whole.rows:
            assert found.suppressed == priced.suppressed
    assert fine.suppressed >= coarse.least_suppressed
    at = np.asarray(below, np.int8)[:, None]
    bound = goal.below(at, goal.least(at), coarse.priced)[:, 0].tolist()
    assert not lower(fine.priced.score, bound)
    up = np.asarray(node, np.int8)[:, None]
    assert not lower(coarse.priced.score, goal.least(up)[:, 0].tolist())
    assert not lower(coarse.priced.score, goal.above(up, fine.priced)[:, 0].tolist())


@st.composite
def split_classes(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:  # type: ignore[type-arg]
    """Counts of two parts of a class, shape (values,), and of the rest of the table."""
    some = st.lists(st.integers(0, 6), min_size=4, max_size=4)
    one, other, rest = (np.array(draw(some), float) for _ in range(3))
    one[draw(st.integers(0, 3))] += 1
    other[draw(st.integers(0, 3))] += 1
    return one, other, rest


@settings(max_examples=300, deadline=None)
@given(parts=split_classes(), more=st.tuples(st.integers(0, 9), st.integers(0, 9)))
def test_what_dooms_a_class_dooms_its_parts_and_unions_of_what_passes_pass(
    parts: tuple[np.ndarray, np.ndarray, np.ndarray],  # type: ignore[type-arg]
    more: tuple[int, int],
) -> None:
    one, other, rest = parts
    rows = np.stack([one, other, one + other])
    whole = one + other + rest
    known = np.flatnonzero(whole)
    owner, value = np.nonzero(rows)
    place = np.searchsorted(known, value)
    counts = ValueCounts(
        owner, place, rows[owner, value], whole[known], hashes(pa.array(VALUES))[known]
    )
    sizes = rows.sum(axis=1)
    population = sizes + np.array([more[0], more[1], sum(more)])
    classes = ClassCounts(sizes, sizes, {"s": counts}, population)
    for criterion in criteria("s"):
        if isinstance(criterion, ReleaseCriterion):
            continue
        assert_rules(criterion, classes)


def assert_rules(criterion: Criterion, classes: ClassCounts) -> None:
    failing, doomed = criterion.failing(classes), criterion.doomed(classes)
    assert not (doomed & ~failing).any()
    if doomed[2]:
        assert failing[0]
        assert failing[1]
    if criterion.union_closed and failing[2]:
        assert failing[0] or failing[1]
