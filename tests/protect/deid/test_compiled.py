from __future__ import annotations

import sys

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anping.core.errors import MissingExtraError
from anping.engine.table import Table
from anping.protect.deid import compiled
from anping.protect.deid.compiled import use_compiled
from anping.protect.deid.evaluation import Evaluator
from anping.protect.deid.goals.choice import goal_of
from anping.protect.deid.model import GoalName, Options, PrivacyModel
from anping.protect.deid.search import search
from anping.protect.deid.search_state import Budget
from anping.protect.deid.tuples import Encoded
from protect.deid.lattice_cases import Case, binary_hierarchy, brute_force, cases, encoded


def test_compiled_code_is_used_where_it_pays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "find_spec", lambda _: object())
    monkeypatch.delitem(sys.modules, "numba", raising=False)
    assert not use_compiled(1000, rows=1000, fast=None)
    assert use_compiled(10**6, rows=10**6, fast=None)
    assert use_compiled(1000, rows=1000, fast=True)
    assert not use_compiled(10**6, rows=10**6, fast=False)


def test_without_the_extra_numpy_answers_unless_it_is_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(compiled, "find_spec", lambda _: None)
    monkeypatch.delitem(sys.modules, "numba", raising=False)
    assert not use_compiled(10**6, rows=10**6, fast=None)
    with pytest.raises(MissingExtraError) as caught:
        use_compiled(1000, rows=1000, fast=True)
    assert "anping[fast]" in caught.value.hint.en


def test_counts_beyond_31_bits_are_numpy_s() -> None:
    assert not use_compiled(1000, rows=2**31, fast=True)


def solved(
    whole: Encoded,
    model: PrivacyModel,
    *,
    limit: float,
    fast: bool,
    goal: GoalName = "loss",
    most: int | None = None,
) -> tuple[object, ...] | None:
    options = Options(limit, goal=goal)
    evaluator = Evaluator(whole, model, goal_of(whole, model, options), fast=fast)
    allowed = int(limit * whole.rows + 1e-9)
    budget = Budget(allowed, lambda done: most is not None and done >= most, most)
    found = search(whole, evaluator, budget)
    if found is None:
        return None
    return found.node, found.loss, found.suppressed, found.optimal, found.evaluated, found.score


@settings(max_examples=400, deadline=None)
@given(case=cases(kinds=("none",)), most=st.sampled_from([None, None, None, 2, 7]))
def test_the_compiled_search_is_numpy_s_and_finds_the_best(case: Case, most: int | None) -> None:
    pytest.importorskip("numba")
    whole, _ = encoded(case.table, case.hierarchies, case.model)
    alone = Case(case.table, case.hierarchies, case.model, None, case.limit)
    answers = [
        solved(whole, case.model, limit=case.limit, fast=fast, most=most) for fast in (False, True)
    ]
    assert answers[0] == answers[1]
    if most is None:
        best = brute_force(alone)
        found = answers[1][1] if answers[1] is not None else np.inf
        assert found == best or found == pytest.approx(best, abs=1e-11)


@pytest.mark.parametrize("goal", ["loss", "precision"])
@pytest.mark.parametrize("limit", [0.0, 0.03, 0.2, 1.0])
@pytest.mark.parametrize("columns", [1, 3, 6])
def test_the_compiled_search_is_numpy_s_where_it_rolls_up(
    goal: GoalName, limit: float, columns: int
) -> None:
    pytest.importorskip("numba")
    generator = np.random.default_rng(columns)
    hierarchies = {f"q{i}": binary_hierarchy(f"q{i}", 3 + i % 2) for i in range(columns)}
    data = {}
    for place, (name, each) in enumerate(hierarchies.items()):
        draws = generator.geometric(0.2 + 0.03 * place, 9000) % len(each.leaves)
        data[name] = np.asarray(each.leaves)[draws]
    model = PrivacyModel(6)
    whole, _ = encoded(Table.of(pa.table(data)), hierarchies, model)
    answers = [solved(whole, model, limit=limit, fast=fast, goal=goal) for fast in (False, True)]
    assert answers[0] == answers[1]
    assert answers[1] is not None


def test_roll_ups_that_find_no_room_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("numba")
    from anping.protect.deid import kernel_search

    generator = np.random.default_rng(4)
    hierarchies = {f"q{i}": binary_hierarchy(f"q{i}", 4) for i in range(4)}
    data = {name: generator.choice(each.leaves, 6000) for name, each in hierarchies.items()}
    model = PrivacyModel(7)
    whole, _ = encoded(Table.of(pa.table(data)), hierarchies, model)
    free = solved(whole, model, limit=0.1, fast=True)
    monkeypatch.setattr(kernel_search, "_TIMES", 1)
    assert solved(whole, model, limit=0.1, fast=True) == free
