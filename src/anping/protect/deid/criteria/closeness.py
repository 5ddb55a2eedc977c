"""t-closeness: a class's distribution of a sensitive column is near the whole table's.

Li, Li and Venkatasubramanian 2007, ICDE: the earth mover's distance between the two is at most t.
What it costs to move a share from one value to another is the *ground distance* (0 to 1).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pyarrow as pa

from anping.core.errors import PlanError
from anping.core.text import Text
from anping.engine.codes import hashes
from anping.protect.deid.criteria.classes import (
    TOLERANCE,
    Bools,
    ClassCounts,
    Codes,
    Floats,
    ValueCounts,
    require,
)


class Ground(Protocol):
    """A ground distance over a column's values."""

    def distances(self, shares: Floats, values: ValueCounts) -> Floats:
        """Return the earth mover's distance of each row of ``shares`` from the whole table's.

        ``shares`` has the shape (classes, values).
        """


@dataclass(frozen=True, slots=True)
class EqualGround:
    """All values are equally far from each other: the distance is half the sum of differences."""

    def distances(self, shares: Floats, values: ValueCounts) -> Floats:
        """Return the total variation."""
        differences = np.abs(shares - values.distribution)
        return np.asarray(differences.sum(axis=1) / 2, np.float64)


@dataclass(frozen=True, slots=True)
class OrderedGround:
    """Values are as far apart as their places in an order; ``order`` holds the values' hashes."""

    order: tuple[int, ...]

    @classmethod
    def of(cls, values: pa.Array) -> OrderedGround:
        """Return the distance for all values of a column, in their order."""
        return cls(tuple(hashes(values).tolist()))

    def distances(self, shares: Floats, values: ValueCounts) -> Floats:
        """Return the mean height of the step function between the cumulated shares."""
        if len(self.order) == 1:
            return np.zeros(len(shares))
        place = _places(self.order, values.hashes)
        differences = np.zeros((len(shares), len(self.order)))
        differences[:, place] = shares - values.distribution
        moved = np.abs(np.cumsum(differences, axis=1)).sum(axis=1)
        return np.asarray(moved / (len(self.order) - 1), np.float64)


@dataclass(frozen=True, slots=True)
class HierarchicalGround:
    """Two values are as far apart as the height of their lowest common ancestor, over the tree's.

    ``order`` holds the leaves' hashes, ``levels`` for each level from the leaves' parents to the
    root the ancestor's number of every leaf.
    """

    order: tuple[int, ...]
    levels: tuple[tuple[int, ...], ...]

    @classmethod
    def of(cls, values: pa.Array, paths: Mapping[str, Sequence[str]]) -> HierarchicalGround:
        """Return the distance for a column's ``values`` with each one's path: itself to the root.

        Raises PlanError for a value without a path, paths of different lengths, or several roots.
        """
        texts = ["" if value is None else str(value) for value in values.to_pylist()]
        found = [paths.get(text) for text in texts]
        if any(path is None for path in found):
            raise _incomplete()
        levels: list[tuple[int, ...]] = []
        columns = list(zip(*(path for path in found if path is not None), strict=False))
        for column in columns[1:]:
            number = {text: place for place, text in enumerate(dict.fromkeys(column))}
            levels.append(tuple(number[text] for text in column))
        even = len({len(path) for path in found if path is not None}) <= 1
        if not even or not levels or max(levels[-1]) > 0:
            raise PlanError(
                "deid.tree-without-root",
                Text(
                    "敏感欄位的階層必須有相同高度與單一根節點。",
                    "The tree of a sensitive column needs one root and paths of one length.",
                ),
                hint=Text("替階層加上最高層 *。", "Add a top level * to the hierarchy."),
            )
        return cls(tuple(hashes(values).tolist()), tuple(levels))

    def distances(self, shares: Floats, values: ValueCounts) -> Floats:
        """Return what must cross each inner node, weighted with the node's height."""
        extra = np.zeros((len(shares), len(self.order)))
        extra[:, _places(self.order, values.hashes)] = shares - values.distribution
        above = np.arange(len(self.order))
        cost = np.zeros(len(shares))
        for height, level in enumerate(self.levels, start=1):
            own, first = np.asarray(level), np.unique(above, return_index=True)[1]
            parent = own[first]
            members = np.zeros((first.size, int(own.max()) + 1))
            members[np.arange(first.size), parent] = 1.0
            surplus, lack = np.maximum(extra, 0) @ members, np.maximum(-extra, 0) @ members
            cost += height / len(self.levels) * np.minimum(surplus, lack).sum(axis=1)
            extra, above = surplus - lack, own
        return cost


@dataclass(frozen=True, slots=True)
class Closeness:
    """The earth mover's distance of ``column`` in each class from the whole table is at most ``t``.

    A class that fails can have parts that pass; but what the values that a class lacks have in the
    whole table must be moved from somewhere, and under the equal distance that alone may exceed t.
    """

    column: str
    t: float
    ground: Ground = EqualGround()

    union_closed = True

    def __post_init__(self) -> None:
        require(
            0 <= self.t <= 1, "deid.t", Text("t 要在 0 和 1 之間。", "t must lie between 0 and 1.")
        )

    def failing(self, classes: ClassCounts) -> Bools:
        """Return the classes whose distribution is too far."""
        values = classes.values[self.column]
        failing = classes.nobody()
        for first, shares in values.blocks(classes.count):
            far = self.ground.distances(shares, values) > self.t + TOLERANCE
            failing[first : first + len(shares)] = far
        return failing

    def doomed(self, classes: ClassCounts) -> Bools:
        """Return the classes that lack more than ``t`` of the whole, under the equal distance."""
        if not isinstance(self.ground, EqualGround):
            return classes.nobody()
        values = classes.values[self.column]
        there = np.bincount(values.class_of, values.distribution[values.value], classes.count)
        return np.asarray(1 - there > self.t + 1e-6, np.bool_)


def _places(order: Sequence[int], found: Codes) -> Codes:
    """Return the place of each of ``found`` in ``order``."""
    known = np.asarray(order, np.int64)
    sorted_places = np.argsort(known)
    place = np.minimum(np.searchsorted(known, found, sorter=sorted_places), known.size - 1)
    places = sorted_places[place]
    if (known[places] != found).any():
        raise _incomplete()
    return np.asarray(places, np.int64)


def _incomplete() -> PlanError:
    return PlanError(
        "deid.distance-incomplete",
        Text(
            "敏感欄位有值不在指定的順序或階層中。",
            "The sensitive column has values that the given order or tree lacks.",
        ),
        hint=Text("把所有值列入順序或階層。", "Name every value in the order or the tree."),
    )
