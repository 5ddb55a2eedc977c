"""What boosted trees see of a series at one moment, to say one step ahead of it.

Values are told in units of the series' own level and pace, so that trees learn from all series.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from anping.learn.series.holidays import (
    DRAGON_BOAT,
    MID_AUTUMN,
    NEW_YEAR,
    OFF,
    QINGMING,
    WORK,
    Days,
)
from anping.learn.series.panel import Panel

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
_DAY = 86_400
_SEASONS_BACK = 4


@dataclass(frozen=True, eq=False)
class Asked:
    """Which series (r,), standing at which column (r,), are asked for which step ahead (r,)."""

    series: Whole
    column: Whole
    step: Whole


@dataclass(frozen=True, eq=False)
class Seen:
    """The features (r, f), and level, unit and starting point (r,): the value is level + unit × (start + answer)."""

    matrix: Floats
    level: Floats
    unit: Floats
    start: Floats


@dataclass(frozen=True)
class View:
    """How far back is looked: ``window`` steps; what is made of them follows from the season."""

    window: int
    season: int

    @cached_property
    def lags(self) -> tuple[int, ...]:
        """Which of the last values are told, 1 the last."""
        near = range(1, min(max(self.season, 26), 53, self.window) + 1)
        later = [each * self.season for each in range(2, 8)]
        year = (39, 51, 52, 53, 65) if self.season == 1 else ()
        return tuple(dict.fromkeys(lag for lag in (*near, *later, *year) if lag <= self.window))

    @cached_property
    def means(self) -> tuple[int, ...]:
        """Over how many of the last values means are told."""
        wide = (4, 8, 13, 26, 52, 2 * self.season, 7 * self.season, self.window)
        return tuple(sorted({each for each in wide if 2 <= each <= self.window}))

    @property
    def cycles(self) -> tuple[int, ...]:
        """The seasons whose same place is told: the season itself, and seven of a day's."""
        week = (7 * self.season,) if self.season in {24, 48, 96} else ()
        return tuple(each for each in (self.season, *week) if 1 < each <= self.window)

    def features(self, panel: Panel, asked: Asked) -> Seen:
        """Return what is seen of each asked moment."""
        window = self._windows(panel, asked)
        level = window[:, -max(1, min(self.season, self.window)) :].mean(axis=1)
        away = self.season if self.season < self.window else 1
        pace = np.abs(window[:, away:] - window[:, :-away]).mean(axis=1)
        unit = pace + 1e-9 * np.abs(level) + 1e-12
        scaled = (window - level[:, None]) / unit[:, None]
        back = self._back(scaled, asked.step)
        start = back[0][:, 0] if back else scaled[:, -1]
        parts = [
            scaled[:, [-lag for lag in self.lags]],
            *back,
            np.column_stack([scaled[:, -wide:].mean(axis=1) for wide in self.means]),
            scaled[:, -13:].std(axis=1, keepdims=True),
            (scaled[:, -1] - scaled[:, -(self.window // 2) - 1])[:, None],
            np.log(unit / (np.abs(level) + 1e-9) + 1e-9)[:, None],
            asked.step[:, None].astype(np.float64),
            *calendar(panel, asked),
            panel.known[asked.series, asked.column + asked.step],
            panel.groups[asked.series],
        ]
        return Seen(np.column_stack(parts), level, unit, start)

    def categories(self, panel: Panel) -> dict[int, int]:
        """Return which columns of the matrix hold codes of categories, and how many codes."""
        codes = (*panel.covariates.known_codes, *panel.covariates.group_codes)
        wide = self.features(panel, Asked(*(np.zeros(1, np.int64) for _ in range(3))))
        first = wide.matrix.shape[1] - len(codes)
        return {first + place: count for place, count in enumerate(codes) if count}

    def _windows(self, panel: Panel, asked: Asked) -> Floats:
        edged = np.pad(panel.padded, ((0, 0), (self.window - 1, 0)), mode="edge")
        views = np.lib.stride_tricks.sliding_window_view(edged, self.window, axis=1)
        window: Floats = views[asked.series, asked.column]
        return window

    def _back(self, scaled: Floats, step: Whole) -> list[Floats]:
        """Return what was at the same place of the last seasons."""
        rows = np.arange(len(scaled))
        found = []
        for cycle in self.cycles:
            times = _SEASONS_BACK if cycle == self.season else 1
            columns = []
            for before in range(times):
                back = ((step - 1) // cycle + 1 + before) * cycle - step
                columns.append(scaled[rows, np.maximum(self.window - 1 - back, 0)])
            found.append(np.column_stack(columns))
        return found


def calendar(panel: Panel, asked: Asked) -> list[Floats]:
    """Return what the calendar says of the step asked for; nothing where times are plain numbers."""
    if not panel.clock.dated or panel.days is None:
        return []
    last = panel.last[asked.series] - (panel.steps - 1 - asked.column)
    wall = panel.clock.wall(last + asked.step)
    moments = wall.astype("datetime64[s]")
    days = wall // _DAY
    months = moments.astype("datetime64[M]")
    parts = [
        months.astype(np.int64) % 12,
        (moments.astype("datetime64[D]") - months.astype("datetime64[D]")).astype(np.int64),
        (days + 3) % 7,
        (wall % _DAY) // 3600,
    ]
    if panel.days.kinds.size:
        parts += _holidays(panel.days, panel, wall, last + asked.step)
    return [np.column_stack([part.astype(np.float64) for part in parts])]


def _holidays(table: Days, panel: Panel, wall: Whole, places: Whole) -> list[Whole]:
    """Return what kind of day the step is on, or of a longer step how many such days it has."""
    first = wall // _DAY
    if panel.clock.unit == "month":
        # A month is written as of any of its days.
        first = (
            wall.astype("datetime64[s]")
            .astype("datetime64[M]")
            .astype("datetime64[D]")
            .astype(np.int64)
        )
        later = panel.clock.wall(places + 1).astype("datetime64[s]").astype("datetime64[M]")
        until = later.astype("datetime64[D]").astype(np.int64)
    else:
        until = np.maximum(panel.clock.wall(places + 1) // _DAY, first + 1)
    if int((until - first).max(initial=1)) == 1:
        kinds = table.at(first).astype(np.int64)
        before, after = table.away(first)
        bits = (OFF, NEW_YEAR, DRAGON_BOAT, MID_AUTUMN, QINGMING, WORK)
        beside = [
            table.at(first + 1).astype(np.int64) & OFF,
            table.at(first - 1).astype(np.int64) & OFF,
        ]
        return [*(((kinds & bit) > 0).astype(np.int64) for bit in bits), *beside, before, after]
    found = []
    for bit in (OFF, NEW_YEAR, DRAGON_BOAT | MID_AUTUMN | QINGMING):
        marked = np.concatenate([[0], np.cumsum((table.kinds & bit) > 0)])
        ends = [np.clip(each - table.first, 0, table.kinds.size) for each in (until, first)]
        found.append(marked[ends[0]] - marked[ends[1]])
    return found
