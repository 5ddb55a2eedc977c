"""How numbers are distributed, in figures that no single person makes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from anping.know.discover.column_values import Numbers

PROBABILITIES = (0.05, 0.25, 0.5, 0.75, 0.95)
_BINS = 20
Weights = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Numeric:
    """A numeric column in robust figures: mean, spread, and quantiles 5, 25, 50, 75 and 95 %.

    ``n`` numbers were looked at: all of them, or a sample where numbers are written as text and
    more differ than can be listed.
    """

    mean: float
    standard_deviation: float
    quantiles: tuple[float, float, float, float, float]
    n: int = 0


@dataclass(frozen=True, slots=True)
class Histogram:
    """Counts between ``edges``; the first and last bin also hold what lies beyond the edges.

    A bin that fewer than ``small_count`` rows fall in has the count None.
    """

    edges: tuple[float, ...]
    counts: tuple[int | None, ...]


def numeric_of(numbers: Numbers, weights: Weights) -> Numeric:
    """Return the figures of ``numbers``, each of which occurs ``weights`` times."""
    low, quarter, middle, upper, high = weighted_quantiles(numbers, weights, PROBABILITIES)
    n = int(weights.sum())
    mean = float(numbers @ weights) / n
    return Numeric(
        mean=mean,
        standard_deviation=math.sqrt(float((numbers - mean) ** 2 @ weights) / n),
        quantiles=(low, quarter, middle, upper, high),
        n=n,
    )


def weighted_quantiles(
    numbers: Numbers, weights: Weights, probabilities: Sequence[float]
) -> tuple[float, ...]:
    """Return quantiles (type 7) of ``numbers``, each of which occurs ``weights`` times."""
    order = np.argsort(numbers, kind="stable")
    behind = np.cumsum(weights[order])
    found = []
    for probability in probabilities:
        place = probability * (behind[-1] - 1)
        below = math.floor(place)
        low, high = numbers[order[np.searchsorted(behind, [below, math.ceil(place)], "right")]]
        found.append(float(low + (high - low) * (place - below)))
    return tuple(found)


def bin_count(n: int, small: int) -> int:
    """Return how many bins ``n`` numbers are counted in."""
    return min(_BINS, max(2, n // (2 * small)))


def histogram_of(
    numeric: Numeric, weighed: tuple[Numbers, Weights], small: int
) -> Histogram | None:
    """Return counts between the 5 % and 95 % quantiles, tails folded into the outer bins."""
    low, high = numeric.quantiles[0], numeric.quantiles[-1]
    if low == high:
        return None
    numbers, weights = weighed
    edges = np.linspace(low, high, bin_count(numeric.n, small) + 1)
    counts, _ = np.histogram(np.clip(numbers, low, high), edges, weights=weights)
    return Histogram(tuple(float(edge) for edge in edges), without_small(counts.tolist(), small))


def without_small(counts: Sequence[float], small: int) -> tuple[int | None, ...]:
    """Return the counts but those that fewer than ``small`` rows make up."""
    return tuple(int(count) if count == 0 or count >= small else None for count in counts)
