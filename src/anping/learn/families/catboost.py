"""Gradient boosting of symmetric trees by CatBoost (Prokhorenkova et al. 2018)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from anping.learn.catboost_trees import catboost_library, symmetric_forest
from anping.learn.design import Config, Design, Fitted, Floats, Rows
from anping.learn.lightgbm_trees import empty_forest

_LOSSES = {"binary": "Logloss", "classes": "MultiClass", "number": "RMSE"}
_ROUNDS, _PATIENCE = 2000, 40
#: A code's mean target counts as many rows more, with the mean of all.
_SMOOTH = 20.0
_ROW_COLUMN, _ROW, _ROUND = 1.7e-9, 2.6e-7, 8e-4


def catboost(design: Design, config: Config, train: Rows, valid: Rows) -> Fitted:
    """Return boosted symmetric trees; ``config.settings`` are CatBoost's own."""
    library = catboost_library()
    settings: dict[str, Any] = {
        "loss_function": _LOSSES[design.task],
        "iterations": _ROUNDS,
        "learning_rate": 0.12,
        "depth": 5,
        "border_count": 64,
        "l2_leaf_reg": 6,
        "random_seed": design.seed,
        "thread_count": 1,
        "verbose": False,
        "allow_writing_files": False,
        "boosting_type": "Plain",
        "use_best_model": True,
        "early_stopping_rounds": _PATIENCE,
        **({"monotone_constraints": list(design.monotone)} if design.constrained else {}),
        **config.settings,
    }
    target = design.target if design.task == "number" else design.target.astype(int)
    tables = _tables(design, train)
    learnt, tested = (_numbered(design.matrix[rows], tables) for rows in (train, valid))
    if not _varied(learnt):
        # The library refuses rows that do not differ: there is nothing to tell them apart by.
        mean = design.target[train].mean() if design.task == "number" else 0.0
        flat = replace(empty_forest(design.outputs), base=np.full(design.outputs, mean))
        return Fitted(flat, flat.sums(design.matrix[valid]), _ROUND)
    pools = [library.Pool(learnt, target[train]), library.Pool(tested, target[valid])]
    model = library.CatBoost(settings)
    model.fit(pools[0], eval_set=pools[1])
    forest = symmetric_forest(model, outputs=design.outputs, tables=tables)
    tried = min(int(settings["iterations"]), model.tree_count_ + _PATIENCE) * design.outputs
    columns = design.matrix.shape[1]
    per_round = train.size * (columns * _ROW_COLUMN + _ROW) + _ROUND
    return Fitted(forest, forest.sums(design.matrix[valid]), tried * per_round)


def _varied(matrix: Floats) -> bool:
    """Return whether any column has two values; a missing cell is one."""
    first = matrix[:1]
    return not bool(((matrix == first) | (np.isnan(matrix) & np.isnan(first))).all())


def _tables(design: Design, train: Rows) -> dict[int, Floats]:
    """Return the mean target of each code among the rows learnt from, drawn towards that of all.

    Micci-Barreca 2001. Several classes have no mean: their codes stay as they are, by frequency.
    """
    if design.task == "classes":
        return {}
    found, target = {}, design.target[train]
    for column, codes in design.codes.items():
        places = design.matrix[train, column].astype(np.int64)
        count = np.bincount(places, minlength=codes)
        total = np.bincount(places, weights=target, minlength=codes)
        mean = (total + _SMOOTH * target.mean()) / (count + _SMOOTH)
        # As single precision, in which the library compares them.
        found[column] = mean.astype(np.float32).astype(np.float64)
    return found


def _numbered(matrix: Floats, tables: dict[int, Floats]) -> Floats:
    """Return a copy in which the codes are their numbers."""
    found = matrix.copy()
    for column, table in tables.items():
        found[:, column] = table[matrix[:, column].astype(np.int64)]
    return found
