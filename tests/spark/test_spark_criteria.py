"""Criteria beside k and l on Spark: the same table and measures, and the same check of what is released."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from anping.engine.table import Table
from anping.protect import Settings, parse_plan, protect, protect_into

Both = tuple[Table, Table]

PLAN = """\
plan: 1
{unit}model:
  k: 2
  suppression_limit: 0.5
  full_domain: {searched}
  local_recoding: {local}
  {model}
columns:
  id: {{do: drop}}
  sex: {{do: generalise, hierarchy: {{kind: category}}}}
  age: {{do: generalise, hierarchy: {{kind: age}}}}
  ward: {{do: keep}}
"""
MODELS = {
    "classes": "l: 2\n  l_kind: recursive\n  c: 6.0\n  sensitive: [ward]\n"
    "  criteria: [{kind: alpha, column: ward, alpha: 0.8}, {kind: t-closeness, column: ward, t: 0.4},"
    " {kind: beta-likeness, column: ward, beta: 2.0},"
    " {kind: delta-disclosure, column: ward, delta: 2.5}, {kind: average-risk, most: 0.2}]",
    "population": "criteria: [{kind: k-map, k: 30}, {kind: delta-presence, most: 0.5}]\n"
    "  missing: wildcard",
}


@pytest.fixture(scope="module")
def rows() -> pa.Table:
    draw, rows = np.random.default_rng(3), 300
    return pa.table(
        {
            "id": [f"p{number}" for number in draw.integers(0, 300, rows)],
            "sex": draw.choice(["男", "女"], rows),
            "age": pa.array(draw.integers(20, 90, rows), mask=draw.random(rows) < 0.1),
            "ward": draw.choice(["x", "y", "z"], rows),
        }
    )


@pytest.mark.parametrize(
    ("model", "searched", "local"),
    [*((name, "true", "false") for name in MODELS), ("population", "false", "true")],
)
def test_criteria_hold_where_rows_lie(
    rows: pa.Table,
    both: Callable[[pa.Table], Both],
    tmp_path: Path,
    *,
    model: str,
    searched: str,
    local: str,
) -> None:
    here, there = both(rows)
    unit = "privacy_unit: id\n" if model == "classes" else ""
    plan = parse_plan(PLAN.format(model=MODELS[model], unit=unit, searched=searched, local=local))
    everybody = pa.concat_tables([rows, rows, rows]).select(["sex", "age"])
    how = Settings(seed=4, population=Table.of(everybody))
    made = protect(here, plan, settings=how)
    cluster = protect_into(there, plan, tmp_path / "made", settings=how)
    assert cluster.measures == made.measures
    assert cluster.limits == made.limits
