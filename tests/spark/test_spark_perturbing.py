"""What perturbs row by row does on Spark what it does on one machine; the rest is refused."""

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
from anping.protect import Settings, parse_plan, protect, protect_into

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


@pytest.mark.parametrize("entry", ["rank_swap", "microaggregate, k: 3", "anatomize, l: 2"])
def test_what_looks_at_all_rows_is_refused(visits: Path, spark: SparkSession, entry: str) -> None:
    drops = "".join(f"  {name}: {{do: drop}}\n" for name in ("id", "sex", "age", "ward"))
    plan = parse_plan(f"plan: 1\ncolumns:\n{drops}  points: {{do: {entry}}}\n")
    with pytest.raises(ParameterError) as caught:
        protect(spark_table(visits, spark), plan)
    assert caught.value.code == "protect.not-on-cluster"
