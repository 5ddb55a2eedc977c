"""What perturbs does on Spark what it does on one machine, row by row and all rows together."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest

from anping.core.errors import ParameterError
from anping.engine.spark.table import spark_table
from anping.engine.table import Table
from anping.engine.write import write_parquet
from anping.protect import (
    ProtectedFiles,
    Settings,
    fit_perturbing,
    parse_plan,
    protect,
    protect_into,
)

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

PLAN = """\
plan: 1
privacy_unit: id
sample: {share: 0.6, by: sex}
columns:
  id: {do: drop}
  sex: {do: local_suppression, k: 4}
  age: [{do: round, to: 10}, {do: local_suppression, k: 4}]
  ward: {do: pram, keep: 0.6}
  points: {do: round, to: 5, method: random}
  weight: {do: drop}
  day: {do: drop}
"""


@pytest.fixture(scope="module")
def visits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    draw, rows = np.random.default_rng(3), 900
    path = tmp_path_factory.mktemp("visits") / "visits.parquet"
    table = pa.table(
        {
            "id": [f"p{number}" for number in draw.integers(0, 500, rows)],
            "sex": draw.choice(["男", "女"], rows),
            "age": pa.array(draw.integers(20, 90, rows), mask=draw.random(rows) < 0.1),
            "ward": draw.choice(["x", "y", "z"], rows),
            "points": draw.integers(0, 100, rows),
            "weight": pa.array(draw.normal(65, 10, rows), mask=draw.random(rows) < 0.05),
            "day": pa.array(draw.integers(15_000, 16_000, rows).astype("datetime64[D]")),
        }
    )
    write_parquet(table, path)
    return path


def test_rows_are_perturbed_where_they_lie(
    visits: Path, spark: SparkSession, tmp_path: Path
) -> None:
    plan, how = parse_plan(PLAN), Settings(seed=4)
    here = protect(Table.open(visits), plan, settings=how)
    there = protect_into(spark_table(visits, spark), plan, tmp_path / "made", settings=how)
    assert there.measures == here.measures
    assert there.operations == here.operations
    order = there.links.arrow().sort_by("protected_row")["raw_row"].to_pylist()
    place = {row: at for at, row in enumerate(here.links["raw_row"].to_pylist())}
    assert sorted(order) == sorted(place)
    assert there.table.arrow().equals(here.table.take([place[row] for row in order]))


JOINT = """\
plan: 1
privacy_unit: id
sample: {share: 0.8}
model: {k: 40, suppression_limit: 1, local_recoding: false}
columns:
  id: {do: drop}
  sex: {do: generalise, hierarchy: {kind: category}}
  age: {do: microaggregate, k: 3, group: both}
  weight: {do: microaggregate, k: 3, group: both}
  points: [{do: rank_swap, percent: 4}, {do: top_bottom, high: 90}]
  day: {do: rank_swap}
  ward: {do: anatomize, l: 2}
"""


def test_what_looks_at_all_rows_is_fitted_here_and_done_there(
    visits: Path, spark: SparkSession, tmp_path: Path
) -> None:
    """People, samples and suppressed rows are the same on both, and so is who meets whom."""
    plan, how = parse_plan(JOINT), Settings(seed=4)
    here, there = (
        protect_into(table, plan, tmp_path / place, settings=how)
        for table, place in ((Table.open(visits), "here"), (spark_table(visits, spark), "there"))
    )
    assert there.table.distributed
    assert there.measures == here.measures
    assert (there.operations, there.limits) == (here.operations, here.limits)
    assert there.tables.keys() == {"ward"}
    assert there.tables["ward"].equals(here.tables["ward"])
    assert there.table.schema.equals(here.table.schema)
    assert by_raw_row(there).equals(by_raw_row(here))
    assert here.table.rows < 900


def by_raw_row(made: ProtectedFiles) -> pa.Table:
    links = made.links.arrow().sort_by("protected_row")
    rows = made.table.arrow()
    return rows.append_column("raw_row", links.column("raw_row")).sort_by("raw_row")


@pytest.mark.parametrize("entry", ["rank_swap", "microaggregate, k: 3", "anatomize, l: 2"])
def test_more_rows_than_may_travel_are_refused(
    visits: Path, spark: SparkSession, monkeypatch: pytest.MonkeyPatch, entry: str
) -> None:
    monkeypatch.setattr(fit_perturbing, "MOST_THERE", 899)
    dropped = ("id", "sex", "age", "weight", "day", "ward")
    drops = "".join(f"  {name}: {{do: drop}}\n" for name in dropped)
    plan = parse_plan(f"plan: 1\ncolumns:\n{drops}  points: {{do: {entry}}}\n")
    with pytest.raises(ParameterError) as caught:
        protect(spark_table(visits, spark), plan)
    assert caught.value.code == "protect.too-many-rows-there"
