"""Pitman's sampling formula: classes arrive as new people do, and new ones never quite stop.

Sources: Pitman 1995, Probability Theory and Related Fields 102:145; Hoshino 2001, Journal of
Official Statistics 17:499 (maximum likelihood for disclosure risk).
"""

from __future__ import annotations

from math import exp, inf, lgamma, log
from typing import NamedTuple

import numpy as np

from anping.protect.risk.population.search import highest, root
from anping.protect.risk.population.sizes import ClassSizes
from anping.stats.gamma import digamma, log_gamma

#: The discount α is searched in (0, 1); at either end the formula is another model.
_LOW, _HIGH = 1e-6, 1 - 1e-9
_WIDE = 60.0


class PitmanFit(NamedTuple):
    """The two parameters: ``discount`` α in (0, 1) and ``concentration`` θ > −α."""

    discount: float
    concentration: float


def pitman(sample: ClassSizes, population: int) -> float | None:
    """Return the share of a population that is unique under the fitted formula, or None.

    None where the model cannot be fitted: everybody is alone, or all are in one class.
    """
    alone = sample.of_size(1)
    if alone == 0 or population <= sample.members:
        return alone / sample.members
    fit = fit_pitman(sample)
    return None if fit is None else pitman_uniques(fit, population)


def pitman_uniques(fit: PitmanFit, population: int) -> float:
    """Return the expected share of uniques among ``population`` people.

    One person stays alone when none of the others joins: the product over i of
    (θ + α + i − 1) / (θ + i).
    """
    a, t = fit
    logarithm = lgamma(t + a + population - 1) + lgamma(t + 1) - lgamma(t + a)
    return min(1.0, exp(logarithm - lgamma(t + population)))


def fit_pitman(sample: ClassSizes) -> PitmanFit | None:
    """Return the maximum likelihood fit, or None where the likelihood has no maximum inside."""
    n, u = sample.members, sample.count
    if u < 2 or u == n:
        return None
    larger = sample.sizes > 1
    sizes = sample.sizes[larger].astype(np.float64)
    classes = sample.classes[larger]

    def likelihood(discount: float) -> float:
        concentration = _concentration(discount, n, u)
        within = log_gamma(sizes - discount) - lgamma(1 - discount)
        return _between(discount, concentration, n, u) + float((classes * within).sum())

    discount = highest(likelihood, _LOW, _HIGH)
    return PitmanFit(discount, _concentration(discount, n, u))


def _between(a: float, t: float, n: int, u: int) -> float:
    """Return the part of the log-likelihood that the number of classes decides."""
    return (u - 1) * log(a) + lgamma(t / a + u) - lgamma(t / a + 1) - lgamma(t + n) + lgamma(t + 1)


def _concentration(discount: float, n: int, u: int) -> float:
    """Return the best concentration for a discount: where the likelihood's slope is zero."""

    def slope(logarithm: float) -> float:
        t = exp(logarithm) - discount
        if t == inf:
            return -inf
        classes = (digamma(t / discount + u) - digamma(t / discount + 1)) / discount
        return classes - (digamma(t + n) - digamma(t + 1))

    return exp(root(slope, -_WIDE, log(n) + _WIDE / 3)) - discount
