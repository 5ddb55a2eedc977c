"""Every door of the engine gives on Spark what it gives on one machine."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from anping.core.errors import InputError, ParameterError, PlanError, SchemaError
from anping.engine import aggregate
from anping.engine.codes import encode
from anping.engine.distributed import Distributed
from anping.engine.shuffle import write_shuffled
from anping.engine.spark.session import session
from anping.engine.spark.table import spark_table
from anping.engine.stream import mapped, rows_at, write_mapped
from anping.engine.table import Table
from anping.engine.write import write_parquet
from spark.passing import Doubled, careless, numbers, refusing, same

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

Put = Callable[[pa.Table], tuple[Table, Table]]

MICROSECONDS = st.integers(-(10**17), 10**17)
DAYS = st.integers(-800_000, 2_932_896)
#: Letters on both sides of the surrogates, so that bytes and UTF-16 would sort otherwise.
LETTERS = st.sampled_from(["", "a", "A", "é", "甲", "\0", "b\0c", "\uffee", "\U00020000", " ", "'"])
CELLS: dict[str, tuple[pa.DataType, st.SearchStrategy[Any]]] = {
    "text": (pa.string(), LETTERS),
    "Text": (pa.string(), st.sampled_from(["x", "y"])),
    'odd "name" `.*': (pa.dictionary(pa.int32(), pa.string()), LETTERS),
    "large": (pa.large_string(), LETTERS),
    "bytes": (pa.binary(), st.binary(max_size=2)),
    "small": (pa.uint8(), st.integers(0, 255)),
    "whole": (pa.int64(), st.integers(-(2**63), 2**63 - 1) | st.integers(0, 2)),
    "wide": (pa.uint64(), st.integers(0, 2**64 - 1)),
    "real": (
        pa.float64(),
        st.floats(allow_nan=False) | st.sampled_from([0.0, -0.0, float("nan")]),
    ),
    "single": (pa.float32(), st.floats(width=32, allow_nan=False)),
    "exact": (
        pa.decimal128(12, 2),
        st.integers(-(10**11), 10**11).map(lambda n: Decimal(n).scaleb(-2)),
    ),
    "yes": (pa.bool_(), st.booleans()),
    "day": (pa.date32(), DAYS),
    "local": (pa.timestamp("us"), MICROSECONDS),
    "moment": (pa.timestamp("us", "UTC"), MICROSECONDS),
    "second": (pa.timestamp("s"), st.integers(-(10**11), 10**11)),
    "nothing": (pa.null(), st.none()),
}


@st.composite
def tables(draw: st.DrawFn) -> pa.Table:
    rows = draw(st.integers(0, 12))
    columns = {}
    for name, (kind, cells) in CELLS.items():
        listed = draw(st.lists(st.none() | cells, min_size=rows, max_size=rows))
        columns[name] = _array(listed, kind)
    return pa.table(columns)


def _array(cells: list[Any], kind: pa.DataType) -> pa.Array:
    if pa.types.is_date(kind):
        return pa.array(cells, pa.int32()).cast(kind)
    if pa.types.is_timestamp(kind):
        return pa.array(cells, pa.int64()).cast(kind)
    if pa.types.is_dictionary(kind):
        return pa.array(cells, kind.value_type).dictionary_encode()
    return pa.array(cells, kind)


def plain(columns: pa.Table) -> list[Any]:
    """Return the columns as values that compare as themselves, NaN and the ends of time too."""
    return [[repr(cell) for cell in _counted(column).to_pylist()] for column in columns.columns]


def _counted(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return dates and moments as numbers: Python's own end at the years 1 and 9999."""
    if pa.types.is_date(column.type):
        return column.cast(pa.int32())
    return column.cast(pa.int64()) if pa.types.is_timestamp(column.type) else column


FEW = settings(
    max_examples=3,
    phases=[Phase.explicit, Phase.generate],
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@FEW
@given(columns=tables(), first=st.sampled_from(list(CELLS)), second=st.sampled_from(list(CELLS)))
def test_a_table_of_every_type(both: Put, columns: pa.Table, first: str, second: str) -> None:
    here, there = both(columns)

    assert there.schema.remove_metadata().equals(here.schema.remove_metadata())
    assert there.rows == here.rows
    assert plain(there.arrow()) == plain(here.arrow())
    assert aggregate.null_counts(there) == aggregate.null_counts(here)
    assert aggregate.distinct_rows(there) == aggregate.distinct_rows(here)
    listed = list(dict.fromkeys([first, second]))
    found, expected = (aggregate.frequencies(table, listed) for table in (there, here))
    assert found.schema.equals(expected.schema)
    assert plain(found) == plain(expected)
    assert aggregate.distinct_count(there, first) == aggregate.distinct_count(here, first)


@FEW
@given(columns=tables(), column=st.sampled_from(list(CELLS)))
def test_codes_and_rows(both: Put, columns: pa.Table, column: str) -> None:
    here, there = both(columns)

    found, expected = encode(there, column), encode(here, column)
    assert found.codes.tolist() == expected.codes.tolist()
    assert found.values.equals(expected.values) or column in {"real", "nothing"}
    odd = np.arange(1, here.rows, 2)
    assert plain(rows_at(there, odd, columns=[column, "text"])) == plain(
        rows_at(here, odd, columns=[column, "text"])
    )


@FEW
@given(
    st.lists(
        st.none()
        | st.floats(-1e12, 1e12)
        | st.sampled_from([float("nan"), float("inf"), -float("inf"), -0.0]),
        max_size=40,
    )
)
def test_a_summary_is_the_same_to_the_last_quantile(both: Put, cells: list[float | None]) -> None:
    here, there = both(pa.table({"x": pa.array(cells, pa.float64())}))

    found, expected = (aggregate.numeric_summary(table, "x") for table in (there, here))
    assert (found.n, found.nulls, found.minimum, found.maximum, found.quantiles) == (
        expected.n, expected.nulls, expected.minimum, expected.maximum, expected.quantiles,
    )  # fmt: skip
    if expected.n > 1:
        assert found.mean == pytest.approx(expected.mean, rel=1e-12, abs=1e-3)
        assert found.standard_deviation == pytest.approx(expected.standard_deviation, rel=1e-9)
    assert aggregate.histogram(there, "x", 7) == aggregate.histogram(here, "x", 7)


def many(rows: int) -> pa.Table:
    draw = np.random.default_rng(7)
    return pa.table(
        {
            "number": np.arange(rows),
            "value": np.where(draw.random(rows) < 0.3, 5.0, draw.lognormal(3, 1, rows)),
            "group": pa.array(draw.integers(0, 40, rows)).cast(pa.string()),
        }
    )


def test_quantiles_of_more_rows_than_a_bracket_holds(both: Put) -> None:
    here, there = both(many(60_000))
    wanted = (0.0, 0.0001, 0.01, 0.25, 0.3, 0.5, 0.75, 0.99, 0.9999, 1.0)

    found, expected = (
        aggregate.numeric_summary(table, "value", quantiles=wanted) for table in (there, here)
    )
    assert found.quantiles == expected.quantiles
    assert aggregate.top_values(there, "group") == aggregate.top_values(here, "group")


def test_functions_travel_and_results_come_back_in_order(both: Put) -> None:
    here, there = both(many(60_000))
    schema = pa.schema([("doubled", pa.int64())])

    made = mapped(there, Doubled("number", 50_000), columns=["number"], schema=schema)
    expected = mapped(here, Doubled("number", 50_000), columns=["number"], schema=schema)
    assert pa.Table.from_batches(made).equals(pa.Table.from_batches(expected))
    counted = aggregate.distinct_mapped(there, Numbered(), columns=["group"], kind=pa.string())
    assert counted == aggregate.distinct_mapped(
        here, Numbered(), columns=["group"], kind=pa.string()
    )


class Numbered:
    """Pickled by value when defined in a test: the group without its first digit."""

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        import pyarrow.compute as pc

        return pa.record_batch({"made": pc.utf8_slice_codeunits(batch.column(0), 1)})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of files whose names are not in the order of their sizes."""
    place = tmp_path / "odd [1]{2}"
    place.mkdir()
    for name, start, stop in (("a", 0, 10), ("b", 10, 30_010), ("c", 30_010, 30_011)):
        write_parquet(many(40_000).slice(start, stop - start), place / f"{name}.parquet")
    return place


def test_a_folder_has_one_order(folder: Path, spark: SparkSession, tmp_path: Path) -> None:
    table = spark_table(folder, spark)
    schema = pa.schema([("number", pa.int64())])

    assert table.rows == 30_011
    assert table.column("number").to_pylist() == list(range(30_011))
    places = np.array([0, 9, 10, 30_009, 30_010])
    assert rows_at(table, places, columns=["number"]).column(0).to_pylist() == places.tolist()
    made = mapped(table, numbers, columns=["group"], schema=schema, numbered="number")
    assert pa.Table.from_batches(made).column(0).to_pylist() == list(range(30_011))
    written = write_mapped(table, same, schema=table.schema, into=tmp_path / "written")
    assert isinstance(written.source, Distributed)
    assert written.column("number").to_pylist() == list(range(30_011))
    assert spark_table(tmp_path / "written", spark).rows == 30_011


def test_a_frame_of_anything(spark: SparkSession) -> None:
    table = spark_table(spark.range(0, 100, numPartitions=3), spark)

    assert table.columns == ("id",)
    assert table.column("id").to_pylist() == list(range(100))
    assert rows_at(table, np.array([0, 50, 99]), columns=["id"]).column(0).to_pylist() == [
        0,
        50,
        99,
    ]


def test_nested_columns_count(both: Put) -> None:
    columns = pa.table(
        {"list": [[1, 2], [], None, [1, 2]], "record": [{"a": 1}, {"a": 1}, None, None]}
    )
    here, there = both(columns)

    for name in columns.column_names:
        found, expected = (aggregate.frequencies(table, [name]) for table in (there, here))
        assert found.equals(expected)


def test_an_error_of_ours_comes_back_as_it_was_raised(both: Put) -> None:
    _, there = both(many(10))

    with pytest.raises(PlanError) as caught:
        list(mapped(there, refusing, columns=["number"], schema=there.schema))
    assert caught.value.code == "toy.refused"
    assert caught.value.where.column == "number"


def test_another_error_comes_back_without_its_text(both: Put) -> None:
    _, there = both(pa.table({"secret": ["A123456789"]}))

    with pytest.raises(InputError) as caught:
        list(mapped(there, careless, columns=["secret"], schema=there.schema))
    assert caught.value.code == "spark.failed"
    assert "A123456789" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_nothing_is_left_of_a_write_that_fails(both: Put, tmp_path: Path) -> None:
    _, there = both(many(10))

    with pytest.raises(PlanError):
        write_mapped(there, refusing, schema=there.schema, into=tmp_path / "out")
    assert not (tmp_path / "out").exists()
    assert not list(tmp_path.glob(".out*"))


def test_what_spark_cannot_carry_is_refused(spark: SparkSession, tmp_path: Path) -> None:
    for number, kind in enumerate([pa.timestamp("ns"), pa.time64("us"), pa.float16()]):
        path = tmp_path / f"{number}.parquet"
        write_parquet(pa.table({"x": pa.nulls(1, kind)}), path)
        with pytest.raises(SchemaError) as caught:
            spark_table(path, spark)
        assert (caught.value.code, caught.value.where.column) == ("spark.type", "x")
    with pytest.raises(SchemaError):
        spark_table(spark.sql("SELECT 1 AS a, 2 AS a"), spark)
    with pytest.raises(InputError):
        spark_table(tmp_path / "nowhere.parquet", spark)


def test_one_process_has_one_address(spark: SparkSession) -> None:
    assert session("local[2]") is not None
    with pytest.raises(ParameterError):
        session("local[3]")


def test_a_random_order_is_drawn_anew_or_repeated_by_seed(both: Put, tmp_path: Path) -> None:
    _, there = both(many(300))
    schema = pa.schema([("number", pa.int64()), ("raw", pa.int64())])
    orders = []
    for name, seed in (("a", None), ("b", None), ("c", 5), ("d", 5)):
        rows, links = write_shuffled(
            (there, same),
            schema,
            columns=["number"],
            number="raw",
            into=(tmp_path / name, tmp_path / f"{name}-links"),
            seed=seed,
        )
        order = rows.column("number").to_pylist()
        linked = links.arrow().sort_by("protected_row")
        assert linked.column("raw_row").to_pylist() == order
        assert sorted(order) == list(range(300))
        orders.append(order)
    assert orders[0] != orders[1]
    assert orders[2] == orders[3]
    assert not list(tmp_path.glob(".*"))
