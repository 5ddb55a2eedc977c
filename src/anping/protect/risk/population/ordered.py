"""A column's values in their natural order, and where each row's value stands in it."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anping.engine.table import Table
from anping.protect.risk.classes import column_codes


@dataclass(frozen=True)
class OrderedColumn:
    """``codes`` (n,) are places in the order of the values, ``counts`` (K,) the rows of each."""

    codes: NDArray[np.int32]
    counts: NDArray[np.int64]

    def merged(self, most: int) -> OrderedColumn:
        """Return the column with neighbours merged into at most ``most`` values of like counts."""
        if self.counts.size <= most:
            return self
        middle = np.cumsum(self.counts) - self.counts / 2
        group = np.minimum((middle * most / self.counts.sum()).astype(np.int32), most - 1)
        _, group = np.unique(group, return_inverse=True)
        group = group.astype(np.int32)
        return OrderedColumn(group[self.codes], np.bincount(group, weights=self.counts).astype(int))


def ordered_column(table: Table, name: str) -> OrderedColumn:
    """Return a column by its values' order: numbers by size, texts by their letters, null first.

    Raises SchemaError for a missing column.
    """
    found = column_codes(table, name)
    values = found.values.to_pylist()
    order = sorted(range(len(values)), key=lambda place: _key(values[place]))
    place_of = np.empty(len(values), np.int32)
    place_of[order] = np.arange(len(values), dtype=np.int32)
    codes = place_of[found.codes]
    counts = np.bincount(codes, minlength=len(values))
    return OrderedColumn(codes, counts)


def _key(value: Any) -> tuple[int, float, str]:
    if value is None:
        return 0, -inf, ""
    text = str(value)
    try:
        number = float(text)
    except ValueError:
        return 2, 0.0, text
    return (1, number, text) if isfinite(number) else (2, 0.0, text)
