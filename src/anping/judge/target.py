"""What a model is asked to predict, and whether it is two classes, several classes or a number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from anping.core.cells import trimmed_text
from anping.core.errors import ParameterError, Where
from anping.core.text import Text
from anping.engine.natures import as_number, nature_of

Task = Literal["binary", "classes", "number"]

_MOST_CLASSES = 20


@dataclass(frozen=True)
class Target:
    """The target of both tables in numbers; NaN where it is missing or unknown.

    ``raw`` (n,) and ``protected`` (m,) are class codes 0 to c - 1, or the numbers themselves.
    ``classes`` (c) is empty for a number.
    """

    task: Task
    raw: NDArray[np.float64]
    protected: NDArray[np.float64]
    classes: int


def target_of(column: str, raw: pa.ChunkedArray, protected: pa.ChunkedArray) -> Target:
    """Return the target: numbers with more than 20 distinct values are predicted as numbers.

    Raises ParameterError for a single class (``utility.one-class``) or for more than 20 classes that
    are not numbers (``utility.many-classes``).
    """
    texts = [trimmed_text(cell) for cell in raw.to_pylist()]
    names = sorted(set(texts) - {""})
    if len(names) < 2:
        raise ParameterError(
            "utility.one-class",
            Text("目標欄位只有一種值，無法訓練模型。", "The target has a single value to learn."),
            where=Where(column=column),
            hint=Text("請選另一個目標欄位。", "Choose another target column."),
        )
    if len(names) > _MOST_CLASSES:
        return _number(column, raw, protected)
    codes = {name: float(code) for code, name in enumerate(names)}
    return Target(
        "binary" if len(names) == 2 else "classes",
        np.array([codes.get(text, np.nan) for text in texts]),
        np.array([codes.get(trimmed_text(cell), np.nan) for cell in protected.to_pylist()]),
        len(names),
    )


def _number(column: str, raw: pa.ChunkedArray, protected: pa.ChunkedArray) -> Target:
    numbers = np.array([as_number(cell) for cell in raw.to_pylist()])
    if nature_of(raw) != "number":
        raise ParameterError(
            "utility.many-classes",
            Text(
                f"目標欄位有超過 {_MOST_CLASSES} 種不是數字的值。",
                f"The target has more than {_MOST_CLASSES} values that are not numbers.",
            ),
            where=Where(column=column),
            hint=Text(
                "請選類別較少或是數字的目標欄位。",
                "Choose a target with fewer classes or one of numbers.",
            ),
        )
    seen = np.array([as_number(cell) for cell in protected.to_pylist()])
    return Target("number", numbers, seen, 0)
