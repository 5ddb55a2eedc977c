"""Gradient boosting by LightGBM (Ke et al. 2017), stopped early on rows it does not learn from."""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from anping.learn.design import Config, Design, Fitted, Floats, Rows
from anping.learn.forest import Forest
from anping.learn.lightgbm_trees import forest_of, lightgbm_library

_OBJECTIVES = {"binary": "binary", "classes": "multiclass", "number": "regression"}
_METRICS = {"binary": "binary_logloss", "classes": "multi_logloss", "number": "l2"}
_ROUNDS, _PATIENCE = 3000, 40
#: Nominal CPU seconds of one round: for each row and column, for each leaf and column, and in all.
_ROW_COLUMN, _LEAF_COLUMN, _ROUND = 5.2e-9, 2.4e-6, 2e-4
#: A category's splits cost as many numbers'.
_CATEGORY = 2.5
#: The bins of a design's columns are the same for all folds and settings.
_BINNED: WeakKeyDictionary[Design, Any] = WeakKeyDictionary()


def lightgbm(design: Design, config: Config, train: Rows, valid: Rows) -> Fitted:
    """Return boosted trees; ``config.settings`` are LightGBM's own."""
    library = lightgbm_library()
    whole = _binned(design)
    settings: dict[str, Any] = {
        "objective": _OBJECTIVES[design.task],
        "metric": _METRICS[design.task],
        "learning_rate": 0.05,
        "num_leaves": 31,
        "min_data_in_leaf": 20,
        "deterministic": True,
        "force_col_wise": True,
        "num_threads": 1,
        "verbosity": -1,
        "seed": design.seed,
        **({"num_class": design.classes} if design.task == "classes" else {}),
        **({"monotone_constraints": list(design.monotone)} if design.constrained else {}),
        **config.settings,
    }
    rounds = int(settings.pop("rounds", _ROUNDS))
    parts = [whole.subset(rows.tolist()) for rows in (train, valid)]
    booster = library.train(
        settings,
        parts[0],
        rounds,
        valid_sets=[parts[1]],
        callbacks=[library.early_stopping(_PATIENCE, verbose=False)],
    )
    forest = forest_of(booster, rounds=booster.best_iteration, outputs=design.outputs)
    tried = min(rounds, booster.best_iteration + _PATIENCE) * design.outputs
    share = float(settings.get("feature_fraction", 1.0))
    columns = max(1.0, (design.matrix.shape[1] + (_CATEGORY - 1) * len(design.codes)) * share)
    per_round = (
        columns * (train.size * _ROW_COLUMN + int(settings["num_leaves"]) * _LEAF_COLUMN) + _ROUND
    )
    return Fitted(forest, forest.sums(design.matrix[valid]), tried * per_round)


def _binned(design: Design) -> Any:
    if design not in _BINNED:
        library = lightgbm_library()
        held = library.Dataset(
            design.matrix,
            label=design.target,
            categorical_feature=sorted(design.codes),
            free_raw_data=False,
            params={
                "verbosity": -1, "num_threads": 1, "feature_pre_filter": False,
                "min_data_in_leaf": 1,
                **({"monotone_constraints": list(design.monotone)} if design.constrained else {}),
            },
        )  # fmt: skip
        _BINNED[design] = held.construct()
    return _BINNED[design]


def splits(fitted: Fitted, columns: int) -> Floats:
    """Return (columns,): how often the trees ask for each column of the matrix."""
    counts = np.zeros(columns)
    if isinstance(fitted.part, Forest):
        inner = fitted.part.child[:, 0] != np.arange(fitted.part.feature.size)
        np.add.at(counts, fitted.part.feature[inner], 1.0)
    return counts
