"""A column's cells on a few bins: a generalised cell stands evenly on the bins of its leaves.

Pairs of columns are compared on such bins, because the exact cells of two columns are so many that
hardly any pair of them is met twice. Where a hierarchy is known, bins are its values on the finest
level that is not too fine, so that raw and released cells fall on the same borders.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isnan
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from anping.core.cells import trimmed_text
from anping.engine.natures import Nature, as_day, as_number
from anping.judge.reading import Reading

#: A column has at most so many bins, and one more for missing values.
MOST_BINS = 24
_QUANTILES = 16


@dataclass(frozen=True)
class Kinds:
    """Cells by what they put on the bins: ``codes`` (n,) number the rows of ``shares`` (k, bins)."""

    codes: NDArray[np.int64]
    shares: NDArray[np.float64]


@dataclass(frozen=True)
class Grid:
    """One column's bins. The last of the ``size`` bins holds what is missing or cannot be read.

    ``shares`` gives texts their part of each bin; a number or date falls between ``edges``
    (ascending) and any other text into the bin ``other``. ``leaf_of`` is what raw cells go through
    first.
    """

    column: str
    size: int
    shares: Mapping[str, tuple[float, ...]]
    edges: tuple[float, ...] | None
    nature: Nature
    other: int
    leaf_of: Callable[[Any], str] | None = None

    def raw(self, cells: pa.Array) -> Kinds:
        """Return the bins of raw cells."""
        return self._kinds(cells, self._raw_one)

    def released(self, cells: pa.Array) -> Kinds:
        """Return what each released cell puts on each bin."""
        return self._kinds(cells, self._one)

    def _kinds(self, cells: pa.Array, one: Callable[[Any], tuple[float, ...]]) -> Kinds:
        if pa.types.is_dictionary(cells.type):
            cells = cells.dictionary_decode()
        coded = cells.dictionary_encode()
        numbers: dict[tuple[float, ...], int] = {}
        kind_of = [
            numbers.setdefault(one(cell), len(numbers))
            for cell in (*coded.dictionary.to_pylist(), None)
        ]
        codes = coded.indices.fill_null(len(kind_of) - 1).to_numpy(zero_copy_only=False)
        return Kinds(np.asarray(kind_of, np.int64)[codes], np.asarray([*numbers], float))

    def _raw_one(self, cell: Any) -> tuple[float, ...]:
        return self._one(cell if self.leaf_of is None else self.leaf_of(cell))

    def _one(self, cell: Any) -> tuple[float, ...]:
        text = trimmed_text(cell)
        known = self.shares.get(text)
        if known is not None:
            return known
        if self.edges is None:
            return self._at(self.other if text else self.size - 1)
        number = as_number(cell) if self.nature == "number" else as_day(cell)
        if isnan(number):
            return self._at(self.size - 1)
        return self._at(int(np.searchsorted(self.edges, number, side="right")))

    def _at(self, place: int) -> tuple[float, ...]:
        return tuple(float(place == at) for at in range(self.size))


def grid_of(
    column: str, nature: Nature, cells: Sequence[Any], rows: Sequence[int], *, reading: Reading
) -> Grid:
    """Return a column's grid, from the distinct raw cells and the rows of each."""
    if reading.paths.get(column):
        return _by_hierarchy(column, nature, cells, rows, reading=reading)
    if nature == "category":
        counts: Counter[str] = Counter()
        for cell, count in zip(cells, rows, strict=True):
            counts[trimmed_text(cell)] += count
        return _by_value(column, _commonest(counts))
    read = as_number if nature == "number" else as_day
    numbers = np.asarray([read(cell) for cell in cells], float)
    edges = _quantiles(numbers, np.asarray(rows, np.int64))
    return Grid(column, len(edges) + 2, {}, edges, nature, len(edges) + 1)


def _by_hierarchy(
    column: str, nature: Nature, cells: Sequence[Any], rows: Sequence[int], *, reading: Reading
) -> Grid:
    paths = reading.paths[column]
    counts: Counter[str] = Counter()
    for cell, count in zip(cells, rows, strict=True):
        counts[reading.leaf(column, cell)] += count
    level = _level(reading.widths(column))
    found: Counter[str] = Counter()
    for leaf, path in paths.items():
        found[path[level]] += counts[leaf]
    bins = {value: place for place, value in enumerate(_commonest(found))}
    other, size = len(bins), len(bins) + 2
    shares = {}
    for value, leaves in reading.covered(column).items():
        parts = np.bincount(
            [bins.get(paths[leaf][level], other) for leaf in leaves], minlength=size
        )
        shares[value] = tuple((parts / len(leaves)).tolist())
    # Both sides put a leaf that is outside the hierarchy, changed before it was generalised, here.
    leaf_of = _leaf(reading, column)
    return Grid(column, size, shares, None, nature, other, leaf_of)


def _leaf(reading: Reading, column: str) -> Callable[[Any], str]:
    return reading.leaf_of.get(column, trimmed_text)


def _level(widths: Sequence[int]) -> int:
    """Return the finest level of at most :data:`MOST_BINS` values that tells anything apart."""
    fit = [level for level, width in enumerate(widths) if 1 < width <= MOST_BINS]
    telling = [level for level, width in enumerate(widths) if width > 1]
    return fit[0] if fit else telling[-1] if telling else 0


def _by_value(column: str, values: Sequence[str]) -> Grid:
    size, other = len(values) + 2, len(values)
    shares = {
        value: tuple(float(place == at) for at in range(size)) for place, value in enumerate(values)
    }
    return Grid(column, size, shares, None, "category", other)


def _commonest(counts: Mapping[str, int]) -> list[str]:
    told = [value for value in counts if value]
    return sorted(told, key=lambda value: (-counts[value], value))[:MOST_BINS]


def _quantiles(numbers: NDArray[np.float64], rows: NDArray[np.int64]) -> tuple[float, ...]:
    """Return the inner edges of at most 16 bins of about equal rows; each edge is a value met."""
    known = ~np.isnan(numbers)
    values, place = np.unique(numbers[known], return_inverse=True)
    if values.size <= _QUANTILES:
        return tuple((values[1:]).tolist())
    reached = np.cumsum(np.bincount(place, rows[known], values.size))
    wanted = reached[-1] * np.arange(1, _QUANTILES) / _QUANTILES
    starts = np.unique(np.minimum(np.searchsorted(reached, wanted) + 1, values.size - 1))
    edges = values[starts]
    return tuple(edge for before, edge in pairwise([values[0], *edges.tolist()]) if edge > before)
