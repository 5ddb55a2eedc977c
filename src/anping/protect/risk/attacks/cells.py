"""Columns as numbers that can be compared, for the attacks that measure how near two cells are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from anping.engine.table import Table

Floats = NDArray[np.float64]


def numbers_of(table: Table, column: str, *, dates: bool = False) -> Floats | None:
    """Return the cells as numbers, missing as NaN, or None if they are not numbers.

    With ``dates`` a date or a moment is a number too: its distance to 1970.
    """
    kind = table.schema.field(column).type
    if pa.types.is_boolean(kind) or (pa.types.is_temporal(kind) and not dates):
        return None
    found = []
    for batch in table.batches([column]):
        try:
            found.append(_cast(batch.column(0)))
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            return None
    return np.concatenate(found) if found else np.empty(0)


def numbers_of_both(raw: Table, released: Table, column: str) -> tuple[Floats, Floats] | None:
    """Return a column of either table on one scale, or None where one of them holds no numbers."""
    kinds = [table.schema.field(column).type for table in (raw, released)]
    if pa.types.is_temporal(kinds[0]) != pa.types.is_temporal(kinds[1]):
        return None
    if pa.types.is_temporal(kinds[0]) and kinds[0] != kinds[1]:
        return None
    after = numbers_of(released, column, dates=True)
    before = None if after is None else numbers_of(raw, column, dates=True)
    return None if after is None or before is None else (before, after)


def _cast(cells: pa.Array) -> NDArray[Any]:
    if pa.types.is_date32(cells.type):
        cells = cells.cast(pa.int32())
    if pa.types.is_temporal(cells.type):
        cells = cells.cast(pa.int64())
    return np.asarray(pc.cast(cells, pa.float64()).to_numpy(zero_copy_only=False), dtype=float)
