"""The past forecast as if it were the future: rolling origins (Tashman 2000).

Models of all series learn once, before the earliest origin; models of one series at each origin.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from anping.core.progress import Progress, silent
from anping.core.text import Text
from anping.learn.series.panel import Panel

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


class Answer(Protocol):
    """What was learnt, and forecasts any panel."""

    @property
    def name(self) -> str:
        """What it is called."""

    def ahead(self, panel: Panel) -> Floats:
        """Return (n, h): the next values of each series."""


class Member(Protocol):
    """A way to forecast that may be part of a combination."""

    pooled: ClassVar[bool]

    @property
    def name(self) -> str:
        """What it is called."""

    def seconds(self, panel: Panel) -> float:
        """Return the nominal CPU seconds of learning, or of one forecast where each series learns."""

    def learnt(self, panel: Panel) -> Answer:
        """Learn from all series."""


@dataclass(frozen=True, eq=False)
class Rolled:
    """What m members said at w origins (the latest first) of n series and h steps, and the truth.

    ``said`` (m, w, n, h), ``truth`` (w, n, h) NaN where nothing was observed, ``scale`` (w, n) NaN
    where a series had no scale or had not begun.
    """

    names: tuple[str, ...]
    said: Floats
    truth: Floats
    scale: Floats

    @property
    def origins(self) -> int:
        """How many origins there are."""
        return int(self.truth.shape[0])

    def windows(self, chosen: Sequence[int]) -> Rolled:
        """Return some of the origins."""
        at = list(chosen)
        return Rolled(self.names, self.said[:, at], self.truth[at], self.scale[at])

    def with_others(self, other: Rolled) -> Rolled:
        """Return the members of both."""
        said = np.concatenate([self.said, other.said])
        return Rolled((*self.names, *other.names), said, self.truth, self.scale)

    def of(self, name: str) -> Floats:
        """Return (w, n, h): what one member said."""
        said: Floats = self.said[self.names.index(name)]
        return said


def origins_of(panel: Panel, asked: int) -> int:
    """Return at how many origins half of the series have a past that is worth learning from."""
    needed = max(panel.horizon // 2, min(2 * panel.season, panel.season + panel.horizon), 4)
    room = (float(np.median(panel.lengths)) - needed) // panel.horizon
    return min(asked, max(int(room), 0))


def roll(
    panel: Panel, members: Sequence[Member], *, origins: int, progress: Progress = silent
) -> Rolled:
    """Return what the members would have said at the last ``origins`` origins, one horizon apart."""
    count, ahead = panel.count, panel.horizon
    said = np.full((len(members), origins, count, ahead), np.nan)
    truth = np.full((origins, count, ahead), np.nan)
    scale = np.full((origins, count), np.nan)
    for window in range(origins):
        cut = (window + 1) * ahead
        rows = np.flatnonzero(panel.start < panel.steps - cut)
        end = panel.steps - cut + ahead
        seen = panel.observed[rows, panel.steps - cut : end]
        truth[window, rows] = np.where(seen, panel.values[rows, panel.steps - cut : end], np.nan)
        scale[window, rows] = panel.until(cut).scales
    earliest = panel.until(origins * ahead)
    for place, member in enumerate(members):
        progress(_WHAT, place, len(members))
        learnt = member.learnt(earliest)
        for window in range(origins):
            cut = (window + 1) * ahead
            rows = np.flatnonzero(panel.start < panel.steps - cut)
            said[place, window, rows] = learnt.ahead(panel.until(cut))
    return Rolled(tuple(member.name for member in members), said, truth, scale)


def scaled_errors(rolled: Rolled, said: Floats) -> Floats:
    """Return (w, n, h): absolute errors in units of each series' scale, NaN where not defined."""
    errors: Floats = np.abs(said - rolled.truth) / rolled.scale[:, :, None]
    return errors


def mean_scaled_error(rolled: Rolled, said: Floats) -> float:
    """Return the mean over series and origins of the mean scaled error; NaN where there is none."""
    return mean_of(per_series(scaled_errors(rolled, said)))


def per_series(errors: Floats) -> Floats:
    """Return (w, n): the mean over the steps that were observed, NaN where there is none."""
    told = ~np.isnan(errors)
    count = told.sum(axis=-1)
    sums = np.where(told, errors, 0).sum(axis=-1)
    means: Floats = np.where(count > 0, sums / np.maximum(count, 1), np.nan)
    return means


def mean_of(values: Floats) -> float:
    """Return the mean of what is told, NaN where nothing is."""
    told = values[~np.isnan(values)]
    return float(told.mean()) if told.size else float("nan")


_WHAT = Text("以過去檢驗模型", "Trying models on the past")
