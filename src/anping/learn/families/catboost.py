"""Gradient boosting of symmetric trees by CatBoost (Prokhorenkova et al. 2018)."""

from __future__ import annotations

from typing import Any

from anping.learn.catboost_trees import catboost_library, symmetric_forest
from anping.learn.design import Config, Design, Fitted, Rows

_LOSSES = {"binary": "Logloss", "classes": "MultiClass", "number": "RMSE"}
_ROUNDS, _PATIENCE = 2000, 40
_ROW_COLUMN, _ROW, _ROUND = 1.1e-9, 1.4e-7, 1.5e-3


def catboost(design: Design, config: Config, train: Rows, valid: Rows) -> Fitted:
    """Return boosted symmetric trees; ``config.settings`` are CatBoost's own."""
    library = catboost_library()
    settings: dict[str, Any] = {
        "loss_function": _LOSSES[design.task],
        "iterations": _ROUNDS,
        "learning_rate": 0.08,
        "depth": 6,
        "border_count": 128,
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
    pools = [library.Pool(design.matrix[rows], target[rows]) for rows in (train, valid)]
    model = library.CatBoost(settings)
    model.fit(pools[0], eval_set=pools[1])
    forest = symmetric_forest(model, outputs=design.outputs)
    tried = min(int(settings["iterations"]), model.tree_count_ + _PATIENCE) * design.outputs
    columns = design.matrix.shape[1]
    per_round = train.size * (columns * _ROW_COLUMN + _ROW) + _ROUND
    return Fitted(forest, forest.sums(design.matrix[valid]), tried * per_round)
