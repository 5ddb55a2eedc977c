"""Batches pass through a function on several cores, in order; several may look at one table."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from anping.engine.cores import in_order
from anping.engine.stream import at_once, mapped
from anping.engine.table import Table
from anping.engine.write import write_parquet


def test_what_is_made_comes_in_order() -> None:
    assert list(in_order(lambda item: item * 2, range(100))) == list(range(0, 200, 2))
    assert list(in_order(str, [])) == []


def test_an_error_is_raised_in_its_turn() -> None:
    def refusing(item: int) -> int:
        if item == 5:
            raise ValueError(str(item))
        return item

    made = in_order(refusing, range(50))
    assert [next(made) for _ in range(5)] == [0, 1, 2, 3, 4]
    with pytest.raises(ValueError, match="5"):
        next(made)


def test_items_are_taken_no_further_ahead_than_there_are_cores() -> None:
    taken: list[int] = []

    def items() -> Iterator[int]:
        for item in range(1000):
            taken.append(item)
            yield item

    made = in_order(lambda item: item, items())
    assert next(made) == 0
    assert len(taken) < 20


def test_several_look_at_one_file_at_once(tmp_path: Path) -> None:
    rows, columns = 300_000, 6
    path = tmp_path / "table.parquet"
    write_parquet(pa.table({f"c{c}": pa.array(range(c, rows + c)) for c in range(columns)}), path)
    table = Table.open(path)
    schema = pa.schema([("sum", pa.int64())])

    def total(name: str) -> int:
        def summed(batch: pa.RecordBatch) -> pa.RecordBatch:
            return pa.record_batch([pa.array([pc.sum(batch.column(0)).as_py()])], schema=schema)

        made = mapped(table, summed, columns=[name], schema=schema)
        return sum(batch.column(0)[0].as_py() for batch in made)

    names = [f"c{number % columns}" for number in range(24)]
    expected = [rows * (rows - 1) // 2 + rows * (number % columns) for number in range(24)]
    assert list(at_once(table, total, names)) == expected
