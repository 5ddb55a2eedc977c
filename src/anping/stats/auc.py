"""The area under the ROC curve, with DeLong's intervals for one curve and for a paired difference.

Sources: DeLong, DeLong & Clarke-Pearson 1988, Biometrics 44:837; the fast form by midranks, Sun & Xu
2014, IEEE Signal Processing Letters 21:1389.
"""

from __future__ import annotations

from math import sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from anping.core.errors import ParameterError
from anping.core.measure import Interval
from anping.core.text import Text
from anping.stats.intervals import wilson

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


def auc(labels: Flags, scores: Floats) -> float:
    """Return the chance that a positive scores above a negative, a tie counting one half.

    ``labels`` (n,) marks the positives, ``scores`` (n,) are their scores. Raises ParameterError
    when one of the two classes is empty (``stats.auc.one-class``).
    """
    positives, _ = _placements(labels, scores)
    return float(positives.mean())


def auc_interval(labels: Flags, scores: Floats, *, level: float = 0.95) -> Interval:
    """Return DeLong's interval for one AUC, cut to [0, 1].

    Perfectly separated samples have no spread for DeLong to see; then Wilson's interval for the
    smaller class stands in (method ``wilson-smaller-class``), which is wider than the truth.
    """
    positives, negatives = _placements(labels, scores)
    value = float(positives.mean())
    variance = _variance(positives) + _variance(negatives)
    if variance == 0.0:
        n = min(positives.size, negatives.size)
        stand_in = wilson(value * n, n, level=level)
        return Interval(stand_in.low, stand_in.high, level, "wilson-smaller-class")
    reach = NormalDist().inv_cdf(0.5 + level / 2) * sqrt(variance)
    return Interval(max(0.0, value - reach), min(1.0, value + reach), level, "delong")


def auc_difference_interval(
    labels: Flags, scores: Floats, other: Floats, *, level: float = 0.95
) -> Interval:
    """Return DeLong's paired interval for ``auc(scores) - auc(other)`` on the same rows."""
    positives, negatives = _placements(labels, scores)
    other_positives, other_negatives = _placements(labels, other)
    value = float(positives.mean() - other_positives.mean())
    # The covariance of paired curves is the variance of the differences of their placements.
    variance = _variance(positives - other_positives) + _variance(negatives - other_negatives)
    reach = NormalDist().inv_cdf(0.5 + level / 2) * sqrt(variance)
    return Interval(max(-1.0, value - reach), min(1.0, value + reach), level, "delong-paired")


def midranks(values: Floats) -> Floats:
    """Return ranks from 1, tied values sharing the mean of their ranks."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    lengths = np.diff(np.r_[starts, values.size])
    ranks = np.empty(values.size)
    ranks[order] = np.repeat(starts + (lengths + 1) / 2, lengths)
    return ranks


def _placements(labels: Flags, scores: Floats) -> tuple[Floats, Floats]:
    """Return, per positive, the share of negatives below it, and per negative, of positives above."""
    flags = np.asarray(labels, dtype=bool)
    values = np.asarray(scores, dtype=float)
    one, other = values[flags], values[~flags]
    if not one.size or not other.size:
        raise ParameterError(
            "stats.auc.one-class",
            Text("AUC 需要兩個類別都有資料。", "An AUC needs rows of both classes."),
            hint=Text("請換一個目標欄位或增加資料。", "Choose another target or add rows."),
        )
    ranks = midranks(np.concatenate([one, other]))
    positives = (ranks[: one.size] - midranks(one)) / other.size
    negatives = 1.0 - (ranks[one.size :] - midranks(other)) / one.size
    return positives, negatives


def _variance(placements: Floats) -> float:
    """Return the variance of the mean of ``placements``; 0 for a single one."""
    if placements.size < 2:
        return 0.0
    return float(placements.var(ddof=1) / placements.size)
