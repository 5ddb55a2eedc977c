"""The slide negative binomial: a class of the population has one member, and a random number more.

Source: Chen & Keller-McNulty 1998, Journal of Official Statistics 14:79. A class of the population
has 1 + M members, M negative binomial; each is in the sample with the sampling fraction. The number
seen is then a coin toss plus a thinned negative binomial, so the likelihood of the sizes that were
seen (a class with none is not seen) is exact, and nothing has to be guessed to start from.
"""

from __future__ import annotations

from math import exp, inf, log, log1p
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from anping.protect.risk.population.search import highest, root
from anping.protect.risk.population.sizes import ClassSizes
from anping.stats.gamma import log_gamma

_LOW, _HIGH = log(1e-8), log(1e4)
_WIDE = 60.0
_AT_THE_END = 0.01


class SlideFit(NamedTuple):
    """The shape α and the odds (1 − p) / p of the negative binomial that is slid by one."""

    shape: float
    odds: float


def slide_negative_binomial(sample: ClassSizes, population: int) -> float | None:
    """Return the share of the population that is unique under the fitted model, or None.

    None where the sample does not tell: nothing repeats in it, or the likelihood still rises at the
    end of what is searched.
    """
    alone = sample.of_size(1)
    if alone == 0 or population <= sample.members:
        return alone / sample.members
    fit = fit_slide(sample, sample.members / population)
    return None if fit is None else slide_uniques(fit)


def slide_uniques(fit: SlideFit) -> float:
    """Return the share of people who are unique: how many classes are of one, per member."""
    return exp(-fit.shape * log1p(fit.odds)) / (1 + fit.shape * fit.odds)


def fit_slide(sample: ClassSizes, fraction: float) -> SlideFit | None:
    """Return the fit of highest likelihood among those whose mean class is as large as was seen.

    ``fraction`` is the share of the population in the sample, below 1. None where there is no such fit.
    """
    n, u = sample.members, sample.count
    if u == n:
        return None
    sizes = sample.sizes.astype(np.float64)

    def likelihood(logarithm: float) -> float:
        shape = exp(logarithm)
        odds = _odds(shape, fraction, n / u)
        return _seen(sizes, sample.classes, SlideFit(shape, odds), fraction)

    best = highest(likelihood, _LOW, _HIGH)
    if not _LOW + _AT_THE_END < best < _HIGH - _AT_THE_END:
        return None
    shape = exp(best)
    return SlideFit(shape, _odds(shape, fraction, n / u))


def _odds(shape: float, fraction: float, mean: float) -> float:
    """Return the odds that make the mean size of a class that is seen equal ``mean``.

    The mean rises with the odds, from 1 without bound.
    """

    def missing(logarithm: float) -> float:
        odds = exp(logarithm)
        unseen = (1 - fraction) * exp(-shape * log1p(fraction * odds))
        return mean * (1 - unseen) - fraction * (1 + shape * odds)

    return exp(root(missing, -_WIDE, _WIDE))


def _seen(
    sizes: NDArray[np.float64], classes: NDArray[np.int64], fit: SlideFit, fraction: float
) -> float:
    """Return the log-likelihood of the sizes of the classes that were seen."""
    thinned = fraction * fit.odds
    more = _log_negative_binomial(sizes, fit.shape, thinned) + log1p(-fraction)
    first = _log_negative_binomial(sizes - 1, fit.shape, thinned) + log(fraction)
    unseen = (1 - fraction) * exp(-fit.shape * log1p(thinned))
    if unseen >= 1:
        return -inf
    return float((classes * np.logaddexp(more, first)).sum()) - float(classes.sum()) * log1p(
        -unseen
    )


def _log_negative_binomial(
    counts: NDArray[np.float64], shape: float, odds: float
) -> NDArray[np.float64]:
    """Return ln P(M = m) with mean shape × odds."""
    start = log_gamma(np.array([shape]))[0]
    return np.asarray(
        log_gamma(counts + shape)
        - log_gamma(counts + 1)
        - start
        - shape * log1p(odds)
        + counts * (log(odds) - log1p(odds))
    )
