"""What learning measures of its model: on rows held out, or else on the rows of each fold in turn."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from anping.core.measure import Interval, Measure
from anping.core.text import Text
from anping.engine.prediction import Task
from anping.learn.conformal import scores_of
from anping.learn.design import Design
from anping.learn.link import loss_of
from anping.learn.model import Model
from anping.stats.auc import auc, auc_interval
from anping.stats.intervals import wilson

Floats = NDArray[np.float64]
Test = tuple[pa.Table, Floats] | None
_LEVEL = 0.9


def measured(
    model: Model, design: Design, *, crossed: tuple[Floats, Floats], test: Test
) -> tuple[Measure, ...]:
    """Return the loss, its baseline, the AUC of two classes, and the coverage of 90 % sets.

    They are of the rows held out (``test``: rows and truth), or without any of ``crossed``: the sums
    (m, outputs) and the truth (m,) of rows that were tested in turn.
    """
    if test is None:
        sums, truth = crossed
        said = _Said(design.task, model.link.values(sums), truth, "cross-validation")
    else:
        sums = model.sums(model.encoder.matrix(test[0]))
        said = _Said(design.task, model.link.values(sums), test[1], "held-out")
    return (*_losses(said, design), *_ranking(said), *_coverage(model, said))


@dataclass(frozen=True, eq=False)
class _Said:
    """What was said of rows, what was true, and how the rows were chosen."""

    task: Task
    values: Floats
    truth: Floats
    how: str


def _losses(said: _Said, design: Design) -> list[Measure]:
    task, values, truth, how = said.task, said.values, said.truth, said.how
    losses = loss_of(task, values, truth)
    constant = _constant(design, truth.size)
    base = loss_of(task, constant, truth)
    if task == "number":
        return [
            Measure("learn.rmse", float(np.sqrt(losses.mean())), "target", truth.size, Text("均方根誤差", "Root mean squared error"), interval=_root(losses), method=how),
            Measure("learn.rmse_constant", float(np.sqrt(base.mean())), "target", truth.size, Text("總是猜平均的均方根誤差", "Root mean squared error of always guessing the mean"), method=how),
        ]  # fmt: skip
    return [
        Measure("learn.log_loss", float(losses.mean()), "nats", truth.size, Text("對數損失", "Log loss"), interval=_of_mean(losses), method=how),
        Measure("learn.log_loss_constant", float(base.mean()), "nats", truth.size, Text("總是猜各類比例的對數損失", "Log loss of always guessing the classes' shares"), method=how),
    ]  # fmt: skip


def _constant(design: Design, rows: int) -> Floats:
    if design.task == "number":
        return np.full(rows, float(design.target.mean()))
    shares = np.bincount(design.target.astype(np.int64), minlength=design.classes)
    return np.tile(shares / design.target.size, (rows, 1))


def _ranking(said: _Said) -> list[Measure]:
    task, values, truth, how = said.task, said.values, said.truth, said.how
    positive = truth == 1
    if task != "binary" or not positive.any() or positive.all():
        return []
    return [
        Measure("learn.auc", auc(positive, values[:, 1]), "probability", truth.size, Text("AUC", "AUC"), interval=auc_interval(positive, values[:, 1]), method=how)
    ]  # fmt: skip


def _coverage(model: Model, said: _Said) -> list[Measure]:
    values, truth, how = said.values, said.truth, said.how
    if _LEVEL not in model.conformal.levels:
        return []
    task = model.signature.task
    reach = model.conformal.scores[model.conformal.levels.index(_LEVEL)]
    if task == "number":
        inside = scores_of(task, values, truth) <= reach
        width, unit = 2 * reach, "target"
    else:
        sets = model.conformal.sets(values, _LEVEL)
        inside = sets[np.arange(truth.size), truth.astype(np.int64)]
        width, unit = float(sets.sum(axis=1).mean()), "classes"
    return [
        Measure("learn.coverage", float(inside.mean()), "share", truth.size, Text("90% 區間涵蓋真值的比例", "Share of truths within the 90 % intervals or sets"), interval=wilson(int(inside.sum()), truth.size), method=how),
        Measure("learn.coverage_width", width, unit, truth.size, Text("90% 區間的寬度", "Width of the 90 % intervals or sets"), method=how),
    ]  # fmt: skip


def _of_mean(values: Floats) -> Interval:
    reach = 1.96 * float(values.std(ddof=1)) / sqrt(values.size) if values.size > 1 else 0.0
    mean = float(values.mean())
    return Interval(mean - reach, mean + reach, 0.95, "normal")


def _root(squares: Floats) -> Interval:
    bounds = _of_mean(squares)
    return Interval(sqrt(max(bounds.low, 0.0)), sqrt(bounds.high), 0.95, "normal-of-squares")
