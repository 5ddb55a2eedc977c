"""Explainable boosting (Nori et al. 2019) by interpret: a table for each column and for some pairs."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anping.core.errors import MissingExtraError
from anping.core.text import Text
from anping.learn.additive import Additive, Axis, Bins
from anping.learn.design import Config, Design, Fitted, Rows

Floats = NDArray[np.float64]
#: Nominal CPU seconds of a fit, of a step, and of a row in a step.
_FIT, _STEP, _STEP_ROW = 0.08, 3e-5, 4e-9
#: More rows than these learn in longer strides.
_MANY_ROWS = 15_000
#: Pairs among more columns than these take too long to look at.
_MOST_PAIRED = 100


def boosted_terms(design: Design, config: Config, train: Rows, valid: Rows) -> Fitted:
    """Return an explainable boosting machine; ``config.settings`` are interpret's own."""
    columns = design.matrix.shape[1]
    settings: dict[str, Any] = {
        "interactions": 5 if design.task != "classes" and columns <= _MOST_PAIRED else 0,
        "outer_bags": 1,
        "max_bins": 256,
        "max_interaction_bins": 32,
        "learning_rate": 0.04 if train.size < _MANY_ROWS else 0.1,
        "smoothing_rounds": 50,
        "interaction_smoothing_rounds": 20,
        "early_stopping_rounds": 60,
        "n_jobs": 1,
        "random_state": design.seed,
        **({"monotone_constraints": list(design.monotone)} if design.constrained else {}),
        **config.settings,
    }
    model = _machine(design, settings)
    target = design.target[train] if design.task == "number" else design.target[train].astype(int)
    with warnings.catch_warnings():
        # It warns that its own drawings leave out missing cells; ours do not.
        warnings.simplefilter("ignore", UserWarning)
        model.fit(design.matrix[train], target)
    additive = _additive(model, design)
    steps = float(np.sum(model.best_iteration_))
    work = _FIT + steps * (_STEP + train.size * _STEP_ROW)
    return Fitted(additive, additive.sums(design.matrix[valid]), work)


def _machine(design: Design, settings: dict[str, Any]) -> Any:
    try:
        from interpret.glassbox import ExplainableBoostingClassifier, ExplainableBoostingRegressor
    except ImportError as problem:
        raise MissingExtraError.of(
            "models", needed_for=Text("可解釋提升模型", "Explainable boosting")
        ) from problem
    kinds = [
        "nominal" if column in design.codes else "continuous"
        for column in range(design.matrix.shape[1])
    ]
    machine = (
        ExplainableBoostingRegressor if design.task == "number" else ExplainableBoostingClassifier
    )
    return machine(feature_types=kinds, **settings)


def _additive(model: Any, design: Design) -> Additive:
    outputs = design.outputs
    base = np.zeros(outputs)
    given = np.asarray(model.intercept_, dtype=np.float64).reshape(-1)
    base[: given.size] = given
    terms = []
    for features, scores in zip(model.term_features_, model.term_scores_, strict=True):
        axes = [_axis(model, design, feature, len(features)) for feature in features]
        heights = np.asarray(scores, dtype=np.float64)
        heights = heights.reshape(*heights.shape[: len(features)], -1)
        for place, (_, order) in enumerate(axes):
            if order is not None:
                heights = np.take(heights, order, axis=place)
        terms.append(Bins(tuple(axis for axis, _ in axes), heights))
    return Additive(base, tuple(terms))


def _axis(
    model: Any, design: Design, feature: int, dimensions: int
) -> tuple[Axis, NDArray[np.int64] | None]:
    """Return an axis, and where its bins stand among the library's for a category."""
    levels = model.bins_[feature]
    bins = levels[min(dimensions, len(levels)) - 1]
    if feature not in design.codes:
        return Axis(feature, np.asarray(bins, dtype=np.float64)), None
    codes = design.codes[feature]
    unknown = max(bins.values(), default=0) + 1
    order = [bins.get(str(code), unknown) for code in range(codes)]
    return Axis(feature, None, codes), np.array([0, *order, unknown], dtype=np.int64)
