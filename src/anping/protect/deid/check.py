"""An independent check: group the released texts again and count, sharing no code with the search."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from anping.engine.aggregate import distinct_within, frequencies
from anping.engine.codes import combinations, combine, encode, encode_columns, hashes
from anping.engine.cores import beside
from anping.engine.table import Table
from anping.protect.deid.criteria.anonymity import KMap
from anping.protect.deid.criteria.classes import (
    Bools,
    ClassCounts,
    ValueCounts,
)
from anping.protect.deid.criteria.presence import Presence
from anping.protect.deid.model import PrivacyModel

_COUNT = "anping_count"

Codes = npt.NDArray[np.int64]
#: A column's distinct values in the raw table, and the rows of each.
Whole: TypeAlias = tuple[pa.Array, Codes]
#: Who each released row is about: a column's name, cells, or numbers, one for each row.
People: TypeAlias = str | pa.ChunkedArray | pa.Array | Codes


@dataclass(frozen=True, slots=True)
class ClassCheck:
    """What the classes of a released table are like.

    ``smallest`` is the fewest people in a class (rows, without a person column); ``least_diverse``
    the smallest l reached (number of values, or e to the power of the entropy), None without
    l-diversity; ``violations`` counts classes that fail the model.
    """

    classes: int
    smallest: int
    least_diverse: float | None
    violations: int

    @property
    def holds(self) -> bool:
        """Whether every class satisfies the model."""
        return self.violations == 0


def check_classes(
    released: Table | pa.Table,
    quasi_identifiers: Sequence[str],
    *,
    model: PrivacyModel,
    person: People | None = None,
    whole: Mapping[str, Whole] | None = None,
) -> ClassCheck:
    """Count people and sensitive values in every class of ``released``; a null equals a null.

    ``whole`` holds the raw table's distribution of the columns that further criteria compare a class
    with; criteria of columns that it lacks, and those about a population, are not checked again.
    Reads one column at a time. Raises SchemaError for a missing column.
    """
    table = Table.of(released) if isinstance(released, pa.Table) else released
    table.require([*quasi_identifiers, *model.columns])
    if not table.rows:
        return ClassCheck(0, 0, None, 0)
    with beside(lambda: None if person is None else _people(table, person)) as who:
        found = combine([each.codes for each in encode_columns(table, quasi_identifiers)])
        people = who()
    sizes = found.counts
    if people is not None:
        sizes = _different(found.classes, people, sizes.size)
    failing = sizes < model.k
    least: float | None = None
    for name in model.diversified:
        values = encode(table, name, ordered=False).codes.astype(np.int64) + 1
        reached = _diversity(found.classes, values, sizes.size, kind=model.l_kind)
        least = min(float(reached.min()), np.inf if least is None else least)
        failing |= reached < (model.l or 1) - 1e-6
    counts = ClassCounts(sizes.astype(np.float64), found.counts.astype(np.float64))
    for name, raw in (whole or {}).items():
        seen = _value_counts(table, name, found.classes, raw)
        counts = replace(counts, values={**counts.values, name: seen})
    failing |= _more_failing(counts, model)
    return ClassCheck(sizes.size, int(sizes.min()), least, int(failing.sum()))


def _more_failing(counts: ClassCounts, model: PrivacyModel) -> Bools:
    """Return which classes fail a criterion beside k and l; all do where the release does."""
    failing = counts.nobody()
    for criterion in model.class_criteria:
        about_population = isinstance(criterion, (KMap, Presence))
        known = criterion.column is None or criterion.column in counts.values
        if known and not about_population:
            failing |= criterion.failing(counts)
    sizes, classes = np.unique(counts.people.astype(np.int64), return_counts=True)
    for whole in model.release_criteria:
        failing |= whole.least_size(sizes, classes) != 0
    return failing


def _value_counts(table: Table, name: str, classes: Codes, raw: Whole) -> ValueCounts:
    values, counts = raw
    known = hashes(values)
    order = np.argsort(known)
    cells = table.column(name)
    found = hashes(cells.combine_chunks() if isinstance(cells, pa.ChunkedArray) else cells)
    value = np.searchsorted(known[order], found)
    owner, rows = _pairs(classes, value.astype(np.int64))
    spread = int(value.max()) + 1
    pairs = np.unique(classes * spread + value)
    whole = np.asarray(counts, np.float64)[order]
    return ValueCounts(owner, pairs % spread, rows.astype(np.float64), whole, known[order])


def check_counts(
    released: Table, quasi_identifiers: Sequence[str], *, model: PrivacyModel, person: str | None
) -> ClassCheck:
    """Do the same by grouping only, for rows on a cluster: classes and their counts come here.

    ``person`` names a column of numbers, one for each person.
    """
    if person is None:
        classes = frequencies(released, quasi_identifiers, count=_COUNT)
    else:
        classes = distinct_within(released, quasi_identifiers, person).drop_columns(["rows"])
    if not classes.num_rows:
        return ClassCheck(0, 0, None, 0)
    sizes = _in_order(classes, quasi_identifiers, -1)
    failing = sizes < model.k
    least: float | None = None
    for name in model.diversified:
        pairs = frequencies(released, [*quasi_identifiers, name], count=_COUNT)
        owner = combinations(Table.of(pairs), quasi_identifiers).classes
        rows = pairs.column(_COUNT).to_numpy()
        reached = _diversity_of(owner, rows, sizes.size, kind=model.l_kind)
        least = min(float(reached.min()), np.inf if least is None else least)
        failing |= reached < (model.l or 1) - 1e-6
    return ClassCheck(sizes.size, int(sizes.min()), least, int(failing.sum()))


def _in_order(classes: pa.Table, quasi_identifiers: Sequence[str], column: int) -> Codes:
    """Return a column of counts, one for each class, in the order in which classes are numbered."""
    number = combinations(Table.of(classes), quasi_identifiers).classes
    counts = np.empty(number.size, np.int64)
    counts[number] = classes.column(column).to_numpy()
    return counts


def _people(table: Table, person: People) -> Codes:
    if isinstance(person, np.ndarray):
        return np.asarray(np.unique(person, return_inverse=True)[1], np.int64)
    if isinstance(person, str):
        return encode(table, person, ordered=False).codes.astype(np.int64) + 1
    cells = person.combine_chunks() if isinstance(person, pa.ChunkedArray) else person
    return np.asarray(np.unique(hashes(cells), return_inverse=True)[1], np.int64)


def _pairs(classes: Codes, values: Codes) -> tuple[Codes, Codes]:
    """Return the classes of all (class, value) pairs, ascending, and the rows of each."""
    spread = int(values.max()) + 1
    pairs, rows = np.unique(classes * spread + values, return_counts=True)
    return pairs // spread, rows


def _different(classes: Codes, values: Codes, size: int) -> Codes:
    """Return each class's number of different values."""
    return np.bincount(_pairs(classes, values)[0], minlength=size)


def _diversity(classes: Codes, values: Codes, size: int, *, kind: str) -> npt.NDArray[np.float64]:
    """Return each class's distinct values, or the exponential of their entropy."""
    owner, rows = _pairs(classes, values)
    return _diversity_of(owner, rows, size, kind=kind)


def _diversity_of(owner: Codes, rows: Codes, size: int, *, kind: str) -> npt.NDArray[np.float64]:
    """Return the diversity of classes from their (class, value) pairs and the rows of each."""
    if kind != "entropy":
        return np.bincount(owner, minlength=size).astype(np.float64)
    share = rows / np.bincount(owner, rows, size)[owner]
    return np.asarray(np.exp(-np.bincount(owner, share * np.log(share), size)), np.float64)
