"""What is expected without labels equals the mean over labels drawn by the probabilities."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anping.stats.auc import auc
from anping.stats.expected_performance import (
    calibrated,
    expected_accuracy,
    expected_auc,
    expected_log_loss,
)


@given(st.lists(st.integers(0, 1), min_size=4, max_size=30), st.integers(0, 10_000))
@settings(max_examples=60, deadline=None)
def test_certain_chances_give_the_auc_itself(labels: list[int], seed: int) -> None:
    truth = np.array(labels, float)
    scores = np.random.default_rng(seed).integers(0, 5, truth.size).astype(float)
    if 0 < truth.sum() < truth.size:
        assert expected_auc(truth, scores) == pytest.approx(auc(truth > 0, scores))
    else:
        assert np.isnan(expected_auc(truth, scores))


def test_it_is_the_mean_over_drawn_labels() -> None:
    generator = np.random.default_rng(2)
    chances = generator.beta(2, 3, 400)
    said = np.clip(chances + generator.normal(0, 0.05, 400), 0.01, 0.99)
    answers = (said >= 0.5).astype(float)
    drawn = [(generator.random(400) < chances).astype(float) for _ in range(400)]
    assert np.mean([auc(each > 0, said) for each in drawn]) == pytest.approx(
        expected_auc(chances, said), abs=0.004
    )
    assert np.mean([(each == answers).mean() for each in drawn]) == pytest.approx(
        expected_accuracy(chances, answers), abs=0.004
    )
    losses = [-(y * np.log(said) + (1 - y) * np.log(1 - said)).mean() for y in drawn]
    assert np.mean(losses) == pytest.approx(expected_log_loss(chances, said), abs=0.006)


def test_calibration_mends_what_is_too_sure() -> None:
    generator = np.random.default_rng(4)
    chances = generator.beta(2, 2, 5000)
    labels = (generator.random(5000) < chances).astype(float)
    odds = np.log(chances / (1 - chances))
    sure = 1 / (1 + np.exp(-2 * odds))
    assert np.abs(calibrated(sure, labels, sure) - chances).max() < 0.04
    assert np.array_equal(calibrated(sure, np.ones(5000), sure), sure)
