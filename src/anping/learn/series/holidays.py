"""Taiwan's days off, lunar ones included, as a table of days that a model carries with it.

Source: the library ``holidays`` (MIT; the extra ``series``), which follows the Directorate-General of
Personnel Administration's yearly calendars: bridging days off and make-up working days are decreed
year by year and known only as far as that library's release knows them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from anping.core.errors import MissingExtraError
from anping.core.text import Text

Whole = NDArray[np.int64]
_DAY = 86_400
_EPOCH = date(1970, 1, 1).toordinal()
#: What a day may be: bits of its number.
OFF, NEW_YEAR, DRAGON_BOAT, MID_AUTUMN, QINGMING, WORK = 1, 2, 4, 8, 16, 32
_NAMES = (
    ("農曆除夕", NEW_YEAR), ("春節", NEW_YEAR), ("端午節", DRAGON_BOAT), ("中秋節", MID_AUTUMN),
    ("民族掃墓節", QINGMING), ("清明節", QINGMING),
)  # fmt: skip
#: The library's calendars begin here, with the two days off a week.
_FIRST_YEAR = 1998
#: So many years after the last day are kept, for forecasts made later.
_YEARS_AHEAD = 3


@dataclass(frozen=True, eq=False)
class Days:
    """What each day from ``first`` (days since 1970) on is; beyond the table nothing is known."""

    first: int = 0
    kinds: NDArray[np.uint8] = field(default_factory=lambda: np.zeros(0, np.uint8))

    def at(self, days: Whole) -> NDArray[np.uint8]:
        """Return what the days since 1970 are, 0 for a day that the table does not reach."""
        if not self.kinds.size:
            return np.zeros(days.shape, np.uint8)
        place = days - self.first
        inside = (place >= 0) & (place < self.kinds.size)
        found: NDArray[np.uint8] = np.where(inside, self.kinds[np.where(inside, place, 0)], 0)
        return found.astype(np.uint8)

    def away(self, days: Whole) -> tuple[Whole, Whole]:
        """Return how many days ago the last New Year holidays began, and until the next do."""
        starts = self._new_years()
        if not starts.size:
            zeros = np.zeros(days.shape, np.int64)
            return zeros, zeros
        place = np.searchsorted(starts, days, side="right")
        before = days - starts[np.maximum(place - 1, 0)]
        after = starts[np.minimum(place, starts.size - 1)] - days
        return np.clip(before, -60, 60), np.clip(after, -60, 60)

    def _new_years(self) -> Whole:
        mine = np.flatnonzero(self.kinds & NEW_YEAR) + self.first
        return mine[np.diff(mine, prepend=-1000) > 20]


def taiwan_days(first: int, last: int) -> Days:
    """Return Taiwan's days off between two days (seconds since 1970), and some years on.

    Raises MissingExtraError without the extra ``series``.
    """
    try:
        from holidays import country_holidays
    except ImportError as problem:
        raise MissingExtraError.of(
            "series", needed_for=Text("臺灣的假日曆", "Taiwan's calendar of holidays")
        ) from problem
    begin, end = (date.fromordinal(_bounded(each // _DAY) + _EPOCH).year for each in (first, last))
    if end + _YEARS_AHEAD < _FIRST_YEAR:
        return Days()
    years = range(max(begin, _FIRST_YEAR), end + _YEARS_AHEAD + 1)
    held = country_holidays("TW", years=years, language="zh_TW")
    opening = date(years[0], 1, 1)
    span = (date(years[-1], 12, 31) - opening).days + 1
    kinds = np.zeros(span, np.uint8)
    for day, name in held.items():
        kinds[(day - opening).days] |= OFF
        # A day off instead of a festival on Sunday is no festival.
        for written, bit in _NAMES:
            if any(part.strip() == written for part in name.split(";")):
                kinds[(day - opening).days] |= bit
    for place in range(span):
        day = opening + timedelta(place)
        if day.weekday() >= 5 and held.is_working_day(day):
            kinds[place] |= WORK
    return Days(opening.toordinal() - _EPOCH, kinds)


def _bounded(day: int) -> int:
    """Return a day within the years that calendars are made for."""
    return min(
        max(day, date(1900, 1, 1).toordinal() - _EPOCH), date(2090, 1, 1).toordinal() - _EPOCH
    )
