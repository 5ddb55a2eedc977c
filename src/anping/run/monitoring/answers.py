"""What a model said of rows, and how far each answer lay from the truth where that is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from anping.core.cells import trimmed_text
from anping.engine.natures import as_number, distinct_cells
from anping.engine.prediction import Feature, Prediction, Signature, Task
from anping.run.monitoring.reading import Cells

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
_EDGE = 1e-12


@dataclass(frozen=True, eq=False)
class Answers:
    """``values`` (n,) or (n, c) as in a Prediction; ``truth`` (n,) class codes or numbers, NaN unknown."""

    signature: Signature
    values: Floats
    truth: Floats

    @property
    def task(self) -> Task:
        """What is predicted."""
        return self.signature.task

    @property
    def size(self) -> int:
        """How many rows there are."""
        return int(self.truth.size)

    @property
    def labelled(self) -> Answers:
        """The rows whose truth is known."""
        return self.take(np.flatnonzero(~np.isnan(self.truth)))

    def take(self, rows: Rows) -> Answers:
        """Return the answers for ``rows``."""
        return Answers(self.signature, self.values[rows], self.truth[rows])

    @property
    def score(self) -> Floats:
        """(n,): the chance of the second of two classes, of the likeliest class, or the number."""
        if self.task == "number":
            return self.values
        found: Floats = self.values[:, 1] if self.task == "binary" else self.values.max(axis=1)
        return found

    @property
    def said(self) -> Floats:
        """(n,): the code of the likeliest class, or the number."""
        if self.task == "number":
            return self.values
        found: Floats = self.values.argmax(axis=1).astype(np.float64)
        return found

    @property
    def cells(self) -> dict[str, Cells]:
        """The score, and of several classes the class said, as columns whose drift can be told."""
        none = np.zeros(self.size, bool)
        found = {"": Cells(Feature("", "number"), self.score, none, none)}
        if self.task == "classes":
            said = Feature("class", "category", self.signature.classes)
            found["class"] = Cells(said, self.said, none, none)
        return found

    def losses(self) -> dict[str, Floats]:
        """Return (n,) for each measure that is a mean over rows; of rows whose truth is known."""
        if self.task == "number":
            gaps = self.values - self.truth
            return {"squared": gaps**2, "mae": np.abs(gaps)}
        there = self.values[np.arange(self.size), self.truth.astype(np.int64)]
        return {
            "accuracy": (self.said == self.truth).astype(np.float64),
            "log_loss": -np.log(np.clip(there, _EDGE, 1.0)),
        }


def answers_of(signature: Signature, said: Prediction, column: pa.ChunkedArray | None) -> Answers:
    """Return a model's answers with the truth that ``column`` tells (None: not known).

    A cell that is no class of the model, or no number, is not known.
    """
    rows = said.values.shape[0]
    if column is None:
        return Answers(signature, said.values, np.full(rows, np.nan))
    codes, distinct = distinct_cells(column)
    if signature.task == "number":
        table = np.array([as_number(cell) for cell in distinct])
    else:
        known = {value: float(place) for place, value in enumerate(signature.classes)}
        table = np.array([known.get(trimmed_text(cell), np.nan) for cell in distinct])
    return Answers(signature, said.values, table[codes])
