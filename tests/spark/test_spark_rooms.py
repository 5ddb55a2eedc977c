"""What the rooms find and make on Spark is what they find and make on one machine."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest

from anping.core.columns import ColumnFinding, Role
from anping.engine.spark.table import spark_table
from anping.engine.table import Table
from anping.engine.write import write_parquet
from anping.know.discover import table_values
from anping.know.profile import profile
from anping.know.scan import scan
from anping.protect import (
    PROFILES,
    KeyRing,
    Means,
    Plan,
    ProtectedFiles,
    Settings,
    propose,
    protect,
    protect_into,
)
from anping.protect.risk.reidentification import measure_risk
from anping.protect.text.redact import nothing_found

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

ADULT = Path(__file__).parents[2].parent / "shared" / "data" / "adult" / "adult.data"
NAMES = ("age", "workclass", "fnlwgt", "education", "education-num", "marital-status", "occupation",
         "relationship", "race", "sex", "capital-gain", "capital-loss", "hours-per-week",
         "native-country", "income")  # fmt: skip
WHOLE = {"age", "fnlwgt", "education-num", "capital-gain", "capital-loss", "hours-per-week"}
MEANS = Means(KeyRing({"person": b"p" * 32, "date-shift": b"d" * 32}), nothing_found)

Both = tuple[Table, Table]


@pytest.fixture(scope="module")
def adult(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Both:
    if not ADULT.exists():
        pytest.skip("the folder of public data lacks adult.data")
    with ADULT.open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.reader(lines, skipinitialspace=True) if row]
    columns = {
        name: pa.array([None if row[at] == "?" else row[at] for row in rows]).cast(
            pa.int64() if name in WHOLE else pa.string()
        )
        for at, name in enumerate(NAMES)
    }
    return _both(pa.table(columns), spark, tmp_path_factory.mktemp("adult"))


@pytest.fixture(scope="module")
def visits(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Both:
    """Visits of people some of whom come several times, with notes that name them."""
    draw, rows = np.random.default_rng(11), 1_500
    person = draw.integers(0, 1_000, rows)
    about = np.random.default_rng(12)
    sex, age = about.integers(0, 2, 1_000), about.integers(18, 90, 1_000)
    place = about.integers(0, 6, 1_000)
    columns = pa.table(
        {
            "id": pa.array([None if one == 7 else f"K-{one:06d}" for one in person.tolist()]),
            "sex": pa.array(np.array(["男", "女"])[sex[person]]),
            "age": pa.array(age[person]),
            "place": pa.array(np.array(list("甲乙丙丁戊己"))[place[person]]),
            "illness": pa.array(draw.choice(["a", "b", "c", "d"], rows)),
            "cost": pa.array(np.round(draw.lognormal(8, 1, rows), 1)),
            "note": pa.array([f"K-{one:06d} 回診" for one in person.tolist()]),
        }
    )
    return _both(columns, spark, tmp_path_factory.mktemp("visits"))


def _both(columns: pa.Table, spark: SparkSession, folder: Path) -> Both:
    path = folder / "table.parquet"
    write_parquet(columns, path)
    return Table.open(path), spark_table(path, spark)


def test_a_scan_of_adult(adult: Both) -> None:
    here, there = adult

    expected, found = scan(here), scan(there)
    assert _alike(found.as_json(), expected.as_json())
    assert found.findings == expected.findings
    assert found.measures == expected.measures
    assert found.labels == expected.labels


def test_a_full_scan_of_visits(visits: Both, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every cell is tested and every note read on the workers; sets are looked up there too."""
    monkeypatch.setattr(table_values, "FEW_VALUES", 500)
    defaults = table_values.table_values.__kwdefaults__
    assert defaults is not None
    monkeypatch.setitem(defaults, "sample", 800)
    here, there = visits

    expected, found = scan(here, full=True), scan(there, full=True)
    assert expected.sets
    assert all(one.interval is not None for one in expected.sets)
    assert _alike(found.as_json(), expected.as_json())


def _alike(one: Any, other: Any) -> bool:
    """Whether two JSON values are equal, means and deviations to twelve digits."""
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(_alike(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(_alike, one, other))
    if isinstance(one, float):
        return one == pytest.approx(other, rel=1e-12)
    return bool(one == other)


def test_a_profile_of_visits(visits: Both) -> None:
    here, there = visits

    assert _alike(profile(there).as_json(), profile(here).as_json())


def test_classes_of_adult(adult: Both) -> None:
    here, there = adult
    columns = ["age", "sex", "race", "marital-status"]

    assert measure_risk(there, columns, threshold=0.2) == measure_risk(here, columns, threshold=0.2)


def test_classes_of_people(visits: Both) -> None:
    here, there = visits

    found, expected = (
        measure_risk(table, ["sex", "age", "place"], person="id", threshold=0.2)
        for table in (there, here)
    )
    assert found == expected


def findings(rows: int) -> tuple[ColumnFinding, ...]:
    roles = {
        "id": ("IDENTIFIER", Role.DIRECT_IDENTIFIER),
        "sex": ("GENDER", Role.QUASI_IDENTIFIER),
        "age": ("AGE", Role.QUASI_IDENTIFIER),
        "place": ("PLACE", Role.QUASI_IDENTIFIER),
        "illness": ("DIAGNOSIS", Role.SENSITIVE),
        "cost": ("AMOUNT", Role.NONE),
        "note": ("FREE_TEXT", Role.FREE_TEXT),
    }
    return tuple(
        ColumnFinding(name, kind, role, 1.0, 1.0, rows) for name, (kind, role) in roles.items()
    )


@pytest.fixture(scope="module")
def plan(visits: Both) -> Plan:
    here, _ = visits
    return propose(findings(here.rows), here, profile=PROFILES["restricted"])


def by_raw_row(made: ProtectedFiles) -> pa.Table:
    """Return the protected rows in the order of the raw rows that they were made from."""
    links = made.links.arrow().sort_by("protected_row")
    assert links.column("protected_row").to_pylist() == list(range(made.table.rows))
    rows = made.table.arrow()
    return rows.append_column("raw_row", links.column("raw_row")).sort_by("raw_row")


def test_a_plan_is_applied_where_the_rows_are(visits: Both, plan: Plan, tmp_path: Path) -> None:
    here, there = visits
    expected, found = (
        protect_into(table, plan, tmp_path / name, means=MEANS, settings=Settings(seed=3))
        for table, name in ((here, "here"), (there, "there"))
    )

    assert found.table.distributed
    assert found.table.schema.equals(expected.table.schema)
    assert by_raw_row(found).equals(by_raw_row(expected))
    assert found.leaves.arrow().equals(expected.leaves.arrow())
    assert found.measures == expected.measures
    assert (found.coverage, found.paths) == (expected.coverage, expected.paths)
    assert (found.operations, found.limits) == (expected.operations, expected.limits)
    order = found.links.arrow().sort_by("protected_row").column("raw_row").to_pylist()
    assert order != sorted(order)
    # Nothing is left beside the three tables and their folder.
    assert sorted(each.name for each in tmp_path.iterdir()) == ["here", "there"]
    assert len(list((tmp_path / "there").iterdir())) == 3


def test_rows_that_are_asked_for_in_memory_are_the_same(visits: Both, plan: Plan) -> None:
    here, there = visits
    settings = Settings(seed=3)

    found, expected = (
        protect(table, plan, keys=MEANS.keys, find_spans=nothing_found, settings=settings)
        for table in (there, here)
    )
    assert found.table.equals(expected.table)
    assert found.links.equals(expected.links)
