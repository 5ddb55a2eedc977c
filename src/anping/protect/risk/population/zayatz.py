"""Zayatz's estimator: the population's classes are taken to be sized as the sample's are.

Source: Zayatz 1991, Estimation of the percent of unique population elements on a microdata file
using the sample, US Bureau of the Census, Statistical Research Division report 91/08.
"""

from __future__ import annotations

from math import exp, lgamma

from anping.protect.risk.population.sizes import ClassSizes


def zayatz(sample: ClassSizes, population: int) -> float | None:
    """Return the share of the population that is unique; 0 where nobody in the sample is.

    By Bayes' rule: how likely a class that shows one member in the sample holds one in the
    population, if classes of j people are as common there as in the sample. It overstates small
    samples, where nearly every class shows one member.
    """
    n, alone = sample.members, sample.of_size(1)
    if alone == 0 or population <= n:
        return alone / n
    seen = sum(
        classes * _one_drawn(size, n, population)
        for size, classes in zip(sample.sizes.tolist(), sample.classes.tolist(), strict=True)
    )
    unique_given_alone = alone * _one_drawn(1, n, population) / seen
    return min(1.0, float(alone * unique_given_alone / n))


def _one_drawn(size: int, n: int, population: int) -> float:
    """Return how likely exactly one of ``size`` people is among ``n`` drawn without replacement."""
    rest = population - size
    if rest < n - 1:
        return 0.0
    return exp(
        _log_choose(rest, n - 1) - _log_choose(population, n) + (lgamma(size + 1) - lgamma(size))
    )


def _log_choose(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
