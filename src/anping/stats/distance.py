"""Distances between two distributions: how far one lies from the other.

Sources: Levin, Peres & Wilmer 2009, Markov Chains and Mixing Times, §4.1 (total variation);
Siddiqi 2006, Credit Risk Scorecards (population stability index); Lin 1991, IEEE Trans. Inf. Theory
37:145 and Endres & Schindelin 2003, 49:1858 (Jensen-Shannon divergence, whose root is a metric).
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anping.core.errors import ParameterError
from anping.core.text import Text

Value = TypeVar("Value", bound=Hashable)


def total_variation(one: Mapping[Value, float], other: Mapping[Value, float]) -> float:
    """Return half the summed absolute difference of two distributions: 0 equal, 1 disjoint.

    ``one`` and ``other`` map a value to its count or weight; each is scaled to sum to 1.
    Raises ParameterError when either is empty.
    """
    total, other_total = sum(one.values()), sum(other.values())
    if total <= 0 or other_total <= 0:
        raise _empty()
    values = one.keys() | other.keys()
    gaps = sorted(abs(one.get(v, 0) / total - other.get(v, 0) / other_total) for v in values)
    return min(1.0, sum(gaps) / 2)


def kolmogorov_smirnov(one: ArrayLike, other: ArrayLike) -> float:
    """Return the largest gap between two empirical distribution functions, from 0 to 1.

    ``one`` (n,) and ``other`` (m,) are numbers; ties are allowed. Raises ParameterError when
    either is empty.
    """
    first, second = np.sort(np.asarray(one, float)), np.sort(np.asarray(other, float))
    if not first.size or not second.size:
        raise _empty()
    points = np.concatenate([first, second])
    below = np.searchsorted(first, points, side="right") / first.size
    other_below = np.searchsorted(second, points, side="right") / second.size
    return float(np.abs(below - other_below).max())


def population_stability(one: ArrayLike, other: ArrayLike) -> float:
    """Return the population stability index of two vectors of counts over the same bins.

    Half a count is added to every bin so that an empty bin does not make the index infinite; 0
    means equal shares. Raises ParameterError when the vectors differ in length or are empty.
    """
    first, second = np.asarray(one, float), np.asarray(other, float)
    if first.shape != second.shape or not first.sum() or not second.sum():
        raise _empty()
    p = (first + 0.5) / (first + 0.5).sum()
    q = (second + 0.5) / (second + 0.5).sum()
    return float(((q - p) * np.log(q / p)).sum())


def binned_kolmogorov_smirnov(one: ArrayLike, other: ArrayLike) -> float:
    """Return the largest gap between two distribution functions at the edges of ordered bins.

    ``one`` and ``other`` are counts (bins,) over the same bins; the distance is at most that of the
    values themselves. Raises ParameterError when the vectors differ in length or are empty.
    """
    first, second = np.asarray(one, float), np.asarray(other, float)
    if first.shape != second.shape or not first.sum() or not second.sum():
        raise _empty()
    gaps = np.cumsum(first / first.sum()) - np.cumsum(second / second.sum())
    return min(1.0, float(np.abs(gaps).max()))


def jensen_shannon(one: ArrayLike, other: ArrayLike) -> float:
    """Return the Jensen-Shannon distance in base 2 of two vectors of counts: 0 equal, 1 disjoint.

    The square root of the divergence, a metric. Raises ParameterError when the vectors differ in
    length or are empty.
    """
    first, second = np.asarray(one, float), np.asarray(other, float)
    if first.shape != second.shape or not first.sum() or not second.sum():
        raise _empty()
    p, q = first / first.sum(), second / second.sum()
    middle = (p + q) / 2
    divergence = (_relative(p, middle) + _relative(q, middle)) / 2
    return min(1.0, float(np.sqrt(max(0.0, divergence))))


def _relative(shares: NDArray[np.float64], to: NDArray[np.float64]) -> float:
    held = shares > 0
    return float((shares[held] * np.log2(shares[held] / to[held])).sum())


def _empty() -> ParameterError:
    return ParameterError(
        "stats.distance.empty",
        Text(
            "比較兩個分布時，兩邊都要有資料且分組相同。",
            "Two distributions can be compared only when both hold data over the same groups.",
        ),
        hint=Text("請檢查輸入的資料。", "Check the data given."),
    )
