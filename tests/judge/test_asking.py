"""Scores and how surely they are known: intervals of influence functions against the bootstrap's."""

from __future__ import annotations

import numpy as np
import pytest

from anping.engine.prediction import Task
from anping.judge.asking import drop, influence, score_interval
from anping.judge.scores import score
from anping.stats.auc import auc_difference_interval
from anping.stats.bootstrap import resamples


@pytest.mark.parametrize("task", ["binary", "classes", "number"])
def test_influence_functions_have_the_spread_of_resamples(task: Task) -> None:
    draw = np.random.default_rng(1)
    n = 600
    signal = draw.normal(size=n)
    if task == "number":
        truth, values = signal + draw.normal(0, 0.7, n), signal
    elif task == "binary":
        truth, values = (signal + draw.normal(0, 1, n) > 0).astype(float), signal
    else:
        truth = np.digitize(signal + draw.normal(0, 1, n), [-0.5, 0.5]).astype(float)
        values = np.column_stack([-signal, -np.abs(signal), signal])
    scores = [score(task, truth[rows], values[rows]) for rows in resamples(n, draws=300, seed=1)]
    spread = float(np.sqrt((influence(task, truth, values) ** 2).sum()))
    assert spread == pytest.approx(np.std(scores), rel=0.15)
    bounds = score_interval(task, truth, values)
    assert bounds.low < score(task, truth, values) < bounds.high


def test_a_drop_of_two_classes_is_delongs_and_of_none_has_no_spread() -> None:
    draw = np.random.default_rng(2)
    truth = draw.integers(0, 2, 300).astype(float)
    before, after = truth + draw.normal(size=300), truth + draw.normal(0, 2, 300)
    value, interval = drop("binary", truth, before, after)
    assert interval == auc_difference_interval(truth == 1, before, after)
    moved = influence("binary", truth, before) - influence("binary", truth, after)
    assert interval is not None
    assert 1.96 * np.sqrt((moved**2).sum()) == pytest.approx((interval.high - interval.low) / 2, rel=0.01)  # fmt: skip
    assert interval.low < value < interval.high
    same = drop("number", truth + before, before, before)
    assert same[0] == 0
    assert same[1] is not None
    assert same[1].low == same[1].high == 0
