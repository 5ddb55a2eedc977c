"""delta-presence: how sure anyone may be that a person of the population is in the table at all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from anping.core.text import Text
from anping.protect.deid.criteria.anonymity import no_population
from anping.protect.deid.criteria.classes import (
    TOLERANCE,
    Bools,
    ClassCounts,
    require,
)


@dataclass(frozen=True, slots=True)
class Presence:
    """In each class, people of the table over rows of the population lie from ``least`` to ``most``.

    Nergiz, Atzori and Clifton 2007, SIGMOD (delta-min, delta-max). The table is a part of the
    population table, which has one row for each person. A class of which the table has nobody has presence 0; it cannot be suppressed,
    so with ``least`` above 0 it rules a generalisation out. A class that is suppressed is judged no
    more, as in ARX. A class above ``most`` has a part above it too, but can have parts that pass.
    """

    least: float
    most: float

    column = None
    union_closed = True

    def __post_init__(self) -> None:
        require(
            0 <= self.least <= self.most <= 1,
            "deid.presence",
            Text(
                "要有 0 ≤ 下限 ≤ 上限 ≤ 1。", "0 ≤ least ≤ most ≤ 1 must hold for delta-presence."
            ),
        )

    def failing(self, classes: ClassCounts) -> Bools:
        """Return the classes in which the presence is too sure, or too unlikely."""
        if classes.population is None:
            raise no_population()
        here = classes.population > 0
        share = np.divide(
            classes.people, classes.population, out=np.zeros(classes.count), where=here
        )
        outside = (share < self.least - TOLERANCE) | (share > self.most + TOLERANCE)
        return np.asarray(outside & here, np.bool_)

    def doomed(self, classes: ClassCounts) -> Bools:
        """Return the failing classes of which the table has nobody: nor has it of any part."""
        return np.asarray(self.failing(classes) & (classes.rows == 0), np.bool_)
