"""An independent check: group the released texts again and count, sharing no code with the search."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from anping.engine.aggregate import distinct_within, frequencies
from anping.engine.codes import combinations, combine, encode, encode_columns, hashes
from anping.engine.cores import beside
from anping.engine.grouping import among, repeated, tallied
from anping.engine.table import Table
from anping.protect.deid.criteria.anonymity import KAnonymity, KMap
from anping.protect.deid.criteria.classes import (
    Bools,
    ClassCounts,
    Floats,
    ValueCounts,
)
from anping.protect.deid.criteria.presence import Presence
from anping.protect.deid.model import PrivacyModel
from anping.protect.deid.tuples import totals
from anping.protect.deid.wildcards import covered

_COUNT = "anping_count"

Codes = npt.NDArray[np.int64]
#: A column's distinct values in the raw table, and the rows of each.
Whole: TypeAlias = tuple[pa.Array, Codes]


@dataclass(frozen=True)
class Reference:
    """What classes are compared with: it is not in the release.

    ``whole`` is the raw table's distribution of sensitive columns; ``population`` has the
    quasi-identifiers of everybody in the population, generalised as the release is.
    """

    whole: Mapping[str, Whole] = field(default_factory=dict)
    population: Table | None = None


#: Who each released row is about: a column's name, cells, or numbers, one for each row.
People: TypeAlias = str | pa.ChunkedArray | pa.Array | Codes


@dataclass(frozen=True, slots=True)
class ClassCheck:
    """What the classes of a released table are like.

    ``smallest`` is the fewest people in a class (rows, without a person column); ``least_diverse``
    the smallest l reached (number of values, or e to the power of the entropy), None without
    l-diversity; ``violations`` counts classes that fail the model. Where the model looks at a
    population, ``fewest`` is the smallest number of its rows in a class, and ``presence`` the least
    and the largest share of a class's population that stands in the table.
    """

    classes: int
    smallest: int
    least_diverse: float | None
    violations: int
    fewest: int | None = None
    presence: tuple[float, float] | None = None

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
    against: Reference | None = None,
) -> ClassCheck:
    """Count people and sensitive values in every class of ``released``; a null equals a null.

    Criteria that compare a class with what ``against`` lacks are not checked again. Reads one
    column at a time. Raises SchemaError for a missing column.
    """
    table = Table.of(released) if isinstance(released, pa.Table) else released
    table.require([*quasi_identifiers, *model.columns])
    if not table.rows:
        return ClassCheck(0, 0, None, 0)
    with beside(lambda: None if person is None else _people(table, person)) as who:
        coded = encode_columns(table, quasi_identifiers)
        found = combine([each.codes for each in coded])
        people = who()
    rows = found.counts
    sizes = rows if people is None else _people_in(found.classes, *people, rows)
    known = against or Reference()
    shown = {
        name: encode(table, name, ordered=False).codes.astype(np.int64) + 1
        for name in model.diversified
    }
    classes = _Classes(
        sizes,
        rows,
        {name: _pairs(found.classes, values) for name, values in shown.items()},
        {
            name: _value_counts(found.classes, hashes(_whole(table.column(name))), whole=whole)
            for name, whole in known.whole.items()
        },
    )
    texts = {
        name: each.values.take(pa.array(codes, mask=codes < 0))
        for name, each, codes in zip(quasi_identifiers, coded, found.codes.T, strict=True)
    }
    return _checked(classes, pa.table(texts), known, model=model)


def check_counts(
    released: Table,
    quasi_identifiers: Sequence[str],
    *,
    model: PrivacyModel,
    person: str | None,
    against: Reference | None = None,
) -> ClassCheck:
    """Do the same by grouping only, for rows that are not here: classes and their counts come here.

    ``person`` names a column of numbers, one for each person.
    """
    if person is None:
        found = frequencies(released, quasi_identifiers, count=_COUNT)
    else:
        found = distinct_within(released, quasi_identifiers, person)
    if not found.num_rows:
        return ClassCheck(0, 0, None, 0)
    known = against or Reference()
    columns = dict.fromkeys((*model.diversified, *known.whole))
    pairs = {
        name: frequencies(released, [*quasi_identifiers, name], count=_COUNT) for name in columns
    }
    owners = {
        name: combinations(Table.of(pair), quasi_identifiers).classes
        for name, pair in pairs.items()
    }
    rows = {name: pair.column(_COUNT).to_numpy() for name, pair in pairs.items()}
    number = combinations(Table.of(found), quasi_identifiers).classes
    classes = _Classes(
        _in_order(number, found.column(-1)),
        _in_order(number, found.column(_COUNT if person is None else "rows")),
        {name: (owners[name], rows[name]) for name in model.diversified},
        {
            name: _value_counts(
                owners[name], hashes(_whole(pairs[name].column(name))), rows[name], whole=whole
            )
            for name, whole in known.whole.items()
        },
    )
    texts = found.select(list(quasi_identifiers)).take(pa.array(np.argsort(number)))
    return _checked(classes, texts, known, model=model)


@dataclass(frozen=True)
class _Classes:
    """The released classes: people and rows, and the sensitive values of each.

    ``diverse`` holds, by column, the owners of (class, value) pairs and the rows of each.
    """

    people: Codes
    rows: Codes
    diverse: Mapping[str, tuple[Codes, Codes]]
    compared: Mapping[str, ValueCounts]


def _checked(
    classes: _Classes, texts: pa.Table, known: Reference, *, model: PrivacyModel
) -> ClassCheck:
    """Judge the classes, whose quasi-identifiers' ``texts`` stand in their order."""
    sizes = classes.people
    failing = sizes < model.k
    if model.missing == "wildcard":
        failing &= ~covered(texts, sizes >= model.k)
    least: float | None = None
    for owner, rows in classes.diverse.values():
        reached = _diversity_of(owner, rows, sizes.size, kind=model.l_kind)
        least = min(float(reached.min()), np.inf if least is None else least)
        failing |= reached < (model.l or 1) - 1e-6
    population, others = _of_population(texts, known.population)
    counts = ClassCounts(
        sizes.astype(np.float64), classes.rows.astype(np.float64), classes.compared, population
    )
    failing |= _more_failing(counts, model)
    violations = int(failing.sum()) + _nobody_here(others, model)
    done = ClassCheck(sizes.size, int(sizes.min()), least, violations)
    if population is None:
        return done
    share = counts.people / np.maximum(population, 1)
    return replace(
        done, fewest=int(population.min()), presence=(float(share.min()), float(share.max()))
    )


def _of_population(texts: pa.Table, population: Table | None) -> tuple[Floats | None, Floats]:
    """Return the population's rows in each class, and in each class that was not released."""
    if population is None:
        return None, np.zeros(0)
    found = frequencies(population, texts.column_names, count=_COUNT)
    both = pa.concat_tables([_plain(texts), _plain(found.select(texts.column_names))])
    number = combinations(Table.of(both), texts.column_names).classes
    mine, theirs = number[: texts.num_rows], number[texts.num_rows :]
    sums = totals(theirs, found.column(_COUNT).to_numpy(), int(number.max()) + 1)
    others = np.ones(sums.size, np.bool_)
    others[mine] = False
    return sums[mine], sums[others]


def _plain(texts: pa.Table) -> pa.Table:
    return pa.table({name: texts.column(name).cast(pa.string()) for name in texts.column_names})


def _nobody_here(others: Floats, model: PrivacyModel) -> int:
    """Return how many classes of the population, of which nobody is released, should not be."""
    nobody = np.zeros(others.size)
    counts = ClassCounts(nobody, nobody, {}, others)
    kinds = (each for each in model.class_criteria if isinstance(each, Presence))
    return sum(int(each.failing(counts).sum()) for each in kinds)


def _more_failing(counts: ClassCounts, model: PrivacyModel) -> Bools:
    """Return which classes fail a criterion beside k and l; all do where the release does."""
    failing = counts.nobody()
    for criterion in model.class_criteria:
        if isinstance(criterion, KAnonymity):
            continue
        about_population = isinstance(criterion, (KMap, Presence))
        unknown = (
            counts.population is None
            if about_population
            else (criterion.column is not None and criterion.column not in counts.values)
        )
        if not unknown:
            failing |= criterion.failing(counts)
    sizes, classes = np.unique(counts.people.astype(np.int64), return_counts=True)
    for whole in model.release_criteria:
        failing |= whole.least_size(sizes, classes) != 0
    return failing


def _value_counts(
    classes: Codes, found: Codes, rows: Codes | None = None, *, whole: Whole
) -> ValueCounts:
    """Return a column's values by class, from the class and the value's hash of each row or pair."""
    values, counts = whole
    known = hashes(values)
    order = np.argsort(known)
    value = np.searchsorted(known[order], found)
    spread = int(value.max()) + 1
    pairs, inverse = np.unique(classes * spread + value, return_inverse=True)
    weights = None if rows is None else rows.astype(np.float64)
    held = np.bincount(inverse.reshape(-1), weights, pairs.size).astype(np.float64)
    counted = np.asarray(counts, np.float64)[order]
    return ValueCounts(pairs // spread, pairs % spread, held, counted, known[order])


def _whole(cells: pa.ChunkedArray | pa.Array) -> pa.Array:
    return cells.combine_chunks() if isinstance(cells, pa.ChunkedArray) else cells


def _in_order(number: Codes, column: pa.ChunkedArray) -> Codes:
    """Return a column of counts, one for each class, in the order in which classes are numbered."""
    counts = np.empty(number.size, np.int64)
    counts[number] = column.to_numpy()
    return counts


def _people(table: Table, person: People) -> tuple[Codes, Codes]:
    """Return the rows of people who have several, and these people, numbered from 0."""
    if isinstance(person, np.ndarray):
        numbers = np.asarray(person, np.int64)
    elif isinstance(person, str):
        numbers = encode(table, person, ordered=False).codes.astype(np.int64)
    else:
        numbers = hashes(_whole(person))
    several = repeated(numbers)
    rows = np.flatnonzero(among(numbers, several))
    return rows, np.searchsorted(several, numbers[rows])


def _people_in(classes: Codes, again: Codes, people: Codes, rows: Codes) -> Codes:
    """Return each class's number of people: its ``rows``, those ``again`` of one person once."""
    if not again.size:
        return rows
    owners = classes[again]
    held = _pairs(owners, people)[0]
    size = rows.size
    return rows - np.bincount(owners, minlength=size) + np.bincount(held, minlength=size)


def _pairs(classes: Codes, values: Codes) -> tuple[Codes, Codes]:
    """Return the classes of all (class, value) pairs, ascending, and the rows of each."""
    spread = int(values.max()) + 1
    pairs, rows = tallied(classes * spread + values, (int(classes.max()) + 1) * spread)
    return pairs // spread, rows


def _diversity_of(owner: Codes, rows: Codes, size: int, *, kind: str) -> npt.NDArray[np.float64]:
    """Return the diversity of classes from their (class, value) pairs and the rows of each."""
    if kind != "entropy":
        return np.bincount(owner, minlength=size).astype(np.float64)
    share = rows / np.bincount(owner, rows, size)[owner]
    return np.asarray(np.exp(-np.bincount(owner, share * np.log(share), size)), np.float64)
