"""What a column's cells are, numbers, dates or categories, and how such a cell is read as a number.

Released tables are read as raw ones are: an interval is the mean of its bounds, a month its middle.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from math import isfinite, nan
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from anping.core.dates import parse

Nature = Literal["number", "date", "category"]

_NUMBER = re.compile(r"(?<![\d.])-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_MONTH = re.compile(r"(\d{4})-(\d{2})")
_QUARTER = re.compile(r"(\d{4})-Q([1-4])")
_YEARS = re.compile(r"(\d{4})(?:-(\d{4}))?")
_ENOUGH = 0.95
#: Distinct values that a column's nature is told from.
LOOKED_AT = 2000


def as_number(cell: Any) -> float:
    """Return a cell as a number, NaN where it is none; an interval is the mean of its bounds."""
    if cell is None:
        return nan
    text = str(cell)
    try:
        number = float(cell) if isinstance(cell, bool) else float(text.replace(",", ""))
    except ValueError:
        words = any(letter.isalpha() for letter in text if letter not in "eE")
        bounds = [] if words else [float(match) for match in _NUMBER.findall(text)]
        number = sum(bounds) / len(bounds) if bounds else nan
    return number if isfinite(number) else nan


def as_day(cell: Any) -> float:
    """Return a date as its proleptic Gregorian ordinal in days, NaN where it is none.

    Reads every form of :mod:`anping.core.dates`; a month, quarter, year or span of years is its
    middle, and so is an interval (``2020-01/2020-03``).
    """
    if isinstance(cell, datetime | date):
        return float(cell.toordinal())
    if cell is None:
        return nan
    text = str(cell).strip()
    written = parse(text) or parse(text.replace("T", " ").partition(" ")[0])
    return _middle(text) if written is None else float(written.day.toordinal())


def _middle(text: str) -> float:
    """Return the middle of a month, quarter, year, span of years or interval."""
    start, slash, end = text.partition("/")
    if slash and "/" not in end:
        return (as_day(start) + as_day(end)) / 2
    if match := _MONTH.fullmatch(text):
        return _ordinal(int(match[1]), int(match[2]), 15)
    if match := _QUARTER.fullmatch(text):
        return _ordinal(int(match[1]), 3 * int(match[2]) - 1, 15)
    if match := _YEARS.fullmatch(text):
        first, last = int(match[1]), int(match[2] or match[1])
        return (_ordinal(first, 1, 1) + _ordinal(last, 12, 31)) / 2
    return nan


def _ordinal(year: int, month: int, day: int) -> float:
    try:
        return float(date(year, month, day).toordinal())
    except ValueError:
        return nan


def distinct_cells(column: pa.ChunkedArray) -> tuple[npt.NDArray[np.int64], list[Any]]:
    """Return a code per cell (n,) and the distinct cells, the last of them null.

    What is read off a cell is then read once for each distinct one.
    """
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    chunks = column.unify_dictionaries().chunks
    if not chunks:
        return np.zeros(0, np.int64), [None]
    cells = pa.concat_arrays(chunks)
    distinct = [*cells.dictionary.to_pylist(), None]
    codes = cells.indices.cast(pa.int64()).fill_null(len(distinct) - 1)
    return codes.to_numpy(zero_copy_only=False), distinct


def nature_of(column: pa.ChunkedArray) -> Nature:
    """Return whether a raw column holds numbers, dates or categories.

    A column of texts is one of numbers or dates when 95 % of its distinct values (at most 2,000 are
    looked at) are.
    """
    kind = column.type
    if pa.types.is_temporal(kind):
        return "date"
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return "number"
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
        return "category"
    texts = [text for text in column.unique().to_pylist()[:LOOKED_AT] if text and text.strip()]
    if _share(texts, _is_number) >= _ENOUGH:
        return "number"
    return "date" if _share(texts, lambda text: parse(text) is not None) >= _ENOUGH else "category"


def _is_number(text: str) -> bool:
    try:
        return isfinite(float(text.replace(",", "")))
    except ValueError:
        return False


def _share(texts: Sequence[str], holds: Callable[[str], bool]) -> float:
    return sum(map(holds, texts)) / len(texts) if texts else 0.0
