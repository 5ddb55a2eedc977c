"""Currentness: how old the newest facts of a version were when it arrived."""

from __future__ import annotations

from datetime import date, datetime

from anping.core.measure import Measure
from anping.core.text import Text
from anping.know.summary import Summary

_TITLE = Text(
    "時效：收進時最新日期已過的天數", "Currentness: age in days of the newest date at arrival"
)
_METHOD = (
    "day of arrival less the last day that at least small_count rows reach (ISO/IEC 25024 Cur-I)"
)


def measure_currentness(summary: Summary) -> tuple[Measure, ...]:
    """Return ``quality.currentness`` of every column of dates that move on, in days.

    None where it is not known when the version arrived. Dates after the arrival make it negative.
    """
    if not summary.arrived:
        return ()
    arrived = datetime.fromisoformat(summary.arrived).date().toordinal()
    epoch = date(1970, 1, 1).toordinal()
    return tuple(
        Measure(
            "quality.currentness",
            float(arrived - epoch - column.newest_day),
            "days",
            column.filled,
            _TITLE,
            subject=column.column,
            method=_METHOD,
        )
        for column in summary.columns
        if column.newest_day is not None
    )
