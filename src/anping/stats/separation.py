"""How far a score keeps two classes apart: Gini and Kolmogorov-Smirnov, each with an interval.

Gini is 2 · AUC - 1 (Somers' D of the score), with DeLong's interval. The Kolmogorov-Smirnov distance is
the greatest gap between the classes' distribution functions; its interval is the reflected percentile
bootstrap within each class (Davison & Hinkley 1997, §5.2.1), which takes away what sampling adds.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from anping.core.measure import Interval
from anping.stats.auc import auc, auc_interval
from anping.stats.distance import kolmogorov_smirnov

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
METHOD = "bootstrap-reflected-by-class"
#: Draws that are held at once.
_TOGETHER = 4_000_000
#: Scores are told apart this finely in the bootstrap.
_MOST_LEVELS = 1_000


def gini(labels: Flags, scores: Floats) -> float:
    """Return 2 · AUC - 1 of ``scores`` (n,) for the events ``labels`` (n,) marks.

    Raises ParameterError when one of the two classes is empty (``stats.auc.one-class``).
    """
    return 2 * auc(labels, scores) - 1


def gini_interval(labels: Flags, scores: Floats, *, level: float = 0.95) -> Interval:
    """Return DeLong's interval for Gini."""
    found = auc_interval(labels, scores, level=level)
    return replace(found, low=2 * found.low - 1, high=2 * found.high - 1)


def separation(labels: Flags, scores: Floats) -> float:
    """Return the Kolmogorov-Smirnov distance of both classes' scores, from 0 to 1.

    Raises ParameterError when one of the two classes is empty.
    """
    return kolmogorov_smirnov(scores[labels], scores[~labels])


def separation_interval(
    labels: Flags, scores: Floats, *, seed: int, draws: int = 400, level: float = 0.95
) -> Interval:
    """Return the bootstrap interval of :func:`separation`, over at most 1,000 levels of the score."""
    _, codes = np.unique(scores, return_inverse=True)
    levels = int(codes.max()) + 1
    if levels > _MOST_LEVELS:
        ranks = np.argsort(np.argsort(scores, kind="stable"), kind="stable")
        codes, levels = ranks * _MOST_LEVELS // scores.size, _MOST_LEVELS
    generator = np.random.default_rng(seed)
    counts = [np.bincount(codes[side], minlength=levels) for side in (labels, ~labels)]
    found: list[float] = []
    while len(found) < draws:
        part = min(draws - len(found), max(1, _TOGETHER // levels))
        one, other = (
            np.cumsum(generator.multinomial(int(count.sum()), count / count.sum(), part), axis=1)
            / count.sum()
            for count in counts
        )
        found += np.abs(one - other).max(axis=1).tolist()
    value = separation(labels, scores)
    low, high = np.quantile(found, [0.5 - level / 2, 0.5 + level / 2])
    ends = (min(value, 2 * value - float(high)), max(value, 2 * value - float(low)))
    return Interval(max(0.0, ends[0]), min(1.0, ends[1]), level, METHOD)
