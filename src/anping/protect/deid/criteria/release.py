"""Criteria of a whole release: the average risk, and how many people are unique in the population.

Both improve when small classes go, so classes are suppressed from the smallest size upwards until
they hold (as ARX does). Neither says anything about more specific generalisations.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from anping.core.text import Text
from anping.protect.deid.criteria.classes import TOLERANCE, Codes, require

#: (different class sizes, how many classes have each, population size) -> the share (0 to 1) of
#: the population that stands alone in its class; None where that cannot be said.
Uniqueness: TypeAlias = Callable[[Codes, Codes, int], float | None]


@dataclass(frozen=True, slots=True)
class AverageRisk:
    """The mean of 1 / class size over all released people is at most ``most`` (0 to 1).

    That mean is the number of classes over the number of people: the marketer's risk.
    """

    most: float

    def __post_init__(self) -> None:
        _require_share(self.most)

    def least_size(self, sizes: Codes, counts: Codes) -> int | None:
        """Return the smallest class size that may stay: see :class:`ReleaseCriterion`."""
        classes = np.cumsum(counts[::-1])[::-1]
        people = np.cumsum((sizes * counts)[::-1])[::-1]
        good = np.flatnonzero(classes <= (self.most + TOLERANCE) * people)
        return None if not good.size else _from(sizes, int(good[0]))


@dataclass(frozen=True, slots=True)
class PopulationUniqueness:
    """At most the share ``most`` of a population of that many people stands alone in its class.

    ``estimator`` estimates it from the class sizes (Pitman, Zayatz and others), the released
    classes being the sample; what it cannot say is taken as too much.
    """

    most: float
    population: int
    estimator: Uniqueness

    def __post_init__(self) -> None:
        _require_share(self.most)
        require(
            self.population >= 1,
            "deid.population",
            Text("母體人數至少要是 1。", "The population has at least one person."),
        )

    def least_size(self, sizes: Codes, counts: Codes) -> int | None:
        """Return the smallest class size that may stay: see :class:`ReleaseCriterion`."""
        for place in range(sizes.size):
            if sizes[place] > 1 and (sizes[place:] > 1).all():
                # Nobody who is not even unique in the table is unique in the population.
                return _from(sizes, place)
            share = self.estimator(sizes[place:], counts[place:], self.population)
            if share is not None and share <= self.most + TOLERANCE:
                return _from(sizes, place)
        return None


def _from(sizes: Codes, place: int) -> int:
    return 0 if place == 0 else int(sizes[place])


def _require_share(share: float) -> None:
    require(
        0 <= share <= 1,
        "deid.risk",
        Text("風險上限要在 0 和 1 之間。", "The largest risk must lie between 0 and 1."),
    )
