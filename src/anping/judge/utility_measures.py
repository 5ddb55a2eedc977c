"""The measures of a utility comparison, with intervals over the test rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import isfinite, nan
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

from anping.core.measure import Interval, Measure, Replay
from anping.core.text import Text
from anping.judge.scores import SCORE, root_mean_square_error, score
from anping.judge.target import Task
from anping.stats.auc import auc_difference_interval, auc_interval
from anping.stats.bootstrap import percentile_interval, resamples

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

_METHOD = "LightGBM 150 rounds, tested on raw held-out rows"
_ASSUMPTIONS = (
    Text(
        "兩個模型使用相同設定與相同的人訓練，都以原始的保留列測試。",
        "Both models have the same settings, learn from the same people and are tested on raw "
        "held-out rows.",
    ),
    Text(
        "這是一個目標與一種模型的結果；其他用途可能損失更多或更少。",
        "This is one target and one kind of model; another use may lose more or less.",
    ),
)
_UNSEEN = Text(
    "測試的人沒有進入任何一次保護：釋出前就已保留。",
    "The people tested on were held out before protection: no protection saw their rows.",
)
_SEEN = Text(
    "測試的人的資料列也在受保護的表中，影響了別人的列如何被概化；兩個模型都沒有從中學習。",
    "The rows of the people tested on are in the protected table too and shaped how others were "
    "generalised; neither model learnt from them.",
)
_NAMES = {
    "auc": Text("AUC", "AUC"),
    "macro_auc": Text("各類別平均 AUC", "Mean one-against-rest AUC"),
    "r2": Text("決定係數 R²", "R²"),
}
_SIDES = {
    "raw": Text("以原始資料訓練", "trained on raw data"),
    "protected": Text("以保護後資料訓練", "trained on protected data"),
}


@dataclass(frozen=True)
class Outcome:
    """The truth of the test rows and what both models predicted for them.

    ``groups`` (n,) numbers the person of each test row, or is None where rows stand for people.
    ``drawn`` is how many rows of how many were used, None where all were. ``unseen`` says that the
    protection never saw the rows that are tested on.
    """

    task: Task
    target: str
    truth: Floats
    raw: Floats
    protected: Floats
    groups: Rows | None
    drawn: tuple[int, int] | None = None
    unseen: bool = False

    @property
    def method(self) -> str:
        """How the scores came about."""
        said = f"{_METHOD}; target {self.target}"
        if self.drawn is None:
            return said
        return f"{said}; {self.drawn[0]:,} of {self.drawn[1]:,} rows, people drawn at random"


@dataclass(frozen=True)
class _Row:
    """One line of the result before it becomes a measure."""

    name: str
    value: float
    unit: str
    title: Text
    subject: str = ""
    interval: Interval | None = None


def measures_of(outcome: Outcome, *, seed: int, draws: int) -> tuple[Measure, ...]:
    """Return the scores of both models, what was lost, and the share that was kept.

    Two classes with one row per person get DeLong's intervals; all else, and the ratio, the
    percentile bootstrap over test rows (over people where one has several), ``draws`` times.
    """
    rows = [*_scores(outcome, seed, draws), *_errors(outcome, seed, draws)]
    return tuple(
        Measure(
            name=row.name,
            value=row.value,
            unit=row.unit,
            n=outcome.truth.size,
            title=row.title,
            subject=row.subject,
            interval=row.interval,
            method=outcome.method,
            seed=seed,
            assumptions=(*_ASSUMPTIONS, _UNSEEN if outcome.unseen else _SEEN),
            replay=Replay("utility.model", ("raw",), 1e-6),
        )
        for row in rows
        if isfinite(row.value)
    )


def _scores(outcome: Outcome, seed: int, draws: int) -> Iterable[_Row]:
    unit = SCORE[outcome.task]
    name, title = f"utility.{unit}", _NAMES[unit]
    sides = {"raw": outcome.raw, "protected": outcome.protected}
    found = {side: score(outcome.task, outcome.truth, sides[side]) for side in sides}

    def at(rows: Rows) -> tuple[float, float]:
        truth = outcome.truth[rows]
        one, other = (score(outcome.task, truth, sides[side][rows]) for side in sides)
        return one, other

    draw = _bootstrap(outcome, at, seed=seed, draws=draws)
    exact = outcome.task == "binary" and outcome.groups is None
    flags = outcome.truth == 1
    for place, (side, predicted) in enumerate(sides.items()):
        interval = auc_interval(flags, predicted) if exact else draw(itemgetter(place))
        yield _Row(name, found[side], unit, _titled(title, side), side, interval)
    lost = auc_difference_interval(flags, *sides.values()) if exact else draw(lambda p: p[0] - p[1])
    yield _Row(
        f"{name}.lost",
        found["raw"] - found["protected"],
        unit,
        Text(f"保護後損失的{title.zh}", f"{title.en} lost by protection"),
        interval=lost,
    )
    if found["raw"] > 0:
        yield _Row(
            f"{name}.kept",
            found["protected"] / found["raw"],
            "ratio",
            Text(f"保護後保有的{title.zh}比例", f"Share of the {title.en} kept"),
            interval=draw(lambda pair: pair[1] / pair[0] if pair[0] > 0 else nan),
        )


def _errors(outcome: Outcome, seed: int, draws: int) -> Iterable[_Row]:
    if outcome.task != "number":
        return
    sides = {"raw": outcome.raw, "protected": outcome.protected}

    def at(rows: Rows) -> tuple[float, float]:
        one, other = (
            root_mean_square_error(outcome.truth[rows], predicted[rows])
            for predicted in sides.values()
        )
        return one, other

    draw = _bootstrap(outcome, at, seed=seed, draws=draws)
    for place, (side, predicted) in enumerate(sides.items()):
        error = root_mean_square_error(outcome.truth, predicted)
        title = _titled(Text("均方根誤差", "Root mean squared error"), side)
        interval = draw(itemgetter(place))
        yield _Row("utility.rmse", error, "target unit", title, side, interval)


def _titled(title: Text, side: str) -> Text:
    return Text(f"{title.zh}（{_SIDES[side].zh}）", f"{title.en}, {_SIDES[side].en}")


Pair = tuple[float, float]


def _bootstrap(
    outcome: Outcome, at: Callable[[Rows], Pair], *, seed: int, draws: int
) -> Callable[[Callable[[Pair], float]], Interval | None]:
    """Return a function from a statistic of both scores to its interval, over the same resamples."""
    known: list[Pair] = []

    def draw(statistic: Callable[[Pair], float]) -> Interval | None:
        if not known:
            n = outcome.truth.size
            rows = resamples(n, draws=draws, seed=seed, groups=outcome.groups)
            known.extend(at(each) for each in rows)
        return percentile_interval(
            [statistic(pair) for pair in known], grouped=outcome.groups is not None
        )

    return draw
