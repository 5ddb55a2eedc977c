"""Times as tables write them, read as whole seconds, or as plain numbers where they are no dates."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from anping.core.dates import parse
from anping.core.errors import SchemaError, Where
from anping.core.text import Text
from anping.engine.natures import distinct_cells

Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]
Written = Literal["number", "date", "moment"]
_DAY = 86_400
_EPOCH = date(1970, 1, 1).toordinal()
_ROC = 1911
#: A month of a Gregorian or an ROC year: 2024-03, 2024/3, 113/03, 113年3月, 民國113年3月.
_MONTH = re.compile(r"(?:中華)?(?:民國)?\s*(\d{2,4})\s*(?:[/.\-]|年)\s*(\d{1,2})\s*月?")
_QUARTER = re.compile(r"(\d{2,4})\s*年?-?\s*(?:Q|第)\s*([1-4])季?")
_COMPACT_DAY = (19_000_101, 21_001_231)


@dataclass(frozen=True, eq=False)
class Moments:
    """When each of n rows was: seconds since 1970 (or numbers as they are); ``known`` where it is told.

    Seconds are of Coordinated Universal Time where there is a time ``zone``, else of the wall clock
    that wrote them.
    """

    seconds: Whole
    known: Flags
    written: Written
    zone: str | None = None


def moments_of(name: str, column: pa.ChunkedArray) -> Moments:
    """Return when each row was.

    Reads dates, timestamps, whole numbers (years, counters) and texts: every form of
    :mod:`anping.core.dates` (ROC years too), with or without a time of the day, months and quarters.
    Raises SchemaError (``series.times``) where most cells are none of these.
    """
    kind = column.type
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return _of_arrow(column, zone=getattr(kind, "tz", None))
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return _of_numbers(name, column)
    codes, cells = distinct_cells(column)
    found = [_of_text(cell) for cell in cells]
    if not any(each is not None for each in found):
        counted = [_counter(cell) for cell in cells]
        if not _mostly(counted):
            raise _unreadable(name)
        return _looked_up(codes, counted, "number")
    if not _mostly(found):
        raise _unreadable(name)
    seconds = [None if each is None else each[0] for each in found]
    zoned = any(each is not None and each[1] for each in found)
    whole_days = all(each is None or each % _DAY == 0 for each in seconds) and not zoned
    return _looked_up(
        codes, seconds, "date" if whole_days else "moment", zone="UTC" if zoned else None
    )


def _of_arrow(column: pa.ChunkedArray, *, zone: str | None) -> Moments:
    bare = column.cast(pa.timestamp("s", zone), safe=False)
    seconds = bare.cast(pa.int64()).fill_null(0).to_numpy()
    written: Written = "date" if pa.types.is_date(column.type) else "moment"
    return Moments(seconds, ~_nulls(column), written, zone)


def _of_numbers(name: str, column: pa.ChunkedArray) -> Moments:
    known = ~_nulls(column)
    numbers = column.cast(pa.float64(), safe=False).fill_null(0).to_numpy().astype(np.float64)
    known &= np.isfinite(numbers)
    if (numbers[known] != np.round(numbers[known])).any():
        raise _unreadable(name)
    whole = np.where(known, numbers, 0).astype(np.int64)
    low, high = _COMPACT_DAY
    if known.any() and ((whole >= low) & (whole <= high))[known].all():
        distinct, codes = np.unique(whole, return_inverse=True)
        days = [_of_text(str(each)) for each in distinct.tolist()]
        seconds = [None if day is None else day[0] for day in days]
        if all(day is not None for day, each in zip(days, distinct, strict=True) if each):
            return _looked_up(codes.reshape(-1), seconds, "date")
    return Moments(whole, known, "number")


def _of_text(cell: Any) -> tuple[int, bool] | None:
    """Return the seconds that a cell tells, and whether it tells them in a time zone."""
    if cell is None:
        return None
    text = str(cell).strip()
    if written := parse(text):
        return _day(written.day), False
    if match := _MONTH.fullmatch(text):
        return _first_of(int(match[1]), int(match[2]))
    if match := _QUARTER.fullmatch(text):
        return _first_of(int(match[1]), 3 * int(match[2]) - 2)
    return _with_time(text.replace("T", " "))


def _first_of(year: int, month: int) -> tuple[int, bool] | None:
    whole = year + _ROC if year < 1000 else year
    return (_day(date(whole, month, 1)), False) if 1 <= month <= 12 and whole > 0 else None


def _with_time(text: str) -> tuple[int, bool] | None:
    head, _, tail = text.partition(" ")
    written = parse(head)
    if written is None or not tail:
        return None
    try:
        moment = datetime.combine(written.day, time.fromisoformat(tail.strip()))
    except ValueError:
        return None
    away = moment.utcoffset()
    seconds = int((moment.replace(tzinfo=None) - datetime(1970, 1, 1)).total_seconds())  # noqa: DTZ001 - seconds of the clock on the wall are wanted
    return (seconds, False) if away is None else (seconds - int(away.total_seconds()), True)


def _counter(cell: Any) -> int | None:
    text = "" if cell is None else str(cell).strip()
    return int(text) if re.fullmatch(r"[+-]?\d{1,15}", text) else None


def _day(day: date) -> int:
    return (day.toordinal() - _EPOCH) * _DAY


def _mostly(found: Sequence[Any]) -> bool:
    """Return whether half of the distinct cells (the last of them is null) are told."""
    told = sum(each is not None for each in found)
    return told * 2 >= len(found) - 1 and told > 0


def _looked_up(
    codes: Whole, found: Sequence[int | None], written: Written, *, zone: str | None = None
) -> Moments:
    seconds = np.array([0 if each is None else each for each in found], dtype=np.int64)
    known = np.array([each is not None for each in found], dtype=np.bool_)
    return Moments(seconds[codes], known[codes], written, zone)


def _nulls(column: pa.ChunkedArray) -> Flags:
    flags: Flags = pc.is_null(column).to_numpy().astype(np.bool_)
    return flags


def wall_clock(seconds: Whole, zone: str | None) -> Whole:
    """Return the seconds as the clock on the wall of a time zone tells them."""
    if zone is None or zone == "UTC":
        return seconds
    there = pc.local_timestamp(pa.array(seconds, pa.timestamp("s", zone)))
    local: Whole = there.cast(pa.int64()).to_numpy(zero_copy_only=False)
    return local


def _unreadable(name: str) -> SchemaError:
    return SchemaError(
        "series.times",
        Text("這一欄的值大多不是日期、時間或整數。", "Most cells of this column are no times."),
        where=Where(column=name),
        hint=Text(
            "可讀的形式如 2024-03-01、2024-03-01 08:00、113/03/01、民國113年3月、2024-03，或整數。",
            "Forms that are read: 2024-03-01, 2024-03-01 08:00, 113/03/01, 民國113年3月, 2024-03, or "
            "whole numbers.",
        ),
    )
