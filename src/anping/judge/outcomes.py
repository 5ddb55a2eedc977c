"""What a model said of rows whose truth is known, in numbers: what every examination starts from."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from anping.core.cells import trimmed_text
from anping.core.errors import ParameterError, Where
from anping.core.text import Text
from anping.engine.natures import as_number, distinct_cells
from anping.engine.prediction import Predictor, Signature, Task
from anping.engine.table import missing_column
from anping.judge.split import people_numbers

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
Flags = NDArray[np.bool_]

#: Fewer rows than these say nothing of a model.
FEWEST = 20


@dataclass(frozen=True, eq=False)
class Outcomes:
    """The truth of n rows and what was predicted for them.

    ``truth`` (n,) are class codes or numbers; ``values`` (n,) numbers or (n, c) probabilities.
    ``people`` (n,) numbers the person of each row, None where rows stand for people.
    """

    task: Task
    classes: tuple[str, ...]
    truth: Floats
    values: Floats
    people: Rows | None = None

    @property
    def n(self) -> int:
        """How many rows there are."""
        return int(self.truth.size)

    @property
    def positive(self) -> Flags:
        """Which rows are of the second of two classes (n,)."""
        flags: Flags = self.truth == 1
        return flags

    @property
    def scores(self) -> Floats:
        """The probability of the second of two classes (n,)."""
        scores: Floats = self.values[:, 1]
        return scores

    def at(self, rows: Rows | Flags) -> Outcomes:
        """Return the outcomes of some rows."""
        people = None if self.people is None else self.people[rows]
        return replace(self, truth=self.truth[rows], values=self.values[rows], people=people)


def truth_of(signature: Signature, rows: pa.Table) -> Floats:
    """Return the target of each row (n,) as the model counts it; NaN where missing or unknown.

    Raises SchemaError where the table has no such column.
    """
    if signature.target not in rows.column_names:
        raise missing_column(signature.target, rows.column_names)
    places, distinct = distinct_cells(rows.column(signature.target))
    if signature.task == "number":
        read = [as_number(cell) for cell in distinct]
    else:
        codes = {name: float(code) for code, name in enumerate(signature.classes)}
        read = [codes.get(trimmed_text(cell), np.nan) for cell in distinct]
    found: Floats = np.array(read, dtype=np.float64)[places]
    return found


def outcomes_of(
    predictor: Predictor, rows: pa.Table, *, person: str | None = None
) -> tuple[Outcomes, Rows]:
    """Return what the model says of the rows whose truth is known, and which rows (n,) those are.

    Raises SchemaError for a missing column and ParameterError (``judge.too-few``) where fewer than 20
    rows have a truth that the model knows, or all have the same.
    """
    signature = predictor.signature
    truth = truth_of(signature, rows)
    known = np.flatnonzero(~np.isnan(truth))
    if known.size < FEWEST or np.unique(truth[known]).size < 2:
        raise _too_few(signature.target, known.size)
    if person is not None and person not in rows.column_names:
        raise missing_column(person, rows.column_names)
    taken = rows.take(pa.array(known))
    keys = None if person is None else taken.column(person).combine_chunks()
    people = people_numbers(keys)
    values = np.asarray(predictor.predict(taken).values, dtype=np.float64)
    return Outcomes(signature.task, signature.classes, truth[known], values, people), known


def _too_few(target: str, rows: int) -> ParameterError:
    return ParameterError(
        "judge.too-few",
        Text(
            f"已知目標值的列只有 {rows} 列，或全部相同；至少要 {FEWEST} 列、兩種值。",
            f"{rows} rows have a known target, or all have the same; at least {FEWEST} rows with two "
            "different values are needed.",
        ),
        where=Where(column=target),
        hint=Text("請提供更多有目標值的列。", "Give more rows whose target is known to the model."),
    )
