"""The bootstrap: an interval for any statistic, by measuring it again on resampled rows.

Source: Efron & Tibshirani 1993, An Introduction to the Bootstrap, ch. 13 (percentile interval).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from anping.core.measure import Interval

Rows = NDArray[np.int64]


def resamples(n: int, *, draws: int, seed: int, groups: Rows | None = None) -> Iterator[Rows]:
    """Yield ``draws`` vectors of row numbers drawn with replacement from 0 to ``n`` - 1.

    With ``groups`` (n,) whole groups are drawn, so that rows of one person stay together.
    """
    generator = np.random.default_rng(seed)
    if groups is None:
        for _ in range(draws):
            yield generator.integers(0, n, n)
        return
    order = np.argsort(groups, kind="stable")
    cuts = np.flatnonzero(np.diff(groups[order])) + 1
    members = np.split(order, cuts)
    for _ in range(draws):
        chosen = generator.integers(0, len(members), len(members))
        yield np.concatenate([members[index] for index in chosen])


def bootstrap_interval(
    statistic: Callable[[Rows], float],
    n: int,
    *,
    seed: int,
    draws: int = 1000,
    level: float = 0.95,
    groups: Rows | None = None,
) -> Interval | None:
    """Return the percentile interval of ``statistic`` (row numbers → number) over ``n`` rows.

    Draws for which the statistic is not finite (a class is missing) are left out; None when more
    than one in ten had to be.
    """
    values = [statistic(rows) for rows in resamples(n, draws=draws, seed=seed, groups=groups)]
    return percentile_interval(values, level=level, grouped=groups is not None)


def percentile_interval(
    values: Sequence[float], *, level: float = 0.95, grouped: bool = False
) -> Interval | None:
    """Return the middle ``level`` of bootstrap ``values``; None when over a tenth are not finite."""
    finite = [value for value in values if isfinite(value)]
    if not finite or len(finite) < 0.9 * len(values):
        return None
    low, high = np.quantile(finite, [0.5 - level / 2, 0.5 + level / 2])
    method = "bootstrap-percentile-grouped" if grouped else "bootstrap-percentile"
    return Interval(float(low), float(high), level, method)
