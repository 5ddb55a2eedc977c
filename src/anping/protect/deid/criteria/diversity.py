"""l-diversity: how varied a sensitive column is within each class.

Machanavajjhala, Kifer, Gehrke and Venkitasubramaniam 2007, ACM TKDD 1(1). A missing value is a value.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log

import numpy as np

from anping.core.text import Text
from anping.protect.deid.criteria.classes import (
    TOLERANCE,
    Bools,
    ClassCounts,
    Codes,
    Floats,
    ValueCounts,
    require,
)


@dataclass(frozen=True, slots=True)
class DistinctDiversity:
    """At least ``l`` different values of ``column`` in each class."""

    column: str
    l: int  # noqa: E741 - the field's own letter

    union_closed = True

    def __post_init__(self) -> None:
        _require_l(self.l)

    def failing(self, classes: ClassCounts) -> Bools:
        """Return the classes of fewer than ``l`` values."""
        return _fewer(self.l, classes.values[self.column], classes.count)

    def doomed(self, classes: ClassCounts) -> Bools:
        """Return the same: a part of a class has no value that the class has not."""
        return self.failing(classes)


@dataclass(frozen=True, slots=True)
class EntropyDiversity:
    """The Shannon entropy of ``column`` within each class is at least log(``l``).

    A class that fails can have parts that pass, unless it has fewer than ``l`` values.
    """

    column: str
    l: float  # noqa: E741 - the field's own letter

    union_closed = True

    def __post_init__(self) -> None:
        _require_l(self.l)

    def failing(self, classes: ClassCounts) -> Bools:
        """Return the classes of too little entropy."""
        values = classes.values[self.column]
        return np.asarray(_entropy(values, classes.count) < log(self.l) - TOLERANCE, np.bool_)

    def doomed(self, classes: ClassCounts) -> Bools:
        """Return the classes with fewer than ``l`` values."""
        return _fewer(self.l - TOLERANCE, classes.values[self.column], classes.count)


@dataclass(frozen=True, slots=True)
class RecursiveDiversity:
    """Recursive (c, l)-diversity of ``column`` in each class.

    With the values' counts in descending order, the largest is below ``c`` times the sum of the
    l-th and all smaller ones: the commonest value is not too common, and the rare ones not too rare.
    """

    column: str
    l: int  # noqa: E741 - the field's own letter
    c: float

    union_closed = True

    def __post_init__(self) -> None:
        _require_l(self.l)
        require(self.c > 0, "deid.c", Text("c 要大於 0。", "c must be above 0."))

    def failing(self, classes: ClassCounts) -> Bools:
        """Return the classes in which a value is too common."""
        values = classes.values[self.column]
        order = np.lexsort((-values.rows, values.class_of))
        class_of, rows = values.class_of[order], values.rows[order]
        first = np.searchsorted(class_of, class_of)
        rank = np.arange(class_of.size) - first
        largest = np.zeros(classes.count)
        largest[class_of[rank == 0]] = rows[rank == 0]
        tail = rank >= self.l - 1
        rest = np.bincount(class_of[tail], rows[tail], classes.count)
        return np.asarray(~(largest < self.c * rest), np.bool_)

    def doomed(self, classes: ClassCounts) -> Bools:
        """Return the classes with fewer than ``l`` values: nothing is left to sum in any part."""
        return _fewer(self.l, classes.values[self.column], classes.count)


def _require_l(value: float) -> None:
    require(value >= 1, "deid.l", Text("l 至少要是 1。", "l must be at least 1."))


def _fewer(least: float, values: ValueCounts, classes: int) -> Bools:
    different: Codes = values.different(classes)
    return np.asarray(different < least, np.bool_)


def _entropy(values: ValueCounts, classes: int) -> Floats:
    """Return each class's Shannon entropy in nats; 0 for a class without rows."""
    total = np.bincount(values.class_of, values.rows, classes)
    spread = np.bincount(values.class_of, values.rows * np.log(values.rows), classes)
    total = np.maximum(total, 1.0)
    return np.asarray(np.log(total) - spread / total, np.float64)
