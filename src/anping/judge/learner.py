"""One fixed, deterministic gradient-boosted model (LightGBM, the extra ``learn``).

The same settings are used for every table: what is compared is the data, not the tuning.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anping.core.errors import MissingExtraError
from anping.core.text import Text
from anping.judge.features import Matrix
from anping.judge.target import Task

_ROUNDS = 150
_SMALL = 2000
_OBJECTIVES: dict[Task, str] = {
    "binary": "binary",
    "classes": "multiclass",
    "number": "regression",
}


def learning_library() -> ModuleType:
    """Return LightGBM. Raises MissingExtraError when the extra ``learn`` is not installed."""
    try:
        import lightgbm
    except ImportError as problem:
        raise MissingExtraError.of(
            "learn", needed_for=Text("量測模型可用性", "Measuring utility with a model")
        ) from problem
    module: ModuleType = lightgbm
    return module


def fit_and_predict(
    train: tuple[Matrix, NDArray[np.float64]],
    test: Matrix,
    *,
    task: Task,
    classes: int,
    repeats: int = 1,
    seed: int,
) -> NDArray[np.float64]:
    """Train on (features (n, w), target (n,)) and return predictions for ``test`` (m, w).

    The result is (m,) for a number or the second of two classes, (m, c) for several classes.
    ``repeats`` says how often each training row stands in the features (drawn leaves differ); a
    leaf of a tree then needs that many times as many. A training target without any variety gives
    the constant prediction that it is.
    """
    features, target = train
    seen = np.unique(target)
    if seen.size < 2:
        return _constant(float(seen[0]) if seen.size else 0.0, test.shape[0], classes=classes)
    library = learning_library()
    small = target.size < _SMALL * repeats
    settings: dict[str, Any] = {
        "objective": _OBJECTIVES[task],
        "learning_rate": 0.05,
        "num_leaves": 7 if small else 31,
        "min_data_in_leaf": (10 if small else 20) * repeats,
        "seed": seed,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": 1,
        "verbosity": -1,
    }
    if task == "classes":
        settings["num_class"] = classes
    data = library.Dataset(features, label=target, free_raw_data=False)
    model = library.train(settings, data, num_boost_round=_ROUNDS)
    predicted: NDArray[np.float64] = np.asarray(model.predict(test, num_threads=1))
    return predicted


def _constant(value: float, rows: int, *, classes: int) -> NDArray[np.float64]:
    if classes <= 2:
        return np.full(rows, value)
    certain = np.zeros((rows, classes))
    certain[:, int(value)] = 1.0
    return certain
