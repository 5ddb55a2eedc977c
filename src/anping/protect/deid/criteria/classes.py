"""What a criterion is shown of the equivalence classes, and what it answers.

A class *criterion* is judged class by class. ``failing`` says which classes violate it; ``doomed``
says of which of those every part violates it too, however the class is split: only then does
failing at one node prove anything about more specific ones where rows may be suppressed.
``union_closed`` says that a union of classes that pass passes: then a failing class always has a
failing part. A *release criterion* is a property of all released classes together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from anping.core.errors import ParameterError
from anping.core.text import Text

Bools = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

#: Shares are quotients of counts, and sums of them: this much more is not more.
TOLERANCE = 1e-9
_BLOCK = 2**20


@dataclass(frozen=True)
class ValueCounts:
    """One sensitive column in every class: (class, value) pairs with rows, classes ascending.

    ``whole`` counts each value's rows in the whole table, suppressed ones included; ``hashes`` says
    which value it is (:func:`anping.engine.codes.hashes`), both of shape (values,).
    """

    class_of: Codes
    value: Codes
    rows: Floats
    whole: Floats
    hashes: Codes

    @property
    def distribution(self) -> Floats:
        """The whole table's distribution, shape (values,)."""
        return np.asarray(self.whole / self.whole.sum(), np.float64)

    def different(self, classes: int) -> Codes:
        """Return each class's number of different values."""
        return np.bincount(self.class_of, minlength=classes)

    def shares(self, classes: int) -> Floats:
        """Return each pair's share of its class's rows."""
        total = np.bincount(self.class_of, self.rows, classes)
        return np.asarray(self.rows / total[self.class_of], np.float64)

    def blocks(self, classes: int) -> Iterator[tuple[int, Floats]]:
        """Yield the classes' distributions, a block at a time: the first class, (classes, values)."""
        size = self.whole.size
        step = max(1, _BLOCK // max(1, size))
        shares = self.shares(classes)
        for first in range(0, classes, step):
            last = min(classes, first + step)
            begin, end = np.searchsorted(self.class_of, (first, last))
            block = np.zeros((last - first, size))
            block[self.class_of[begin:end] - first, self.value[begin:end]] = shares[begin:end]
            yield first, block


@dataclass(frozen=True)
class ClassCounts:
    """The classes of one grouping: people and rows (shape: classes), and their sensitive values.

    ``population`` counts the rows of a population table, of which the table is a part; None where
    there is none. A class may have no rows: then only the population has any.
    """

    people: Floats
    rows: Floats
    values: Mapping[str, ValueCounts] = field(default_factory=dict)
    population: Floats | None = None

    @property
    def count(self) -> int:
        """The number of classes."""
        return int(self.rows.size)

    def nobody(self) -> Bools:
        """Return False for every class."""
        return np.zeros(self.count, np.bool_)


class Criterion(Protocol):
    """A property of each class."""

    @property
    def column(self) -> str | None:
        """The sensitive column it looks at, if any."""

    @property
    def union_closed(self) -> bool:
        """Whether a union of classes that pass passes."""

    def failing(self, classes: ClassCounts) -> Bools:
        """Return which classes violate the criterion."""

    def doomed(self, classes: ClassCounts) -> Bools:
        """Return which classes violate it with all of their parts; a subset of ``failing``."""


@runtime_checkable
class ReleaseCriterion(Protocol):
    """A property of all released classes together, reached by suppressing the smallest classes."""

    def least_size(self, sizes: Codes, counts: Codes) -> int | None:
        """Return the smallest class size that may stay, 0 for all, None where nothing may.

        ``sizes`` are the different class sizes (people), ascending, ``counts`` how many classes
        have each. Classes below the answer are to be suppressed.
        """


def require(holds: bool, code: str, what: Text) -> None:  # noqa: FBT001 - reads like assert
    """Raise ParameterError unless the number of a criterion means something."""
    if not holds:
        raise ParameterError(
            code, what, hint=Text("修改計畫中的這個數值。", "Change this value in the plan.")
        )
