"""Linked tables on Spark: the same rows and the same measures as on one machine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from anping.core.measure import find
from anping.engine.spark.table import spark_table
from anping.engine.table import Table
from anping.engine.write import write_parquet
from anping.protect import KeyRing, Means, ProtectedFiles, Settings, parse_plan
from anping.protect.linked import LinkedOptions, protect_linked_into

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

MEANS = Means(KeyRing({"person": b"p" * 32}))
PATIENTS = """
plan: 1
privacy_unit: id
model: {k: 4, suppression_limit: 0.2}
columns:
  id: {do: pseudonym}
  age: {do: generalise, hierarchy: {kind: age}}
"""
VISITS = """
plan: 1
privacy_unit: person
model: {k: 3, l: 2, sensitive: [illness], suppression_limit: 0.2}
columns:
  person: {do: pseudonym}
  ward: {do: generalise, hierarchy: {kind: category, groups: {in: [w, x], out: [y, z]}}}
  illness: {do: keep}
"""


def test_linked_tables_are_the_same_there(spark: SparkSession, tmp_path: Path) -> None:
    draw, people = np.random.default_rng(8), 150
    raw = {
        "patients": pa.table(
            {
                "id": [f"p{number}" for number in range(people)],
                "age": pa.array(draw.integers(20, 60, people), mask=draw.random(people) < 0.05),
            }
        ),
        "visits": pa.table(
            {
                "person": [f"P {number}" for number in draw.integers(0, people + 3, 2 * people)],
                "ward": draw.choice(list("wxyz"), 2 * people),
                "illness": draw.choice(list("fgh"), 2 * people),
            }
        ),
    }
    for name, table in raw.items():
        write_parquet(table, tmp_path / f"{name}.parquet")
    paths = {name: tmp_path / f"{name}.parquet" for name in raw}
    plans = {"patients": parse_plan(PATIENTS), "visits": parse_plan(VISITS)}
    options = LinkedOptions(settings=Settings(seed=3))
    here = protect_linked_into(
        {name: Table.open(path) for name, path in paths.items()},
        plans, tmp_path / "here", means=MEANS, options=options,
    )  # fmt: skip
    there = protect_linked_into(
        {name: spark_table(path, spark) for name, path in paths.items()},
        plans, tmp_path / "there", means=MEANS, options=options,
    )  # fmt: skip
    before = find(here.measures, "deid.linked.k", "before")
    assert before is not None
    assert before.value < 4
    assert there.measures == here.measures
    # People of visits that no other table knows are left out, so its rows are numbered anew.
    assert here.tables["visits"].table.rows < raw["visits"].num_rows
    for name, expected in here.tables.items():
        found = there.tables[name]
        assert found.table.distributed
        assert by_raw_row(found).equals(by_raw_row(expected))
        assert found.leaves.arrow().equals(expected.leaves.arrow())
        assert (found.measures, found.coverage) == (expected.measures, expected.coverage)
    assert {each.name for each in tmp_path.iterdir()} == {
        *(path.name for path in paths.values()), "here", "there",
    }  # fmt: skip


def by_raw_row(made: ProtectedFiles) -> pa.Table:
    links = made.links.arrow().sort_by("protected_row")
    rows = made.table.arrow()
    return rows.append_column("raw_row", links.column("raw_row")).sort_by("raw_row")
