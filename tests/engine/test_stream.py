from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anping.core.errors import ParameterError, SchemaError
from anping.engine.stream import mapped, rows_at, write_mapped
from anping.engine.table import Table
from anping.engine.write import write_parquet

ROWS = 150_000


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Table:
    path = tmp_path_factory.mktemp("stream") / "numbers.parquet"
    write_parquet(pa.table({"n": range(ROWS), "x": [f"r{i}" for i in range(ROWS)]}), path)
    return Table.open(path)


def doubled(batch: pa.RecordBatch) -> pa.RecordBatch:
    return pa.record_batch({"twice": pc.multiply(batch.column("n"), 2)})


def test_every_row_passes_once_in_order(stored: Table) -> None:
    schema = pa.schema([("twice", pa.int64())])
    batches = list(mapped(stored, doubled, columns=["n"], schema=schema))
    assert len(batches) > 1
    assert pa.Table.from_batches(batches).column("twice").to_pylist() == list(range(0, 2 * ROWS, 2))


def test_a_function_may_drop_rows_and_leave_the_type_to_the_engine(
    stored: Table, tmp_path: Path
) -> None:
    def odd(batch: pa.RecordBatch) -> pa.RecordBatch:
        numbers = batch.column("n")
        return pa.record_batch({"n": numbers.filter(pc.equal(pc.bit_wise_and(numbers, 1), 1))})

    schema = pa.schema([("n", pa.int32())])
    made = write_mapped(stored, odd, schema=schema, into=tmp_path / "odd.parquet")
    assert (made.rows, made.schema.field("n").type) == (ROWS // 2, pa.int32())


def test_nothing_is_left_when_the_function_fails(stored: Table, tmp_path: Path) -> None:
    def fails(batch: pa.RecordBatch) -> pa.RecordBatch:
        if batch.column("n")[0].as_py():
            raise RuntimeError
        return batch

    with pytest.raises(RuntimeError):
        write_mapped(stored, fails, schema=stored.schema, into=tmp_path / "never.parquet")
    assert not list(tmp_path.iterdir())


@settings(max_examples=30, deadline=None)
@given(places=st.sets(st.integers(0, ROWS - 1), max_size=50))
def test_rows_are_those_at_their_places(stored: Table, places: set[int]) -> None:
    found = rows_at(stored, np.array(sorted(places), np.int64), columns=["x"])
    assert found.column("x").to_pylist() == [f"r{place}" for place in sorted(places)]


@pytest.mark.parametrize("places", [[2, 1], [1, 1], [-1], [ROWS]])
def test_wrong_places_are_refused(stored: Table, places: list[int]) -> None:
    with pytest.raises(ParameterError):
        rows_at(stored, np.array(places, np.int64), columns=["x"])


def test_a_missing_column_is_named(stored: Table) -> None:
    with pytest.raises(SchemaError):
        rows_at(stored, np.array([0], np.int64), columns=["y"])
