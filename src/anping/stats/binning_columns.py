"""A column in bins by how often the event occurs: cuts of numbers, groups of categories.

Missing cells and special values (codes such as -999 that are no amounts) have bins of their own, to
which no trend applies; a value that was never seen has a bin that says nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from anping.core.measure import Interval
from anping.stats.binning import (
    Rules,
    Trend,
    information_value,
    partition,
    weights_of_evidence,
)
from anping.stats.count_distances import distances

Floats = NDArray[np.float64]
Places = NDArray[np.int64]
Flags = NDArray[np.bool_]
#: A bin beside the trend with fewer rows says nothing: its share of events is chance.
FEWEST_BESIDE = 30
#: A category with a smaller share of the rows stands with the other rare ones.
_RARE = 0.005


@dataclass(frozen=True, eq=False)
class BinnedColumn:
    """The bins of a column, first those in order, then of special values, missing and unknown cells.

    A number falls into ordinary bin i where ``cuts[i - 1]`` ≤ number < ``cuts[i]``; a category's code
    into the bin whose ``groups`` hold it. ``events`` and ``others`` (bins,) are the rows of both
    classes in each bin.
    """

    events: Floats
    others: Floats
    trend: Trend
    cuts: Floats | None = None
    groups: tuple[tuple[int, ...], ...] = ()
    specials: tuple[float, ...] = ()

    @property
    def ordinary(self) -> int:
        """How many bins follow the trend."""
        return len(self.groups) if self.cuts is None else self.cuts.size + 1

    @property
    def missing(self) -> int:
        """The bin of missing cells; the next one is that of unknown values."""
        return self.ordinary + len(self.specials)

    @cached_property
    def weights(self) -> Floats:
        """Return (bins,): the weight of evidence of each bin; 0 for one that says nothing."""
        found = weights_of_evidence(self.events, self.others)
        beside = np.arange(found.size) >= self.ordinary
        found[beside & (self.events + self.others < FEWEST_BESIDE)] = 0.0
        return found

    @cached_property
    def information(self) -> float:
        """The information value of the column in these bins."""
        return information_value(self.events, self.others)

    def information_interval(self, *, seed: int, draws: int = 400, level: float = 0.95) -> Interval:
        """Return an interval for the information value of these bins, which it takes as given.

        It also takes away what sampling alone adds; that the bins were chosen on the same rows adds
        a little more that no interval of them can see.
        """
        told = self.events + self.others > 0
        found = distances(
            self.others[told], self.events[told], ordered=False, seed=seed, draws=draws, level=level
        ).stability_interval
        assert found is not None
        value = self.information
        return replace(found, low=min(found.low, value), high=max(found.high, value))

    def places(self, values: Floats) -> Places:
        """Return (n,): the bin of each number or code; NaN is missing."""
        empty = np.isnan(values)
        if self.cuts is None:
            most = max((code for group in self.groups for code in group), default=-1) + 1
            bin_of = np.full(most + 1, self.missing + 1)
            for place, group in enumerate(self.groups):
                bin_of[list(group)] = place
            codes = np.where(empty, most, values).astype(np.int64)
            found = bin_of[np.where((codes >= 0) & (codes < most), codes, most)]
        else:
            found = np.searchsorted(self.cuts, values, side="right")
            for place, special in enumerate(self.specials, start=self.ordinary):
                found[values == special] = place
        found[empty] = self.missing
        whole: Places = found.astype(np.int64)
        return whole


def bin_numbers(
    values: Floats,
    labels: Flags,
    *,
    rules: Rules | None = None,
    specials: Sequence[float] = (),
    start: int = 64,
) -> BinnedColumn:
    """Return the bins of numbers (n,) by how often ``labels`` (n,) mark the event.

    The search starts from at most ``start`` pre-bins: the distinct values, or their quantiles. Raises
    ParameterError where all labels are of one class.
    """
    told, apart = _apart(values, specials)
    trend: Trend = "free"
    cuts = _first_cuts(values[told], start)
    places = np.searchsorted(cuts, values[told], side="right")
    events, others = _counted(places, labels[told], cuts.size + 1)
    if not (events.sum() and others.sum()):
        starts = np.zeros(1, dtype=np.int64)
    else:
        found = partition(events, others, rules)
        starts, trend = found.starts, found.trend
    kept = cuts[starts[1:] - 1]
    bare = BinnedColumn(np.zeros(1), np.zeros(1), trend, cuts=kept, specials=apart)
    return _filled(bare, values, labels)


def bin_categories(codes: Floats, labels: Flags, *, rules: Rules | None = None) -> BinnedColumn:
    """Return groups of category codes (n,), NaN for a missing one, from many events to few.

    Rare categories (under 0.5 % of the rows) are one before the search. Raises ParameterError where
    all labels are of one class.
    """
    told = ~np.isnan(codes)
    known, places = np.unique(codes[told].astype(np.int64), return_inverse=True)
    events, others = _counted(places, labels[told], known.size)
    rows = events + others
    rare = rows < max(float(FEWEST_BESIDE), _RARE * labels.size)
    units = [tuple(known[rare].tolist())] if rare.any() else []
    units += [(int(code),) for code in known[~rare]]
    if not units or not (events.sum() and others.sum()):
        bare = BinnedColumn(np.zeros(1), np.zeros(1), "free", groups=tuple(units[:1]))
        return _filled(bare, codes, labels)
    place_of = {code: place for place, code in enumerate(known.tolist())}
    sums = [
        np.array([counts[[place_of[code] for code in unit]].sum() for unit in units])
        for counts in (events, others)
    ]
    share = sums[0].sum() / (sums[0].sum() + sums[1].sum())
    order = np.argsort(-(sums[0] + share) / (sums[0] + sums[1] + 1), kind="stable")
    asked = replace(rules or Rules(), trend="free")
    found = partition(sums[0][order], sums[1][order], asked)
    ends = [*found.starts[1:].tolist(), len(units)]
    groups = tuple(
        tuple(sorted(code for unit in order[first:last] for code in units[unit]))
        for first, last in zip(found.starts.tolist(), ends, strict=True)
    )
    return _filled(BinnedColumn(np.zeros(1), np.zeros(1), "free", groups=groups), codes, labels)


def _apart(values: Floats, specials: Sequence[float]) -> tuple[Flags, tuple[float, ...]]:
    apart = tuple(sorted(set(map(float, specials))))
    return ~np.isnan(values) & ~np.isin(values, apart), apart


def _first_cuts(told: Floats, start: int) -> Floats:
    """Return the values at which a pre-bin starts, without the first."""
    distinct = np.unique(told)
    if distinct.size <= start:
        return distinct[1:]
    shares = np.linspace(0, 1, start + 1)[1:-1]
    cuts = np.unique(np.quantile(told, shares, method="nearest"))
    found: Floats = cuts[cuts > distinct[0]]
    return found


def _counted(places: Places, labels: Flags, bins: int) -> tuple[Floats, Floats]:
    rows: Floats = np.bincount(places, minlength=bins).astype(np.float64)
    events: Floats = np.bincount(places, weights=labels, minlength=bins).astype(np.float64)
    return events, rows - events


def _filled(bare: BinnedColumn, values: Floats, labels: Flags) -> BinnedColumn:
    events, others = _counted(bare.places(values), labels, bare.missing + 2)
    return replace(bare, events=events, others=others)
