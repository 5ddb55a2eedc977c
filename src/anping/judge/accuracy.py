"""How accurate a model is on rows that it has not seen, beside always guessing the same."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from anping.core.measure import Measure
from anping.core.text import Text
from anping.judge.measuring import METHOD, measured_metrics
from anping.judge.metrics import BinaryScoring, Metric, Scoring
from anping.judge.outcomes import Outcomes
from anping.judge.resampling import Resampling
from anping.judge.section import Grid, GridRow, Section

Floats = NDArray[np.float64]

_TITLE = Text("準確度", "Accuracy")
_LEAD = Text(
    "在模型沒有看過的列上量測；每個數字都附 95% 區間與 n。",
    "Measured on rows that the model has not seen; each number with its 95 % interval and n.",
)
_CONSTANT = Text("總是猜同一個答案", "Always guessing the same")
_LIMIT = Text(
    "這些數字說的是這一批列；資料改變後，模型的好壞也會改變。",
    "These numbers are about these rows; when the data change, so does how good the model is.",
)


def examine_accuracy(
    outcomes: Outcomes, scoring: Scoring, resampling: Resampling, *, seed: int
) -> Section:
    """Return the metrics of all rows, those of a constant answer beside them."""
    (found,) = measured_metrics(outcomes, scoring, resampling)
    constant = scoring.values(scoring.columns(_constant(outcomes)).sum(axis=0))
    measures, rows = [], []
    for name, one in found.items():
        measure = None if name in _ELSEWHERE else one.measure(seed=seed)
        if measure is None:
            continue
        beside = _beside(one.metric, constant.get(name), outcomes.n)
        measures += [measure] if beside is None else [measure, beside]
        rows.append(GridRow(one.metric.title, (measure, beside or Text("", ""))))
    grids = [
        Grid(
            Text("整體", "All rows"),
            (Text("量測", "Measure"), Text("模型", "The model"), _CONSTANT),
            tuple(rows),
        )
    ]
    if outcomes.task == "classes":
        grid, more = _by_class(outcomes, resampling, seed=seed)
        grids.append(grid)
        measures += more
    return Section("accuracy", _TITLE, _LEAD, tuple(measures), tuple(grids), limits=(_LIMIT,))


def _constant(outcomes: Outcomes) -> Outcomes:
    """Return the outcomes of answering each row with the shares, or the mean, of these very rows."""
    if outcomes.task == "number":
        return replace(outcomes, values=np.full(outcomes.n, outcomes.truth.mean()))
    shares = np.bincount(outcomes.truth.astype(np.int64), minlength=len(outcomes.classes))
    return replace(outcomes, values=np.tile(shares / outcomes.n, (outcomes.n, 1)))


#: What the section on calibration tells.
_ELSEWHERE = frozenset({"calibration_gap"})
#: What a constant answer makes no sense of, or is the truth itself.
_ALONE = frozenset({"base_rate", "mean_truth", "r2"})


def _beside(metric: Metric, value: Floats | None, n: int) -> Measure | None:
    if value is None or metric.name in _ALONE or not np.isfinite(value):
        return None
    title = Text(
        f"{metric.title.zh}（{_CONSTANT.zh}）", f"{metric.title.en}, always guessing the same"
    )
    return Measure(
        f"judge.{metric.name}.constant", float(value), metric.unit, n, title, method=METHOD
    )


def _by_class(
    outcomes: Outcomes, resampling: Resampling, *, seed: int
) -> tuple[Grid, list[Measure]]:
    """Return precision and recall of each class; a class is named by its place in the measures."""
    decided = outcomes.values.argmax(axis=1)
    scoring = BinaryScoring(0.5)
    rows, measures = [], []
    for code, name in enumerate(outcomes.classes):
        sure = (decided == code).astype(np.float64)
        one = replace(
            outcomes,
            task="binary",
            truth=(outcomes.truth == code).astype(np.float64),
            values=np.column_stack((1 - sure, sure)),
        )
        (found,) = measured_metrics(one, scoring, resampling)
        cells: list[Measure | Text] = []
        for metric in ("precision", "recall", "f1", "base_rate"):
            measure = found[metric].measure(subject=name, seed=seed)
            cells.append(measure or Text("", ""))
            measures += [] if measure is None else [measure]
        rows.append(GridRow(Text(name, name), tuple(cells)))
    head = (
        Text("類別", "Class"),
        Text("精確率", "Precision"),
        Text("召回率", "Recall"),
        Text("F1", "F1"),
        Text("實際比例", "Share of rows"),
    )
    return Grid(Text("各類別", "Each class"), head, tuple(rows)), measures
