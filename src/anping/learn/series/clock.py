"""The even steps on which the times of series lie, found from the times themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from anping.learn.series.asked import Every
from anping.learn.series.moments import Moments, Written, wall_clock

Whole = NDArray[np.int64]
Unit = Literal["second", "workday", "month", "number"]
_DAY = 86_400
_HOUR = 3_600
#: The first Monday of 1970.
_MONDAY = 4 * _DAY
#: Days are in the workweek when so many of them are.
_WORKDAYS = 0.995
#: A step of at least so many days is told in months.
_MONTH_DAYS = 27
_NATURAL = (1, 60, 300, 600, 900, 1800, _HOUR, 2 * _HOUR, 3 * _HOUR, 6 * _HOUR, 12 * _HOUR, _DAY)


@dataclass(frozen=True)
class Clock:
    """Step i is ``step`` units long; it starts at ``phase`` (seconds, days of the week, months).

    ``day`` is the day of the month that a month is written as, -1 its last. ``zone`` names the time
    zone of seconds, and ``written`` how times are written back.
    """

    unit: Unit
    step: int
    phase: int
    written: Written
    zone: str | None = None
    day: int = 1
    nearest: bool = True

    def places(self, seconds: Whole) -> Whole:
        """Return the number of the step to which each moment belongs."""
        if self.unit == "month":
            months = seconds.astype("datetime64[s]").astype("datetime64[M]").astype(np.int64)
            return _divided(months - self.phase, self.step)
        if self.unit == "workday":
            days = (seconds // _DAY).astype("datetime64[D]")
            counted: Whole = np.busday_count(np.datetime64("1970-01-05"), days).astype(np.int64)
            return counted
        # Half a step of tolerance: clocks are late and early.
        tolerance = self.step // 2 if self.nearest else 0
        return _divided(seconds - self.phase + tolerance, self.step)

    def seconds(self, places: Whole) -> Whole:
        """Return the moment at which each step is written."""
        if self.unit == "month":
            months = (places * self.step + self.phase).astype("datetime64[M]")
            first = months.astype("datetime64[D]")
            last = (months + 1).astype("datetime64[D]") - 1
            days = last if self.day < 0 else np.minimum(first + (self.day - 1), last)
            return _as_seconds(days)
        if self.unit == "workday":
            start = np.datetime64("1970-01-05")
            return _as_seconds(np.busday_offset(start, places, roll="forward"))
        return places * self.step + self.phase

    def wall(self, places: Whole) -> Whole:
        """Return the wall clock's seconds at each step, for calendars."""
        seconds = self.seconds(places.reshape(-1))
        local = wall_clock(seconds, self.zone if self.unit == "second" else None)
        return local.reshape(places.shape)

    def column(self, places: Whole) -> pa.Array:
        """Return the steps as the table's own kind of times."""
        seconds = self.seconds(places)
        if self.written == "number":
            return pa.array(seconds, pa.int64())
        if self.written == "date":
            return pa.array((seconds // _DAY).astype(np.int32), pa.int32()).cast(pa.date32())
        return pa.array(seconds, pa.timestamp("s", self.zone))

    @property
    def season(self) -> int:
        """How many steps make the season that such data usually have, 1 where there is none."""
        if self.unit == "month":
            return max(1, 12 // self.step)
        if self.unit == "workday":
            return 5
        if self.unit == "number":
            return 1
        usual = {60: 60, 900: 96, 1800: 48, _HOUR: 24, 3 * _HOUR: 8, 6 * _HOUR: 4, 12 * _HOUR: 2}
        if self.step in usual:
            return usual[self.step]
        if self.step < _DAY and _DAY % self.step == 0 and _DAY // self.step <= 288:
            return _DAY // self.step
        return {_DAY: 7, 7 * _DAY: 52}.get(self.step, 1)

    @property
    def dated(self) -> bool:
        """Whether steps lie on a calendar."""
        return self.unit != "number"

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "unit": self.unit, "step": self.step, "phase": self.phase, "written": self.written,
            "zone": self.zone, "day": self.day, "nearest": self.nearest,
        }  # fmt: skip

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Clock:
        """Read from the plain values of :meth:`as_json`."""
        return cls(**{name: value[name] for name in cls.__dataclass_fields__})


def gathering(every: Every, moments: Moments) -> Clock:
    """Return the clock of steps that begin with the hour, day, week (Monday), month and so on."""
    written: Written = "moment" if every == "hour" else "date"
    months = {"month": 1, "quarter": 3, "year": 12}
    if every in months:
        return Clock("month", months[every], 0, written, nearest=False)
    seconds = {"hour": _HOUR, "day": _DAY, "week": 7 * _DAY}[every]
    phase = _MONDAY if every == "week" else 0
    zone = moments.zone if every == "hour" else None
    return Clock("second", seconds, phase, written, zone, nearest=False)


def clock_of(moments: Moments, series: Whole) -> Clock:
    """Return the clock that most series' times keep; ``series`` (n,) numbers each row's series."""
    seconds, codes = moments.seconds[moments.known], series[moments.known]
    steps = typical_steps(seconds, codes)
    told = np.array([step for step in steps.values() if step > 0], dtype=np.int64)
    typical = _most_common(told) if told.size else 0
    if moments.written == "number":
        step = max(typical, 1)
        return Clock("number", step, _phase(seconds, step), "number")
    if typical >= _MONTH_DAYS * _DAY:
        return _monthly(moments, seconds, typical)
    if typical >= _DAY - _HOUR and typical <= 3 * _DAY:
        whole = _in_days(moments, seconds)
        weekday = np.is_busday((whole // _DAY).astype("datetime64[D]"))
        week = np.unique(whole // _DAY).size
        if typical <= _DAY + _HOUR and week >= 15 and weekday.mean() >= _WORKDAYS:
            return Clock("workday", 1, 0, "date" if moments.written == "date" else "moment")
    step = _rounded(typical)
    return Clock("second", step, _phase(seconds, step), moments.written, moments.zone)


def typical_steps(seconds: Whole, codes: Whole) -> dict[int, int]:
    """Return each series' middle distance between neighbouring times, 0 for a single time."""
    order = np.lexsort((seconds, codes))
    sorted_codes, sorted_seconds = codes[order], seconds[order]
    starts = np.flatnonzero(np.diff(sorted_codes, prepend=-1))
    found = {}
    for start, end in zip(starts, [*starts[1:], codes.size], strict=True):
        away = np.diff(np.unique(sorted_seconds[start:end]))
        found[int(sorted_codes[start])] = int(np.median(away)) if away.size else 0
    return found


def same_pace(clock: Clock, step: int) -> bool:
    """Return whether a series whose typical step is ``step`` keeps the clock's pace, or has no pace."""
    if not step:
        return True
    months = 30.44 * _DAY * clock.step
    usual = {"month": months, "workday": float(_DAY)}.get(clock.unit, float(clock.step))
    return 0.6 < step / usual < 1.7


def _in_days(moments: Moments, seconds: Whole) -> Whole:
    return wall_clock(seconds, moments.zone)


def _monthly(moments: Moments, seconds: Whole, typical: int) -> Clock:
    local = _in_days(moments, seconds)
    days = local.astype("datetime64[s]").astype("datetime64[D]")
    months = days.astype("datetime64[M]")
    step = max(1, round(typical / (30.44 * _DAY)))
    # Quarters are written as of January or of March alike: the phase follows the data.
    phase = _most_common(months.astype(np.int64) % step)
    inside = (days - months.astype("datetime64[D]")).astype(np.int64) + 1
    last = ((days + 1).astype("datetime64[M]") > months).mean() > 0.9
    day = -1 if last and _most_common(inside) >= 28 else _most_common(inside)
    return Clock("month", step, phase, "date" if moments.written == "date" else "moment", None, day)


def _rounded(step: int) -> int:
    """Return the natural step nearest to a measured one: clocks are a little late and early."""
    if step <= 0:
        return _DAY
    near = min(
        (*_NATURAL, *(days * _DAY for days in range(1, 27))), key=lambda each: abs(each - step)
    )
    return near if abs(near - step) <= 0.1 * near else step


def _phase(seconds: Whole, step: int) -> int:
    return _most_common(seconds % step) if seconds.size else 0


def _most_common(values: Whole) -> int:
    distinct, counts = np.unique(values, return_counts=True)
    return int(distinct[np.argmax(counts)])


def _divided(values: Whole, by: int) -> Whole:
    whole: Whole = values // by
    return whole


def _as_seconds(days: NDArray[Any]) -> Whole:
    seconds: Whole = days.astype("datetime64[s]").astype(np.int64)
    return seconds
