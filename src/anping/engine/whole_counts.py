"""Whole numbers and days of a file counted one by one: each has a place of its own in an array."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from anping.engine.table import Table

#: Numbers so far apart at most, and so many times as far as there are rows, are counted by place.
_WIDEST = 1 << 24
_TIMES_ROWS = 8
_NARROW = 1 << 16
#: A place counts so many rows at most.
_MOST_ROWS = 2**31


def whole_counts(table: Table, column: str, count: str) -> pa.Table | None:
    """Return the values of a column and the rows of each, sorted, missing first; None where it cannot.

    It can where the table is a file that tells the least and the greatest of its whole numbers (with
    a sign) or days, and these are not far apart. One pass; the column ``count`` is int64.
    """
    kind = table.schema.field(column).type
    if not (pa.types.is_signed_integer(kind) or pa.types.is_date32(kind)):
        return None
    told = table.told_range(column)
    if told is None or table.rows >= _MOST_ROWS:
        return None
    low, spread = told[0], told[1] - told[0] + 1
    if spread > min(_WIDEST, max(_NARROW, _TIMES_ROWS * table.rows)):
        return None
    found = _counted(table, column, low=low, spread=spread)
    if found is None:
        return None
    counts, missing = found
    there = np.flatnonzero(counts)
    plain = pa.array(there + low).cast(pa.int32() if pa.types.is_date32(kind) else kind)
    values, rows = [plain.cast(kind)], [pa.array(counts[there], pa.int64())]
    if missing:
        values.insert(0, pa.nulls(1, kind))
        rows.insert(0, pa.array([missing], pa.int64()))
    return pa.table({column: pa.concat_arrays(values), count: pa.concat_arrays(rows)})


def _counted(
    table: Table, column: str, *, low: int, spread: int
) -> tuple[NDArray[np.int32], int] | None:
    """Return how often each number from ``low`` on occurs, and the missing cells."""
    counts, missing, one = np.zeros(spread, np.int32), 0, np.int32(1)
    for batch in table.batches([column]):
        cells = batch.column(0)
        missing += cells.null_count
        if pa.types.is_date32(cells.type):
            cells = cells.cast(pa.int32())
        places = cells.drop_null().to_numpy().astype(np.int64) - low
        # A number below the first becomes a very large one: one look sees both ends.
        if places.size and places.view(np.uint64).max() >= spread:
            return None
        np.add.at(counts, places, one)
    return counts, missing
