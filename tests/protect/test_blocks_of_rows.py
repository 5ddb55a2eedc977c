"""Very many rows are microaggregated and rank swapped in blocks: the promises stay."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pyarrow as pa
import pytest

from anping.core.measure import find
from anping.engine.table import Table
from anping.protect import fit_perturbing, parse_plan, protect
from anping.protect.apply import Protected
from anping.protect.fit_plan import Settings
from anping.protect.transform.microaggregation import Lost

PLAN = """\
plan: 1
{unit}columns:
  id: {{do: drop}}
  cost: {{do: microaggregate, k: 4, group: money}}
  debt: {{do: microaggregate, k: 4, group: money}}
  weight: {{do: rank_swap, percent: 5}}
"""
ROWS = 900


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> pa.Table:
    monkeypatch.setattr(fit_perturbing, "MOST_ROWS", 300)
    draw = np.random.default_rng(5)
    whole = pa.table(
        {
            "id": [f"p{each}" for each in draw.integers(0, 500, ROWS)],
            "cost": pa.array(draw.integers(0, 10**6, ROWS), mask=draw.random(ROWS) < 0.1),
            "debt": draw.normal(size=ROWS),
            "weight": draw.normal(65, 10, ROWS),
        }
    )
    # Batches as a file has them, smaller than a block.
    return pa.concat_tables([whole.slice(start, 50) for start in range(0, ROWS, 50)])


def told(made: Protected, name: str, subject: str) -> float:
    found = [each.value for each in made.measures if (each.name, each.subject) == (name, subject)]
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize("unit", ["", "privacy_unit: id\n"])
def test_groups_and_values_stay_within_blocks(table: pa.Table, unit: str) -> None:
    made = protect(Table.of(table), parse_plan(PLAN.format(unit=unit)), settings=Settings(seed=2))
    raw_row = np.argsort(made.links["raw_row"].to_numpy())
    released = made.table.take(pa.array(raw_row))
    cost, debt = (released[name].to_pylist() for name in ("cost", "debt"))
    groups = Counter((row // 300, cost[row], debt[row]) for row in range(ROWS))
    assert min(groups.values()) >= 4
    assert told(made, "deid.microaggregation.groups", "debt") == len(groups)
    assert sum(debt) == pytest.approx(sum(table["debt"].to_pylist()))
    given, done = table["debt"].to_numpy(), np.array(debt)
    share = ((given - done) ** 2).sum() / ((given - given.mean()) ** 2).sum()
    assert told(made, "deid.microaggregation.loss", "debt") == pytest.approx(share)
    before, after = table["weight"].to_numpy(), released["weight"].to_numpy()
    for start in range(0, ROWS, 300):
        block = slice(start, start + 300)
        assert sorted(before[block]) == sorted(after[block])
        assert not np.array_equal(before[block], after[block])
    what = {each.column: each.what.en for each in made.operations}
    assert all("3 blocks" in what[name] for name in ("cost", "debt", "weight"))
    assert find(made.measures, "deid.rank_swap.changed", "weight") is not None


def test_what_was_lost_adds_up_over_blocks() -> None:
    draw = np.random.default_rng(1)
    given, made = draw.normal(5, 2, 400), draw.normal(5, 2, 400)
    made[::9] = np.nan
    once = Lost().and_more(given, made)
    parts = Lost()
    for start in range(0, 400, 130):
        parts = parts.and_more(given[start : start + 130], made[start : start + 130])
    assert parts.share == pytest.approx(once.share, rel=1e-12)
    assert (parts.present, parts.changed, parts.emptied) == (400, 400, 45)
