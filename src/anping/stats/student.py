"""Student's t distribution, by the regularised incomplete beta function.

Sources: Abramowitz & Stegun 1964, 26.5.8 and 26.7.1; Lentz 1976, Applied Optics 15:668 (the
continued fraction, evaluated forwards).
"""

from __future__ import annotations

from functools import lru_cache
from math import exp, inf, lgamma, log, log1p, sqrt

from anping.core.errors import ParameterError
from anping.core.text import Text

_TINY = 1e-300
_PRECISION = 1e-16
_STEPS = 10_000


def incomplete_beta(a: float, b: float, x: float) -> float:
    """Return the regularised incomplete beta function I_x(``a``, ``b``), between 0 and 1.

    Raises ParameterError unless ``a`` and ``b`` are above 0 and 0 ≤ ``x`` ≤ 1.
    """
    if not (a > 0 and b > 0 and 0.0 <= x <= 1.0):
        raise _outside()
    if x in (0.0, 1.0):
        return x
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x))
    # The fraction converges fast on the near side of the mean only.
    if x < (a + 1) / (a + b + 2):
        return min(1.0, front * _fraction(a, b, x) / a)
    return max(0.0, 1.0 - front * _fraction(b, a, 1.0 - x) / b)


def _fraction(a: float, b: float, x: float) -> float:
    over, under = 1.0, _away(1.0 - (a + b) * x / (a + 1))
    under = 1.0 / under
    value = under
    for m in range(1, _STEPS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            under = 1.0 / _away(1.0 + term * under)
            over = _away(1.0 + term / over)
            step = under * over
            value *= step
        if abs(step - 1.0) < _PRECISION:
            break
    return value


def _away(value: float) -> float:
    return value if abs(value) > _TINY else _TINY


def student_tail(t: float, freedom: float) -> float:
    """Return P(|T| ≥ |``t``|) for Student's t with ``freedom`` degrees: the two-sided p-value.

    Raises ParameterError unless ``freedom`` is above 0.
    """
    if freedom <= 0:
        raise _outside()
    if t in (inf, -inf):
        return 0.0
    near = t * t / (freedom + t * t)
    # Near 0 the other tail keeps the digits that 1 - near would lose.
    if near < 0.5:
        return 1.0 - incomplete_beta(0.5, freedom / 2, near)
    return incomplete_beta(freedom / 2, 0.5, freedom / (freedom + t * t))


@lru_cache(maxsize=1024)
def student_quantile(level: float, freedom: float) -> float:
    """Return t with P(|T| ≤ t) = ``level`` for Student's t with ``freedom`` degrees.

    Raises ParameterError unless 0 < ``level`` < 1 and ``freedom`` is above 0.
    """
    if not 0.0 < level < 1.0 or freedom <= 0:
        raise _outside()
    wanted = 1.0 - level
    high = 1.0
    while student_tail(high, freedom) > wanted:
        high *= 2
    low = 0.0
    for _ in range(200):
        middle = (low + high) / 2
        if student_tail(middle, freedom) > wanted:
            low = middle
        else:
            high = middle
        if high - low <= _PRECISION * high:
            break
    return (low + high) / 2


def prediction_spread(n: int, *, level: float = 0.95) -> float:
    """Return how many standard deviations of ``n`` values the next one may lie from their mean.

    The half width of the normal prediction interval, t · √(1 + 1/n) with n − 1 degrees of freedom
    (Hahn & Meeker 1991, Statistical Intervals, §4.7). Raises ParameterError below two values.
    """
    if n < 2:
        raise _outside()
    return student_quantile(level, n - 1) * sqrt(1 + 1 / n)


def _outside() -> ParameterError:
    return ParameterError(
        "stats.student",
        Text(
            "自由度與形狀參數必須為正，機率必須在 0 與 1 之間。",
            "Degrees of freedom and shapes must be above 0, and a probability between 0 and 1.",
        ),
        hint=Text("請檢查樣本數與信賴水準。", "Check the number of values and the level."),
    )
