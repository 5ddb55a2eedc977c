"""The class sizes of a sample, and the population it was drawn from: what every model looks at.

Of a table only its histogram of class sizes enters: how many classes have one member, two, and so
on. So a model costs the same for a thousand rows and for a hundred million.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anping.core.errors import ParameterError
from anping.core.text import Text

Counts = NDArray[np.int64]


@dataclass(frozen=True)
class ClassSizes:
    """A histogram: ``classes`` (s,) equivalence classes have ``sizes`` (s,) members, ascending."""

    sizes: Counts
    classes: Counts

    @property
    def members(self) -> int:
        """The number n of people (or rows) in the sample."""
        return int((self.sizes * self.classes).sum())

    @property
    def count(self) -> int:
        """The number u of classes."""
        return int(self.classes.sum())

    def of_size(self, size: int) -> int:
        """Return how many classes have exactly ``size`` members."""
        return int(self.classes[self.sizes == size].sum())


#: A model: the share of the population that stands alone in its class, or None where the model
#: does not fit (nobody is alone, say, or everybody is). It takes the population's size.
Model = Callable[[ClassSizes, int], float | None]


def class_sizes(members: NDArray[np.integer[Any]]) -> ClassSizes:
    """Return the histogram of classes of ``members`` (m,) people each; empty classes do not count."""
    sizes, classes = np.unique(members[members > 0], return_counts=True)
    return ClassSizes(sizes.astype(np.int64), classes.astype(np.int64))


def population_of(
    members: int, *, population: int | None = None, sampling_fraction: float | None = None
) -> int | None:
    """Return the population's size, from itself or from the sampling fraction; None without both.

    Raises ParameterError for a population smaller than the sample, for a fraction outside (0, 1],
    and for both at once.
    """
    if population is not None and sampling_fraction is not None:
        raise _error(
            "risk.population-twice",
            Text("母體大小與抽樣比例只能給一個。", "Give the population or the sampling fraction."),
            Text("刪去其中之一。", "Leave one of them out."),
        )
    if sampling_fraction is not None:
        if not (isfinite(sampling_fraction) and 0 < sampling_fraction <= 1):
            raise _error(
                "risk.sampling-fraction",
                Text("抽樣比例必須大於 0 且不超過 1。", "A sampling fraction lies in (0, 1]."),
                Text("例如 0.05 表示每 20 人抽 1 人。", "For example 0.05: one in twenty people."),
            )
        return max(members, round(members / sampling_fraction))
    if population is not None and population < members:
        raise _error(
            "risk.population-small",
            Text(
                f"母體（{population:,}）比表中的人數（{members:,}）還小。",
                f"The population ({population:,}) is smaller than the table ({members:,}).",
            ),
            Text(
                "母體是表中的人所抽自的全體，例如一國的成年人口。",
                "The population is everybody the people were drawn from: a country's adults, say.",
            ),
        )
    return population


def _error(code: str, what: Text, hint: Text) -> ParameterError:
    return ParameterError(code, what, hint=hint)
