"""Linear autoregression, direct: every step ahead is a weighted sum of the last values.

Ridge regression (Hoerl & Kennard 1970) of the next ``horizon`` values on a window of the last ones,
once for each series, or once for all series together with each window in units of its own spread.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from anping.learn.series.naive import repeated
from anping.learn.series.panel import Panel

Floats = NDArray[np.float64]
#: Windows of one series that a regression is made of, at least.
_WINDOWS = 8
#: Windows of all series that a pooled regression is made of, at most.
_MOST_WINDOWS = 200_000
#: A forecast leaves the range of the series' past by no more than this share of it.
_BEYOND = 1.0


@dataclass(frozen=True)
class LocalLinear:
    """A regression of its own for each series; a short one says its last season again."""

    window: int
    ridge: float
    pooled: ClassVar[bool] = False

    @property
    def name(self) -> str:
        """What it is called."""
        return f"linear-{self.window}-{self.ridge:g}"

    def seconds(self, panel: Panel) -> float:
        """Return the nominal CPU seconds of one forecast of all series."""
        rows, wide = panel.steps, self.window
        one = 1.5e-4 + 5e-11 * (rows * wide * (wide + panel.horizon) + wide**3)
        return panel.count * one

    def learnt(self, panel: Panel) -> LocalLinear:  # noqa: ARG002 - each series learns when asked
        """Return itself: what is learnt follows from the series it is asked of."""
        return self

    def ahead(self, panel: Panel) -> Floats:
        """Return (n, h)."""
        found = repeated(panel, panel.season)
        for row in range(panel.count):
            series = panel.values[row, panel.start[row] :]
            if series.size >= self.window + panel.horizon + _WINDOWS:
                found[row] = self._one(series, panel)
        return within(found, panel)

    def _one(self, series: Floats, panel: Panel) -> Floats:
        windows = np.lib.stride_tricks.sliding_window_view(series, self.window + panel.horizon)
        level = min(panel.season, self.window)
        middle = windows[:, self.window - level : self.window].mean(axis=1, keepdims=True)
        past, future = windows[:, : self.window] - middle, windows[:, self.window :] - middle
        weights = _ridge(past.T @ past, past.T @ future, self.ridge)
        last = series[-self.window :]
        here = last[-level:].mean()
        said: Floats = (last - here) @ weights + here
        return said


@dataclass(frozen=True)
class PooledLinear:
    """One regression for all series, on windows in units of their own level and spread."""

    window: int
    ridge: float
    pooled: ClassVar[bool] = True

    @property
    def name(self) -> str:
        """What it is called."""
        return f"pooled-linear-{self.window}"

    def seconds(self, panel: Panel) -> float:
        """Return the nominal CPU seconds of learning from all series."""
        rows = min(_MOST_WINDOWS, int(panel.lengths.sum()))
        wide = self.window
        return 1e-4 * panel.count + 6e-11 * (rows * wide * (wide + panel.horizon) + wide**3)

    def learnt(self, panel: Panel) -> LinearWeights:
        """Return the weights of all series together."""
        wide, ahead = self.window, panel.horizon
        square, cross = np.zeros((wide, wide)), np.zeros((wide, ahead))
        stride = max(1, int(panel.lengths.sum()) // _MOST_WINDOWS)
        for row in range(panel.count):
            series = panel.values[row, panel.start[row] :]
            if series.size < wide + ahead:
                continue
            windows = np.lib.stride_tricks.sliding_window_view(series, wide + ahead)[::-stride]
            past = windows[:, :wide]
            level, spread = _units(past, panel.season)
            past = (past - level) / spread
            future = np.clip((windows[:, wide:] - level) / spread, -50, 50)
            square += past.T @ past / len(windows)
            cross += past.T @ future / len(windows)
        return LinearWeights(self.name, _ridge(square, cross, self.ridge))


@dataclass(frozen=True, eq=False)
class LinearWeights:
    """Weights (window, horizon) of the last values, in units of their own level and spread."""

    name: str
    weights: Floats

    def ahead(self, panel: Panel) -> Floats:
        """Return (n, h)."""
        wide = len(self.weights)
        past = last_values(panel, wide)
        level, spread = _units(past, panel.season)
        return within(((past - level) / spread) @ self.weights * spread + level, panel)


def last_values(panel: Panel, count: int) -> Floats:
    """Return (n, count): the last values; the first one stands before the start of a series."""
    held: Floats = panel.padded[:, -count:]
    if held.shape[1] < count:
        held = np.pad(held, ((0, 0), (count - held.shape[1], 0)), mode="edge")
    return held


def within(said: Floats, panel: Panel) -> Floats:
    """Return forecasts that do not leave a series' past range by more than the range itself."""
    high, low = panel.padded.max(axis=1), panel.padded.min(axis=1)
    reach = _BEYOND * (high - low)
    kept: Floats = np.clip(said, (low - reach)[:, None], (high + reach)[:, None])
    return kept


def _units(past: Floats, season: int) -> tuple[Floats, Floats]:
    level = past[:, -min(season, past.shape[1]) :].mean(axis=1, keepdims=True)
    spread = past.std(axis=1, keepdims=True) + 1e-9 * np.abs(level) + 1e-12
    return level, spread


def _ridge(square: Floats, cross: Floats, ridge: float) -> Floats:
    wide = len(square)
    strength = ridge * float(np.trace(square)) / wide
    kept = square + (strength + 1e-12) * np.eye(wide)
    solved: Floats = np.linalg.solve(kept, cross)
    return solved
