"""Series side by side on one clock, all ending in the last column."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from anping.learn.series.clock import Clock
from anping.learn.series.holidays import Days

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Whole = NDArray[np.int64]


@dataclass(frozen=True)
class Covariates:
    """The names of numbers known ahead and of groups, and how many codes each has (0: a number)."""

    known: tuple[str, ...] = ()
    known_codes: tuple[int, ...] = ()
    groups: tuple[str, ...] = ()
    group_codes: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False)
class Panel:
    """n series of at most t steps; series i starts in column ``start[i]``, gaps are filled.

    ``values`` (n, t) are NaN before the start; ``observed`` (n, t) says what was in the table;
    ``last`` (n,) is the clock's place of the last column. ``known`` (n, t + horizon, c) are numbers
    known ahead, ``groups`` (n, g) codes of what a series belongs to. ``days`` None: no calendar.
    """

    names: tuple[str, ...]
    values: Floats
    observed: Flags
    start: Whole
    last: Whole
    horizon: int
    season: int
    clock: Clock
    days: Days | None
    known: Floats
    groups: Floats
    covariates: Covariates = field(default_factory=Covariates)

    @property
    def count(self) -> int:
        """How many series there are."""
        return len(self.names)

    @property
    def steps(self) -> int:
        """How many columns there are."""
        return int(self.values.shape[1])

    @property
    def lengths(self) -> Whole:
        """How many steps each series has."""
        lengths: Whole = self.steps - self.start
        return lengths

    @cached_property
    def padded(self) -> Floats:
        """The values, with the first one of each series standing before its start."""
        first = self.values[np.arange(self.count), np.minimum(self.start, self.steps - 1)]
        padded: Floats = np.where(np.isnan(self.values), first[:, None], self.values)
        return padded

    @cached_property
    def scales(self) -> Floats:
        """The mean distance of values one season apart (n,), NaN where there is none or it is 0."""
        found = np.full(self.count, np.nan)
        for away in dict.fromkeys((self.season, 1)):
            if away < self.steps:
                apart = np.abs(self.values[:, away:] - self.values[:, :-away])
                told = ~np.isnan(apart)
                count = told.sum(axis=1)
                mean = np.where(told, apart, 0).sum(axis=1) / np.maximum(count, 1)
                found = np.where(np.isnan(found) & (count > 0) & (mean > 0), mean, found)
        return found

    def until(self, cut: int) -> Panel:
        """Return the series as they were ``cut`` steps ago, without those that had not begun."""
        steps = self.steps - cut
        earlier = replace(
            self,
            values=self.values[:, :steps],
            observed=self.observed[:, :steps],
            last=self.last - cut,
            known=self.known[:, : steps + self.horizon],
        )
        return earlier.taken(np.flatnonzero(self.start < steps))

    def taken(self, rows: Whole) -> Panel:
        """Return some of the series."""
        return replace(
            self,
            names=tuple(self.names[row] for row in rows),
            values=self.values[rows],
            observed=self.observed[rows],
            start=self.start[rows],
            last=self.last[rows],
            known=self.known[rows],
            groups=self.groups[rows],
        )

    def ahead(self, steps: Whole) -> Whole:
        """Return (n, k): the clock's places of the steps 1, 2, … after the end."""
        places: Whole = self.last[:, None] + steps[None, :]
        return places
