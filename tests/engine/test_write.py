from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anping.core.errors import ParameterError
from anping.engine.read import read
from anping.engine.reading import ReadOptions
from anping.engine.table import Table
from anping.engine.write import CsvOptions, write_csv, write_parquet

TABLE = pa.table(
    {
        "名": ["王,小明", '說"好"', None, "=1+1"],
        "n": [1, -2, None, 3],
        "x": [1.0, 0.1, None, 1e22],
        "ok": [True, False, None, True],
        "day": [date(2024, 2, 29), None, date(1999, 1, 1), date(2000, 1, 1)],
        "at": [datetime(2024, 1, 1, 1, 2, 3, tzinfo=UTC), None, None, None],
    }
)


def test_csv_bytes(tmp_path: Path) -> None:
    rows = write_csv(TABLE, tmp_path / "t.csv")

    assert rows == 4
    assert (tmp_path / "t.csv").read_bytes().decode() == (
        "名,n,x,ok,day,at\n"
        '"王,小明",1,1.0,true,2024-02-29,2024-01-01 01:02:03+00:00\n'
        '"說""好""",-2,0.1,false,,\n'
        ",,,,1999-01-01,\n"
        "=1+1,3,1e+22,true,2000-01-01,\n"
    )


def test_csv_options(tmp_path: Path) -> None:
    options = CsvOptions(byte_order_mark=True, newline="\r\n", guard_formulas=True)

    write_csv(Table.of(TABLE.select(["名", "n"])), tmp_path / "t.csv", options)

    content = (tmp_path / "t.csv").read_bytes()
    assert content.startswith("\ufeff名,n\r\n".encode())
    assert content.endswith(b"'=1+1,3\r\n")
    assert b",-2\r\n" in content


def in_python(cell: object) -> str:
    """A cell as it was written one by one: the spelling that must stay."""
    if cell is None or cell != cell:  # noqa: PLR0124 - NaN
        return ""
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    return repr(cell)


def written(column: pa.Array, folder: Path) -> list[str]:
    write_csv(pa.table({"a": column, "b": column}), folder / "t.csv")
    lines = (folder / "t.csv").read_text("utf-8").split("\n")[1:-1]
    assert all(line.split(",")[0] == line.split(",")[1] for line in lines)
    return [line.split(",")[0] for line in lines]


near_a_bound = st.sampled_from(
    [edge * factor for edge in (1e-4, 1e15, 1e16, 1.0) for factor in (1.0, 1.0000001, 0.9999999)]
)
numbers = st.none() | st.floats() | near_a_bound | st.integers(-(2**53), 2**53).map(float)


@settings(max_examples=150, deadline=None)
@given(values=st.lists(numbers, min_size=1), narrow=st.booleans())
def test_numbers_are_written_as_python_writes_them(
    tmp_path_factory: pytest.TempPathFactory, values: list[float | None], *, narrow: bool
) -> None:
    column = pa.array(values, pa.float64())
    if narrow:
        column = pc.cast(column, pa.float32(), safe=False)
    expected = [in_python(cell) for cell in column.to_pylist()]
    assert written(column, tmp_path_factory.mktemp("n")) == expected


@settings(max_examples=80, deadline=None)
@given(
    values=st.lists(
        st.none() | st.integers(-62_135_510_000_000_000, 253_402_200_000_000_000), min_size=1
    ),
    zone=st.sampled_from([None, "UTC", "Asia/Taipei", "+05:30", "-03:30"]),
    unit=st.sampled_from(["s", "ms", "us"]),
)
def test_moments_are_written_as_python_writes_them(
    tmp_path_factory: pytest.TempPathFactory,
    values: list[int | None],
    *,
    zone: str | None,
    unit: str,
) -> None:
    column = pa.array(values, pa.timestamp("us")).cast(pa.timestamp(unit), safe=False)
    column = column.cast(pa.timestamp(unit, zone))
    expected = [in_python(cell) for cell in column.to_pylist()]
    assert written(column, tmp_path_factory.mktemp("m")) == expected


def test_nanoseconds_are_kept(tmp_path: Path) -> None:
    column = pa.array([1_500_000_000, 1_500_000_001, None, 0], pa.timestamp("ns"))
    assert written(column, tmp_path) == [
        "1970-01-01 00:00:01.500000",
        "1970-01-01 00:00:01.500000001",
        "",
        "1970-01-01 00:00:00",
    ]


def test_batches_make_no_difference(tmp_path: Path) -> None:
    table = pa.concat_tables([TABLE] * 40)
    write_csv(table, tmp_path / "whole.csv")
    write_parquet(iter(table.to_batches(max_chunksize=3)), tmp_path / "t.parquet")
    write_csv(Table.open(tmp_path / "t.parquet"), tmp_path / "read.csv")
    sliced = pa.Table.from_batches(
        [batch for at in range(0, 160, 7) for batch in table.slice(at, 7).to_batches()]
    )
    write_csv(sliced, tmp_path / "sliced.csv")
    whole = (tmp_path / "whole.csv").read_bytes()
    assert (tmp_path / "read.csv").read_bytes() == whole
    assert (tmp_path / "sliced.csv").read_bytes() == whole


def test_csv_refuses_lists(tmp_path: Path) -> None:
    with pytest.raises(ParameterError) as caught:
        write_csv(pa.table({"x": [[1]]}), tmp_path / "t.csv")

    assert caught.value.code == "write.nested-column"
    assert list(tmp_path.iterdir()) == []


@settings(max_examples=100, deadline=None)
@given(
    values=st.lists(st.none() | st.text(st.sampled_from("甲a, \t\"\n'=0"), min_size=1), min_size=1),
    newline=st.sampled_from(["\n", "\r\n"]),
    mark=st.booleans(),
)
def test_csv_comes_back(
    tmp_path_factory: pytest.TempPathFactory, values: list[str | None], *, newline: str, mark: bool
) -> None:
    folder = tmp_path_factory.mktemp("csv")
    table = pa.table({"only": pa.array(values, pa.string())})
    write_csv(table, folder / "t.csv", CsvOptions(byte_order_mark=mark, newline=newline))  # type: ignore[arg-type]

    options = ReadOptions(types={"only": "string"}, trim_blanks=False, delimiter=",")
    reading = read(folder / "t.csv", into=folder / "t.parquet", options=options)

    assert reading.table.arrow().equals(table)


def test_parquet_bytes_depend_on_the_rows_only(tmp_path: Path) -> None:
    table = pa.table({"n": range(250_000)})
    write_parquet(table, tmp_path / "whole.parquet")
    write_parquet(iter(table.to_batches(max_chunksize=777)), tmp_path / "batches.parquet")
    write_parquet(Table.open(tmp_path / "whole.parquet"), tmp_path / "again.parquet")

    whole = (tmp_path / "whole.parquet").read_bytes()
    assert whole == (tmp_path / "batches.parquet").read_bytes()
    assert whole == (tmp_path / "again.parquet").read_bytes()
    metadata = pq.ParquetFile(tmp_path / "whole.parquet").metadata
    assert [metadata.row_group(i).num_rows for i in range(3)] == [100_000, 100_000, 50_000]


def test_parquet_without_rows(tmp_path: Path) -> None:
    write_parquet(pa.table({"n": pa.array([], pa.int64())}), tmp_path / "n.parquet")

    assert Table.open(tmp_path / "n.parquet").rows == 0
    with pytest.raises(ParameterError):
        write_parquet(iter(()), tmp_path / "none.parquet")


def test_a_failed_write_leaves_nothing(tmp_path: Path) -> None:
    def batches() -> Iterator[pa.RecordBatch]:
        yield pa.record_batch({"n": [1]})
        raise RuntimeError

    with pytest.raises(RuntimeError):
        write_parquet(batches(), tmp_path / "n.parquet")

    assert list(tmp_path.iterdir()) == []
