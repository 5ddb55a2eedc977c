"""Sums of curves and tables: linear models, explainable boosting and scorecards in one form.

Every term reads one column of the matrix, or two, and adds what its curve or table holds there; the
whole model can be drawn.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Places = NDArray[np.int64]
#: Up to so many rows are answered one by one in plain Python: NumPy takes longer to begin.
FEW = 24


@dataclass(frozen=True, eq=False)
class Curve:
    """A line through ``knots`` (k,) at ``heights`` (k, outputs), flat outside; one height if missing."""

    feature: int
    knots: Floats
    heights: Floats
    missing: Floats

    def of(self, matrix: Floats) -> Floats:
        """Return (n, outputs): the heights at the column's numbers."""
        at = matrix[:, self.feature]
        found = np.column_stack([np.interp(at, self.knots, line) for line in self.heights.T])
        found[np.isnan(at)] = self.missing
        return found

    @cached_property
    def _lists(self) -> tuple[list[float], list[list[float]], list[float]]:
        return self.knots.tolist(), self.heights.tolist(), self.missing.tolist()

    def one(self, cells: Sequence[float]) -> Sequence[float]:
        """Return (outputs,) for one row, to the last bit as :meth:`of` does."""
        knots, heights, missing = self._lists
        at = cells[self.feature]
        if at != at:  # noqa: PLR0124 - NaN is the number that differs from itself
            return missing
        place = bisect_right(knots, at) - 1
        if place < 0:
            return heights[0]
        if place == len(knots) - 1 or knots[place] == at:
            return heights[place]
        run, over = knots[place + 1] - knots[place], at - knots[place]
        return [
            (after - before) / run * over + before
            for before, after in zip(heights[place], heights[place + 1], strict=True)
        ]

    def scaled(self, weight: float) -> Curve:
        """Return the curve with ``weight`` times the heights."""
        return replace(self, heights=self.heights * weight, missing=self.missing * weight)

    def raised(self, by: Floats) -> Curve:
        """Return the curve with ``by`` (outputs,) added to every height."""
        return replace(self, heights=self.heights + by, missing=self.missing + by)


@dataclass(frozen=True, eq=False)
class Axis:
    """How a column of the matrix falls into bins: 0 is missing, then the bins, the last is unknown.

    A number at or above cut i and below the next falls into bin i + 1. Without ``cuts`` the column
    holds the codes 0 to ``codes`` - 1 of a category.
    """

    feature: int
    cuts: Floats | None
    codes: int = 0

    @property
    def bins(self) -> int:
        """How many bins there are, those for missing and unknown cells counted."""
        return (self.codes if self.cuts is None else self.cuts.size + 1) + 2

    def places(self, matrix: Floats) -> Places:
        """Return (n,): the bin of each row."""
        cells = matrix[:, self.feature]
        missing = np.isnan(cells)
        if self.cuts is not None:
            found: Places = 1 + np.searchsorted(self.cuts, cells, side="right").astype(np.int64)
        else:
            codes = np.where(missing, 0.0, cells)
            known = (codes >= 0) & (codes < self.codes)
            found = np.where(known, codes + 1, self.codes + 1).astype(np.int64)
        found[missing] = 0
        return found

    @cached_property
    def _cuts(self) -> list[float] | None:
        return None if self.cuts is None else self.cuts.tolist()

    def place(self, cell: float) -> int:
        """Return the bin of one cell."""
        if cell != cell:  # noqa: PLR0124 - NaN is the number that differs from itself
            return 0
        if self._cuts is not None:
            return 1 + bisect_right(self._cuts, cell)
        return int(cell + 1) if 0 <= cell < self.codes else self.codes + 1


@dataclass(frozen=True, eq=False)
class Bins:
    """A table over the bins of one axis or two: ``heights`` (bins, …, outputs)."""

    axes: tuple[Axis, ...]
    heights: Floats

    def of(self, matrix: Floats) -> Floats:
        """Return (n, outputs): the heights of the rows' bins."""
        found: Floats = self.heights[tuple(axis.places(matrix) for axis in self.axes)]
        return found

    @cached_property
    def _list(self) -> list[list[float]]:
        flat: list[list[float]] = self.heights.reshape(-1, self.heights.shape[-1]).tolist()
        return flat

    def one(self, cells: Sequence[float]) -> Sequence[float]:
        """Return (outputs,) for one row."""
        place = 0
        for axis in self.axes:
            place = place * axis.bins + axis.place(cells[axis.feature])
        return self._list[place]

    def scaled(self, weight: float) -> Bins:
        """Return the table with ``weight`` times the heights."""
        return replace(self, heights=self.heights * weight)

    def raised(self, by: Floats) -> Bins:
        """Return the table with ``by`` (outputs,) added to every height."""
        return replace(self, heights=self.heights + by)


Term = Curve | Bins


@dataclass(frozen=True, eq=False)
class Additive:
    """A base (outputs,) and terms; the answer is their sum."""

    base: Floats
    terms: tuple[Term, ...] = ()

    def sums(self, matrix: Floats) -> Floats:
        """Return (n, outputs) for the rows of ``matrix`` (n, p)."""
        if len(matrix) <= FEW:
            rows = [self._one(row) for row in matrix.tolist()]
            return np.array(rows, dtype=np.float64).reshape(len(rows), self.base.size)
        found = np.tile(self.base, (len(matrix), 1))
        for term in self.terms:
            found += term.of(matrix)
        return found

    def _one(self, cells: Sequence[float]) -> Sequence[float]:
        found: list[float] = self.base.tolist()
        for term in self.terms:
            for output, height in enumerate(term.one(cells)):
                found[output] += height
        return found

    def scaled(self, weight: float) -> Additive:
        """Return the model whose every answer is ``weight`` times as large."""
        return Additive(self.base * weight, tuple(term.scaled(weight) for term in self.terms))


def added(models: Sequence[Additive], *, outputs: int) -> Additive:
    """Return one model that gives the sum of the models, with one term for each column or pair."""
    base = np.sum([np.zeros(outputs), *(model.base for model in models)], axis=0)
    curves: dict[tuple[int, bytes], list[Curve]] = {}
    tables: dict[tuple[int, ...], list[Bins]] = {}
    for model in models:
        for term in model.terms:
            if isinstance(term, Curve):
                curves.setdefault((term.feature, term.knots.tobytes()), []).append(term)
            else:
                tables.setdefault(tuple(axis.feature for axis in term.axes), []).append(term)
    return Additive(base, (*map(_one_curve, curves.values()), *map(_one_table, tables.values())))


def _one_curve(curves: Sequence[Curve]) -> Curve:
    heights = np.sum([curve.heights for curve in curves], axis=0)
    missing = np.sum([curve.missing for curve in curves], axis=0)
    return replace(curves[0], heights=heights, missing=missing)


def _one_table(tables: Sequence[Bins]) -> Bins:
    """Return the sum of tables over the same columns: their cuts are united."""
    if len(tables) == 1:
        return tables[0]
    axes = tuple(_united(each) for each in zip(*(table.axes for table in tables), strict=True))
    spread = (
        table.heights[
            np.ix_(*(_bins_in(own, axis) for own, axis in zip(table.axes, axes, strict=True)))
        ]
        for table in tables
    )
    return Bins(axes, np.sum(list(spread), axis=0))


def _united(axes: Iterable[Axis]) -> Axis:
    first, *others = axes
    if first.cuts is None:
        return first
    cuts = [axis.cuts for axis in (first, *others) if axis.cuts is not None]
    return replace(first, cuts=np.unique(np.concatenate(cuts)))


def _bins_in(own: Axis, united: Axis) -> Places:
    """Return, for each bin of the united axis, the bin of a table's own axis that covers it."""
    if own.cuts is None or united.cuts is None:
        return np.arange(own.bins)
    inside = 1 + np.searchsorted(own.cuts, united.cuts, side="right")
    return np.concatenate([[0, 1], inside, [own.bins - 1]]).astype(np.int64)
