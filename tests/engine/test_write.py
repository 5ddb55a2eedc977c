from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
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
