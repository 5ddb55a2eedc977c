from collections import Counter
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from anping.core.measure import find
from anping.engine.table import Table
from anping.protect import KeyRing, Means, Settings, parse_plan, protect
from anping.protect.frontier.trial import trial

PLAN = """\
plan: 1
privacy_unit: who
model: {k: 4, l: 2, sensitive: [illness], full_domain: FULL, local_recoding: LOCAL, suppression_limit: 0.3}
columns:
  who: {do: pseudonym}
  age: [{do: top_bottom, high: 60}, {do: generalise, hierarchy: {kind: age}}]
  zone: {do: generalise, hierarchy: {kind: category}}
  illness: {do: keep}
  amount: {do: round, to: 10}
  note: {do: drop}
"""
KEYS = KeyRing({"person": b"k" * 32})


def raw(rows: int = 400) -> pa.Table:
    draw = np.random.default_rng(5)
    return pa.table(
        {
            "who": [f"p{row // 2}" for row in range(rows)],
            "age": draw.integers(18, 90, rows),
            "zone": [f"z{each}" for each in draw.integers(0, 9, rows)],
            "illness": [f"i{each}" for each in draw.integers(0, 5, rows)],
            "amount": draw.normal(100, 40, rows),
            "note": ["secret"] * rows,
        }
    )


@pytest.mark.parametrize("ways", [("false", "true"), ("true", "false"), ("true", "true")])
def test_a_trial_foretells_the_release(ways: tuple[str, str]) -> None:
    plan = parse_plan(PLAN.replace("FULL", ways[0]).replace("LOCAL", ways[1]))
    table, settings = Table.of(raw()), Settings(seed=3)
    done = protect(table, plan, keys=KEYS, settings=settings)
    columns = ("age", "zone", "illness", "amount")
    found = trial(table, plan, looked_at=columns, means=Means(KEYS), settings=settings)
    shown = found.shown(columns)
    loss = find(done.measures, "deid.information_loss")
    mine = find(found.measures(), "deid.information_loss")
    assert loss is not None
    assert mine is not None
    assert mine.value == loss.value
    expected: Any = Counter(map(str, done.table.select(columns).to_pylist()))
    assert Counter(map(str, shown.table.select(columns).to_pylist())) == expected
    assert sorted(shown.rows.tolist()) == sorted(done.links.column("raw_row").to_pylist())
    assert shown.leaves.to_pylist() == done.leaves.to_pylist()


def test_some_rows_are_shown_as_they_are_among_all() -> None:
    plan = parse_plan(PLAN.replace("FULL", "true").replace("LOCAL", "false"))
    found = trial(Table.of(raw()), plan, looked_at=["amount"], means=Means(KEYS))
    places = np.arange(3, 400, 7)
    every, some = found.shown(["age", "amount"]), found.shown(["age", "amount"], places=places)
    assert set(some.rows.tolist()) <= set(places.tolist())
    chosen = every.table.filter(pa.array(np.isin(every.rows, places)))
    assert some.table.to_pylist() == chosen.to_pylist()
    assert some.leaves.num_rows == places.size


def test_nobody_looks_at_what_is_not_asked_for() -> None:
    plan = parse_plan(PLAN.replace("FULL", "false").replace("LOCAL", "true"))
    found = trial(Table.of(raw()), plan, means=Means(KEYS))
    assert "note" not in found.fit.columns.columns.steps
    assert "amount" not in found.fit.columns.columns.steps
    assert found.shown(["age", "amount", "note"]).table.column_names == ["age"]
