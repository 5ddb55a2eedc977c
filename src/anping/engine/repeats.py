"""Which rows may be like another one: those whose values in some columns another row has, too."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from anping.engine.codes import hashes
from anping.engine.numbering import numbered
from anping.engine.stream import Positions, mapped
from anping.engine.table import Table

_HASH = pa.schema([pa.field("hash", pa.int64())])


def rows_that_repeat(table: Table, columns: Sequence[str]) -> Positions:
    """Return, ascending, the rows whose values in ``columns`` all stand in another row, too.

    Missing values are alike. By chance, below n² / 2^65 for each column, there are two rows more.
    The first column should have the most different values: the next ones are looked at only where it
    leaves a doubt. In memory are a few numbers per row. Raises SchemaError for a missing column.
    """
    rows = np.arange(table.rows)
    codes, count = np.zeros(rows.size, np.int32), 1
    for column in columns:
        keys = _hashes(table, column)[rows]
        own, different = numbered(keys)
        if count > 1:
            own, different = numbered(codes.astype(np.int64) * different + own)
        shared = (np.bincount(own, minlength=different) > 1)[own]
        rows, codes, count = rows[shared], own[shared], different
        if not rows.size:
            break
    return rows


def _hashes(table: Table, column: str) -> NDArray[np.int64]:
    made = mapped(table, _hashed, columns=[column], schema=_HASH)
    return np.concatenate([np.empty(0, np.int64), *(batch.column(0).to_numpy() for batch in made)])


def _hashed(batch: pa.RecordBatch) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([pa.array(hashes(batch.column(0)))], schema=_HASH)
