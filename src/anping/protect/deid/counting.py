"""Coded rows become tuples with counts, by grouping only: the rows stay where they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from anping.engine.aggregate import frequencies
from anping.engine.stream import mapped
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
    coded: Table, coder: Coder, *, weights: Mapping[str, float] | None = None
) -> tuple[Encoded, TupleIndex]:
    """Return a coded table as the search sees it, and what finds a row's tuple.

    Raises ParameterError for weights that mean nothing.
    """
    parts = shares(list(coder.maps), weights or {})
    ladders = tuple(
        each.ladder(part) for each, part in zip(coder.maps.values(), parts, strict=True)
    )
    tuples, index = counted_tuples(coded, coder)
    return Encoded(ladders, tuples), index


@dataclass(frozen=True)
class _Repeated:
    """Keeps the rows of the people (hashes, ascending) who have several."""

    people: Codes

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        person = batch.column(PERSON).to_numpy()
        place = np.minimum(np.searchsorted(self.people, person), self.people.size - 1)
        return batch.filter(pa.array(self.people[place] == person))


def counted_tuples(coded: Table, coder: Coder) -> tuple[Tuples, TupleIndex]:
    """Return the distinct tuples of a table that ``coder`` made, with their counts."""
    names = coder.packed
    found = frequencies(coded, names, count=_COUNT)
    packed = tuple(_numbers(found, name) for name in names)
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
    rows = _numbers(found, _COUNT).astype(np.float64)
    tuple_of, person, counts = _several_rows(coded, coder, index)
    once = rows - totals(tuple_of, counts, rows.size)
    tuples = Tuples(
        groups=coder.groups,
        packed=packed,
        rows=rows,
        once=once,
        pair_tuple=tuple_of,
        pair_person=person,
        people=int(person.max(initial=-1)) + 1,
        attributes=tuple(
            _attribute(coded, names, f"s{place}", column)
            for place, column in enumerate(coder.sensitive)
        ),
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


def _attribute(coded: Table, names: Sequence[str], sensitive: str, column: str) -> Attribute:
    found = frequencies(coded, [*names, sensitive], count=_COUNT)
    changes = np.zeros(found.num_rows, np.bool_)
    for name in names:
        changes[1:] |= np.diff(_numbers(found, name)) != 0
    values, value = np.unique(_numbers(found, sensitive), return_inverse=True)
    rows = _numbers(found, _COUNT).astype(np.float64)
    return Attribute(
        column=column,
        tuple_of=np.cumsum(changes, dtype=np.int64),
        value=value.astype(np.int64),
        rows=rows,
        hashes=values,
        whole=totals(value, rows, int(values.size)),
    )


def _numbers(table: pa.Table, name: str) -> Codes:
    return np.asarray(table.column(name).to_numpy(), np.int64)
