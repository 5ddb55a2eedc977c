"""Curves and tables answer as the models they were read from, and add up."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from anping.engine.prediction import Task
from anping.learn.additive import Additive, added
from anping.learn.design import Config, Design
from anping.learn.families import FAMILIES

pytest.importorskip("sklearn")
Floats = NDArray[np.float64]


def _design(task: Task, classes: int) -> Design:
    draw = np.random.default_rng(1)
    matrix = draw.normal(size=(900, 3))
    matrix[:, 1] = draw.integers(0, 6, 900)
    matrix[::9, 0] = np.nan
    score = np.nan_to_num(matrix[:, 0]) + (matrix[:, 1] == 3) * matrix[:, 2]
    target = score if task == "number" else np.digitize(score, [0.0, 0.8][: classes - 1])
    return Design(matrix, target.astype(float), task, classes, {1: 6}, (0, 0, 0), 1)


_ROWS = np.arange(700), np.arange(700, 900)


@pytest.mark.parametrize(("task", "classes"), [("binary", 2), ("classes", 3), ("number", 0)])
def test_explainable_boosting_is_answered_as_it_answers(task: Task, classes: int) -> None:
    glassbox = pytest.importorskip("interpret.glassbox")
    design = _design(task, classes)
    config = Config("boosted-terms", "b", {"max_rounds": 200})
    fitted = FAMILIES["boosted-terms"](design, config, *_ROWS)
    machine = (
        glassbox.ExplainableBoostingRegressor
        if task == "number"
        else glassbox.ExplainableBoostingClassifier
    )
    model = machine(
        feature_types=["continuous", "nominal", "continuous"],
        interactions=0 if task == "classes" else 5,
        outer_bags=1, max_bins=256, max_interaction_bins=32, learning_rate=0.04,
        smoothing_rounds=50, interaction_smoothing_rounds=20, early_stopping_rounds=60,
        n_jobs=1, random_state=1, max_rounds=200,
    )  # fmt: skip
    with pytest.warns(UserWarning, match="Missing"):
        model.fit(
            design.matrix[:700], design.target[:700].astype(float if task == "number" else int)
        )
    asked = design.matrix[700:]
    if task == "number":
        wanted = model.predict(asked).reshape(-1, 1)
    else:
        wanted = model.decision_function(asked).reshape(len(asked), -1)
    assert np.allclose(fitted.raw, wanted, atol=1e-9)


@pytest.mark.parametrize(("task", "classes"), [("binary", 2), ("classes", 3), ("number", 0)])
def test_a_linear_model_learns_lines_and_categories(task: Task, classes: int) -> None:
    design = _design(task, classes)
    fitted = FAMILIES["linear"](design, Config("linear", "l", {}), *_ROWS)
    truth = design.target[700:]
    if task == "number":
        error = np.mean((fitted.raw[:, 0] - truth) ** 2)
        assert error < 0.6 * truth.var()
    else:
        said = (
            (fitted.raw[:, 0] > 0).astype(float)
            if task == "binary"
            else fitted.raw.argmax(axis=1).astype(float)
        )
        assert np.mean(said == truth) > 0.6


def test_added_models_give_the_sum() -> None:
    design = _design("binary", 2)
    pytest.importorskip("interpret")
    parts: list[Additive] = []
    for family, rows in (
        ("linear", _ROWS),
        ("boosted-terms", _ROWS),
        ("boosted-terms", _ROWS[::-1]),
    ):
        config = Config(family, family, {"max_rounds": 100} if family != "linear" else {})
        part = FAMILIES[family](design, config, rows[0], rows[1]).part
        assert isinstance(part, Additive)
        parts.append(part.scaled(0.3))
    whole = added(parts, outputs=1)
    wanted = np.sum([part.sums(design.matrix) for part in parts], axis=0)
    assert np.allclose(whole.sums(design.matrix), wanted, atol=1e-12)
    assert len(whole.terms) < sum(len(part.terms) for part in parts)
