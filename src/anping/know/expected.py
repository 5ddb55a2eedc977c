"""What the next version should be like, as far as the versions before tell.

Shares are compared on Anscombe's scale (Anscombe 1948, Biometrika 35:246), where their sampling
variance is known; how much versions differ beyond that is measured on the versions themselves, and
the next one lies in the prediction interval (Hahn & Meeker 1991, §4.7). With one earlier version
only the sampling variance is known, which is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import asin, exp, log, pi, sin, sqrt
from statistics import NormalDist, fmean, variance

from anping.stats.student import student_quantile, student_tail


@dataclass(frozen=True, slots=True)
class Expected:
    """A range for the next value at ``level``, and how surprising the value found is.

    ``low`` or ``high`` None means unlimited. ``p`` is the chance of a value at least as far out.
    """

    low: float | None
    high: float | None
    p: float
    level: float


def expected_share(
    earlier: Sequence[tuple[int, int]], found: tuple[int, int], *, level: float = 0.95
) -> Expected:
    """Return the least share to expect after ``earlier`` (part, whole) pairs, and p of ``found``.

    One-sided: a greater share is no fault. Wholes are above 0.
    """
    scaled = [_scaled(part, whole) for part, whole in earlier]
    noise = fmean(1 / (4 * whole + 2) for _, whole in earlier)
    own = 1 / (4 * found[1] + 2)
    k = len(scaled)
    between = variance(scaled) if k > 1 else 0.0
    spread = sqrt(max(between, noise) / k + max(between, own))
    middle = fmean(scaled)
    distance = (middle - _scaled(*found)) / spread
    if k > 1:
        far = student_quantile(2 * level - 1, k - 1)
        tail = student_tail(distance, k - 1) / 2
    else:
        far = NormalDist().inv_cdf(level)
        tail = NormalDist().cdf(-abs(distance))
    limit = sin(min(max(middle - far * spread, 0.0), pi / 2)) ** 2
    return Expected(limit, None, tail if distance > 0 else 1 - tail, level)


def expected_number(
    earlier: Sequence[float],
    found: float,
    *,
    noise: float,
    level: float = 0.95,
    upwards: bool = False,
) -> Expected | None:
    """Return the range to expect after ``earlier`` numbers, and p of ``found``; None below two.

    ``noise`` is the least variance that such numbers have by sampling or rounding (above 0), however
    alike they were. With ``upwards`` only a greater number is a fault.
    """
    k = len(earlier)
    if k < 2:
        return None
    middle, spread = fmean(earlier), sqrt(max(variance(earlier), noise) * (1 + 1 / k))
    distance = (found - middle) / spread
    tail = student_tail(distance, k - 1)
    if upwards:
        far = student_quantile(2 * level - 1, k - 1)
        p = tail / 2 if distance > 0 else 1 - tail / 2
        return Expected(None, middle + far * spread, p, level)
    far = student_quantile(level, k - 1)
    return Expected(middle - far * spread, middle + far * spread, tail, level)


def expected_growth(
    earlier: Sequence[float], found: float, *, level: float = 0.95
) -> Expected | None:
    """Return the range of the next number after ``earlier`` (oldest first), by how they grew.

    Growth is the logarithm of the ratio of neighbours; None below three numbers above 0.
    """
    numbers = [*earlier, found]
    if len(earlier) < 3 or min(numbers) <= 0:
        return None
    steps = [log(after / before) for before, after in pairwise(numbers)]
    # The logarithm of a count of n has at least about the variance 1/n, that of a ratio twice.
    told = expected_number(steps[:-1], steps[-1], noise=2 / min(numbers), level=level)
    if told is None:
        return None
    ends = [
        None if end is None else earlier[-1] * exp(min(end, 700)) for end in (told.low, told.high)
    ]
    return Expected(ends[0], ends[1], told.p, level)


def _scaled(part: int, whole: int) -> float:
    return asin(sqrt((part + 3 / 8) / (whole + 3 / 4)))
