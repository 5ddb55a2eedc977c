"""A table's rows pass through a function, batch by batch; nothing but one batch is in memory.

Whoever works on rows hands a plain function here instead of fetching the rows: the engine decides
where it runs, and on how many cores. The function sees batches of any size, several at a time, so
it must treat every row alike and keep nothing.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from anping.core.errors import ParameterError
from anping.core.text import Text
from anping.engine.columnar import write_groups
from anping.engine.cores import in_order
from anping.engine.distributed import Distributed
from anping.engine.table import Table

Item = TypeVar("Item")
Made = TypeVar("Made")

#: Turns a batch into another one; it may have other columns and another number of rows.
BatchFunction = Callable[[pa.RecordBatch], pa.RecordBatch]

Positions = npt.NDArray[np.int64]

#: The columns of a row are read in so many parts at most.
_READERS = 64


def mapped(
    table: Table,
    function: BatchFunction,
    *,
    columns: Sequence[str],
    schema: pa.Schema,
    numbered: str | None = None,
    coded: bool = False,
) -> Iterator[pa.RecordBatch]:
    """Yield ``function`` of every batch of ``columns``, each of ``schema``, in the table's order.

    What comes back is meant to be small (counts, samples): it is brought to the caller. With
    ``numbered`` the function also sees the rows' numbers, from 0, in a last column (int64) of that
    name; if it takes ``coded`` texts, it is given those of a file that holds them so. Raises
    SchemaError for a missing column.
    """
    if isinstance(table.source, Distributed):
        table.require(columns)
        yield from table.source.mapped(function, columns=columns, schema=schema, numbered=numbered)
        return
    given = table.batches(columns, coded=coded)
    if numbered is not None:
        given = _numbered(given, numbered)
    yield from in_order(lambda batch: _of(function(batch), schema), given)


def numbered_batches(table: Table, columns: Sequence[str], name: str) -> Iterator[pa.RecordBatch]:
    """Yield the batches of ``columns`` with the rows' numbers, from 0, in a last column ``name``."""
    return _numbered(table.batches(columns), name)


def _numbered(batches: Iterable[pa.RecordBatch], name: str) -> Iterator[pa.RecordBatch]:
    start = 0
    for batch in batches:
        yield with_numbers(batch, name, start)
        start += batch.num_rows


def with_numbers(batch: pa.RecordBatch, name: str, start: int) -> pa.RecordBatch:
    """Return the batch with its rows' numbers, from ``start`` on, as a last column ``name``."""
    numbers = pa.array(np.arange(start, start + batch.num_rows, dtype=np.int64))
    return batch.append_column(name, numbers)


def through(
    table: Table,
    function: BatchFunction,
    *,
    columns: Sequence[str],
    schema: pa.Schema,
    numbered: str | None = None,
    coded: bool = False,
) -> Table:
    """Return ``function`` of every batch of ``columns`` as a table: held in memory, as codes can be.

    On a cluster it stays there, and is made anew whenever it is looked at. The arguments are those
    of :func:`mapped`.
    """
    if isinstance(table.source, Distributed):
        table.require(columns)
        return Table(
            table.source.through(function, columns=columns, schema=schema, numbered=numbered)
        )
    made = mapped(table, function, columns=columns, schema=schema, numbered=numbered, coded=coded)
    return Table.of(pa.Table.from_batches(made, schema))


#: Rows that are coded for several looks are held in memory up to so many; 2^25 codes of three
#: columns are 800 MB. Counting them together takes about as much again.
MOST_HELD = 2**25


@contextmanager
def looked_through(
    table: Table,
    function: BatchFunction,
    *,
    columns: Sequence[str],
    schema: pa.Schema,
    numbered: str | None = None,
    coded: bool = False,
) -> Iterator[Table]:
    """Yield ``function`` of every batch of ``columns`` as a table, for several looks at it.

    The arguments are those of :func:`mapped`. On a cluster it is made once and kept meanwhile. Here it
    is in memory, or for more than :data:`MOST_HELD` rows in a private file that is removed afterwards.
    """
    if table.distributed or table.rows <= MOST_HELD:
        made = through(
            table, function, columns=columns, schema=schema, numbered=numbered, coded=coded
        )
        with held(made) as kept:
            yield kept
        return
    rows = mapped(table, function, columns=columns, schema=schema, numbered=numbered, coded=coded)
    with tempfile.TemporaryDirectory(prefix="anping-codes-") as folder:
        path = Path(folder) / "codes.parquet"
        write_groups(rows, schema, path)
        yield Table.open(path)


def at_once(
    table: Table, function: Callable[[Item], Made], items: Iterable[Item]
) -> Iterator[Made]:
    """Yield ``function`` of every item, in their order, several at a time: looks at one table.

    On a cluster one look follows the other, as each has the whole cluster.
    """
    return map(function, items) if table.distributed else in_order(function, items)


@contextmanager
def held(table: Table) -> Iterator[Table]:
    """Yield the table for several looks at it: on a cluster it is made once and kept meanwhile."""
    if not isinstance(table.source, Distributed):
        yield table
        return
    table.source.keep()
    try:
        yield table
    finally:
        table.source.forget()


def write_mapped(table: Table, function: BatchFunction, *, schema: pa.Schema, into: Path) -> Table:
    """Write ``function`` of every batch of the whole table as Parquet and return that table.

    The file is there at once or not at all; equal rows give equal bytes. On a cluster it is a folder
    of files, which the workers must be able to reach.
    """
    if isinstance(table.source, Distributed):
        rows = through(table, function, columns=table.columns, schema=schema)
        return write_there(rows, into)
    made = mapped(table, function, columns=table.columns, schema=schema)
    write_groups(made, schema, into)
    return Table.open(into)


def write_there(
    table: Table,
    into: Path,
    *,
    columns: Sequence[str] | None = None,
    by: str | None = None,
    ordered: bool = True,
) -> Table:
    """Write a table that lies on a cluster as a folder of Parquet there, and return that table.

    ``columns`` (default: all) stand in the order of the column ``by``, or in their own, or, not
    ``ordered``, in any. The folder is there at once or not at all.
    """
    assert isinstance(table.source, Distributed), "the table lies on this machine"
    wanted = table.columns if columns is None else columns
    table.require(wanted)
    return Table(table.source.write(into, columns=wanted, by=by, ordered=ordered))


def rows_at(table: Table, positions: Positions, *, columns: Sequence[str]) -> pa.Table:
    """Return the rows at ``positions`` (counted from 0, ascending) of ``columns``, in memory.

    Raises SchemaError for a missing column, ParameterError for positions that are not ascending or
    lie outside the table.
    """
    wanted = np.asarray(positions, dtype=np.int64)
    outside = wanted.size and (wanted[0] < 0 or wanted[-1] >= table.rows)
    if outside or np.any(np.diff(wanted) <= 0):
        raise ParameterError(
            "stream.positions",
            Text(
                "列的位置必須遞增，且在表的範圍內。",
                "The places of rows must ascend and lie within the table.",
            ),
            hint=Text("列從 0 起算。", "Rows are counted from 0."),
        )
    table.require(columns)
    if isinstance(table.source, Distributed):
        return table.source.rows_at(wanted, columns=columns)
    selected = _selected(table, columns)
    if not wanted.size:
        return selected.empty_table()
    # A few columns at a time lie closer together in memory than all of them, and need no other.
    size = max(1, -(-len(columns) // _READERS))
    parts = [columns[start : start + size] for start in range(0, len(columns), size)]
    read = in_order(lambda part: _rows_of(table, wanted, part), parts)
    return pa.Table.from_arrays(
        [column for part in read for column in part.columns], schema=selected
    )


def _rows_of(table: Table, wanted: Positions, columns: Sequence[str]) -> pa.Table:
    found: list[pa.RecordBatch] = []
    start, selected = 0, _selected(table, columns)
    for batch in table.batches(columns, coded=True):
        low, high = np.searchsorted(wanted, [start, start + batch.num_rows])
        if high > low:
            found.append(_of(batch.take(pa.array(wanted[low:high] - start)), selected))
        if high == wanted.size:
            break
        start += batch.num_rows
    return pa.Table.from_batches(found, selected)


def _selected(table: Table, columns: Sequence[str]) -> pa.Schema:
    return pa.schema([table.schema.field(name) for name in columns])


def _of(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    return batch if batch.schema.equals(schema) else batch.select(schema.names).cast(schema)
