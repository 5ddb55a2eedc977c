"""Which rows may be like another one: those whose values in some columns another row has, too."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from anping.engine.codes import hashes
from anping.engine.cores import in_order
from anping.engine.numbering import numbered
from anping.engine.stream import Positions, mapped
from anping.engine.table import Table

#: An odd multiplier of Knuth's spreads keys over the high bits.
_SPREAD = 0x9E3779B97F4A7C15
_LEAST_BITS, _MOST_BITS = 10, 26
_HASH = pa.schema([pa.field("hash", pa.int64())])


def rows_that_repeat(table: Table, columns: Sequence[str]) -> Positions:
    """Return, ascending, the rows whose values in ``columns`` all stand in another row, too.

    Missing values are alike. By chance, below n² / 2^65 for each column, there are two rows more.
    The first column should have the most different values: the next ones are looked at only where it
    leaves a doubt. In memory are a few numbers per row. Raises SchemaError for a missing column.
    """
    if not columns:
        return np.arange(table.rows)
    keys = _hashes(table, columns[0])
    rows = _doubtful(keys)
    keys = keys[rows]
    codes, count = np.zeros(rows.size, np.int32), 1
    for place, column in enumerate(columns):
        if not rows.size:
            break
        if place:
            keys = _hashes(table, column, rows)
        own, different = numbered(keys)
        if count > 1:
            own, different = numbered(codes.astype(np.int64) * different + own)
        shared = (np.bincount(own, minlength=different) > 1)[own]
        rows, codes, count = rows[shared], own[shared], different
    return rows


def _doubtful(keys: NDArray[np.int64]) -> Positions:
    """Return the rows that share a place with another one: all that share a key, and some by chance.

    Whoever writes last stands for its place, so whoever does not find itself there has company.
    """
    bits = min(_MOST_BITS, max(_LEAST_BITS, (4 * keys.size - 1).bit_length()))
    # NumPy looks for places below 0 in signed numbers only, and these are as many.
    places = ((keys.view(np.uint64) * np.uint64(_SPREAD)) >> np.uint64(64 - bits)).view(np.int64)
    rows = np.arange(keys.size, dtype=np.int32)
    standing = np.empty(1 << bits, np.int32)
    standing[places] = rows
    lost = standing[places] != rows
    shared = np.zeros(1 << bits, np.bool_)
    shared[places[lost]] = True
    return np.flatnonzero(shared[places])


def _hashes(table: Table, column: str, rows: Positions | None = None) -> NDArray[np.int64]:
    """Return the hashes of a column's cells: of all, or of those in ``rows`` (ascending)."""
    if rows is None:
        made = mapped(table, _hashed, columns=[column], schema=_HASH)
    else:
        made = in_order(_hashed, _batches_of(table, column, rows))
    return np.concatenate([np.empty(0, np.int64), *(batch.column(0).to_numpy() for batch in made)])


def _batches_of(table: Table, column: str, rows: Positions) -> Iterator[pa.RecordBatch]:
    start = 0
    for batch in table.batches([column]):
        low, high = np.searchsorted(rows, [start, start + batch.num_rows])
        if high > low:
            yield batch.take(pa.array(rows[low:high] - start))
        start += batch.num_rows


def _hashed(batch: pa.RecordBatch) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([pa.array(hashes(batch.column(0)))], schema=_HASH)
