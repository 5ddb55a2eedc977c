"""What is measured of a model's answers: each metric as a function of sums over rows.

So a metric is measured on all rows, on each group and on every resample by the same lines.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from anping.core.text import Text
from anping.judge.confusion import RATES, WIDTH, Of, confusion_columns, counts, rates
from anping.judge.outcomes import Outcomes
from anping.judge.ranking import macro_auc, weighted_auc

Floats = NDArray[np.float64]
_TINY = float(np.finfo(np.float64).eps)


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric: ``of`` says what its n counts; a ``share`` is a part of those."""

    name: str
    title: Text
    unit: str
    of: Of = "rows"
    share: bool = False
    higher_is_better: bool | None = None


class Scoring(Protocol):
    """The metrics of a task, from sums of columns; ``ranking`` follows from weights instead."""

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """What is measured, in the order of the report."""

    def columns(self, outcomes: Outcomes) -> Floats:
        """Return (n, k): what is summed over rows."""

    def values(self, sums: Floats) -> dict[str, Floats]:
        """Return each metric but the ranking from sums (..., k); NaN where it cannot be told."""

    def counts(self, sums: Floats) -> dict[Of, Floats]:
        """Return how many each metric rests on, from sums (..., k)."""

    def ranking(self, outcomes: Outcomes) -> tuple[Metric, Callable[[Floats], Floats]] | None:
        """Return the metric of ranking and its function of weights (d, n) → (d,), or None."""


def _rate(name: str, *, called: str | None = None) -> Metric:
    rate = RATES[name]
    return Metric(
        called or name,
        rate.title,
        "share",
        rate.of,
        share=True,
        higher_is_better=rate.higher_is_better,
    )


_LOG_LOSS = Metric("log_loss", Text("對數損失", "Log loss"), "nats", higher_is_better=False)
_BRIER = Metric("brier", Text("Brier 分數", "Brier score"), "score", higher_is_better=False)
_BALANCED = Metric(
    "balanced_accuracy", Text("平衡正確率", "Balanced accuracy"), "share", higher_is_better=True
)
_GAP = Text("平均機率減實際比例", "Mean probability less base rate")
_AUC = Metric("auc", Text("AUC", "AUC"), "auc", higher_is_better=True)
_MACRO_AUC = Metric(
    "macro_auc", Text("各類別平均 AUC", "Mean one-against-rest AUC"), "auc", higher_is_better=True
)


@dataclass(frozen=True, slots=True)
class BinaryScoring:
    """Two classes: the second is decided for from the probability ``threshold`` on."""

    threshold: float = 0.5

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """Probabilities first, then decisions."""
        return (
            _LOG_LOSS,
            _BRIER,
            _rate("accuracy"),
            _BALANCED,
            _rate("positive_predictive_value", called="precision"),
            _rate("true_positive_rate", called="recall"),
            Metric("f1", Text("F1 分數", "F1 score"), "score", higher_is_better=True),
            _rate("false_positive_rate"),
            _rate("false_negative_rate"),
            _rate("selection_rate"),
            _rate("base_rate"),
            Metric("calibration_gap", _GAP, "share"),
        )

    def columns(self, outcomes: Outcomes) -> Floats:
        """Return the confusion's columns, and the log loss, Brier score and error of each row."""
        scores = outcomes.scores
        truth = outcomes.positive
        right = np.clip(np.where(truth, scores, 1 - scores), _TINY, 1 - _TINY)
        found: Floats = np.column_stack(
            (
                confusion_columns(truth, scores >= self.threshold),
                -np.log(right),
                (scores - truth) ** 2,
                scores - truth,
            )
        )
        return found

    def values(self, sums: Floats) -> dict[str, Floats]:
        """Return each metric from sums (..., 7)."""
        found = rates(sums[..., :WIDTH])
        rows, positives, selected, both = (sums[..., place] for place in range(WIDTH))
        with np.errstate(invalid="ignore", divide="ignore"):
            found["log_loss"] = sums[..., WIDTH] / rows
            found["brier"] = sums[..., WIDTH + 1] / rows
            found["calibration_gap"] = sums[..., WIDTH + 2] / rows
            found["f1"] = 2 * both / (positives + selected)
        found["balanced_accuracy"] = (found["true_positive_rate"] + found["true_negative_rate"]) / 2
        found["precision"] = found["positive_predictive_value"]
        found["recall"] = found["true_positive_rate"]
        return found

    def counts(self, sums: Floats) -> dict[Of, Floats]:
        """Return how many each metric rests on."""
        return counts(sums[..., :WIDTH])

    def ranking(self, outcomes: Outcomes) -> tuple[Metric, Callable[[Floats], Floats]]:
        """Return the AUC."""
        return _AUC, weighted_auc(outcomes.positive, outcomes.scores)


@dataclass(frozen=True, slots=True)
class ClassesScoring:
    """Several classes: the likeliest is decided for, the first of equals."""

    classes: int

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """Probabilities first, then decisions."""
        f1 = Metric("macro_f1", Text("各類別平均 F1", "Mean F1"), "score", higher_is_better=True)
        return (_LOG_LOSS, _BRIER, _rate("accuracy"), _BALANCED, f1)

    def columns(self, outcomes: Outcomes) -> Floats:
        """Return one, right, log loss, Brier, and the truth, decision and both of each class."""
        truth = outcomes.truth.astype(np.int64)
        values = outcomes.values
        true = np.eye(self.classes)[truth]
        decided = np.eye(self.classes)[values.argmax(axis=1)]
        chance = np.clip(values[np.arange(truth.size), truth], _TINY, 1.0)
        found: Floats = np.column_stack(
            (
                np.ones(truth.size),
                (true * decided).sum(axis=1),
                -np.log(chance),
                ((values - true) ** 2).sum(axis=1),
                true,
                decided,
                true * decided,
            )
        )
        return found

    def values(self, sums: Floats) -> dict[str, Floats]:
        """Return each metric from sums (..., 4 + 3 c); a class that no row has does not count."""
        rows, count = sums[..., 0], self.classes
        true, decided, both = (
            sums[..., 4 + part * count : 4 + (part + 1) * count] for part in range(3)
        )
        with np.errstate(invalid="ignore", divide="ignore"):
            recall = np.where(true > 0, both / true, np.nan)
            f1 = np.where(true + decided > 0, 2 * both / (true + decided), np.nan)
            return {
                "accuracy": sums[..., 1] / rows,
                "log_loss": sums[..., 2] / rows,
                "brier": sums[..., 3] / rows,
                "balanced_accuracy": _mean(recall),
                "macro_f1": _mean(f1),
            }

    def counts(self, sums: Floats) -> dict[Of, Floats]:
        """Return how many rows there are."""
        return {"rows": sums[..., 0]}

    def ranking(self, outcomes: Outcomes) -> tuple[Metric, Callable[[Floats], Floats]]:
        """Return the mean of the one-against-rest AUCs."""
        return _MACRO_AUC, macro_auc(outcomes.truth, outcomes.values)


@dataclass(frozen=True, slots=True)
class NumberScoring:
    """A number: errors in the target's unit. Squares are summed around ``centre``, to stay exact."""

    centre: float = 0.0

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """Errors first, then what lies on average."""
        unit = "target unit"
        return (
            Metric("rmse", Text("均方根誤差", "Root mean squared error"), unit, higher_is_better=False),
            Metric("mae", Text("平均絕對誤差", "Mean absolute error"), unit, higher_is_better=False),
            Metric("r2", Text("決定係數 R²", "R²"), "r2", higher_is_better=True),
            Metric("bias", Text("平均偏差（預測減實際）", "Mean error (predicted less true)"), unit),
            Metric("mean_predicted", Text("預測的平均", "Mean prediction"), unit),
            Metric("mean_truth", Text("實際的平均", "Mean truth"), unit),
        )  # fmt: skip

    def columns(self, outcomes: Outcomes) -> Floats:
        """Return one, the centred truth, its square, the error, its size and its square."""
        error = outcomes.values - outcomes.truth
        centred = outcomes.truth - self.centre
        found: Floats = np.column_stack(
            (
                np.ones(error.size),
                centred,
                centred**2,
                error,
                np.abs(error),
                error**2,
            )
        )
        return found

    def values(self, sums: Floats) -> dict[str, Floats]:
        """Return each metric from sums (..., 6)."""
        rows, truth, squares, error, size, squared = (sums[..., place] for place in range(6))
        with np.errstate(invalid="ignore", divide="ignore"):
            spread = squares - truth**2 / rows
            return {
                "rmse": np.sqrt(squared / rows),
                "mae": size / rows,
                "r2": np.where(spread > 1e-12 * squares, 1 - squared / spread, np.nan),
                "bias": error / rows,
                "mean_predicted": self.centre + (truth + error) / rows,
                "mean_truth": self.centre + truth / rows,
            }

    def counts(self, sums: Floats) -> dict[Of, Floats]:
        """Return how many rows there are."""
        return {"rows": sums[..., 0]}

    def ranking(self, outcomes: Outcomes) -> None:  # noqa: ARG002 - the protocol's signature
        """Return None: numbers are not ranked."""
        return


def scoring_of(outcomes: Outcomes, *, threshold: float) -> Scoring:
    """Return the metrics of the outcomes' task."""
    if outcomes.task == "number":
        return NumberScoring(float(outcomes.truth.mean()))
    if outcomes.task == "binary":
        return BinaryScoring(threshold)
    return ClassesScoring(len(outcomes.classes))


def _mean(values: Floats) -> Floats:
    """Return the mean over the last axis of what is known, NaN where nothing is."""
    known = ~np.isnan(values)
    count = known.sum(axis=-1)
    total = np.where(known, values, 0.0).sum(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Floats = np.where(count > 0, total / count, np.nan)
    return found
