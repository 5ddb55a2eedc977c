"""Coded rows become tuples with counts, by grouping only: the rows stay where they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from anping.engine.aggregate import frequencies
from anping.engine.cores import beside
from anping.engine.stream import mapped, through
from anping.engine.table import Table
from anping.protect.deid.encoding import Codes, Floats, shares
from anping.protect.deid.leaves import PERSON, Coder
from anping.protect.deid.tuples import Attribute, Encoded, Tuples, totals

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
) -> tuple[Encoded, TupleIndex]:
    """Return a coded table as the search sees it, and what finds a row's tuple.

    ``population`` is not coded; the coder knows its values. Raises ParameterError for weights that mean nothing.
    """
    parts = shares(list(coder.maps), weights or {})
    ladders = tuple(
        each.ladder(part) for each, part in zip(coder.maps.values(), parts, strict=True)
    )
    tuples, index = counted_tuples(coded, coder, population)
    return Encoded(ladders, tuples), index


@dataclass(frozen=True)
class _Repeated:
    """Keeps the rows of the people (hashes, ascending) who have several."""

    people: Codes

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        person = batch.column(PERSON).to_numpy()
        place = np.minimum(np.searchsorted(self.people, person), self.people.size - 1)
        return batch.filter(pa.array(self.people[place] == person))


def counted_tuples(
    coded: Table, coder: Coder, population: Table | None = None
) -> tuple[Tuples, TupleIndex]:
    """Return the distinct tuples of a table that ``coder`` made, with their counts.

    Tuples that only the ``population`` has are among them, without rows.
    """
    names = coder.packed
    found = frequencies(coded, names, count=_COUNT)
    packed = tuple(_numbers(found, name) for name in names)
    rows = _numbers(found, _COUNT).astype(np.float64)
    counted = None
    if population is not None:
        packed, rows, counted = _with_population(packed, rows, _population(population, coder))
    sizes = [
        int(
            np.prod(
                [len(list(coder.maps.values())[column].observed) for column in group],
                dtype=np.int64,
            )
        )
        for group in coder.groups
    ]
    index = TupleIndex.of(packed, sizes)
    with beside(lambda: _several_rows(coded, coder, index)) as several:
        attributes = tuple(
            _attribute(coded, names, index, sensitive=f"s{place}", column=column)
            for place, column in enumerate(coder.sensitive)
        )
        tuple_of, person, counts = several()
    once = rows - totals(tuple_of, counts, rows.size)
    tuples = Tuples(
        groups=coder.groups,
        packed=packed,
        rows=rows,
        once=once,
        pair_tuple=tuple_of,
        pair_person=person,
        people=int(person.max(initial=-1)) + 1,
        attributes=attributes,
        population=counted,
    )
    return tuples, index


def _several_rows(coded: Table, coder: Coder, index: TupleIndex) -> tuple[Codes, Codes, Floats]:
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
    pairs, counts = np.unique(tuple_of * several.size + person, return_counts=True)
    return pairs // several.size, pairs % several.size, counts.astype(np.float64)


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
    coded: Table, names: Sequence[str], index: TupleIndex, *, sensitive: str, column: str
) -> Attribute:
    found = frequencies(coded, [*names, sensitive], count=_COUNT)
    values, value = np.unique(_numbers(found, sensitive), return_inverse=True)
    rows = _numbers(found, _COUNT).astype(np.float64)
    return Attribute(
        column=column,
        tuple_of=index.find([_numbers(found, name) for name in names]),
        value=value.astype(np.int64),
        rows=rows,
        hashes=values,
        whole=totals(value, rows, int(values.size)),
    )


def _numbers(table: pa.Table, name: str) -> Codes:
    return np.asarray(table.column(name).to_numpy(), np.int64)
