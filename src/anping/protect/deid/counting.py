"""Coded rows become tuples with counts, by grouping only: the rows stay where they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from math import prod
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from anping.engine.aggregate import frequencies
from anping.engine.cores import beside
from anping.engine.grouping import among, grouped, repeated, tallied
from anping.engine.stream import mapped, through
from anping.engine.table import Table
from anping.protect.deid.encoding import Codes, Floats, shares
from anping.protect.deid.leaves import PERSON, Coder
from anping.protect.deid.tuples import Attribute, Encoded, Tuples, totals

#: The (tuple, person) pairs of people with several rows, and the rows of each.
Pairs: TypeAlias = tuple[Codes, Codes, Floats]
_LARGEST_KEY = 2**62
_COUNT = "count"


@dataclass(frozen=True)
class TupleIndex:
    """Finds the tuple of packed leaves.

    ``keys`` are the tuples' mixed-radix keys, ascending. Before a key could leave 62 bits, the
    partial key is replaced by its place in ``ranks`` (None where that is not needed).
    """

    sizes: tuple[int, ...]
    ranks: tuple[Codes | None, ...]
    keys: Codes

    @classmethod
    def of(cls, packed: Sequence[Codes], sizes: Sequence[int]) -> TupleIndex:
        """Return the index of tuples in ascending order, each group's codes below its size."""
        keys, bound = np.zeros(packed[0].size, np.int64), 1
        ranks: list[Codes | None] = []
        for codes, size in zip(packed, sizes, strict=True):
            rank = None
            if bound * size > _LARGEST_KEY:
                rank = np.unique(keys)
                keys, bound = np.searchsorted(rank, keys), int(rank.size)
            ranks.append(rank)
            keys = keys * size + codes
            bound *= size
        return cls(tuple(sizes), tuple(ranks), keys)

    def find(self, packed: Sequence[Codes]) -> Codes:
        """Return the place of each row's tuple. The rows' tuples must all be known."""
        keys = np.zeros(packed[0].size, np.int64)
        for codes, size, rank in zip(packed, self.sizes, self.ranks, strict=True):
            if rank is not None:
                keys = np.searchsorted(rank, keys)
            keys = keys * size + codes
        # In order, look-ups stay within the processor's cache.
        order = np.argsort(keys)
        places = np.empty(keys.size, np.int64)
        places[order] = np.searchsorted(self.keys, keys[order])
        return places


def encoded_of(
    coded: Table,
    coder: Coder,
    *,
    weights: Mapping[str, float] | None = None,
    population: Table | None = None,
    several: Several | None = None,
) -> tuple[Encoded, TupleIndex]:
    """Return a coded table as the search sees it, and what finds a row's tuple.

    ``population`` is not coded; the coder knows its values. ``several`` is what
    :func:`several_of` gave of the table. Raises ParameterError for weights that mean nothing.
    """
    parts = shares(list(coder.maps), weights or {})
    ladders = tuple(
        each.ladder(part) for each, part in zip(coder.maps.values(), parts, strict=True)
    )
    grouping = _groups(coded, coder, population)
    index = TupleIndex.of(grouping.packed, _sizes(coder))
    with _beside(coder, lambda: _pairs_of(coded, coder, grouping, index, several=several)) as pairs:
        attributes = tuple(
            _attribute(coded, coder, grouping, index, place=place)
            for place in range(len(coder.sensitive))
        )
        tuple_of, person, counts = pairs()
    tuples = Tuples(
        groups=coder.groups,
        packed=grouping.packed,
        rows=grouping.rows,
        once=grouping.rows - totals(tuple_of, counts, grouping.rows.size),
        pair_tuple=tuple_of,
        pair_person=person,
        people=int(person.max(initial=-1)) + 1,
        attributes=attributes,
        population=grouping.population,
    )
    return Encoded(ladders, tuples, grouping.tuple_of), index


@contextmanager
def _beside(coder: Coder, call: Callable[[], Pairs]) -> Iterator[Callable[[], Pairs]]:
    """Look at people in another thread; where nobody is named, a thread costs more than the look."""
    if coder.person is None:
        yield call
        return
    with beside(call) as found:
        yield found


@dataclass(frozen=True)
class Several:
    """The people with several rows in a table in memory: who (hashes, ascending), and which rows."""

    people: Codes
    rows: Codes


def several_of(coded: Table, coder: Coder) -> Several | None:
    """Return the people with several rows; None where nobody is named, or rows are not in memory."""
    if coder.person is None or not coded.in_memory:
        return None
    persons = coded.column(PERSON).to_numpy()
    people = repeated(persons)
    return Several(people, np.flatnonzero(among(persons, people)))


@dataclass(frozen=True)
class _Groups:
    """The distinct tuples in ascending order, their rows, and those of a population.

    ``tuple_of`` tells each row's tuple, where the rows are in memory and there is no population.
    """

    packed: tuple[Codes, ...]
    rows: Floats
    population: Floats | None = None
    tuple_of: npt.NDArray[np.int32] | None = None


def _sizes(coder: Coder) -> list[int]:
    """Return how many codes each group of columns has."""
    leaves = [len(each.observed) for each in coder.maps.values()]
    return [prod(leaves[column] for column in group) for group in coder.groups]


def _groups(coded: Table, coder: Coder, population: Table | None) -> _Groups:
    """Return the distinct tuples of a table that ``coder`` made, with their counts.

    Tuples that only the ``population`` has are among them, without rows.
    """
    names, sizes = coder.packed, _sizes(coder)
    if population is None and coded.in_memory and 0 < prod(sizes) < _LARGEST_KEY:
        return _groups_here(coded, names, sizes)
    found = frequencies(coded, names, count=_COUNT)
    packed = tuple(_numbers(found, name) for name in names)
    rows = _numbers(found, _COUNT).astype(np.float64)
    if population is None:
        return _Groups(packed, rows)
    return _Groups(*_with_population(packed, rows, _population(population, coder)))


def _groups_here(coded: Table, names: Sequence[str], sizes: Sequence[int]) -> _Groups:
    """Return the tuples of rows in memory: one key for each row, and equal keys brought together."""
    keys = np.zeros(coded.rows, np.int64)
    for name, size in zip(names, sizes, strict=True):
        keys *= size
        keys += coded.column(name).to_numpy()
    found = grouped(keys, prod(sizes))
    packed, rest = [], found.distinct
    for size in reversed(sizes):
        packed.append(rest % size)
        rest = rest // size
    return _Groups(tuple(packed[::-1]), found.counts.astype(np.float64), tuple_of=found.of_row)


def _pairs_of(
    coded: Table, coder: Coder, grouping: _Groups, index: TupleIndex, *, several: Several | None
) -> Pairs:
    """Return the (tuple, person) pairs of the people with several rows, and the rows of each."""
    if several is None or grouping.tuple_of is None:
        return _several_rows(coded, coder, index)
    if not several.rows.size:
        return several.rows, several.rows, several.rows.astype(np.float64)
    persons = coded.column(PERSON).to_numpy()[several.rows]
    person = np.searchsorted(several.people, persons)
    tuple_of = grouping.tuple_of[several.rows]
    return _counted_pairs(tuple_of.astype(np.int64), person, several.people.size)


def _counted_pairs(tuple_of: Codes, person: Codes, people: int) -> tuple[Codes, Codes, Floats]:
    pairs, counts = np.unique(tuple_of * people + person, return_counts=True)
    return pairs // people, pairs % people, counts.astype(np.float64)


@dataclass(frozen=True)
class _Repeated:
    """Keeps the rows of the people (hashes, ascending) who have several."""

    people: Codes

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        return batch.filter(pa.array(among(batch.column(PERSON).to_numpy(), self.people)))


def _several_rows(coded: Table, coder: Coder, index: TupleIndex) -> Pairs:
    """Return the (tuple, person) pairs of the people with several rows, and the rows of each."""
    nobody = np.zeros(0, np.int64)
    if coder.person is None:
        return nobody, nobody, nobody.astype(np.float64)
    several = _numbers(frequencies(coded, [PERSON], at_least=2), PERSON)
    if not several.size:
        return nobody, nobody, nobody.astype(np.float64)
    columns = (*coder.packed, PERSON)
    schema = pa.schema([coder.schema.field(name) for name in columns])
    kept = mapped(coded, _Repeated(several), columns=columns, schema=schema)
    rows = pa.Table.from_batches(kept, schema)
    tuple_of = index.find([_numbers(rows, name) for name in coder.packed])
    person = np.searchsorted(several, _numbers(rows, PERSON))
    return _counted_pairs(tuple_of, person, int(several.size))


def _population(population: Table, coder: Coder) -> pa.Table:
    """Return the population's packed leaves and how many rows have each combination."""
    alone = replace(coder, person=None, sensitive=())
    coded = through(population, alone, columns=alone.columns, schema=alone.schema)
    return frequencies(coded, coder.packed, count=_COUNT)


def _with_population(
    packed: tuple[Codes, ...], rows: Floats, population: pa.Table
) -> tuple[tuple[Codes, ...], Floats, Floats]:
    """Return the tuples of both in ascending order, with the rows of the one and of the other."""
    names = population.column_names[:-1]
    both = [
        np.concatenate([own, _numbers(population, name)])
        for own, name in zip(packed, names, strict=True)
    ]
    order = np.lexsort(both[::-1])
    new = np.zeros(order.size, np.bool_)
    for codes in both:
        new[1:] |= np.diff(codes[order]) != 0
    number = np.empty(order.size, np.int64)
    number[order] = np.cumsum(new)
    size, first = (
        int(number.max(initial=-1)) + 1,
        order[np.flatnonzero(new | (np.arange(order.size) == 0))],
    )
    counts = _numbers(population, _COUNT).astype(np.float64)
    return (
        tuple(codes[first] for codes in both),
        totals(number[: rows.size], rows, size),
        totals(number[rows.size :], counts, size),
    )


def _attribute(
    coded: Table, coder: Coder, grouping: _Groups, index: TupleIndex, *, place: int
) -> Attribute:
    """Return the values of the sensitive column at ``place``, by tuple."""
    name = f"s{place}"
    if grouping.tuple_of is None:
        found = frequencies(coded, [*coder.packed, name], count=_COUNT)
        values, value = np.unique(_numbers(found, name), return_inverse=True)
        tuple_of = index.find([_numbers(found, each) for each in coder.packed])
        rows = _numbers(found, _COUNT).astype(np.float64)
    else:
        # Few values far apart, such as hashes, are found sooner by hashing than by sorting.
        met = coded.column(name).combine_chunks().dictionary_encode()
        values, rank = np.unique(met.dictionary.to_numpy(), return_inverse=True)
        keys = grouping.tuple_of * np.int64(values.size)
        keys += rank[met.indices.to_numpy()]
        pairs, counts = tallied(keys, grouping.rows.size * values.size)
        tuple_of, value = pairs // values.size, pairs % values.size
        rows = counts.astype(np.float64)
    return Attribute(
        column=coder.sensitive[place],
        tuple_of=tuple_of,
        value=value.astype(np.int64),
        rows=rows,
        hashes=values,
        whole=totals(value, rows, int(values.size)),
    )


def _numbers(table: pa.Table, name: str) -> Codes:
    return np.asarray(table.column(name).to_numpy(), np.int64)
