"""One plan with every kind of hierarchy: on Spark the same table, the same measures, the same attack."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest

from anping.engine.spark.table import spark_table
from anping.engine.table import Table
from anping.engine.write import write_parquet
from anping.protect import KeyRing, Means, ProtectedFiles, Settings, parse_plan, protect_into
from anping.protect.plan_previews import preview_hierarchies
from anping.protect.risk.compatible import Compatible
from anping.protect.risk.linkage import LinkageOptions, link
from anping.protect.risk.reidentification import measure_risk

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

MEANS = Means(KeyRing({"person": b"p" * 32}))
ROWS = 600

PLAN = """
plan: 1
privacy_unit: who
model: {k: 4, l: 2, sensitive: [illness], criteria: [{kind: t-closeness, column: illness, t: 0.5}]}
columns:
  who: {do: pseudonym}
  age: {do: generalise, hierarchy: {kind: age}}
  income: {do: generalise, hierarchy: {kind: number, bins: 8}}
  born: {do: generalise, hierarchy: {kind: date, start: year}}
  home: {do: generalise, hierarchy: {kind: address, start: county}}
  post: {do: generalise, hierarchy: {kind: postal_code, start: full}}
  job: {do: generalise, hierarchy: {kind: occupation}}
  trade: {do: generalise, hierarchy: {kind: related, by: illness}}
  school: {do: generalise, hierarchy: {kind: tree, tree: {low: [a], high: {mid: [b], top: [c]}}}}
  shift: {do: generalise, hierarchy: {kind: csv, file: shift.csv}}
  past: {do: generalise, hierarchy: {kind: icd10}}
  sex: {do: generalise, hierarchy: {kind: category}}
  illness: {do: keep}
"""


def columns() -> pa.Table:
    """Rows of people some of whom come several times, or are not named; some values are missing."""
    draw = np.random.default_rng(21)

    def one_of(*values: object) -> pa.Array:
        return pa.array([values[at] for at in draw.integers(0, len(values), ROWS)])

    return pa.table(
        {
            "who": pa.array(
                [f"P{one:05}" if one % 40 else None for one in draw.integers(0, 500, ROWS)]
            ),
            "age": pa.array(
                [None if one > 90 else int(one) for one in draw.integers(20, 95, ROWS)]
            ),
            "income": pa.array(np.round(draw.lognormal(10, 1, ROWS), 1)),
            "born": one_of("民國74年3月14日", "1990-01-02", "?", None),
            "home": one_of("臺北市大安區和平東路", "台中市西區", "高雄市"),
            "post": one_of("10617", "106", "802045", "40351"),
            "job": one_of(2511, 2512, 5221, 110),
            "trade": one_of(*"uvwxyz"),
            "school": one_of("a", "b", "c"),
            "shift": one_of("day", "night", None),
            "past": one_of("E11.9", "e1165", "I10", "no code"),
            "sex": one_of("男", "女"),
            "illness": one_of("flu", "cold", "gout", "mumps"),
        }
    )


@pytest.fixture(scope="module")
def both(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> tuple[Table, Table]:
    path = tmp_path_factory.mktemp("plans") / "table.parquet"
    write_parquet(columns(), path)
    return Table.open(path), spark_table(path, spark)


def by_raw_row(made: ProtectedFiles) -> pa.Table:
    links = made.links.arrow().sort_by("protected_row")
    rows = made.table.arrow()
    return rows.append_column("raw_row", links.column("raw_row")).sort_by("raw_row")


def test_every_kind_of_hierarchy(both: tuple[Table, Table], tmp_path: Path) -> None:
    (tmp_path / "shift.csv").write_text("day;work;*\nnight;work;*\n", "utf-8")
    plan = parse_plan(PLAN)
    settings = Settings(seed=5, hierarchies_folder=tmp_path)

    expected, found = (
        protect_into(table, plan, tmp_path / place, means=MEANS, settings=settings)
        for table, place in zip(both, ("here", "there"), strict=True)
    )
    assert found.table.distributed
    assert expected.table.rows > 0
    assert by_raw_row(found).equals(by_raw_row(expected))
    assert found.measures == expected.measures
    assert (found.coverage, found.paths) == (expected.coverage, expected.paths)
    assert (found.operations, found.limits) == (expected.operations, expected.limits)
    risks = [
        measure_risk(made.table, list(plan.quasi_identifiers), person="who", threshold=0.2)
        for made in (expected, found)
    ]
    assert risks[0] == risks[1]
    attacks = [
        link(
            made.leaves,
            by_raw_row(made).drop(["raw_row"]),
            links=pa.table(
                {
                    "protected_row": pa.array(range(made.table.rows), pa.int64()),
                    "raw_row": by_raw_row(made).column("raw_row"),
                }
            ),
            quasi_identifiers=plan.quasi_identifiers,
            compatible=Compatible(made.paths),
            options=LinkageOptions(seed=7, targets=200),
        )
        for made in (expected, found)
    ]
    assert attacks[0] == attacks[1]
    seen = [preview_hierarchies(table, plan, settings=settings, means=MEANS) for table in both]
    assert seen[0] == seen[1]
