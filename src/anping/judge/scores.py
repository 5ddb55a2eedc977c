"""How well predictions meet the truth: AUC, the mean of one-against-rest AUCs, R² and RMSE.

Macro AUC: Fawcett 2006, Pattern Recognition Letters 27:861, section 9 (unweighted mean).
"""

from __future__ import annotations

from math import nan, sqrt

import numpy as np
from numpy.typing import NDArray

from anping.judge.target import Task
from anping.stats.auc import auc

Floats = NDArray[np.float64]

#: The score that a task is judged by.
SCORE: dict[Task, str] = {"binary": "auc", "classes": "macro_auc", "number": "r2"}


def score(task: Task, truth: Floats, predicted: Floats) -> float:
    """Return the task's score: higher is better. NaN where the rows cannot tell (one class)."""
    if task == "number":
        return r_squared(truth, predicted)
    if task == "binary":
        flags = truth == 1
        return auc(flags, predicted) if 0 < flags.sum() < flags.size else nan
    present = [code for code in np.unique(truth) if (truth == code).sum() < truth.size]
    if not present:
        return nan
    return float(np.mean([auc(truth == code, predicted[:, int(code)]) for code in present]))


def r_squared(truth: Floats, predicted: Floats) -> float:
    """Return 1 - residual / total sum of squares; below 0 is worse than the mean. NaN if constant."""
    total = float(((truth - truth.mean()) ** 2).sum())
    return 1 - float(((truth - predicted) ** 2).sum()) / total if total else nan


def root_mean_square_error(truth: Floats, predicted: Floats) -> float:
    """Return the root of the mean squared error, in the target's unit."""
    return sqrt(float(((truth - predicted) ** 2).mean()))
