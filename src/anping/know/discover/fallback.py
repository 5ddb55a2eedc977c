"""The plain type of a column in which nothing personal was recognised."""

from __future__ import annotations

import re

import numpy as np

from anping.know.discover.column_values import ColumnValues

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/:-]*")
#: A column of at least this many rows and this share of distinct values can number its rows.
_ROWS, _UNIQUE = 20, 0.95


def plain_type(values: ColumnValues) -> tuple[str, tuple[str, ...]]:
    """Return RECORD_ID, NUMBER, CATEGORY, CODE, FREE_TEXT or TEXT, and why."""
    unique = values.unique_share >= _UNIQUE and values.filled >= _ROWS
    if values.kind == "boolean":
        return "CATEGORY", ("boolean",)
    if unique and _numbers_rows(values):
        return "RECORD_ID", (f"unique:{values.unique_share:.2f}",)
    if values.numbers is not None:
        few = values.distinct <= 12 and values.whole
        return ("CATEGORY", ("few-values",)) if few else ("NUMBER", ("numeric",))
    if values.distinct <= max(30, 0.05 * values.filled):
        return "CATEGORY", ("few-values",)
    if np.mean([_CODE.fullmatch(text) is not None for text in values.counts]) >= 0.9:
        return ("RECORD_ID" if unique else "CODE"), (
            "code-like",
            f"unique:{values.unique_share:.2f}",
        )
    return "TEXT", ("text",)


def _numbers_rows(values: ColumnValues) -> bool:
    """Return whether unique values count the rows, or are long digit codes of one length."""
    numbers = values.numbers
    if numbers is None or not values.whole:
        return False
    low, high = float(np.min(numbers)), float(np.max(numbers))
    dense = low >= 0 and high - low + 1 <= 1.1 * values.rows and values.n == values.filled
    lengths = {len(text) for text in values.counts}
    return dense or (len(lengths) <= 2 and min(lengths) >= 7)
