"""What a proposal may read from a sample of the rows, and what only the whole table tells.

Shares of frequent values, kinds of values and associations are much the same in a sample. How many
values are different, or held by one person alone, is not: a sample makes everything look rarer.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from anping.engine.codes import hashes
from anping.engine.numbering import numbered
from anping.engine.stream import mapped, rows_at
from anping.engine.table import Table

#: Of a table of more rows than this, so many are drawn by a fixed seed.
SAMPLE_ROWS = 200_000
_SEED = 20_260_101
_HASH = pa.schema([pa.field("hash", pa.int64())])
_FEW_ROWS = 5


def sample_of(table: Table, *, unread: Collection[str] = ()) -> Table:
    """Return the table, or :data:`SAMPLE_ROWS` of its rows, drawn by a fixed seed, in memory.

    In a sample the columns ``unread`` are there by name and type, but empty.
    """
    if table.rows <= SAMPLE_ROWS:
        return table
    draw = np.random.default_rng(_SEED)
    chosen = np.sort(draw.choice(table.rows, SAMPLE_ROWS, replace=False))
    read = rows_at(table, chosen, columns=[name for name in table.columns if name not in unread])
    columns = {
        field.name: pa.nulls(SAMPLE_ROWS, field.type)
        if field.name in unread
        else read.column(field.name)
        for field in table.schema
    }
    return Table.of(pa.table(columns))


@dataclass(frozen=True)
class _Hashing:
    """Turns a batch of one column into numbers: equal cells, equal numbers, 0 for missing ones."""

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        codes = pa.array(hashes(batch.column(0)))
        return pa.RecordBatch.from_arrays([codes], schema=_HASH)


def hashed(table: Table, name: str) -> npt.NDArray[np.int64]:
    """Return a number for each cell of a column: equal cells, equal numbers, 0 for missing ones."""
    made = mapped(table, _Hashing(), columns=[name], schema=_HASH)
    return np.asarray(pa.Table.from_batches(made, _HASH).column(0).to_numpy(), np.int64)


def rows_of_values(table: Table, name: str) -> npt.NDArray[np.int64]:
    """Return the numbers of rows of a column's different values, missing ones left out.

    They stand in no particular order.
    """
    cells = hashed(table, name)
    codes, count = numbered(cells[cells != 0])
    return np.bincount(codes, minlength=count)


def people_in(table: Table, name: str) -> npt.NDArray[np.int64]:
    """Return a number for the person of each row, -1 where none is named."""
    cells = hashed(table, name)
    # The sign tells who is unknown, so it is taken from the rest; 63 bits are left.
    return np.asarray(np.where(cells == 0, -1, cells & np.int64(2**63 - 1)), np.int64)


def is_mostly_rare(rows: npt.NDArray[np.int64]) -> bool:
    """Return whether over a tenth of the rows hold a value that fewer than five rows hold."""
    return bool(rows[rows < _FEW_ROWS].sum() > 0.1 * rows.sum())
