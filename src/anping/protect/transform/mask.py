"""Masking (ISO/IEC 20889): all characters but the first and last few become ``*``."""

from __future__ import annotations

import pyarrow as pa

from anping.core.cells import cell_text
from anping.protect.transform.distinct import map_distinct

MARK = "*"


def masked(value: str, *, keep_first: int = 0, keep_last: int = 0) -> str:
    """Return the value with all but its first and last characters masked.

    A value that is not at least twice as long as what is kept is masked entirely: short names and
    numbers would otherwise stay readable.
    """
    kept = keep_first + keep_last
    if len(value) < 2 * kept:
        return MARK * len(value)
    hidden = len(value) - kept
    return value[:keep_first] + MARK * hidden + value[keep_first + hidden :]


def mask(column: pa.ChunkedArray, *, keep_first: int = 0, keep_last: int = 0) -> pa.ChunkedArray:
    """Return the column as texts, masked; null stays null."""
    return map_distinct(
        column,
        lambda values: [
            masked(cell_text(value).strip(), keep_first=keep_first, keep_last=keep_last)
            for value in values
        ],
    )
