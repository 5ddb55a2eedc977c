"""Work on the distinct values of a column, then put the results back in the rows' places."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa


def encoded(column: pa.ChunkedArray | pa.Array) -> tuple[list[Any], npt.NDArray[np.int64]]:
    """Return the distinct values as Python values, and each row's index into them; -1 is null.

    A list, struct or map counts as its text, which Arrow cannot encode otherwise.
    """
    flat = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if pa.types.is_nested(flat.type):
        flat = pa.array([None if cell is None else str(cell) for cell in flat.to_pylist()])
    if pa.types.is_null(flat.type):
        return [], np.full(len(flat), -1, np.int64)
    if not pa.types.is_dictionary(flat.type):
        flat = flat.dictionary_encode()
    codes = flat.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    values = flat.dictionary.to_pylist()
    return values, codes


def decoded(
    values: Sequence[Any], codes: npt.NDArray[np.int64], kind: pa.DataType
) -> pa.ChunkedArray:
    """Return the column of ``kind`` whose rows are ``values[code]``; a code of -1 is null."""
    taken = pa.array(values, kind).take(pa.array(codes, mask=codes < 0))
    return pa.chunked_array([taken], kind)


def map_distinct(
    column: pa.ChunkedArray, function: Callable[[list[Any]], Sequence[str | None]]
) -> pa.ChunkedArray:
    """Return the text column in which each row has what ``function`` gave its distinct value."""
    values, codes = encoded(column)
    return decoded(list(function(values)), codes, pa.string())
