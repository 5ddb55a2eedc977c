"""The tuples of a recoding as the model judges them: which of their groups fail, how many people."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from anping.protect.deid.criteria.anonymity import KAnonymity
from anping.protect.deid.encoding import Codes, Floats
from anping.protect.deid.judging import failing_classes, people
from anping.protect.deid.model import PrivacyModel
from anping.protect.deid.tuples import Bools, Tuples, chosen_of, totals


class Crowd(Protocol):
    """Some tuples and what makes a class of them fail."""

    @property
    def rows(self) -> Floats:
        """Each tuple's number of rows."""

    def of(self, chosen: Codes) -> Crowd:
        """Return the tuples at the places ``chosen`` (ascending)."""

    def failing(self, class_of: Codes, classes: int) -> Bools:
        """Return which classes fail the model; one without tuples may be called either."""

    def people(self, class_of: Codes, classes: int) -> Floats:
        """Return the number of distinct people in each class."""


def crowd_of(tuples: Tuples, model: PrivacyModel) -> Crowd:
    """Return the tuples in the form in which this model is judged fastest."""
    simple = len(model.class_criteria) == 1 and isinstance(model.class_criteria[0], KAnonymity)
    if simple and not tuples.pair_tuple.size and tuples.population is None:
        return Counted(tuples.once, model.k)
    # Leaves are not looked at any more, so nobody has to carry them along.
    return Detailed(replace(tuples, groups=(), packed=()), model)


@dataclass(frozen=True)
class Counted:
    """Tuples of which only the people count, each with rows of their own: they add up."""

    rows: Floats
    k: int

    def of(self, chosen: Codes) -> Counted:
        """Return the chosen tuples."""
        return Counted(self.rows[chosen], self.k)

    def failing(self, class_of: Codes, classes: int) -> Bools:
        """Return the classes of fewer than k people."""
        return self.people(class_of, classes) < self.k

    def people(self, class_of: Codes, classes: int) -> Floats:
        """Return the sums."""
        return totals(class_of, self.rows, classes)


@dataclass(frozen=True)
class Detailed:
    """Tuples with people in several of them, or with sensitive values: every criterion is asked."""

    tuples: Tuples
    model: PrivacyModel

    @property
    def rows(self) -> Floats:
        """Each tuple's number of rows."""
        return self.tuples.rows

    def of(self, chosen: Codes) -> Detailed:
        """Return the chosen tuples."""
        return Detailed(chosen_of(self.tuples, chosen), self.model)

    def failing(self, class_of: Codes, classes: int) -> Bools:
        """Return the classes that fail any criterion; of nobody here only delta-presence asks."""
        judged = failing_classes(self.tuples, class_of, size=classes, model=self.model)
        if self.tuples.population is None:
            return judged.failing
        somebody = totals(class_of, self.tuples.rows, classes) > 0
        return np.asarray((judged.failing & somebody) | judged.barring, np.bool_)

    def people(self, class_of: Codes, classes: int) -> Floats:
        """Return the number of distinct people in each class."""
        return people(self.tuples, class_of, classes)
