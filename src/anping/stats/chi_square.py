"""The chi-square distribution and the G test that two sets of counts come from one distribution.

Sources: Abramowitz & Stegun 1964, 6.5.29 and 6.5.31 (incomplete gamma); Sokal & Rohlf 1995,
Biometry, §17.4 (G test); Kolmogorov 1933 and Smirnov 1948, Ann. Math. Stat. 19:279 (the limit).
"""

from __future__ import annotations

from math import exp, inf, lgamma, log, pi, sqrt

import numpy as np
from numpy.typing import ArrayLike

from anping.core.errors import ParameterError
from anping.core.text import Text

_PRECISION = 1e-16
_TINY = 1e-300
_STEPS = 100_000


def chi_square_tail(value: float, freedom: float) -> float:
    """Return P(X ≥ ``value``) for chi-square with ``freedom`` degrees. Raises ParameterError."""
    if freedom <= 0 or value != value or value < 0:  # noqa: PLR0124 - NaN differs from itself
        raise _outside()
    if value == inf:
        return 0.0
    shape, x = freedom / 2, value / 2
    if x == 0:
        return 1.0
    front = exp(shape * log(x) - x - lgamma(shape))
    if x < shape + 1:
        return max(0.0, 1.0 - front * _series(shape, x))
    return min(1.0, front * _fraction(shape, x))


def _series(shape: float, x: float) -> float:
    term = total = 1.0 / shape
    for step in range(1, _STEPS):
        term *= x / (shape + step)
        total += term
        if term < total * _PRECISION:
            break
    return total


def _fraction(shape: float, x: float) -> float:
    base = x + 1 - shape
    over, under = 1 / _TINY, 1 / base
    value = under
    for step in range(1, _STEPS):
        numerator = -step * (step - shape)
        base += 2
        under = 1 / (_away(numerator * under + base))
        over = _away(base + numerator / over)
        change = under * over
        value *= change
        if abs(change - 1) < _PRECISION:
            break
    return value


def _away(value: float) -> float:
    return value if abs(value) > _TINY else _TINY


def same_distribution(one: ArrayLike, other: ArrayLike) -> tuple[float, int]:
    """Return G and its degrees of freedom for two vectors of counts over the same groups.

    Groups that are empty on both sides say nothing and count for no degree. Raises ParameterError
    when the vectors differ in length or one is empty.
    """
    table = np.array([np.asarray(one, float), np.asarray(other, float)])
    if table.ndim != 2 or not table.sum(axis=1).all():
        raise _outside()
    table = table[:, table.sum(axis=0) > 0]
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0) / table.sum()
    filled = table > 0
    value = 2 * float((table[filled] * np.log(table[filled] / expected[filled])).sum())
    return max(0.0, value), table.shape[1] - 1


def kolmogorov_tail(distance: float, n: int, other_n: int) -> float:
    """Return the p-value of the two-sample Kolmogorov-Smirnov distance, in the limit of large n.

    Conservative where values are tied or counted in groups, as the distance is then at most the
    true one. Raises ParameterError when a sample is empty.
    """
    if n <= 0 or other_n <= 0:
        raise _outside()
    x = distance * sqrt(n * other_n / (n + other_n))
    if x < 0.04:
        return 1.0
    if x < 1.18:
        # The other form of the series, which converges fast near 0.
        y = exp(-pi * pi / (8 * x * x))
        return 1.0 - sqrt(2 * pi) / x * sum(y ** ((2 * k - 1) ** 2) for k in range(1, 5))
    terms = (exp(-2 * k * k * x * x) * (1 if k % 2 else -1) for k in range(1, 12))
    return min(1.0, max(0.0, 2 * sum(terms)))


def _outside() -> ParameterError:
    return ParameterError(
        "stats.chi-square",
        Text(
            "檢定需要非負的統計量、正的自由度，以及兩邊都有資料且分組相同的計數。",
            "A test needs a statistic of at least 0, degrees of freedom above 0, and counts over the "
            "same groups with data on both sides.",
        ),
        hint=Text("請檢查輸入的計數。", "Check the counts given."),
    )
