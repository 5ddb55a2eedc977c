"""How many people share a class: in the table (k-anonymity) or in the population (k-map)."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp

from anping.core.errors import ParameterError
from anping.core.text import Text
from anping.protect.deid.criteria.classes import Bools, ClassCounts, require

_NO_POPULATION = Text("這項準則需要母體資料表。", "This criterion needs a table of the population.")


@dataclass(frozen=True, slots=True)
class KAnonymity:
    """At least ``k`` people of the table in each class (Samarati and Sweeney 1998)."""

    k: int

    column = None
    union_closed = True

    def __post_init__(self) -> None:
        require(self.k >= 1, "deid.k", Text("k 至少要是 1。", "k must be at least 1."))

    def failing(self, classes: ClassCounts) -> Bools:
        """Return the classes of fewer than ``k`` people."""
        return classes.people < self.k

    def doomed(self, classes: ClassCounts) -> Bools:
        """Return the same: a part of a class has fewer people still."""
        return self.failing(classes)


@dataclass(frozen=True, slots=True)
class KMap:
    """At least ``k`` rows of the population table in each class that has rows (Sweeney 2001).

    Raises ParameterError where there is no population table.
    """

    k: int

    column = None
    union_closed = True

    def __post_init__(self) -> None:
        require(self.k >= 1, "deid.k", Text("k 至少要是 1。", "k must be at least 1."))

    def failing(self, classes: ClassCounts) -> Bools:
        """Return the classes of fewer than ``k`` rows in the population."""
        if classes.population is None:
            raise no_population()
        return (classes.population < self.k) & (classes.rows > 0)

    def doomed(self, classes: ClassCounts) -> Bools:
        """Return the same: a part of a class has fewer rows still."""
        return self.failing(classes)


@dataclass(frozen=True, slots=True)
class EstimatedKMap:
    """k-map against a population of which only the size is known, and the table is a random sample.

    A class passes with at least :attr:`least` people: as many as a class of ``k`` in the population
    would show only with a chance below ``significance``, when people are sampled independently
    (Poisson; El Emam and Dankar 2008, JAMIA 15(5), section 3). ``fraction`` is the sampling
    fraction (0 to 1).
    """

    k: int
    fraction: float
    significance: float = 0.05

    column = None
    union_closed = True

    def __post_init__(self) -> None:
        require(self.k >= 1, "deid.k", Text("k 至少要是 1。", "k must be at least 1."))
        within = 0 < self.fraction <= 1 and 0 < self.significance < 1
        require(
            within,
            "deid.k-map",
            Text(
                "抽樣比例與顯著水準要大於 0；比例至多 1，水準小於 1。",
                "The sampling fraction lies above 0 and up to 1, the significance between 0 and 1.",
            ),
        )

    @property
    def least(self) -> int:
        """The fewest people of the table that a class must have."""
        rate = self.k * self.fraction
        term = below = exp(-rate)
        least = 1
        while below < 1 - self.significance and least < self.k:
            term *= rate / least
            below += term
            least += 1
        return least

    def failing(self, classes: ClassCounts) -> Bools:
        """Return the classes that are too small to be sure of ``k`` in the population."""
        return classes.people < self.least

    def doomed(self, classes: ClassCounts) -> Bools:
        """Return the same: a part of a class has fewer people still."""
        return self.failing(classes)


def no_population() -> ParameterError:
    """Return the error for a criterion that lacks its population table."""
    return ParameterError(
        "deid.no-population",
        _NO_POPULATION,
        hint=Text("指明母體資料表。", "Name the table of the population."),
    )
