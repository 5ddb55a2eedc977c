"""Metrics of a model against scikit-learn's, and intervals that cover as often as they say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from anping.core.errors import ParameterError, SchemaError
from anping.engine.prediction import Task
from anping.judge.accuracy import examine_accuracy
from anping.judge.calibration import (
    bin_columns,
    calibration_error,
    claims_of,
    examine_calibration,
    logistic_slope,
)
from anping.judge.measuring import measured_metrics
from anping.judge.metrics import scoring_of
from anping.judge.outcomes import Outcomes, outcomes_of
from anping.judge.ranking import macro_auc, weighted_auc
from anping.judge.resampling import Resampling
from anping.judge.thresholds import Costs, cheapest, chosen_threshold, examine_thresholds
from judged_models import people

oracle = pytest.importorskip("sklearn.metrics")


def _outcomes(task: Task, rows: int = 1200, seed: int = 1) -> Outcomes:
    predictor, table = people(rows, seed=seed, task=task)
    return outcomes_of(predictor, table)[0]


def _found(outcomes: Outcomes, threshold: float = 0.5) -> dict[str, float]:
    scoring = scoring_of(outcomes, threshold=threshold)
    (found,) = measured_metrics(outcomes, scoring, Resampling(outcomes.n, draws=100))
    return {name: one.value for name, one in found.items()}


@pytest.mark.parametrize("threshold", [0.5, 0.3])
def test_two_classes_are_measured_as_scikit_learn_does(threshold: float) -> None:
    outcomes = _outcomes("binary")
    truth, scores = outcomes.positive, outcomes.scores
    decided = scores >= threshold
    found = _found(outcomes, threshold)
    expected = {
        "auc": oracle.roc_auc_score(truth, scores),
        "log_loss": oracle.log_loss(truth, scores),
        "brier": oracle.brier_score_loss(truth, scores),
        "accuracy": oracle.accuracy_score(truth, decided),
        "balanced_accuracy": oracle.balanced_accuracy_score(truth, decided),
        "precision": oracle.precision_score(truth, decided),
        "recall": oracle.recall_score(truth, decided),
        "f1": oracle.f1_score(truth, decided),
    }
    assert {name: found[name] for name in expected} == pytest.approx(expected, abs=1e-12)


def test_several_classes_are_measured_as_scikit_learn_does() -> None:
    outcomes = _outcomes("classes")
    truth, values = outcomes.truth, outcomes.values
    decided = values.argmax(axis=1)
    found = _found(outcomes)
    expected = {
        "macro_auc": oracle.roc_auc_score(truth, values, multi_class="ovr"),
        "log_loss": oracle.log_loss(truth, values),
        "accuracy": oracle.accuracy_score(truth, decided),
        "balanced_accuracy": oracle.balanced_accuracy_score(truth, decided),
        "macro_f1": oracle.f1_score(truth, decided, average="macro"),
    }
    assert {name: found[name] for name in expected} == pytest.approx(expected, abs=1e-12)


def test_numbers_are_measured_as_scikit_learn_does() -> None:
    outcomes = _outcomes("number")
    truth, values = outcomes.truth + 1e9, outcomes.values + 1e9
    far = Outcomes("number", (), truth, values)
    found = _found(far)
    expected = {
        "rmse": oracle.root_mean_squared_error(truth, values),
        "mae": oracle.mean_absolute_error(truth, values),
        "r2": oracle.r2_score(truth, values),
    }
    assert {name: found[name] for name in expected} == pytest.approx(expected, rel=1e-6)


@given(some.integers(0, 10_000), some.integers(5, 60), some.integers(1, 4))
@settings(max_examples=40, deadline=None)
def test_weights_count_as_rows_that_are_repeated(seed: int, rows: int, digits: int) -> None:
    draw = np.random.default_rng(seed)
    labels = draw.random(rows) < 0.5
    labels[:2] = True, False
    scores = np.round(draw.random(rows), digits)
    weights = draw.integers(0, 4, (3, rows)).astype(float)
    weights[:, :2] = 1
    found = weighted_auc(labels, scores)(weights)
    for line, value in zip(weights.astype(int), found, strict=True):
        expected = oracle.roc_auc_score(np.repeat(labels, line), np.repeat(scores, line))
        assert value == pytest.approx(expected, abs=1e-12)


def test_a_class_that_no_resample_has_is_unknown() -> None:
    found = weighted_auc(np.array([True, False, False]), np.array([0.9, 0.1, 0.2]))
    assert np.isnan(found(np.array([[0.0, 1.0, 1.0]])))[0]
    assert np.isnan(macro_auc(np.zeros(3), np.ones((3, 2)))(np.ones((1, 3))))[0]


def test_intervals_cover_the_truth_as_often_as_they_say() -> None:
    truth = _found(_outcomes("binary", 60_000, seed=99), 0.5)
    covered = dict.fromkeys(("auc", "log_loss", "recall", "f1", "accuracy"), 0)
    for seed in range(60):
        outcomes = _outcomes("binary", 300, seed=seed)
        scoring = scoring_of(outcomes, threshold=0.5)
        (found,) = measured_metrics(outcomes, scoring, Resampling(outcomes.n, draws=200))
        for name in covered:
            interval = found[name].interval
            assert interval is not None
            covered[name] += interval.low <= truth[name] <= interval.high
    # 57 of 60 are expected; 51 or fewer would come about in less than 2 of 100 such tests.
    assert min(covered.values()) >= 51


def test_people_with_several_rows_are_drawn_together() -> None:
    predictor, table = people(1000)
    doubled = table.take(np.repeat(np.arange(500), 2))
    outcomes, _ = outcomes_of(predictor, doubled)
    together = Outcomes(
        "binary", outcomes.classes, outcomes.truth, outcomes.values, np.arange(1000) // 2
    )
    width = []
    for one in (outcomes, together):
        (found,) = measured_metrics(
            one, scoring_of(one, threshold=0.5), Resampling(1000, one.people, draws=400)
        )
        interval = found["log_loss"].interval
        assert interval is not None
        width.append(interval.high - interval.low)
    assert width[1] / width[0] == pytest.approx(np.sqrt(2), rel=0.2)


def test_calibration_slope_is_that_of_a_logistic_regression() -> None:
    from sklearn.linear_model import LogisticRegression

    outcomes = _outcomes("binary", 2000)
    odds = np.log(outcomes.scores / (1 - outcomes.scores))
    fitted = LogisticRegression(C=np.inf, tol=1e-10).fit(odds[:, None], outcomes.positive)
    found = logistic_slope(outcomes.scores, outcomes.positive.astype(float))
    assert found is not None
    (slope, interval), (intercept, _) = found
    assert slope == pytest.approx(float(fitted.coef_[0, 0]), abs=1e-5)
    assert intercept == pytest.approx(float(fitted.intercept_[0]), abs=1e-5)
    assert interval.low < slope < interval.high


def test_the_calibration_error_is_the_mean_gap_of_bins() -> None:
    outcomes = _outcomes("binary")
    claims = claims_of(outcomes)
    sums = bin_columns(claims).sum(axis=0).reshape(claims.count, 3)
    gaps = [
        (claims.bins == bin_).mean()
        * abs((claims.claimed - claims.came)[claims.bins == bin_].mean())
        for bin_ in range(claims.count)
    ]
    assert calibration_error(sums) == pytest.approx(sum(gaps))
    assert claims.count == 10


def test_a_separating_or_constant_model_has_no_slope() -> None:
    labels = np.array([0.0, 0.0, 1.0, 1.0])
    assert logistic_slope(np.array([0.1, 0.2, 0.8, 0.9]), labels) is None
    assert logistic_slope(np.full(4, 0.5), labels) is None


@pytest.mark.parametrize("task", ["binary", "classes", "number"])
def test_every_measure_has_n_and_the_leading_ones_an_interval(task: Task) -> None:
    outcomes = _outcomes(task, 400)
    scoring = scoring_of(outcomes, threshold=0.5)
    resampling = Resampling(outcomes.n, draws=150)
    sections = (
        examine_accuracy(outcomes, scoring, resampling, seed=1),
        examine_calibration(outcomes, resampling, seed=1),
    )
    for section in sections:
        keys = [measure.key for measure in section.measures]
        assert len(keys) == len(set(keys))
        assert all(measure.n > 0 for measure in section.measures)
        bare = {m.name for m in section.measures if m.interval is None}
        assert all(
            name.endswith(".constant") or name == "judge.calibration.predicted" for name in bare
        )


def test_the_threshold_follows_from_the_costs() -> None:
    costs = Costs(1, 4)
    assert chosen_threshold(None, costs) == pytest.approx(0.2)
    assert chosen_threshold(0.4, costs) == 0.4
    assert chosen_threshold(None, None) == 0.5
    with pytest.raises(ParameterError, match=r"judge\.costs"):
        Costs(0, 1)


@given(some.integers(0, 10_000), some.integers(2, 30))
@settings(max_examples=40, deadline=None)
def test_the_cheapest_threshold_costs_least(seed: int, rows: int) -> None:
    draw = np.random.default_rng(seed)
    scores, truth = np.round(draw.random(rows), 1), draw.random(rows) < 0.4
    costs = Costs(float(draw.integers(1, 5)), float(draw.integers(1, 5)))

    def cost(level: float) -> float:
        chosen = scores >= level
        wrong = costs.false_positive * (chosen & ~truth) + costs.false_negative * (~chosen & truth)
        return float(wrong.mean())

    best = min(cost(level) for level in (*scores, 2.0))
    assert cost(cheapest(scores, truth, costs)) == pytest.approx(best)


def test_costs_are_told_for_every_threshold_and_beside_deciding_alike() -> None:
    outcomes = _outcomes("binary")
    costs = Costs(1, 4)
    section = examine_thresholds(
        outcomes, Resampling(outcomes.n, draws=100), threshold=0.2, costs=costs, seed=1
    )
    by_key = {measure.key: measure for measure in section.measures}
    chosen = outcomes.scores >= 0.2
    wrong = (chosen & ~outcomes.positive) + 4 * (~chosen & outcomes.positive)
    assert by_key["judge.threshold.cost[0.2]"].value == pytest.approx(wrong.mean())
    assert by_key["judge.cost.none"].value == pytest.approx(4 * outcomes.positive.mean())
    assert by_key["judge.cost.all"].value == pytest.approx((~outcomes.positive).mean())
    told = {measure.key for measure in section.told}
    assert "judge.threshold.cost[0.2]" in told
    assert "judge.threshold.cost[0.25]" not in told


def test_rows_without_a_known_target_are_left_out_and_too_few_refused() -> None:
    predictor, table = people(100)
    cells = table.column("target").to_pylist()
    cells[:30] = [None] * 20 + ["maybe"] * 10
    mixed = table.set_column(table.column_names.index("target"), "target", [cells])
    outcomes, known = outcomes_of(predictor, mixed)
    assert outcomes.n == 70
    assert known.min() == 30
    with pytest.raises(ParameterError, match=r"judge\.too-few"):
        outcomes_of(predictor, mixed.slice(0, 35))
    with pytest.raises(SchemaError, match="target"):
        outcomes_of(predictor, mixed.drop_columns(["target"]))
