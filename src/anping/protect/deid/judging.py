"""Which classes of a grouping fail the model: tuples become classes, criteria judge them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from anping.protect.deid.criteria.anonymity import KAnonymity
from anping.protect.deid.criteria.classes import ClassCounts, ValueCounts
from anping.protect.deid.criteria.presence import Presence
from anping.protect.deid.encoding import Codes, Floats
from anping.protect.deid.model import PrivacyModel
from anping.protect.deid.tuples import Attribute, Bools, Tuples, totals

_TABLE = 2**22


class Judged(NamedTuple):
    """The classes that fail, those that fail with all of their parts, and those nothing helps.

    ``barring`` classes fail though the table has no row of them that could be suppressed.
    """

    failing: Bools
    doomed: Bools
    barring: Bools

    @property
    def barred(self) -> bool:
        """Whether any class fails that cannot be suppressed."""
        return bool(self.barring.any())


def failing_classes(
    tuples: Tuples,
    keys: Codes,
    *,
    size: int,
    model: PrivacyModel,
    covered: Callable[[Bools], Bools] | None = None,
) -> Judged:
    """Judge the ``size`` classes into which ``keys`` puts the tuples.

    Keys that no tuple has may be called failing or not. With ``covered`` a class may have fewer
    than k people where a class that passes covers it (:mod:`anping.protect.deid.wildcards`).
    """
    classes = class_counts(tuples, keys, size)
    failing, doomed, barring = (np.zeros(size, np.bool_) for _ in range(3))
    for criterion in model.class_criteria:
        if covered is not None and isinstance(criterion, KAnonymity):
            continue
        fails = criterion.failing(classes)
        failing |= fails
        doomed |= fails & criterion.doomed(classes)
        if isinstance(criterion, Presence):
            barring |= fails & (classes.rows == 0)
    if covered is not None:
        few = classes.people < model.k
        # What may yet pass, in parts, may yet cover parts of another.
        failing |= few & ~covered(~few & ~failing)
        doomed |= few & ~covered(~few & ~doomed)
    return Judged(failing, doomed, barring)


def class_counts(tuples: Tuples, keys: Codes, size: int) -> ClassCounts:
    """Return what the criteria look at, for the ``size`` classes into which ``keys`` puts tuples."""
    rows = totals(keys, tuples.rows, size)
    return ClassCounts(
        people=people(tuples, keys, size),
        rows=rows,
        values={each.column: _values(each, keys, size) for each in tuples.attributes},
        population=None if tuples.population is None else totals(keys, tuples.population, size),
    )


def people(tuples: Tuples, class_of: Codes, classes: int) -> Floats:
    """Return the number of distinct people in each class."""
    found = totals(class_of, tuples.once, classes)
    if tuples.pair_tuple.size:
        pairs = np.unique(class_of[tuples.pair_tuple] * tuples.people + tuples.pair_person)
        found += np.bincount(pairs // tuples.people, minlength=classes)
    return found


def _values(attribute: Attribute, keys: Codes, size: int) -> ValueCounts:
    pairs = keys[attribute.tuple_of] * attribute.size + attribute.value
    if size * attribute.size <= max(_TABLE, 4 * pairs.size):
        table = totals(pairs, attribute.rows, size * attribute.size)
        present = np.flatnonzero(table)
        rows = table[present]
    else:
        present, inverse = np.unique(pairs, return_inverse=True)
        rows = totals(inverse, attribute.rows, int(present.size))
    return ValueCounts(
        class_of=present // attribute.size,
        value=present % attribute.size,
        rows=rows,
        whole=attribute.whole,
        hashes=attribute.hashes,
    )
