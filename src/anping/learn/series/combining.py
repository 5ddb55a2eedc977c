"""Weights of members by their errors at rolling origins: greedy selection (Caruana et al. 2004)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from anping.learn.series.rolling import Rolled

Floats = NDArray[np.float64]
_PICKS = 20
#: A pick must gain this share of the error, or the simpler combination stays.
_WORTH = 5e-4
#: Errors of so many steps are looked at; of more, a spread of them.
_MOST = 400_000


def weights_of(rolled: Rolled, *, picks: int = _PICKS) -> Floats:
    """Return (m,) weights that add up to 1: those of the lowest mean scaled error, greedily.

    Every series counts alike. Without any error to go by the first member has all.
    """
    told = (
        ~np.isnan(rolled.truth)
        & (rolled.scale > 0)[:, :, None]
        & ~np.isnan(rolled.said).any(axis=0)
    )
    count = told.sum(axis=2, keepdims=True)
    share = np.broadcast_to(
        np.divide(1.0, rolled.scale[:, :, None] * count, where=told, out=np.zeros(told.shape)),
        told.shape,
    )[told]
    if not share.size:
        return _only(len(rolled.names))
    said, truth = rolled.said[:, told], rolled.truth[told]
    if truth.size > _MOST:
        some = np.linspace(0, truth.size - 1, _MOST).astype(np.int64)
        said, truth, share = said[:, some], truth[some], share[some]
    counts = np.zeros(len(said))
    whole = np.zeros(truth.size)
    best, weights = np.inf, counts
    for picked in range(picks):
        errors = [
            float((share * np.abs((whole + one) / (picked + 1) - truth)).sum()) for one in said
        ]
        chosen = int(np.argmin(errors))
        counts[chosen] += 1
        whole = whole + said[chosen]
        if errors[chosen] < best * (1 - _WORTH):
            best, weights = errors[chosen], counts / counts.sum()
    return weights


def combined(said: Floats, weights: Floats) -> Floats:
    """Return the weighted sum over the first axis; a member without weight is not looked at."""
    used = np.flatnonzero(weights)
    whole: Floats = np.tensordot(weights[used], said[used], axes=1)
    return whole


def _only(count: int) -> Floats:
    weights = np.zeros(count)
    weights[0] = 1.0
    return weights
