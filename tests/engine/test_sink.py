from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from anping.engine.sink import sink
from anping.engine.table import Table
from anping.engine.write import write_parquet

TABLE = pa.table({"n": range(230_000), "t": [str(n % 7) for n in range(230_000)]})


@pytest.mark.parametrize("size", [999, 100_000, 230_000])
def test_batches_of_any_size_give_the_bytes_of_a_table(size: int, tmp_path: Path) -> None:
    write_parquet(TABLE, tmp_path / "whole.parquet")
    with sink(tmp_path / "sunk.parquet", TABLE.schema) as out:
        for batch in TABLE.to_batches(max_chunksize=size):
            out.write(batch)
    assert out.rows == TABLE.num_rows
    whole, sunk = (tmp_path / f"{name}.parquet" for name in ("whole", "sunk"))
    assert sunk.read_bytes() == whole.read_bytes()


def test_no_rows_and_no_columns_are_files_too(tmp_path: Path) -> None:
    for name, schema in (("rows", TABLE.schema), ("columns", pa.schema([]))):
        with sink(tmp_path / name, schema):
            pass
        assert Table.open(tmp_path / name).schema.names == schema.names


def test_nothing_is_left_when_it_fails(tmp_path: Path) -> None:
    def writes() -> None:
        with sink(tmp_path / "x.parquet", TABLE.schema) as out:
            out.write(TABLE.to_batches()[0])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        writes()
    assert not list(tmp_path.iterdir())
