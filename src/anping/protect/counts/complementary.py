"""Suppress further cells, so that margins do not give the unsafe ones away.

Hypercube method (Repsilber 1994; the idea of GHMITER in tau-ARGUS), with the totals as one more
place of each dimension. An unsafe cell becomes a corner of a box of suppressed cells. Adding d to
the cell and, by sign, to or from the other corners leaves every margin as it is, so each d that
keeps the falling corners large enough gives another table that agrees with all that is published.
That table is a witness: nobody can tell from the published cells, nor from knowing one person's own
contribution to any one of them, that the cell is smaller than cell + d. Whole d keep counts whole.
This is exact where bounds by linear programming or propagation are only necessary, but suppresses
more cells than the best pattern would.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np

from anping.protect.counts.cube import Bools, Cube, Floats
from anping.protect.counts.primary import Unsafe

Place = tuple[int, ...]


@dataclass(frozen=True)
class Witness:
    """Why a cell is protected: the corners of its box and whether each rises or falls with it."""

    cell: Place
    corners: tuple[Place, ...]
    signs: tuple[int, ...]
    lowered: bool


@dataclass(frozen=True)
class Pattern:
    """All suppressed cells, in the table's shape, and a witness for each unsafe one."""

    cells: Bools
    witnesses: tuple[Witness, ...]


def suppression_pattern(cube: Cube, unsafe: Unsafe, *, totals: bool) -> Pattern:
    """Return which cells are suppressed. Without published ``totals`` the unsafe ones are enough.

    Among the boxes that protect a cell the one that hides the fewest people more is taken. A cell
    whose sum can only rise freely, not fall, counts as protected (``Witness.lowered`` is false),
    because totals themselves can have no other box.
    """
    cells = unsafe.cells.copy()
    if not totals:
        cells = np.zeros(cube.shape, np.bool_)
        cells[cube.inner] = unsafe.cells[cube.inner]
        return Pattern(cells, ())
    cost = cube.count.astype(np.float64) + 1
    witnesses = []
    order = np.argsort(-(unsafe.count_up + unsafe.total_up)[unsafe.cells], kind="stable")
    for place in np.argwhere(unsafe.cells)[order]:
        cell: Place = tuple(int(at) for at in place)
        box = _Boxes(cube, unsafe, cell)
        found = box.best(np.where(cells, 0.0, cost))
        for corner in found.corners:
            cells[corner] = True
        witnesses.append(found)
    return Pattern(cells, tuple(witnesses))


class _Boxes:
    """All boxes with one cell as a corner: the opposite corner says which."""

    def __init__(self, cube: Cube, unsafe: Unsafe, cell: Place) -> None:
        self.cube = cube
        self.cell = cell
        self.count_up = float(unsafe.count_up[cell])
        self.total_up = float(unsafe.total_up[cell])
        self.changes = list(product((False, True), repeat=len(cell)))[1:]

    def best(self, cost: Floats) -> Witness:
        """Return the cheapest box that lets the cell rise, and fall if there is such a box."""
        for lowered in (True, False):
            price = self._prices(cost, lowered=lowered)
            place = np.unravel_index(int(np.argmin(price)), price.shape)
            if np.isfinite(price[place]):
                return self._witness(tuple(int(at) for at in place), lowered=lowered)
        raise AssertionError("a cell without a box: this is a fault in Anping")

    def _prices(self, cost: Floats, *, lowered: bool) -> Floats:
        shape = self.cube.shape
        price = np.zeros(shape)
        for axis, own in enumerate(self.cell):
            barred = [slice(None)] * len(shape)
            barred[axis] = slice(own, own + 1)
            price[tuple(barred)] = np.inf
        for change in self.changes:
            at = self._at(change)
            usable = self._usable(change, at, lowered=lowered)
            price = price + np.where(usable, cost[at], np.inf)
        return price

    def _usable(self, change: tuple[bool, ...], at: tuple[slice, ...], *, lowered: bool) -> Bools:
        """Return where this corner can take part, for each opposite corner (broadcast)."""
        cube = self.cube
        # Whoever contributes to a corner knows that it is at least as large as that.
        count, total = cube.count[at] - 1, cube.total[at] - cube.largest[at]
        falls = (count >= self.count_up) & (total >= self.total_up)
        rises = np.ones_like(falls)
        if lowered:
            rises = total >= min(self.total_up, float(cube.total[self.cell]))
        usable = np.where(self._signs(change) < 0, falls, rises | self._holds_the_cell(change))
        return np.asarray(usable & (cube.people[at] > 0), np.bool_)

    def _at(self, change: tuple[bool, ...]) -> tuple[slice, ...]:
        """Return the places of one corner for every opposite corner, one axis each."""
        return tuple(
            slice(None) if changed else slice(own, own + 1)
            for changed, own in zip(change, self.cell, strict=True)
        )

    def _signs(self, change: tuple[bool, ...]) -> Floats:
        """Return whether the corner rises (1) or falls (-1) with the cell, for each opposite one.

        Two inner cells of a line must cancel out; an inner cell and its total move together.
        """
        signs = np.ones((1,) * len(change))
        for axis, changed in enumerate(change):
            if changed:
                size = self.cube.shape[axis]
                own = np.full(size, 1.0 if self.cell[axis] == size - 1 else -1.0)
                own[-1] = 1.0
                signs = signs * own.reshape(
                    [-1 if each == axis else 1 for each in range(len(change))]
                )
        return signs

    def _holds_the_cell(self, change: tuple[bool, ...]) -> Bools:
        """Return whether the corner is a total that the cell is a part of: it can always follow."""
        held = np.ones((1,) * len(change), np.bool_)
        for axis, changed in enumerate(change):
            if changed:
                own = np.zeros(self.cube.shape[axis], np.bool_)
                own[-1] = True
                held = held & own.reshape(
                    [-1 if each == axis else 1 for each in range(len(change))]
                )
        return held

    def _witness(self, opposite: Place, *, lowered: bool) -> Witness:
        corners, signs = [], []
        for change, corner in self._corners(opposite):
            sign = self._signs(change)
            at = tuple(
                0 if size == 1 else place for size, place in zip(sign.shape, corner, strict=True)
            )
            corners.append(corner)
            signs.append(int(sign[at]))
        return Witness(self.cell, tuple(corners), tuple(signs), lowered)

    def _corners(self, opposite: Place) -> Iterator[tuple[tuple[bool, ...], Place]]:
        for change in self.changes:
            yield (
                change,
                tuple(
                    far if changed else own
                    for changed, far, own in zip(change, opposite, self.cell, strict=True)
                ),
            )
