"""What is to be learnt: two classes, several classes, or a number."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from anping.core.cells import trimmed_text
from anping.core.errors import ParameterError, Where
from anping.core.text import Text
from anping.engine.natures import as_number, distinct_cells, nature_of
from anping.engine.prediction import Task

Floats = NDArray[np.float64]
#: More values than these are numbers, or too many classes.
_MOST_CLASSES = 20
#: A class of fewer rows cannot be learnt and tested.
_FEWEST = 5
#: Squares of larger numbers, and of their ratios, overflow.
LARGEST = 1e50


@dataclass(frozen=True, eq=False)
class Target:
    """The target of all rows: ``values`` (n,) are class codes or numbers, NaN where it is missing."""

    column: str
    task: Task
    classes: tuple[str, ...]
    values: Floats

    @property
    def known(self) -> NDArray[np.bool_]:
        """Which rows have a target."""
        return ~np.isnan(self.values)


def target_of(column: str, cells: pa.ChunkedArray, *, task: Task | None = None) -> Target:
    """Return the target; ``task`` None tells it from the values.

    Numbers with more than 20 different values are numbers; anything else is classes, in the order of
    their texts. Raises ParameterError where there is nothing to learn: one class (``learn.one-class``),
    too many (``learn.many-classes``), a class of fewer than 5 rows (``learn.rare-class``), or no
    number where one is asked for (``learn.no-number``), or numbers beyond 10^50 (``learn.huge-number``).
    """
    seen = cells.value_counts()
    counts: Counter[str] = Counter()
    for cell, count in zip(
        seen.field("values").to_pylist(), seen.field("counts").to_pylist(), strict=True
    ):
        counts[trimmed_text(cell)] += count
    counts.pop("", None)
    if len(counts) < 2:
        raise _one_class(column)
    numeric = nature_of(cells) == "number"
    if task is None:
        task = (
            "number"
            if numeric and len(counts) > _MOST_CLASSES
            else ("binary" if len(counts) == 2 else "classes")
        )
    if task == "number":
        if not numeric:
            raise _no_number(column)
        return Target(column, "number", (), _within(column, _numbers(cells)))
    if len(counts) > _MOST_CLASSES or (task == "binary" and len(counts) != 2):
        raise _many_classes(column, len(counts), 2 if task == "binary" else _MOST_CLASSES)
    if min(counts.values()) < _FEWEST:
        raise _rare_class(column)
    ranked = sorted(counts, key=lambda name: (as_number(name), name) if numeric else (0.0, name))
    codes = {name: float(code) for code, name in enumerate(ranked)}
    return Target(
        column, "binary" if len(ranked) == 2 else "classes", tuple(ranked), _coded(cells, codes)
    )


def _coded(cells: pa.ChunkedArray, codes: dict[str, float]) -> Floats:
    places, distinct = distinct_cells(cells)
    found: Floats = np.array([codes.get(trimmed_text(cell), np.nan) for cell in distinct])[places]
    return found


def _numbers(cells: pa.ChunkedArray) -> Floats:
    places, distinct = distinct_cells(cells)
    found: Floats = np.array([as_number(cell) for cell in distinct])[places]
    return found


def _within(column: str, numbers: Floats) -> Floats:
    if not np.any(np.abs(numbers) > LARGEST):
        return numbers
    raise ParameterError(
        "learn.huge-number",
        Text("目標欄位有超過 10 的 50 次方的數。", "The target has numbers beyond 10^50."),
        where=Where(column=column),
        hint=Text("請更正這些數，或換一個單位。", "Correct them, or choose another unit."),
    )


def _one_class(column: str) -> ParameterError:
    return ParameterError(
        "learn.one-class",
        Text(
            "目標欄位只有一種值，沒有可學的。",
            "The target has a single value: there is nothing to learn.",
        ),
        where=Where(column=column),
        hint=Text(
            "請選另一個目標欄位，或補上其他類別的資料。",
            "Choose another target, or add rows of other classes.",
        ),
    )


def _many_classes(column: str, there: int, most: int) -> ParameterError:
    return ParameterError(
        "learn.many-classes",
        Text(
            f"目標欄位有 {there:,} 種值，多於可學的 {most} 類。",
            f"The target has {there:,} values, more than the {most} classes that can be learnt.",
        ),
        where=Where(column=column),
        hint=Text(
            "請合併類別，或選數字的目標欄位。", "Merge classes, or choose a target of numbers."
        ),
    )


def _rare_class(column: str) -> ParameterError:
    return ParameterError(
        "learn.rare-class",
        Text(
            f"目標欄位最少的一類少於 {_FEWEST} 列，無法學也無法檢驗。",
            f"The rarest class of the target has fewer than {_FEWEST} rows: it can be neither learnt nor tested.",
        ),
        where=Where(column=column),
        hint=Text("請合併或移除這一類。", "Merge that class with another, or leave its rows out."),
    )


def _no_number(column: str) -> ParameterError:
    return ParameterError(
        "learn.no-number",
        Text("目標欄位的值不是數字。", "The target's values are not numbers."),
        where=Where(column=column),
        hint=Text(
            "請改用分類，或選數字欄位。", "Learn classes instead, or choose a column of numbers."
        ),
    )
