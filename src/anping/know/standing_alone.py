"""How many of some rows no other row of a whole table equals, in a few of its columns.

One pass over the table: each batch is turned into the numbers that the given rows' values have, and
what holds another value cannot be like any of them, so most rows are put aside at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from anping.engine.stream import mapped
from anping.engine.table import Table

Codes = npt.NDArray[np.int64]

#: Hashes have so many bits (Fibonacci hashing, Knuth 6.4): 5,000 keys fill half a percent of them.
_BITS, _GOLDEN = 20, np.uint64(0x9E3779B97F4A7C15)

_FOUND = pa.schema([("set", pa.int32()), ("key", pa.int32()), ("rows", pa.int64())])


@dataclass(frozen=True)
class Alike:
    """Counts the rows of a batch that equal one of the given rows, by set of columns and by key.

    ``columns`` and ``listed`` are the columns and their values among the given rows; ``sets`` holds
    for each set the places of its columns, and ``keys`` its keys, ascending.
    """

    columns: tuple[str, ...]
    listed: tuple[pa.Array, ...]
    sets: tuple[tuple[int, ...], ...]
    keys: tuple[Codes, ...]

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Return the batch's counts as rows of set, place of the key, and rows."""
        codes = [
            codes_of(batch.column(name), listed)
            for name, listed in zip(self.columns, self.listed, strict=True)
        ]
        parts: list[tuple[Codes, Codes, Codes]] = []
        for number, places in enumerate(self.sets):
            found = self._places(number, [codes[at] for at in places])
            counts = np.bincount(found, minlength=0)
            held = np.flatnonzero(counts)
            parts.append((np.full(len(held), number), held, counts[held]))
        sets, keys, rows = (np.concatenate(column) for column in zip(*parts, strict=True))
        return pa.record_batch(
            [pa.array(sets, pa.int32()), pa.array(keys, pa.int32()), pa.array(rows, pa.int64())],
            schema=_FOUND,
        )

    def _places(self, number: int, codes: Sequence[Codes]) -> Codes:
        """Return the place among the set's keys of every row that has one of them."""
        sizes = [self._sizes[at] for at in self.sets[number]]
        wanted = joined(codes, sizes)
        # Most rows are like none of the given ones: a table of hashes tells them without a search.
        likely = self._filters[number][_hashed(wanted)]
        for column, whole in zip(codes, self._whole(codes), strict=True):
            if not whole:
                likely &= column >= 0
        wanted = wanted[likely]
        keys = self.keys[number]
        places = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        return np.asarray(places[keys[places] == wanted], np.int64)

    @staticmethod
    def _whole(codes: Sequence[Codes]) -> list[bool]:
        return [bool(column.min(initial=0) >= 0) for column in codes]

    @cached_property
    def _filters(self) -> list[npt.NDArray[np.bool_]]:
        made = []
        for keys in self.keys:
            held = np.zeros(1 << _BITS, bool)
            held[_hashed(keys)] = True
            made.append(held)
        return made

    @cached_property
    def _sizes(self) -> list[int]:
        return [len(listed) for listed in self.listed]


def codes_of(cells: pa.Array | pa.ChunkedArray, listed: pa.Array) -> Codes:
    """Return each cell's place among ``listed`` values, -1 for any other; missing equals missing."""
    if isinstance(cells, pa.DictionaryArray):
        # Each value of the batch is looked for once; the last place is that of missing cells.
        values = pa.concat_arrays([cells.dictionary, pa.nulls(1, listed.type)])
        places = cells.indices.fill_null(len(values) - 1).to_numpy()
        return np.asarray(codes_of(values, listed)[places], np.int64)
    if pa.types.is_dictionary(cells.type):
        cells = cells.cast(cells.type.value_type)
    found = pc.index_in(cells, value_set=listed)
    if isinstance(found, pa.ChunkedArray):
        found = found.combine_chunks()
    return np.asarray(found.fill_null(-1).to_numpy(zero_copy_only=False), np.int64)


def _hashed(keys: Codes) -> npt.NDArray[np.uint64]:
    return (keys.view(np.uint64) * _GOLDEN) >> np.uint64(64 - _BITS)


def joined(codes: Sequence[Codes], sizes: Sequence[int]) -> Codes:
    """Return one number per row for a combination of codes, each below its column's size."""
    keys = codes[0].copy()
    for column, size in zip(codes[1:], sizes[1:], strict=True):
        keys *= size
        keys += column
    return keys


def alone_in_all(table: Table, rows: pa.Table, sets: Sequence[Sequence[str]]) -> tuple[int, ...]:
    """Return, for each set of columns, how many of ``rows`` no other row of ``table`` equals.

    ``rows`` are some of the table's rows. Raises SchemaError for a column that is not there.
    """
    names = tuple(rows.column_names)
    listed = tuple(_values(rows.column(name)) for name in names)
    codes = [
        codes_of(rows.column(name), values) for name, values in zip(names, listed, strict=True)
    ]
    places = tuple(tuple(names.index(name) for name in columns) for columns in sets)
    sizes = [len(values) for values in listed]
    wanted = [joined([codes[at] for at in each], [sizes[at] for at in each]) for each in places]
    keys = tuple(np.unique(each) for each in wanted)
    found = [np.zeros(len(each), np.int64) for each in keys]
    looking = Alike(names, listed, places, keys)
    for batch in mapped(table, looking, columns=names, schema=_FOUND, coded=True):
        numbers, at, counts = (column.to_numpy() for column in batch.columns)
        for number in np.unique(numbers):
            mine = numbers == number
            np.add.at(found[number], at[mine], counts[mine])
    return tuple(
        int((counts[np.searchsorted(own, each)] == 1).sum())
        for counts, own, each in zip(found, keys, wanted, strict=True)
    )


def _values(cells: pa.ChunkedArray) -> pa.Array:
    kind = cells.type
    plain = cells.cast(kind.value_type) if pa.types.is_dictionary(kind) else cells
    return pc.unique(plain)
