"""The nodes that may still be the best, each with a bound on what it costs."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

import numpy as np

from anping.protect.deid.encoding import Floats, Node
from anping.protect.deid.goals.protocol import Goal, Levels, Priced
from anping.protect.deid.tuples import Bools

_BLOCK = 2**20
_SHRINK = 0.2

#: Scores and bounds are sums of rounded numbers: equal up to this share is equal.
TOLERANCE = 1e-12


class Candidates:
    """The nodes of a lattice up to a limit; nodes whose bound exceeds it are dropped for good.

    The limit is the best score so far. Bounds have the shape (width, nodes).
    """

    def __init__(self, goal: Goal, top: Node, limit: Floats) -> None:
        self.goal = goal
        self.limit = limit
        self._top = top
        blocks = [self._below_limit(block) for block in _lattice(top)]
        self._levels: Levels = np.concatenate(blocks, axis=1)
        sizes = [level + 1 for level in top]
        self._strides = np.cumprod([1, *sizes[:0:-1]])[::-1]
        self._numbers = self._strides @ self._levels
        # The number of nodes at most as general.
        self._height = np.ones(self._levels.shape[1], np.int32)
        for row in self._levels:
            self._height *= row.astype(np.int32) + 1
        self._least = goal.least(self._levels)
        self._bound = self._least.copy()
        self._dead = 0

    @property
    def count(self) -> int:
        """The number of nodes that are left."""
        return self._bound.shape[1] - self._dead

    def lowest(self) -> Node | None:
        """Return the node with the lowest bound, or None if none is left."""
        if not self.count:
            return None
        place = int(self._bound[0].argmin())
        if len(self._bound) > 1:
            ties = np.flatnonzero(self._bound[0] <= self._bound[0, place])
            for row in self._bound[1:]:
                ties = ties[row[ties] <= row[ties].min()]
            place = int(ties[0])
        if self._bound[0, place] == np.inf:
            return None
        return tuple(self._levels[:, place].tolist())

    def most_general(self) -> Node | None:
        """Return a node that stands above many others, or None if none is left."""
        if not self.count:
            return None
        place = int(np.where(self._bound[0] != np.inf, self._height, -1).argmax())
        return tuple(self._levels[:, place].tolist())

    def lower(self, limit: Floats) -> None:
        """Drop what a better score rules out."""
        self.limit = limit
        self._drop(np.flatnonzero(above(self._bound, limit)))

    def drop_below(self, node: Node) -> None:
        """Drop ``node`` and everything more specific."""
        self._drop(np.flatnonzero(self._at_most(node)))

    def drop(self, node: Node) -> None:
        """Drop ``node``."""
        place = self._place(node)
        if place is not None:
            self._drop(np.asarray([place]))

    def raise_below(self, node: Node, priced: Priced) -> None:
        """Raise the bounds of everything more specific than ``node`` by what its price proves."""
        places = np.flatnonzero(self._at_most(node))
        if places.size:
            levels, least = self._levels[:, places], self._least[:, places]
            self._raise(places, self.goal.below(levels, least, priced))

    def raise_above(self, node: Node, priced: Priced) -> None:
        """Raise the bounds of everything more general than ``node`` by what its price proves."""
        if not self.goal.bounds_above:
            return
        places = np.flatnonzero(self._at_least(node))
        if places.size:
            self._raise(places, self.goal.above(self._levels[:, places], priced))

    def holds(self, node: Node) -> bool:
        """Return whether ``node`` is left."""
        return self._place(node) is not None

    def _place(self, node: Node) -> int | None:
        number = int(np.dot(self._strides, node))
        place = int(np.searchsorted(self._numbers, number))
        there = place < self._numbers.size and self._numbers[place] == number
        return place if there and self._bound[0, place] != np.inf else None

    def _raise(self, places: np.ndarray[tuple[int], np.dtype[np.int64]], found: Floats) -> None:
        old = self._bound[:, places]
        if len(found) == 1:
            new = np.maximum(old, found)
        else:
            new = np.where(_less_than(old, found), found, old)
        self._bound[:, places] = new
        self._drop(places[above(new, self.limit)])

    def _drop(self, places: np.ndarray[tuple[int], np.dtype[np.int64]]) -> None:
        fresh = places[self._bound[0, places] != np.inf]
        self._bound[:, fresh] = np.inf
        self._dead += int(fresh.size)
        if self._dead > _SHRINK * self._bound.shape[1]:
            kept = np.flatnonzero(self._bound[0] != np.inf)
            self._levels = np.ascontiguousarray(self._levels[:, kept])
            self._least, self._bound = self._least[:, kept], self._bound[:, kept]
            self._numbers, self._height = self._numbers[kept], self._height[kept]
            self._dead = 0

    def _at_most(self, node: Node) -> Bools:
        inside = np.ones(self._levels.shape[1], np.bool_)
        for row, level, high in zip(self._levels, node, self._top, strict=True):
            if level < high:
                inside &= row <= level
        return inside

    def _at_least(self, node: Node) -> Bools:
        inside = np.ones(self._levels.shape[1], np.bool_)
        for row, level in zip(self._levels, node, strict=True):
            if level:
                inside &= row >= level
        return inside

    def _below_limit(self, levels: Levels) -> Levels:
        return np.ascontiguousarray(levels[:, ~above(self.goal.least(levels), self.limit)])


def above(bounds: Floats, limit: Floats) -> Bools:
    """Return which of ``bounds``, shape (width, nodes), exceed ``limit``, first numbers first."""
    found = np.zeros(bounds.shape[1], np.bool_)
    equal = np.ones(bounds.shape[1], np.bool_)
    for row, most in zip(bounds, limit, strict=True):
        near = TOLERANCE * max(1.0, abs(float(most))) if np.isfinite(most) else 0.0
        found |= equal & (row > most + near)
        equal &= row >= most - near
    return found


def _less_than(one: Floats, other: Floats) -> Bools:
    found = np.zeros(one.shape[1], np.bool_)
    equal = np.ones(one.shape[1], np.bool_)
    for left, right in zip(one, other, strict=True):
        found |= equal & (left < right)
        equal &= left == right
    return found


def _lattice(top: Node) -> Iterator[Levels]:
    """Yield all nodes, some at a time."""
    sizes = tuple(level + 1 for level in top)
    nodes = prod(sizes)
    for first in range(0, nodes, _BLOCK):
        places = np.unravel_index(np.arange(first, min(nodes, first + _BLOCK)), sizes)
        yield np.stack(places).astype(np.int8)
