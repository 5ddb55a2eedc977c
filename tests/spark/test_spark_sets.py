"""Sets and format-preserving pseudonyms on Spark: the same table and the same measures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from anping.engine.spark.table import spark_table
from anping.engine.table import Table
from anping.engine.write import write_parquet
from anping.protect import KeyRing, Means, ProtectedFiles, Settings, parse_plan, protect_into

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

MEANS = Means(KeyRing({"person": b"p" * 32}))
PLAN = """
plan: 1
privacy_unit: who
model: {k: 4, suppression_limit: 0.5}
columns:
  who: {do: pseudonym, method: ff1}
  age: {do: generalise, hierarchy: {kind: age}}
  codes: {do: set_anonymity, k: 4, m: 2}
  kinds: {do: set_anonymity, k: 3, m: 2, hierarchy: {kind: category, groups: {x: [a, b], y: [c, d]}}}
"""


def by_raw_row(made: ProtectedFiles) -> pa.Table:
    links = made.links.arrow().sort_by("protected_row")
    rows = made.table.arrow()
    return rows.append_column("raw_row", links.column("raw_row")).sort_by("raw_row")


def test_sets_and_formats_are_the_same_there(spark: SparkSession, tmp_path: Path) -> None:
    draw = np.random.default_rng(4)
    rows = 300

    def sets(letters: str) -> pa.Array:
        sizes = draw.integers(0, 4, rows)
        return pa.array([";".join(draw.choice(list(letters), size)) or None for size in sizes])

    whole = pa.table(
        {
            "who": [f"A{one:09}" if one % 20 else None for one in draw.integers(0, 200, rows)],
            "age": draw.integers(20, 60, rows),
            "codes": sets("abcdef"),
            "kinds": sets("abcd"),
        }
    )
    path = tmp_path / "table.parquet"
    write_parquet(whole, path)
    expected, found = (
        protect_into(
            table, parse_plan(PLAN), tmp_path / place, means=MEANS, settings=Settings(seed=5)
        )
        for table, place in ((Table.open(path), "here"), (spark_table(path, spark), "there"))
    )
    assert found.table.distributed
    assert by_raw_row(found).equals(by_raw_row(expected))
    assert found.measures == expected.measures
    assert found.operations == expected.operations
