"""Changes that turn an answer: found where they exist, nearest, allowed, and true when asked again."""

from __future__ import annotations

from itertools import product
from math import inf

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anping.core.errors import ParameterError, SchemaError
from anping.judge.actions import Actions, likely_actions, moves_of
from anping.judge.counterfactual import Counterfactual, Goal, counterfactuals, searcher_of
from toy_predictors import Floats, Toy, cells, people, risky, signature


def _grid(seed: int) -> tuple[Toy, pa.Table]:
    """Return a random answer over three columns of a few whole numbers each."""
    draw = np.random.default_rng(seed)
    table = draw.normal(size=(4, 4, 3)) - 1.0
    rows = pa.table({name: draw.integers(0, size, 300) for name, size in (("a", 4), ("b", 4), ("c", 3))})  # fmt: skip

    def answer(asked: pa.Table) -> Floats:
        places = (cells(asked, name).astype(int) for name in ("a", "b", "c"))
        found: Floats = table[tuple(places)]
        return found

    return Toy(signature(rows), answer), rows


def _cheapest(toy: Toy, rows: pa.Table, row: pa.Table, actions: Actions) -> float:
    """Return the least cost by asking of all cells that exist."""
    moves = {move.feature.name: move for move in moves_of(rows, toy.signature, actions)}
    own = {name: float(row.column(name)[0].as_py()) for name in row.column_names}
    best = inf
    options = [sorted({own[name], *(moves[name].places if name in moves else ())}) for name in own]
    for cell in product(*options):
        cost, changed = 0.0, 0
        for (name, mine), new in zip(own.items(), cell, strict=True):
            if new != mine:
                cost += float(moves[name].cost_of(np.array([new]), mine)[0])
                changed += 1
        asked = pa.table({name: [int(one)] for name, one in zip(own, cell, strict=True)})
        if 0 < changed <= actions.most and cost < best and toy.predict(asked).values[0, 1] >= 0.5:
            best = cost
    return best


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 5000), most=st.integers(1, 3))
def test_the_nearest_change_is_found_on_small_grids(seed: int, most: int) -> None:
    toy, rows = _grid(seed)
    row = rows.slice(0, 1)
    actions = Actions(most=most)
    found = counterfactuals(searcher_of(toy, rows, actions=actions), row, Goal("yes"), count=9)
    wanted = _cheapest(toy, rows, row, actions)
    if toy.predict(row).values[0, 1] >= 0.5:
        return
    assert bool(found) == (wanted < inf)
    if found:
        assert min(one.cost for one in found) == pytest.approx(wanted)


def _deny(toy: Toy, rows: pa.Table) -> list[pa.Table]:
    said = toy.predict(rows).values[:, 1]
    return [rows.slice(int(at), 1) for at in np.flatnonzero(said > 0.55)[:25]]


def _cells(one: Counterfactual) -> dict[str, object]:
    return {name: one.row.column(name)[0].as_py() for name in one.row.column_names}


def test_what_cannot_be_changed_stays_and_what_is_found_is_true() -> None:
    rows = people(800)
    toy = risky(rows)
    actions = Actions(
        ("job",), rising=("age",), falling=("debt",), bounds={"income": (0, 60)}, most=2
    )
    searcher = searcher_of(toy, rows, actions=actions)
    goal = Goal("no")
    some = 0
    for row in _deny(toy, rows):
        own = {name: row.column(name)[0].as_py() for name in row.column_names}
        for one in counterfactuals(searcher, row, goal):
            new = _cells(one)
            some += 1
            assert new["job"] == own["job"]
            assert int(str(new["age"])) >= own["age"]
            assert float(str(new["debt"])) <= own["debt"]
            assert new["income"] == own["income"] or int(str(new["income"])) <= 60
            assert 1 <= len(one.changes) <= 2
            assert len(one.changes) == sum(new[name] != own[name] for name in own)
            assert toy.predict(one.row).values[0, 0] == pytest.approx(one.answer)
            assert one.answer > 0.5
            assert one.row.schema.field("income").type == pa.int64()
            assert one.text(goal).en.startswith("If ")
    assert some > 20


def test_a_budget_bounds_the_cost_and_nothing_is_found_where_nothing_helps() -> None:
    rows = people(800)
    toy = risky(rows)
    searcher = searcher_of(toy, rows, actions=Actions(most=3))
    for row in _deny(toy, rows)[:8]:
        whole = counterfactuals(searcher, row, Goal("no"), count=1)
        assert all(
            one.cost <= 1.0 for one in counterfactuals(searcher, row, Goal("no"), budget=1.0)
        )
        assert whole
    settled = int(np.argmax(toy.predict(rows).values[:, 0]))
    assert counterfactuals(searcher, rows.slice(settled, 1), Goal("no")) == ()
    stuck = searcher_of(toy, rows, actions=Actions(("income", "debt", "job", "age")))
    assert counterfactuals(stuck, rows.slice(0, 1), Goal("no")) == ()


def test_a_misspelt_column_is_no_leave_to_change_the_right_one() -> None:
    rows = people(50)
    for actions in (
        Actions(("agee",)),
        Actions(rising=("agee",)),
        Actions(bounds={"agee": (0, 1)}),
    ):
        with pytest.raises(SchemaError) as problem:
            searcher_of(risky(rows), rows, actions=actions)
        assert problem.value.where.column == "agee"
    with pytest.raises(ParameterError):
        searcher_of(risky(rows), rows.slice(0, 0))


def test_rows_unlike_any_real_one_are_not_called_plausible() -> None:
    draw = np.random.default_rng(5)
    x = draw.normal(size=600)
    rows = pa.table({"x": x, "y": x + draw.normal(0, 0.05, 600)})
    toy = Toy(signature(rows), lambda asked: cells(asked, "x") - cells(asked, "y") - 1.0)
    searcher = searcher_of(toy, rows, actions=Actions(most=2))
    found = counterfactuals(searcher, rows.slice(0, 1), Goal("yes"))
    assert found
    assert not any(one.plausible for one in found)
    assert all(one.nearness > searcher.nearness.usual for one in found)


def test_numbers_and_several_classes_have_goals_too() -> None:
    rows = people()
    whole = Toy(
        signature(rows, "number"), lambda asked: cells(asked, "income") * 2 + cells(asked, "age")
    )
    (first, *_) = counterfactuals(searcher_of(whole, rows), rows.slice(1, 1), Goal(at_least=200.0))
    assert first.answer >= 200
    low = Toy(
        signature(rows, "classes", ("a", "b", "c")),
        lambda asked: np.column_stack([cells(asked, name) for name in ("income", "debt", "age")]),
    )
    found = counterfactuals(searcher_of(low, rows), rows.slice(2, 1), Goal("b"))
    for one in found:
        assert low.predict(one.row).values[0].argmax() == 1
    with pytest.raises(ParameterError) as problem:
        counterfactuals(searcher_of(low, rows), rows.slice(0, 1), Goal("z"))
    assert problem.value.code == "judge.goal"


def test_names_tell_what_people_are_born_with() -> None:
    names = (
        "sex",
        "applicant_age",
        "wage",
        "native_country",
        "性別",
        "年資",
        "年齡",
        "收入",
        "message",
        "sid",
    )
    rows = pa.table({name: [1.0, 2.0] for name in names})
    found = likely_actions(signature(rows))
    assert set(found.immutable) == {"sex", "native_country", "性別"}
    assert set(found.rising) == {"applicant_age", "年資", "年齡"}
