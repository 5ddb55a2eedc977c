"""Windows of time: the current rows by day, week, month, or so many rows at a time."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from anping.core.errors import ParameterError, Where
from anping.core.text import Text
from anping.engine.natures import as_day, distinct_cells

Period = Literal["day", "week", "month"]
Rows = NDArray[np.int64]


def windows_of_time(
    column: pa.ChunkedArray, name: str, period: Period
) -> tuple[tuple[str, Rows], ...]:
    """Return each window's first day and its rows, oldest first; rows without a date are in none.

    Raises ParameterError (``run.no-dates``) for a column without any date.
    """
    codes, distinct = distinct_cells(column)
    starts = [_start(as_day(cell), period) for cell in distinct]
    names = sorted({start for start in starts if start})
    if not names:
        raise ParameterError(
            "run.no-dates",
            Text("這一欄沒有讀得懂的日期。", "The column holds no date that can be read."),
            where=Where(column=name),
            hint=Text(
                "請指定日期欄，或改以列數分段。",
                "Name a column of dates, or take so many rows at a time.",
            ),
        )
    place = {start: number for number, start in enumerate(names)}
    told = np.array([place.get(start, -1) for start in starts])[codes]
    return tuple((start, np.flatnonzero(told == number)) for number, start in enumerate(names))


def windows_of_rows(n: int, rows: int) -> tuple[tuple[str, Rows], ...]:
    """Return windows of ``rows`` rows in order, named by their first row (from 1)."""
    return tuple(
        (f"{start + 1:,}–{min(start + rows, n):,}", np.arange(start, min(start + rows, n)))
        for start in range(0, n, rows)
    )


def _start(number: float, period: Period) -> str:
    if not 1 <= number <= date.max.toordinal():
        return ""
    day = date.fromordinal(int(number))
    if period == "month":
        return day.replace(day=1).isoformat()
    return (day - timedelta(days=day.weekday()) if period == "week" else day).isoformat()
