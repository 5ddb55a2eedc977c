"""Probabilities are calibrated, and intervals hold what they promise."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from anping.learn.blend import blend
from anping.learn.conformal import conformal, likelier
from anping.learn.link import Link, calibrated, loss_of

Floats = NDArray[np.float64]


def _binary(seed: int, rows: int = 4000) -> tuple[Floats, Floats]:
    draw = np.random.default_rng(seed)
    sums = draw.normal(0, 2, rows)
    truth = (draw.random(rows) < 1 / (1 + np.exp(-sums))).astype(float)
    return sums.reshape(-1, 1), truth


def test_too_sure_log_odds_are_calmed() -> None:
    sums, truth = _binary(1)
    link = calibrated("binary", sums * 3 + 1.0, truth)
    assert link.slope == pytest.approx(1 / 3, abs=0.03)
    assert link.offset == pytest.approx(-1 / 3, abs=0.1)


def test_what_is_calibrated_is_left_alone() -> None:
    sums, truth = _binary(2)
    assert calibrated("binary", sums, truth) == Link("binary")


def test_temperature_of_several_classes() -> None:
    draw = np.random.default_rng(3)
    sums = draw.normal(0, 2, (5000, 4))
    shares = Link("classes").values(sums)
    truth = (draw.random((5000, 1)) > shares.cumsum(axis=1)).sum(axis=1).astype(float)
    assert calibrated("classes", sums * 2, truth).slope == pytest.approx(0.5, abs=0.04)


@given(seed=st.integers(0, 500), level=st.sampled_from([0.8, 0.9, 0.95]))
@settings(max_examples=25, deadline=None)
def test_intervals_cover_on_average_what_they_promise(seed: int, level: float) -> None:
    draw = np.random.default_rng(seed)
    values, truth = draw.normal(size=6000), draw.standard_t(3, 6000)
    found = conformal("number", values[:3000], truth[:3000], levels=(level,))
    low, high = found.bounds(values[3000:], level)
    inside = np.mean((truth[3000:] >= low) & (truth[3000:] <= high))
    assert abs(inside - level) < 0.035


def test_sets_cover_and_never_are_empty() -> None:
    draw = np.random.default_rng(4)
    shares = draw.dirichlet([1, 1, 1], 6000)
    truth = (draw.random((6000, 1)) > shares.cumsum(axis=1)).sum(axis=1).astype(float)
    found = conformal("classes", shares[:3000], truth[:3000], levels=(0.9,))
    sets = found.sets(shares[3000:], 0.9)
    assert sets.any(axis=1).all()
    assert np.mean(sets[np.arange(3000), truth[3000:].astype(int)]) > 0.88


def test_a_level_that_few_rows_cannot_promise_is_left_out() -> None:
    found = conformal("number", np.zeros(10), np.arange(10.0), levels=(0.8, 0.95))
    assert found.levels == (0.8,)


def test_likelier_classes_are_summed() -> None:
    assert likelier(np.array([[0.2, 0.5, 0.3]])).tolist() == [[0.8, 0.0, 0.5]]


def test_a_blend_is_no_worse_than_its_best_model() -> None:
    sums, truth = _binary(5)
    draw = np.random.default_rng(6)
    models = [sums + draw.normal(0, spread, sums.shape) for spread in (1.0, 1.0, 5.0)]
    weights = blend("binary", models, truth)
    assert weights.sum() == pytest.approx(1)
    assert weights[2] < 0.1

    def loss(each: Floats) -> float:
        return float(loss_of("binary", Link("binary").values(each), truth).mean())

    mixed = np.sum([w * model for w, model in zip(weights, models, strict=True)], axis=0)
    assert loss(mixed) < min(map(loss, models))
