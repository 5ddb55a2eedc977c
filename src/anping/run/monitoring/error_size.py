"""How large a number's errors are expected to be, from the errors of like rows in the reference."""

from __future__ import annotations

from math import sqrt
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from anping.run.monitoring.answers import Answers

Floats = NDArray[np.float64]
_ROUNDS = 100
_SETTINGS = {
    "objective": "regression",
    "learning_rate": 0.05,
    "num_leaves": 15,
    "min_data_in_leaf": 30,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbosity": -1,
}


def error_library() -> ModuleType | None:
    """Return LightGBM, or None where the extra ``learn`` is not installed."""
    try:
        import lightgbm
    except ImportError:
        return None
    module: ModuleType = lightgbm
    return module


def expected_errors(
    reference: Answers, current: Answers, columns: tuple[Floats, Floats], *, seed: int
) -> tuple[tuple[float, float], tuple[float, float]] | None:
    """Return the expected squared and absolute error of the current rows, each with a standard error.

    Boosted trees learn the size of the error from the columns and the answer (direct loss estimation);
    each half of the labelled reference corrects the mean of what the other half learnt. None without
    LightGBM.
    """
    library = error_library()
    if library is None:
        return None
    known = np.flatnonzero(~np.isnan(reference.truth))
    order = np.random.default_rng([seed, 3]).permutation(known)
    halves = order[: known.size // 2], order[known.size // 2 :]
    before = np.column_stack([columns[0], reference.values])
    now = np.column_stack([columns[1], current.values])
    gaps = reference.values - reference.truth
    found = []
    for sizes in (gaps**2, np.abs(gaps)):
        told, rest = np.zeros(now.shape[0]), np.zeros(before.shape[0])
        for learnt, kept in (halves, halves[::-1]):
            data = library.Dataset(before[learnt], sizes[learnt])
            trees = library.train({**_SETTINGS, "seed": seed % 2**31}, data, _ROUNDS)
            told += trees.predict(now, num_threads=1) / 2
            rest[kept] = sizes[kept] - trees.predict(before[kept], num_threads=1)
        value = max(float(told.mean() + rest[known].mean()), 0.0)
        spread = rest[known].std(ddof=1) * sqrt(1 / known.size + 1 / max(now.shape[0], 1))
        found.append((value, float(spread)))
    return found[0], found[1]
