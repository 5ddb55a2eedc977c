"""Small predictors whose answers are known, for what examines models."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from anping.engine.prediction import Feature, Prediction, Signature, Task

Floats = NDArray[np.float64]
Answer = Callable[[pa.Table], Floats]


@dataclass(frozen=True, eq=False)
class Toy:
    """Answers by a function of the rows: numbers, log-odds (n,), or log-odds of classes (n, c)."""

    signature: Signature
    answer: Answer

    def predict(self, rows: pa.Table) -> Prediction:
        for feature in self.signature.features:
            rows.column(feature.name)
        sums = self.answer(rows)
        if self.signature.task == "number":
            return Prediction(sums)
        if self.signature.task == "binary":
            second = 0.5 * (1 + np.tanh(sums / 2))
            return Prediction(np.column_stack([1 - second, second]))
        powers = np.exp(sums - sums.max(axis=1, keepdims=True))
        return Prediction(powers / powers.sum(axis=1, keepdims=True))


def signature(
    rows: pa.Table, task: Task = "binary", classes: tuple[str, ...] = ("no", "yes")
) -> Signature:
    """Return the signature of rows: texts are categories, all else numbers."""
    features = []
    for name in rows.column_names:
        cells = rows.column(name)
        if pa.types.is_string(cells.type):
            counted = sorted(set(cells.drop_null().to_pylist()))
            features.append(Feature(name, "category", tuple(counted)))
        else:
            known = cells.drop_null().to_numpy()
            low, high = float(known.min()), float(known.max())
            features.append(Feature(name, "number", (), low, high))
    return Signature("target", task, () if task == "number" else classes, tuple(features))


def cells(rows: pa.Table, name: str) -> Floats:
    """Return a column's numbers, 0 for a missing one."""
    found: Floats = np.nan_to_num(
        rows.column(name).cast(pa.float64(), safe=False).to_numpy().astype(float)
    )
    return found


def people(rows: int = 400, seed: int = 3) -> pa.Table:
    """Return rows of income (whole), debt, age and job, with a few missing incomes."""
    draw = np.random.default_rng(seed)
    income = draw.integers(10, 100, rows)
    return pa.table(
        {
            "income": pa.array(income, mask=draw.random(rows) < 0.03),
            "debt": np.round(draw.gamma(2, 10, rows), 1),
            "age": draw.integers(20, 80, rows),
            "job": draw.choice(["nurse", "driver", "clerk"], rows),
        }
    )


def risk(rows: pa.Table) -> Floats:
    """Return log-odds that fall with income, rise with debt, and are higher for drivers."""
    driver = np.array(rows.column("job").to_pylist()) == "driver"
    found: Floats = 0.1 * (cells(rows, "debt") - 0.5 * cells(rows, "income")) + 1.5 * driver + 0.01 * (cells(rows, "age") - 50)  # fmt: skip
    return found


def risky(rows: pa.Table | None = None) -> Toy:
    """Return the predictor of :func:`risk` over :func:`people`."""
    return Toy(signature(people() if rows is None else rows), risk)
