"""Entropy of counts (Shannon 1948): how evenly a total is spread."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def entropy(counts: ArrayLike, *, base: float = 2.0) -> float:
    """Return the Shannon entropy of ``counts`` (k,) in units of ``base`` (2: bits).

    Zero counts add nothing; an empty or all-zero vector has entropy 0.
    """
    values = np.asarray(counts, dtype=float)
    values = values[values > 0]
    total = values.sum()
    if total == 0:
        return 0.0
    shares = values / total
    return max(0.0, float(-(shares * np.log(shares)).sum() / np.log(base)))


def grouped_entropy(
    groups: NDArray[np.int64], counts: NDArray[np.int64], *, size: int
) -> NDArray[np.float64]:
    """Return the entropy in nats of each of ``size`` groups.

    ``counts`` (m,) are the counts of distinct values and ``groups`` (m,) name the group, 0 to
    ``size`` - 1, that each count belongs to.
    """
    weights = counts.astype(float)
    totals = np.bincount(groups, weights=weights, minlength=size)
    spread = np.bincount(groups, weights=weights * np.log(np.maximum(weights, 1.0)), minlength=size)
    occupied = totals > 0
    result = np.zeros(size)
    result[occupied] = np.log(totals[occupied]) - spread[occupied] / totals[occupied]
    return np.maximum(result, 0.0)
