"""A weighted mean of models in log-odds: greedy selection with replacement (Caruana et al. 2004)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from anping.engine.prediction import Task
from anping.learn.link import Link, loss_of

Floats = NDArray[np.float64]
_PICKS = 30
#: A pick must gain this share of the loss, or the simpler blend stays.
_WORTH = 2e-5


def blend(task: Task, sums: Sequence[Floats], target: Floats, *, picks: int = _PICKS) -> Floats:
    """Return the weights (models,), which add up to 1, of models' sums (n, outputs) each.

    The sums are of rows that the models did not learn from. Each pick adds the model that lowers the
    mean loss most; of equal ones the earlier.
    """
    link = Link(task)
    counts = np.zeros(len(sums))
    whole = np.zeros_like(sums[0])
    best, weights = np.inf, counts
    for picked in range(picks):
        losses = [
            float(loss_of(task, link.values((whole + one) / (picked + 1)), target).mean())
            for one in sums
        ]
        chosen = int(np.argmin(losses))
        counts[chosen] += 1
        whole = whole + sums[chosen]
        if losses[chosen] < best * (1 - _WORTH):
            best, weights = losses[chosen], counts / counts.sum()
    return weights
