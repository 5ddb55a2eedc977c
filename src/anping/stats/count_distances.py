"""Distances between two vectors of counts over the same groups, with intervals.

The interval is the reflected percentile bootstrap of both vectors as multinomial (Davison & Hinkley
1997, Bootstrap Methods, §5.2.1): it also takes away what sampling alone adds to a distance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anping.core.measure import Interval
from anping.stats.distance import (
    binned_kolmogorov_smirnov,
    jensen_shannon,
    population_stability,
)

Counts = NDArray[np.float64]
METHOD = "bootstrap-reflected-multinomial"


@dataclass(frozen=True, slots=True)
class Distances:
    """How far two distributions lie apart, each with its interval where one was asked for.

    ``gap`` is the Kolmogorov-Smirnov distance at the edges of the groups, None without an order.
    """

    stability: float
    divergence: float
    gap: float | None
    stability_interval: Interval | None = None
    divergence_interval: Interval | None = None
    gap_interval: Interval | None = None


def distances(
    one: ArrayLike,
    other: ArrayLike,
    *,
    ordered: bool,
    seed: int = 0,
    draws: int = 0,
    level: float = 0.95,
) -> Distances:
    """Return the population stability index, the Jensen-Shannon distance and the largest gap.

    ``one`` and ``other`` are whole counts (groups,). With ``draws`` above 0 intervals are drawn.
    Raises ParameterError when the vectors differ in length or one is empty.
    """
    first, second = np.asarray(one, np.float64), np.asarray(other, np.float64)
    stability = population_stability(first, second)
    divergence = jensen_shannon(first, second)
    gap = binned_kolmogorov_smirnov(first, second) if ordered else None
    if not draws:
        return Distances(stability, divergence, gap)
    generator = np.random.default_rng(seed)
    drawn = tuple(
        generator.multinomial(int(each.sum()), each / each.sum(), draws).astype(np.float64)
        for each in (first, second)
    )
    tail = (1 - level) / 2

    def reflected(value: float, found: Counts, most: float) -> Interval:
        low, high = np.quantile(found, [tail, 1 - tail])
        ends = [min(most, max(0.0, 2 * value - float(end))) for end in (high, low)]
        return Interval(ends[0], ends[1], level, METHOD)

    gaps = None if gap is None else reflected(gap, _gaps(*drawn), 1.0)
    return Distances(
        stability,
        divergence,
        gap,
        reflected(stability, _stabilities(*drawn), np.inf),
        reflected(divergence, _divergences(*drawn), 1.0),
        gaps,
    )


def _shares(counts: Counts) -> Counts:
    found: Counts = counts / counts.sum(axis=1, keepdims=True)
    return found


def _stabilities(one: Counts, other: Counts) -> Counts:
    p, q = _shares(one + 0.5), _shares(other + 0.5)
    found: Counts = ((q - p) * np.log(q / p)).sum(axis=1)
    return found


def _gaps(one: Counts, other: Counts) -> Counts:
    between = np.cumsum(_shares(one), axis=1) - np.cumsum(_shares(other), axis=1)
    found: Counts = np.abs(between).max(axis=1)
    return found


def _divergences(one: Counts, other: Counts) -> Counts:
    p, q = _shares(one), _shares(other)
    middle = (p + q) / 2

    def relative(shares: Counts) -> Counts:
        safe = np.where(shares > 0, shares / np.where(middle > 0, middle, 1), 1)
        found: Counts = (shares * np.log2(safe)).sum(axis=1)
        return found

    found: Counts = np.sqrt(np.maximum(0, (relative(p) + relative(q)) / 2))
    return found
