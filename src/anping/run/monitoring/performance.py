"""How well a model does: by labels where they are known, else as its probabilities lead one to expect.

What is expected (confidence-based performance estimation) holds as long as the relation between the
columns and the target is what it was: a change of that relation cannot be seen without labels.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from anping.core.measure import Interval, Measure
from anping.core.text import Text
from anping.run.monitoring.answers import Answers
from anping.run.monitoring.error_size import expected_errors
from anping.run.monitoring.rules import Rules
from anping.stats.auc import auc, auc_interval
from anping.stats.expected_performance import (
    calibrated,
    expected_accuracy,
    expected_auc,
    expected_log_loss,
)
from anping.stats.multiple import holm

Floats = NDArray[np.float64]
_Z = NormalDist().inv_cdf(0.975)
_DRAWS = 100
TITLES = {
    "auc": Text("AUC", "AUC"),
    "accuracy": Text("正確率", "Accuracy"),
    "log_loss": Text("對數損失", "Log loss"),
    "rmse": Text("均方根誤差", "Root mean squared error"),
    "mae": Text("平均絕對誤差", "Mean absolute error"),
}
UNITS = {
    "auc": "probability", "accuracy": "share", "log_loss": "nats", "rmse": "target", "mae": "target",
}  # fmt: skip
#: The measures of which more is better.
RISING = frozenset({"auc", "accuracy"})
UNCHANGED = Text(
    "欄位與目標的關係沒有變",
    "the relation between the columns and the target has not changed",
)


@dataclass(frozen=True, slots=True)
class Figure:
    """A measure with its standard error; ``n`` rows."""

    value: float
    error: float
    n: int

    @property
    def interval(self) -> Interval:
        """The interval of 95 %, by the normal approximation."""
        reach = _Z * self.error
        return Interval(self.value - reach, self.value + reach, 0.95, "normal")


@dataclass(frozen=True, slots=True)
class Performance:
    """One measure: in the reference, now where labels are known, and as expected without labels.

    ``p`` is of labels that tell worse than the reference, ``concept_p`` of labels that tell worse than
    was expected, ``expected_p`` (without labels) of an expectation worse than the reference; all
    one-sided, adjusted by Holm over all of them.
    """

    name: str
    reference: Figure
    actual: Figure | None = None
    expected: Figure | None = None
    p: float | None = None
    expected_p: float | None = None
    concept_p: float | None = None

    def measures(self) -> tuple[Measure, ...]:
        """Return what is known of the measure."""
        told = (
            ("reference", self.reference, Text("參考期", "reference"), "labels"),
            ("actual", self.actual, Text("現在，依標籤", "now, by labels"), "labels"),
            (
                "expected",
                self.expected,
                Text("現在，不靠標籤的估計", "now, expected without labels"),
                "confidence-based performance estimation",
            ),
        )
        title = TITLES[self.name]
        return tuple(
            Measure(
                f"monitor.{self.name}.{when}",
                figure.value,
                UNITS[self.name],
                figure.n,
                Text(f"{title.zh}（{said.zh}）", f"{title.en} ({said.en})"),
                interval=figure.interval,
                method=method,
                assumptions=(UNCHANGED,) if when == "expected" else (),
            )
            for when, figure, said, method in told
            if figure is not None
        )


def performances(
    reference: Answers,
    current: Answers,
    rules: Rules,
    *,
    columns: tuple[Floats, Floats],
    seed: int,
) -> tuple[Performance, ...]:
    """Return every measure of the task that can be told.

    ``columns`` are the features of both as numbers (n, w), (m, w): a number's error is expected by
    what rows like it had in the reference.
    """
    known = reference.labelled
    if known.size < rules.fewest_labels:
        return ()
    before = measured(known)
    labelled = current.labelled
    now = measured(labelled) if labelled.size >= rules.fewest_labels else {}
    expected = _expected(reference, current, columns, seed) if current.size else {}
    found = [
        Performance(name, figure, now.get(name), expected.get(name))
        for name, figure in before.items()
    ]
    adjust = _adjusted(found)
    return tuple(
        Performance(each.name, each.reference, each.actual, each.expected, *chances)
        for each, chances in zip(found, adjust, strict=True)
    )


def measured(answers: Answers) -> dict[str, Figure]:
    """Return the measures of labelled answers, those that can be told of these rows."""
    n = answers.size
    if n < 2:
        return {}
    found: dict[str, Figure] = {}
    positive = answers.truth == 1
    if answers.task == "binary" and positive.any() and not positive.all():
        bounds = auc_interval(positive, answers.score)
        found["auc"] = Figure(auc(positive, answers.score), (bounds.high - bounds.low) / 2 / _Z, n)
    for name, losses in answers.losses().items():
        figure = Figure(float(losses.mean()), float(losses.std(ddof=1)) / sqrt(n), n)
        found["rmse" if name == "squared" else name] = (
            _rooted(figure) if name == "squared" else figure
        )
    return found


def _rooted(figure: Figure) -> Figure:
    root = sqrt(figure.value)
    return Figure(root, figure.error / (2 * root) if root else 0.0, figure.n)


def _expected(
    reference: Answers, current: Answers, columns: tuple[Floats, Floats], seed: int
) -> dict[str, Figure]:
    """Return the measures that the current rows are expected to have.

    Standard errors hold the sampling of labels to come and of the reference's calibration.
    """
    if current.task == "number":
        sizes = expected_errors(reference, current, columns, seed=seed)
        if sizes is None:
            return {}
        (squared, absolute), n = sizes, current.size
        return {
            "rmse": _rooted(Figure(*squared, n)),
            "mae": Figure(*absolute, n),
        }
    if current.task == "binary":
        return _expected_binary(reference, current, seed)
    return _expected_classes(reference, current)


def _expected_binary(reference: Answers, current: Answers, seed: int) -> dict[str, Figure]:
    known, said = reference.labelled, current.score
    chances = calibrated(known.score, known.truth, said)
    answers = current.said
    told: dict[str, Callable[[Floats], float]] = {
        "auc": lambda p: expected_auc(p, said),
        "accuracy": lambda p: expected_accuracy(p, answers),
        "log_loss": lambda p: expected_log_loss(p, said),
    }
    generator = np.random.default_rng([seed, 2])
    drawn: dict[str, list[float]] = {name: [] for name in told}
    for _ in range(_DRAWS):
        rows = generator.integers(0, known.size, known.size)
        again = calibrated(known.score[rows], known.truth[rows], said)
        labels = (generator.random(said.size) < again).astype(np.float64)
        for name, tell in told.items():
            drawn[name].append(tell(labels))
    found = {}
    for name, tell in told.items():
        value = tell(chances)
        spread = [each for each in drawn[name] if isfinite(each)]
        if isfinite(value) and len(spread) > _DRAWS // 2:
            found[name] = Figure(value, float(np.std(spread, ddof=1)), said.size)
    return found


def _expected_classes(reference: Answers, current: Answers) -> dict[str, Figure]:
    """Return the expected accuracy and log loss by each class's probability, calibrated one by one."""
    known = reference.labelled
    chances = np.column_stack(
        [
            calibrated(
                known.values[:, c], (known.truth == c).astype(np.float64), current.values[:, c]
            )
            for c in range(current.values.shape[1])
        ]
    )
    chances /= chances.sum(axis=1, keepdims=True)
    n = current.size
    right = chances[np.arange(n), current.values.argmax(axis=1)]
    logs = -np.log(np.clip(current.values, 1e-12, 1.0))
    loss = (chances * logs).sum(axis=1)
    spread = (chances * logs**2).sum(axis=1) - loss**2
    return {
        "accuracy": Figure(float(right.mean()), sqrt(float((right * (1 - right)).sum())) / n, n),
        "log_loss": Figure(float(loss.mean()), sqrt(float(np.maximum(spread, 0).sum())) / n, n),
    }


def _adjusted(found: list[Performance]) -> list[tuple[float | None, float | None, float | None]]:
    """Return the adjusted p-values: of one family, the questions that can be asked of these rows."""
    asked: dict[tuple[int, int], float] = {}
    for place, each in enumerate(found):
        if each.actual is not None:
            asked[place, 0] = _worse(each.name, each.reference, each.actual)
        if each.expected is not None and each.actual is None:
            asked[place, 1] = _worse(each.name, each.reference, each.expected)
        if each.expected is not None and each.actual is not None:
            asked[place, 2] = _worse(each.name, each.expected, each.actual)
    adjusted = holm([*asked.values()]).tolist() if asked else []
    told = dict(zip(asked, adjusted, strict=True))
    return [
        (told.get((place, 0)), told.get((place, 1)), told.get((place, 2)))
        for place in range(len(found))
    ]


def _worse(name: str, before: Figure, now: Figure) -> float:
    """Return the one-sided p-value that ``now`` is no worse than ``before``."""
    change = now.value - before.value
    if name in RISING:
        change = -change
    error = sqrt(before.error**2 + now.error**2)
    if error == 0:
        return 0.0 if change > 0 else 1.0
    return 1 - NormalDist().cdf(change / error)
