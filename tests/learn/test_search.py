"""What is tried, and what answers: wide tables, growing windows of time, categories as numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pytest

from anping.core.errors import ParameterError
from anping.engine.prediction import Signature, Task
from anping.learn.assembling import assembled, lean
from anping.learn.catboost_trees import forest_of_json
from anping.learn.design import Config, Design, Fitted
from anping.learn.encoder import Encoder
from anping.learn.families import FAMILIES
from anping.learn.folds import folds_of
from anping.learn.forest import Forest
from anping.learn.hands import OwnHands, fold_fitted
from anping.learn.portfolio import portfolio
from anping.learn.search import Effort, completed, search, search_of

pytest.importorskip("lightgbm")
pytest.importorskip("catboost")
pytest.importorskip("sklearn")


def _design(rows: int = 300, *, task: Task = "binary") -> Design:
    draw = np.random.default_rng(6)
    number, code = draw.normal(0, 1, rows), draw.integers(0, 6, rows).astype(float)
    effect = np.array([0.0, 2.0, -2.0, 1.0, -1.0, 0.5])[code.astype(int)]
    said = number + effect + draw.normal(0, 1, rows)
    target = said if task == "number" else (said > 0).astype(float)
    matrix = np.column_stack([number, code])
    return Design(matrix, target, task, 0 if task == "number" else 2, {1: 6}, (0, 0), 7)


@pytest.mark.parametrize("task", ["binary", "number"])
def test_symmetric_trees_read_codes_and_answer_as_the_library_does(task: Task) -> None:
    import catboost

    design = _design(task=task)
    train, valid = np.arange(200), np.arange(200, 300)
    config = Config("catboost", "few", {"iterations": 40, "depth": 4})
    fitted = FAMILIES["catboost"](design, config, train, valid)
    assert isinstance(fitted.part, Forest)
    assert fitted.part.bits.size
    means = []
    for code in range(6):
        mine = design.target[train][design.matrix[train, 1] == code]
        means.append((mine.sum() + 20 * design.target[train].mean()) / (mine.size + 20))
    numbers = design.matrix.copy()
    numbers[:, 1] = np.array(means)[design.matrix[:, 1].astype(int)]
    labels = design.target if task == "number" else design.target.astype(int)
    model = catboost.CatBoost(
        {
            "loss_function": "RMSE" if task == "number" else "Logloss",
            "iterations": 40, "depth": 4, "learning_rate": 0.12, "border_count": 64,
            "l2_leaf_reg": 6, "random_seed": design.seed, "thread_count": 1, "verbose": False,
            "allow_writing_files": False, "boosting_type": "Plain", "use_best_model": True,
            "early_stopping_rounds": 40,
        }
    )  # fmt: skip
    model.fit(
        catboost.Pool(numbers[train], labels[train]),
        eval_set=catboost.Pool(numbers[valid], labels[valid]),
    )
    theirs = model.predict(numbers, prediction_type="RawFormulaVal")
    assert np.allclose(fitted.part.sums(design.matrix)[:, 0], theirs, rtol=0, atol=1e-9)
    # A code that was never seen, and no code at all, go somewhere.
    assert np.isfinite(fitted.part.sums(np.array([[0.0, 5.0], [np.nan, 0.0]]))).all()


def test_rows_that_do_not_differ_teach_nothing() -> None:
    flat = replace(_design(60), matrix=np.full((60, 2), np.nan), codes={})
    config = Config("catboost", "flat", {"iterations": 3})
    fitted = FAMILIES["catboost"](flat, config, np.arange(40), np.arange(40, 60))
    assert (fitted.raw == 0).all()
    number = replace(flat, task="number", target=np.arange(60.0))
    assert (
        FAMILIES["catboost"](number, config, np.arange(40), np.arange(40, 60)).raw == 19.5
    ).all()


def test_a_tree_that_asks_nothing_is_read() -> None:
    told = {
        "scale_and_bias": [1.0, [0.25]],
        "features_info": {"float_features": []},
        "oblivious_trees": [{"splits": None, "leaf_values": [0.5], "leaf_weights": [9.0]}],
    }
    forest = forest_of_json(told, outputs=1)
    assert forest.sums(np.zeros((30, 2))).tolist() == [[0.75]] * 30
    assert forest.sums(np.zeros((1, 2))).tolist() == [[0.75]]


def test_by_time_a_part_learns_from_the_latest_rows_too() -> None:
    design = _design()
    folds = folds_of(design.target, count=3, seed=1, when=np.arange(300.0))
    sizes = [train.size for train, _ in folds]
    assert sizes == sorted(sizes)
    assert len(set(sizes)) == 3
    seen = list[int]()

    class _Watched(OwnHands):
        def fitted(self, config: Config, folds: Sequence[int]) -> Iterator[Fitted]:
            seen.extend(folds)
            return super().fitted(config, folds)

    on = search_of(design, folds, hands=_Watched(design, folds))
    found = search(on, Effort(1000, trials=1, only="lightgbm"))
    weights = lean(found.trials, design, folds)
    whole = completed(on, found.trials, weights)
    assert seen == [0, 1, 2, 3]
    assert whole[0].whole is not None
    signature = Signature("y", "binary", ("no", "yes"), ())
    model = assembled(signature, Encoder(()), design=design, folds=folds, chosen=(whole, weights))
    last = fold_fitted(design, folds, found.trials[0].config, 2).part
    both = (last.sums(design.matrix) + whole[0].whole.sums(design.matrix)) / 2
    assert np.allclose(model.sums(design.matrix), both)


def test_wide_tables_are_not_given_to_who_cannot_learn_them() -> None:
    draw = np.random.default_rng(8)
    matrix = draw.normal(0, 1, (40, 2_000))
    wide = Design(matrix, (matrix[:, 0] > 0).astype(float), "binary", 2, {}, (0,) * 2_000, 1)
    tried = portfolio(wide)
    assert "boosted-terms" not in {config.family for config in tried}
    assert tried[0].family != "linear"
    long = Design(
        np.broadcast_to(matrix[0], (10_000, 2_000)), np.zeros(10_000), "binary", 2, {},
        (0,) * 2_000, 1,
    )  # fmt: skip
    assert "linear" not in {config.family for config in portfolio(long)}


def test_a_linear_model_cannot_be_bound() -> None:
    bound = replace(_design(), monotone=(1, 0))
    assert "linear" not in {config.family for config in portfolio(bound)}
    with pytest.raises(ParameterError) as problem:
        portfolio(bound, only="linear")
    assert problem.value.code == "learn.linear-monotone"


def test_who_cannot_use_what_was_generated_does_not_see_it() -> None:
    design = replace(_design(), generated=1, codes={})
    assert design.plain.matrix.shape[1] == 1
    assert design.plain.monotone == (0,)
    folds = folds_of(design.target, count=2, seed=1)
    plain = fold_fitted(design, folds, Config("linear", "one", plain=True), 0).part
    changed = design.matrix.copy()
    changed[:, 1] += 5
    assert np.array_equal(plain.sums(design.matrix), plain.sums(changed))


def test_a_trial_that_costs_more_than_is_left_is_given_up_after_one_fold() -> None:
    design = _design()
    folds = folds_of(design.target, count=3, seed=1)
    asked: list[str] = []

    class _Dear(OwnHands):
        def fitted(self, config: Config, folds: Sequence[int]) -> Iterator[Fitted]:
            for fitted in super().fitted(config, folds):
                asked.append(config.name)
                dear = 100.0 if config.family == "catboost" else 0.01
                yield replace(fitted, work=dear)

    on = search_of(design, folds, hands=_Dear(design, folds))
    found = search(on, Effort(60, trials=8))
    assert asked.count("symmetric trees") == 1
    assert "symmetric trees" not in {trial.config.name for trial in found.trials}
