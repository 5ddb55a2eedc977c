"""The digamma function, and sums of logarithms and reciprocals that it and lgamma close.

Source: Abramowitz & Stegun 1964, 6.3.5 (recurrence) and 6.3.18 (asymptotic series).
"""

from __future__ import annotations

from math import inf, lgamma, log

import numpy as np
from numpy.typing import NDArray

#: From here on the asymptotic series holds to the last digit of a double.
_FAR = 10.0
_SERIES = (1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132, -691 / 32760, 1 / 12)


def digamma(x: float) -> float:
    """Return the derivative of ln Γ at ``x`` > 0; −inf at 0."""
    if x <= 0.0:
        return -inf
    value = 0.0
    while x < _FAR:
        value -= 1.0 / x
        x += 1.0
    square = 1.0 / (x * x)
    tail = 0.0
    for coefficient in reversed(_SERIES):
        tail = square * (coefficient + tail)
    return value + log(x) - 0.5 / x - tail


def log_gamma(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ln Γ of every value (n,), all above 0; meant for a few hundred of them."""
    return np.fromiter(map(lgamma, values.tolist()), np.float64, values.size)
