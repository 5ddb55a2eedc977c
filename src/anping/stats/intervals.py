"""Intervals for proportions.

Sources: Wilson 1927, JASA 22:209; Newcombe 1998, Statistics in Medicine 17:873 (method 10).
"""

from __future__ import annotations

from math import sqrt
from statistics import NormalDist

from anping.core.measure import Interval


def wilson(successes: float, n: int, *, level: float = 0.95) -> Interval:
    """Return Wilson's score interval for ``successes`` out of ``n``; [0, 1] when n is 0."""
    if n == 0:
        return Interval(0.0, 1.0, level, "wilson")
    z = NormalDist().inv_cdf(0.5 + level / 2)
    share = successes / n
    centre = share + z * z / (2 * n)
    spread = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    low, high = (centre - spread) / scale, (centre + spread) / scale
    return Interval(max(0.0, min(low, share)), min(1.0, max(high, share)), level, "wilson")


def newcombe(hits: int, n: int, other_hits: int, other_n: int, *, level: float = 0.95) -> Interval:
    """Return Newcombe's hybrid score interval for the difference of two independent proportions."""
    one, two = wilson(hits, n, level=level), wilson(other_hits, other_n, level=level)
    p = hits / n if n else 0.0
    q = other_hits / other_n if other_n else 0.0
    down = sqrt((p - one.low) ** 2 + (two.high - q) ** 2)
    up = sqrt((one.high - p) ** 2 + (q - two.low) ** 2)
    return Interval(max(-1.0, p - q - down), min(1.0, p - q + up), level, "newcombe")
