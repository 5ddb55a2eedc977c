"""What the tables' own models ask of people who share a joined profile, beside their number.

Whoever joins the tables knows of a person that they are among those who share the profile, and may know
of a row which tuple it shows. So l, t and the other criteria hold for the rows of one tuple that belong
to the people of one profile, in each table. A table's class is a union of such groups, and so are all
rows of a profile's people; what holds for all of the groups holds for these: distances and frequencies
are convex, entropy is concave, and no value goes when sets are joined.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from anping.engine.codes import encode, hashes
from anping.engine.table import Table
from anping.protect.apply import Protected, ProtectedFiles
from anping.protect.deid.criteria.anonymity import KAnonymity
from anping.protect.deid.criteria.classes import (
    ClassCounts,
    Criterion,
    ReleaseCriterion,
    ValueCounts,
)
from anping.protect.linked.people import Whole

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class _Values:
    """A sensitive column of the released rows: each one's value, and the whole table's counts."""

    of_row: Whole
    whole: Floats
    hashes: Whole


@dataclass(frozen=True)
class Judge:
    """The criteria of one table's model, and its sensitive columns. Build one with :meth:`of`."""

    criteria: tuple[Criterion, ...]
    of_release: tuple[ReleaseCriterion, ...]
    values: Mapping[str, _Values]

    @classmethod
    def of(cls, done: Protected | ProtectedFiles, table: Table) -> Judge:
        """Return what the model of a protected table asks; ``table`` has its rows."""
        model = done.model
        if model is None:
            return cls((), (), {})
        criteria = [each for each in model.class_criteria if not isinstance(each, KAnonymity)]
        names = dict.fromkeys(each.column for each in criteria if each.column is not None)
        values = {name: _values(table, name, done) for name in names}
        return cls(tuple(criteria), model.release_criteria, values)

    @property
    def asks(self) -> bool:
        """Whether there is anything to judge."""
        return bool(self.criteria or self.of_release)

    def failing(self, groups: Whole, people: Whole) -> Bools:
        """Return which groups fail: ``groups`` (rows,) are the rows' ones, ``people`` their sizes."""
        size = people.size
        counts = ClassCounts(
            people.astype(np.float64),
            np.bincount(groups, minlength=size).astype(np.float64),
            {name: _counted(groups, each) for name, each in self.values.items()},
        )
        failing = counts.nobody()
        for criterion in self.criteria:
            failing |= criterion.failing(counts)
        sizes, classes = np.unique(people, return_counts=True)
        for whole in self.of_release:
            least = whole.least_size(sizes, classes)
            failing |= True if least is None else people < least
        return failing


def _values(table: Table, name: str, done: Protected | ProtectedFiles) -> _Values:
    if name not in done.against.whole:
        found = encode(table, name)
        of_row = found.codes.astype(np.int64) + 1
        known = np.concatenate([np.zeros(1, np.int64), hashes(found.values)])
        return _Values(of_row, np.bincount(of_row, minlength=known.size).astype(np.float64), known)
    values, counts = done.against.whole[name]
    known = hashes(values)
    order = np.argsort(known)
    read = [hashes(batch.column(0)) for batch in table.batches([name])]
    places = np.searchsorted(known[order], np.concatenate([np.empty(0, np.int64), *read]))
    return _Values(places, np.asarray(counts, np.float64)[order], known[order])


def _counted(groups: Whole, values: _Values) -> ValueCounts:
    spread = values.whole.size
    pairs, rows = np.unique(groups * spread + values.of_row, return_counts=True)
    return ValueCounts(
        pairs // spread, pairs % spread, rows.astype(np.float64), values.whole, values.hashes
    )
