"""Asking a model of rows: what it says, how good that is, and rows with other cells in a column."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from math import nan

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from anping.core.cells import trimmed_text
from anping.core.measure import Interval
from anping.core.text import Text
from anping.engine.natures import as_day, as_number, distinct_cells
from anping.engine.prediction import Feature, Predictor, Signature, Task
from anping.judge.needs import need_as_many, need_rows
from anping.judge.scores import score
from anping.stats.auc import auc_difference_interval, auc_interval, midranks

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
Flags = NDArray[np.bool_]

#: How good a model is in one number that is higher when better, by its task.
SCORE_TITLES: dict[Task, Text] = {
    "binary": Text("AUC", "AUC"),
    "classes": Text("各類 AUC 的平均", "Mean AUC of each class against the rest"),
    "number": Text("決定係數 R²", "R²"),
}


def said(predictor: Predictor, rows: pa.Table) -> Floats:
    """Return (n,) numbers or chances of the second class, or (n, c) chances of several classes."""
    values = predictor.predict(rows).values
    return values[:, 1] if predictor.signature.task == "binary" else values


def decided(task: Task, values: Floats, *, threshold: float = 0.5) -> Rows:
    """Return (n,): the class that is decided for what was said; a number is only whether it is high."""
    if task == "classes":
        chosen: Rows = values.argmax(axis=1)
        return chosen
    return (values >= threshold).astype(np.int64)


def drop(task: Task, truth: Floats, before: Floats, after: Floats) -> tuple[float, Interval | None]:
    """Return how much worse the score became on the same rows, with its interval at 95 %.

    Two classes have DeLong's paired interval, others that of the score's influence function. NaN where
    the rows cannot tell (one class).
    """
    value = score(task, truth, before) - score(task, truth, after)
    if not np.isfinite(value):
        return nan, None
    if task == "binary":
        return value, auc_difference_interval(truth == 1, before, after)
    reach = influence(task, truth, before) - influence(task, truth, after)
    return value, _normal(value, reach)


def score_interval(task: Task, truth: Floats, values: Floats) -> Interval:
    """Return the score's interval at 95 % over rows: DeLong's, or by its influence function."""
    if task == "binary":
        return auc_interval(truth == 1, values)
    return _normal(score(task, truth, values), influence(task, truth, values))


def _normal(value: float, influences: Floats) -> Interval:
    reach = 1.959963984540054 * float(np.sqrt((influences**2).sum()))
    return Interval(value - reach, value + reach, 0.95, "influence-function")


def influence(task: Task, truth: Floats, values: Floats) -> Floats:
    """Return (n,): by how much each row moves the score; the squares add up to its variance.

    The infinitesimal jackknife (Efron 1982): for an AUC these are DeLong's placements.
    """
    n = truth.size
    if task == "number":
        squares, spreads = (truth - values) ** 2, (truth - truth.mean()) ** 2
        miss, whole = squares.mean(), spreads.mean()
        moved: Floats = -((squares - miss) / whole - miss * (spreads - whole) / whole**2) / n
        return moved
    if task == "binary":
        return _auc_influence(truth == 1, values)
    codes = [int(code) for code in np.unique(truth) if (truth == code).sum() < n]
    every = [_auc_influence(truth == code, values[:, code]) for code in codes]
    mean: Floats = np.mean(every, axis=0)
    return mean


def _auc_influence(positive: Flags, scores: Floats) -> Floats:
    one, other = scores[positive], scores[~positive]
    ranks = midranks(np.concatenate([one, other]))
    placed = (ranks[: one.size] - midranks(one)) / other.size
    beyond = 1 - (ranks[one.size :] - midranks(other)) / one.size
    found = np.empty(scores.size)
    found[positive] = (placed - placed.mean()) / one.size
    found[~positive] = (beyond - beyond.mean()) / other.size
    return found


def sampled_rows(rows: pa.Table, truth: Floats, *, most: int, seed: int) -> tuple[pa.Table, Floats]:
    """Return at most ``most`` rows whose truth is known, drawn at random without replacement.

    Raises ParameterError where there are none (``judge.no-rows``), or not as many truths (``judge.rows``).
    """
    need_as_many(truth.size, rows.num_rows)
    need_rows(rows.num_rows)
    known = np.flatnonzero(~np.isnan(truth))
    if known.size > most:
        known = np.sort(np.random.default_rng(seed).choice(known, most, replace=False))
    return plain(rows.take(pa.array(known))), truth[known]


def plain(rows: pa.Table) -> pa.Table:
    """Return the rows with columns of codes spelled out, so that other cells can stand in them."""
    for at, field in enumerate(rows.schema):
        if pa.types.is_dictionary(field.type):
            cells = rows.column(at).cast(field.type.value_type)
            rows = rows.set_column(at, field.name, cells)
    return rows


def with_cells(rows: pa.Table, column: str, cells: pa.Array | pa.ChunkedArray) -> pa.Table:
    """Return the rows with other cells in a column."""
    return rows.set_column(rows.column_names.index(column), column, cells)


def numbers(rows: pa.Table, feature: Feature) -> Floats:
    """Return (n,): a column's numbers, or dates as days; NaN where a cell holds none."""
    read = as_day if feature.nature == "date" else as_number
    codes, distinct = distinct_cells(rows.column(feature.name))
    found: Floats = np.array([read(cell) for cell in distinct], dtype=np.float64)[codes]
    return found


def texts_of(rows: pa.Table, column: str) -> NDArray[np.str_]:
    """Return (n,): a column's cells as trimmed texts, as models read categories; empty if missing."""
    codes, distinct = distinct_cells(rows.column(column))
    found: NDArray[np.str_] = np.array([trimmed_text(cell) for cell in distinct])[codes]
    return found


def cells_of(values: Floats | Sequence[float], feature: Feature, kind: pa.DataType) -> pa.Array:
    """Return numbers, or days, as cells of a column of type ``kind``; NaN is an empty cell.

    A column of whole numbers is given whole numbers.
    """
    asked = np.asarray(values, dtype=np.float64)
    missing = ~np.isfinite(asked)
    if feature.nature == "date":
        days = [
            None if gone else date.fromordinal(int(day))
            for day, gone in zip(asked, missing, strict=True)
        ]
        if pa.types.is_temporal(kind):
            return pa.array(days, pa.date32()).cast(kind)
        return pa.array([None if day is None else day.isoformat() for day in days], pa.string())
    if pa.types.is_integer(kind):
        return pa.array(np.rint(np.where(missing, 0, asked)).astype(np.int64), mask=missing)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        texts = [None if gone else f"{one:.15g}" for one, gone in zip(asked, missing, strict=True)]
        return pa.array(texts, kind)
    return pa.array(np.where(missing, 0.0, asked), pa.float64(), mask=missing)


def spread(values: Floats) -> float:
    """Return 1.4826 times the median absolute deviation; the standard deviation where that is 0.

    1 for a column without any variety. (Consistent with the normal's standard deviation: Hampel 1974.)
    """
    told = values[np.isfinite(values)]
    if not told.size:
        return 1.0
    found = 1.4826 * float(np.median(np.abs(told - np.median(told))))
    return found or float(told.std()) or 1.0


def numeric(signature: Signature) -> tuple[Feature, ...]:
    """Return the columns of numbers that a model reads."""
    return tuple(each for each in signature.features if each.nature == "number")


def categorical(signature: Signature) -> tuple[Feature, ...]:
    """Return the columns of categories that a model reads."""
    return tuple(each for each in signature.features if each.nature == "category")
