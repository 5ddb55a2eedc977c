"""Whether one forecast is better than another by more than chance.

Sources: Diebold & Mariano 1995, J. Business & Economic Statistics 13:253; Harvey, Leybourne & Newbold
1997, Int. J. Forecasting 13:281 (the correction for few forecasts, Student's t).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from anping.stats.student import student_tail

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Comparison:
    """The mean difference of the losses, the statistic, its two-sided p-value, and n losses."""

    difference: float
    statistic: float
    p_value: float
    n: int


def diebold_mariano(differences: Floats, *, horizon: int) -> Comparison | None:
    """Compare two forecasts by their differences in loss (n,), in the order of time.

    ``horizon`` is how many steps ahead they were: neighbouring errors are related over horizon - 1
    steps. The variance is the sum of autocovariances, or where that is not positive Bartlett's
    weighted one. None where there are too few losses, or none differs.
    """
    n = differences.size
    if n < 4 or not np.ptp(differences):
        return None
    mean = float(differences.mean())
    away = differences - mean
    lags = min(horizon - 1, n - 1)
    own = float(away @ away) / n
    related = [float(away[lag:] @ away[:-lag]) / n for lag in range(1, lags + 1)]
    variance = own + 2 * sum(related)
    if variance <= 0:
        variance = own + 2 * sum(
            (1 - lag / (lags + 1)) * each for lag, each in enumerate(related, start=1)
        )
    factor = (n + 1 - 2 * horizon + horizon * (horizon - 1) / n) / n
    if variance <= 0 or factor <= 0:
        return None
    statistic = mean / sqrt(variance / n) * sqrt(factor)
    return Comparison(mean, statistic, student_tail(statistic, n - 1), n)
