"""How many of the next values may lie beyond a limit that earlier values were inside.

Source: Wilks 1941, Ann. Math. Stat. 12:91 and 1942, 13:400 (distribution-free tolerance limits):
of values drawn alike, the number of n new ones beyond the r-th least of m earlier ones is
beta-binomial with parameters r and m + 1 − r, whatever the distribution.
"""

from __future__ import annotations

from math import exp, lgamma

import numpy as np
from numpy.typing import NDArray

from anping.core.errors import ParameterError
from anping.core.text import Text

_NEGLIGIBLE = 1e-18
_CHUNK = 65_536


def beyond_tail(beyond: int, n: int, *, inside: int, outside: int) -> float:
    """Return P(at least ``beyond`` of ``n`` new values lie beyond the limit) by chance alone.

    Of the earlier values ``outside`` lie on or beyond the limit and ``inside`` within it. Raises
    ParameterError unless there are values on both sides and 0 ≤ ``beyond`` ≤ ``n``.
    """
    _check(beyond, n, inside, outside)
    if beyond <= 0:
        return 1.0
    a, b = float(outside), float(inside + 1)
    mean = n * a / (a + b)
    if beyond > mean:
        return min(1.0, _upwards(beyond, n, a, b))
    return max(0.0, 1.0 - _upwards(n - beyond + 1, n, b, a))


def most_beyond(n: int, *, inside: int, outside: int, level: float = 0.95) -> int:
    """Return how many of ``n`` new values may lie beyond the limit with probability ``level``.

    The least number that is exceeded with a probability of at most 1 − ``level``. Raises as
    :func:`beyond_tail`.
    """
    _check(0, n, inside, outside)
    low, high = 0, n
    while low < high:
        middle = (low + high) // 2
        if middle == n or beyond_tail(middle + 1, n, inside=inside, outside=outside) <= 1 - level:
            high = middle
        else:
            low = middle + 1
    return low


def _upwards(first: int, n: int, a: float, b: float) -> float:
    """Sum the beta-binomial's terms from ``first`` up, in ratios of neighbouring terms."""
    log_term = (
        lgamma(n + 1) - lgamma(first + 1) - lgamma(n - first + 1)
        + lgamma(first + a) + lgamma(n - first + b) - lgamma(n + a + b)
        + lgamma(a + b) - lgamma(a) - lgamma(b)
    )  # fmt: skip
    total, term = 0.0, exp(log_term)
    for start in range(first, n + 1, _CHUNK):
        at = np.arange(start, min(n, start + _CHUNK), dtype=np.float64)
        terms = term * np.concatenate([[1.0], np.cumprod(_ratios(at, n, a, b))])
        total += float(terms[:_CHUNK].sum())
        term = float(terms[-1])
        if term < total * _NEGLIGIBLE or term == 0.0:
            break
    return total


def _ratios(at: NDArray[np.float64], n: int, a: float, b: float) -> NDArray[np.float64]:
    """Return P(X = i + 1) / P(X = i) for each i."""
    return (n - at) * (at + a) / ((at + 1) * (n - at - 1 + b))


def _check(beyond: int, n: int, inside: int, outside: int) -> None:
    if inside < 0 or outside <= 0 or not 0 <= beyond <= n:
        raise ParameterError(
            "stats.tolerance",
            Text(
                "容許界限兩側都要有先前的值，超出的個數不可多於新值的個數。",
                "A tolerance limit needs earlier values on it, and no more values beyond it than new ones.",
            ),
            hint=Text("請檢查個數。", "Check the counts."),
        )
