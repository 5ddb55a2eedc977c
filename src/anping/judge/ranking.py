"""How well scores rank, on resamples: the area under the ROC curve with weights.

Source: Hanley & McNeil 1982, Radiology 143:29 (the chance that a positive scores above a negative, a
tie counting one half), with each row counted as often as it was drawn.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


def weighted_auc(labels: Flags, scores: Floats) -> Callable[[Floats], Floats]:
    """Return a function from weights (d, n) to the AUC (d,) of each; NaN where a class is missing."""
    order = np.argsort(scores, kind="stable")
    ordered = scores[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    flags = labels[order]

    def measured(weights: Floats) -> Floats:
        sorted_weights = weights[:, order]
        positives = np.add.reduceat(sorted_weights * flags, starts, axis=1)
        negatives = np.add.reduceat(sorted_weights * ~flags, starts, axis=1)
        below = np.cumsum(negatives, axis=1) - negatives / 2
        pairs = positives.sum(axis=1) * negatives.sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            found: Floats = (positives * below).sum(axis=1) / pairs
        return found

    return measured


def macro_auc(truth: Floats, values: Floats) -> Callable[[Floats], Floats]:
    """Return a function from weights (d, n) to the mean of the one-against-rest AUCs (d,).

    ``truth`` (n,) are class codes, ``values`` (n, c) probabilities; classes that no row has, or all
    have, are left out.
    """
    codes = [code for code in range(values.shape[1]) if 0 < (truth == code).sum() < truth.size]
    each = [weighted_auc(truth == code, values[:, code]) for code in codes]

    def measured(weights: Floats) -> Floats:
        if not each:
            return np.full(weights.shape[0], np.nan)
        found: Floats = np.mean([one(weights) for one in each], axis=0)
        return found

    return measured
