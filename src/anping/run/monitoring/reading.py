"""The cells of a table as a model's features read them: numbers, or codes of known categories."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from anping.core.cells import trimmed_text
from anping.engine.natures import as_day, as_number, distinct_cells
from anping.engine.prediction import Feature

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Cells:
    """The n cells of one feature.

    ``numbers`` (n,) are numbers or days, NaN where there is none; of a category codes: the place in
    ``feature.categories``, or their number for a value that training had not (``missing`` is apart).
    ``unreadable`` marks filled cells that are no number or date.
    """

    feature: Feature
    numbers: Floats
    missing: Flags
    unreadable: Flags

    @property
    def told(self) -> Floats:
        """The numbers or codes of the cells that hold one."""
        found: Floats = self.numbers[~self.missing & ~self.unreadable]
        return found

    @property
    def unseen(self) -> Flags:
        """Which cells hold a category that training had not, or a number beyond its bounds."""
        feature, there = self.feature, ~self.missing & ~self.unreadable
        odd = np.zeros(self.numbers.size, bool)
        with np.errstate(invalid="ignore"):
            if feature.nature == "category":
                odd = self.numbers == len(feature.categories)
            elif feature.low is not None and feature.high is not None:
                odd = (self.numbers < feature.low) | (self.numbers > feature.high)
        found: Flags = there & odd
        return found

    def take(self, rows: NDArray[np.int64]) -> Cells:
        """Return the cells of ``rows``."""
        return Cells(self.feature, self.numbers[rows], self.missing[rows], self.unreadable[rows])


def cells_of(column: pa.ChunkedArray, feature: Feature) -> Cells:
    """Return a column's cells as ``feature`` reads them."""
    kind = column.type
    if feature.nature == "number" and (pa.types.is_integer(kind) or pa.types.is_floating(kind)):
        numbers = column.cast(pa.float64(), safe=False).to_numpy().astype(np.float64)
        missing = ~np.isfinite(numbers)
        return Cells(feature, np.where(missing, np.nan, numbers), missing, np.zeros_like(missing))
    codes, distinct = distinct_cells(column)
    known = {value: float(place) for place, value in enumerate(feature.categories)}
    numbers, empty, odd = np.empty(len(distinct)), [False] * len(distinct), [False] * len(distinct)
    read = as_day if feature.nature == "date" else as_number
    for place, cell in enumerate(distinct):
        text = trimmed_text(cell)
        empty[place] = not text
        if feature.nature == "category":
            numbers[place] = known.get(text, len(known)) if text else np.nan
        else:
            numbers[place] = read(cell) if text else np.nan
            odd[place] = bool(text) and isnan(numbers[place])
    return Cells(feature, numbers[codes], np.array(empty)[codes], np.array(odd)[codes])
