"""Trees as arrays answer as the libraries that learnt them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from anping.learn.catboost_trees import symmetric_forest
from anping.learn.forest import Forest, merged
from anping.learn.lightgbm_trees import empty_forest, forest_of

lightgbm = pytest.importorskip("lightgbm")
Floats = NDArray[np.float64]


def _rows(seed: int, rows: int = 1500) -> Floats:
    draw = np.random.default_rng(seed)
    matrix = draw.normal(size=(rows, 5))
    matrix[:, 2] = draw.integers(0, 60, rows)
    matrix[::7, 0] = np.nan
    return matrix


def _targets(matrix: Floats) -> dict[str, tuple[int, Floats]]:
    first = np.nan_to_num(matrix[:, 0])
    return {
        "binary": (1, ((first + matrix[:, 1] > 0.5) ^ (matrix[:, 2] % 7 == 2)).astype(float)),
        "multiclass": (3, matrix[:, 2] % 3),
        "regression": (1, 3 * matrix[:, 1] + first),
    }


def _boosted(objective: str, outputs: int, target: Floats, matrix: Floats) -> Any:
    given = {
        "objective": objective, "num_class": outputs, "num_leaves": 15, "verbosity": -1,
        "num_threads": 1, "max_cat_to_onehot": 1, "min_data_per_group": 5,
    }  # fmt: skip
    data = lightgbm.Dataset(matrix, target, categorical_feature=[2])
    return lightgbm.train(given, data, 25)


def _hostile(seed: int) -> Floats:
    rows = _rows(seed, 400) * 2
    draw = np.random.default_rng(seed)
    rows[:, 2] = draw.integers(-2, 90, len(rows))
    rows[::5, 0] = np.nan
    rows[::11, 1] = np.nan
    return rows


@pytest.mark.parametrize("objective", ["binary", "multiclass", "regression"])
def test_lightgbm_is_answered_to_the_last_bit(objective: str) -> None:
    matrix = _rows(1)
    outputs, target = _targets(matrix)[objective]
    booster = _boosted(objective, outputs, target, matrix)
    forest = forest_of(booster, rounds=25, outputs=outputs)
    asked = _hostile(2)
    wanted = booster.predict(asked, raw_score=True).reshape(len(asked), -1)
    assert (forest.sums(asked, fast=False) == wanted).all()


@pytest.mark.parametrize("loss", ["Logloss", "MultiClass", "RMSE"])
def test_catboost_is_answered_as_it_answers(loss: str) -> None:
    catboost = pytest.importorskip("catboost")
    matrix = _rows(3).round(2)
    outputs = 3 if loss == "MultiClass" else 1
    target = {"Logloss": matrix[:, 1] > 0, "MultiClass": matrix[:, 2] % 3, "RMSE": matrix[:, 1]}[
        loss
    ]
    model = catboost.CatBoost(
        {"loss_function": loss, "iterations": 25, "depth": 4, "thread_count": 1, "verbose": False,
         "allow_writing_files": False}
    )  # fmt: skip
    model.fit(matrix, target.astype(float if loss == "RMSE" else int))
    asked = np.vstack([_hostile(4).round(3), matrix[:300]])
    wanted = model.predict(asked, prediction_type="RawFormulaVal").reshape(len(asked), -1)
    forest = symmetric_forest(model, outputs=outputs)
    assert np.abs(forest.sums(asked, fast=False) - wanted).max() < 1e-12


def _some_forest(seed: int = 5) -> Forest:
    matrix = _rows(seed)
    outputs, target = _targets(matrix)["multiclass"]
    return forest_of(_boosted("multiclass", outputs, target, matrix), rounds=25, outputs=outputs)


@given(seed=st.integers(0, 10_000), rows=st.integers(1, 60))
@settings(max_examples=20, deadline=None)
def test_one_row_many_rows_and_compiled_answer_the_same(seed: int, rows: int) -> None:
    forest = _FOREST
    asked = _hostile(seed)[:rows]
    many = forest.sums(np.vstack([asked, asked]), fast=False)[: len(asked)]
    one = np.vstack([forest.sums(row.reshape(1, -1)) for row in asked])
    compiled = forest.sums(np.tile(asked, (30, 1)), fast=True)[: len(asked)]
    assert (many == one).all()
    assert (many == compiled).all()


_FOREST = _some_forest()


def test_merged_forests_give_the_weighted_sum() -> None:
    one, other = _some_forest(6).scaled(0.25), _some_forest(7).scaled(0.75)
    asked = _hostile(8)
    wanted = one.sums(asked) + other.sums(asked)
    assert np.allclose(merged([one, other]).sums(asked), wanted, atol=1e-12)


def test_a_forest_without_trees_says_its_base() -> None:
    forest = empty_forest(2)
    assert forest.sums(np.zeros((3, 4))).tolist() == [[0.0, 0.0]] * 3
