"""How the cells of a column become numbers for learning, fixed once on the training rows.

Nothing here looks at the target, so that one reading serves all folds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from math import isfinite, isnan, nan
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from anping.core.cells import trimmed_text
from anping.engine.natures import as_day, as_number, distinct_cells, nature_of
from anping.engine.prediction import Feature

Floats = NDArray[np.float64]
#: A category keeps so many values; rarer ones are one value together.
MOST_CATEGORIES = 250
#: A category with more values than these also tells how frequent its value is.
_FREQUENT = 30
#: Of such a category a value of fewer rows is not kept: it may be one person's (a name), and teaches little.
_FEWEST_ROWS = 5
#: So many rows are read cell by cell, more of them value by value.
_FEW = 24
_DATE_PARTS = ("", " month", " weekday")


@dataclass(frozen=True)
class Column:
    """One column's reading: a number is itself, a date its day, month and weekday, a category a code.

    The codes follow ``feature.categories``; then one for rare and unknown values, and one for a
    missing cell. ``fill`` stands for a missing number where training had none missing. ``shares`` are
    the categories' shares of the training rows, where they are told.
    """

    feature: Feature
    fill: float = nan
    shares: tuple[float, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the numbers that a cell becomes."""
        name = self.feature.name
        if self.feature.nature == "date":
            return tuple(name + part for part in _DATE_PARTS)
        return (name, f"{name} frequency") if self.shares else (name,)

    @property
    def codes(self) -> int:
        """How many codes there are: 0 for what is no category."""
        return len(self.feature.categories) + 2 if self.feature.nature == "category" else 0

    @cached_property
    def _code_of(self) -> Mapping[str, int]:
        return {value: code for code, value in enumerate(self.feature.categories)}

    def read(self, cell: Any) -> tuple[float, ...]:
        """Return the numbers of one cell; NaN is a missing number."""
        if self.feature.nature == "category":
            return self._category(cell)
        number = as_number(cell) if self.feature.nature == "number" else as_day(cell)
        if isnan(number):
            number = self.fill
        if self.feature.nature == "number":
            return (number,)
        if not isfinite(number):
            return (nan, nan, nan)
        # The proleptic ordinal of a Monday is 1 modulo 7.
        return (number, float(_month_of(number)), float((int(number) - 1) % 7))

    def _category(self, cell: Any) -> tuple[float, ...]:
        text = trimmed_text(cell)
        known = len(self.feature.categories)
        code = self._code_of.get(text, known) if text else known + 1
        if not self.shares:
            return (float(code),)
        return (float(code), self.shares[code] if code < known else 0.0)

    def matrix(self, cells: pa.ChunkedArray) -> Floats:
        """Return (n, w): the numbers of a column's cells."""
        if len(cells) <= _FEW:
            rows = [self.read(cell) for cell in cells.to_pylist()]
            return np.array(rows, dtype=np.float64).reshape(len(rows), len(self.names))
        kind = cells.type
        if self.feature.nature == "number" and (
            pa.types.is_integer(kind) or pa.types.is_floating(kind)
        ):
            return self._numbers(cells)
        codes, distinct = distinct_cells(cells)
        table = np.array([self.read(cell) for cell in distinct], dtype=np.float64)
        found: Floats = table.reshape(len(distinct), len(self.names))[codes]
        return found

    def _numbers(self, cells: pa.ChunkedArray) -> Floats:
        numbers: Floats = cells.cast(pa.float64(), safe=False).to_numpy().astype(np.float64)
        numbers[~np.isfinite(numbers)] = self.fill
        return numbers.reshape(-1, 1)

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        fill = None if isnan(self.fill) else self.fill
        return {"feature": self.feature.as_json(), "fill": fill, "shares": list(self.shares)}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Column:
        """Read a column from the plain values of :meth:`as_json`."""
        fill = nan if value["fill"] is None else value["fill"]
        return cls(Feature.from_json(value["feature"]), fill, tuple(value["shares"]))


def _month_of(day: float) -> int:
    return date.fromordinal(int(day)).month


def column_of(name: str, cells: pa.ChunkedArray) -> Column:
    """Return how the cells of a training column are read."""
    nature = nature_of(cells)
    if nature == "category":
        return _category_of(name, cells)
    bare = Column(Feature(name, nature))
    numbers = bare.matrix(cells)[:, 0]
    told = numbers[~np.isnan(numbers)]
    missing = told.size < numbers.size
    if not told.size:
        return bare
    low, high = np.quantile(told, (0.005, 0.995), method="nearest")
    fill = nan if missing else float(np.quantile(told, 0.5, method="nearest"))
    return Column(Feature(name, nature, (), float(low), float(high), missing), fill)


def _category_of(name: str, cells: pa.ChunkedArray) -> Column:
    counts: Counter[str] = Counter()
    seen = cells.value_counts()
    values, rows = seen.field("values").to_pylist(), seen.field("counts").to_pylist()
    for cell, count in zip(values, rows, strict=True):
        counts[trimmed_text(cell)] += count
    missing = counts.pop("", 0) > 0
    wide = len(counts) > _FREQUENT
    ranked = sorted(counts, key=lambda value: (-counts[value], value))[:MOST_CATEGORIES]
    if wide:
        ranked = [value for value in ranked if counts[value] >= _FEWEST_ROWS]
    feature = Feature(name, "category", tuple(ranked), missing=missing)
    if not wide:
        return Column(feature)
    return Column(feature, nan, tuple(counts[value] / max(len(cells), 1) for value in ranked))
