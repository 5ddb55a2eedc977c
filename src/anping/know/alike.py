"""Which rows of a batch equal one of some given rows, by sets of columns.

A row's hash by a set is the sum of its columns' numbers, each times an odd factor of the column's
own (multilinear hashing, Carter & Wegman 1979); the high bits say where to look in a sieve of the
given rows' hashes. Few rows pass, and only those are compared.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Codes = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

#: A sieve has so many places for each key, within these numbers of bits.
_PLACES, _LEAST_BITS, _MOST_BITS = 32, 10, 20
#: So many rows at a time: what is worked on stays in a core's own memory.
_ROWS = 32_768

#: What a batch tells: the set's number, a key of it, and how many rows of the batch have it.
FOUND = pa.schema([("set", pa.int32()), ("key", pa.int64()), ("rows", pa.int64())])


@dataclass(frozen=True, slots=True)
class _Sieve:
    """Hashes that are looked for, ascending, and where they may be: most others are held back."""

    hashes: Codes
    held: Bools
    shift: np.uint64

    @classmethod
    def of(cls, hashes: Codes) -> _Sieve:
        distinct = np.unique(hashes)
        bits = min(_MOST_BITS, max(_LEAST_BITS, (_PLACES * distinct.size - 1).bit_length()))
        made = cls(distinct, np.zeros(1 << bits, np.bool_), np.uint64(64 - bits))
        made.held[made._places(distinct)] = True
        return made

    def through(self, hashes: Codes) -> Codes:
        """Return which hashes are looked for, by their places."""
        passed = np.flatnonzero(self.held[self._places(hashes)])
        some = hashes[passed]
        near = np.minimum(np.searchsorted(self.hashes, some), self.hashes.size - 1)
        found: Codes = passed[self.hashes[near] == some]
        return found

    def _places(self, hashes: Codes) -> Codes:
        # NumPy looks for places below 0 in signed numbers only, and these are as many.
        places: Codes = (hashes.view(np.uint64) >> self.shift).view(np.int64)
        return places


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

    def narrowed(self, keys: tuple[Codes, ...]) -> Alike:
        """Return what looks for these keys only."""
        return replace(self, keys=keys)

    def only(self, sets: Collection[int]) -> Alike:
        """Return what looks for the keys of some sets only."""
        if all(at in sets for at in self._open):
            return self
        return replace(
            self, keys=tuple(keys if at in sets else keys[:0] for at, keys in enumerate(self.keys))
        )

    @property
    def used(self) -> tuple[str, ...]:
        """The columns that are looked at."""
        return tuple(self.columns[place] for place in self._used)

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Return the batch's counts as rows of set, key, and rows; sets and their keys ascend."""
        numbers = {
            place: numbers_of(batch.column(self.columns[place]), self.listed[place])
            for place in self._used
        }
        passed = self._passed(numbers, batch.num_rows)
        marked = np.zeros(batch.num_rows, np.bool_)
        for rows in passed.values():
            marked[rows] = True
        some = np.flatnonzero(marked)
        codes = {
            place: self._codes_at(place, batch.column(self.columns[place]), (some, numbers[place]))
            for place in self._used
        }
        parts = [_NOTHING]
        for number, rows in sorted(passed.items()):
            at = np.searchsorted(some, rows)
            held, counts = self._compared(
                number, {place: codes[place][at] for place in self.sets[number]}
            )
            parts.append((np.full(len(held), number), held, counts))
        sets, keys, rows = (np.concatenate(column) for column in zip(*parts, strict=True))
        return pa.record_batch(
            [pa.array(sets, pa.int32()), pa.array(keys, pa.int64()), pa.array(rows, pa.int64())],
            schema=FOUND,
        )

    def _compared(self, number: int, codes: Mapping[int, Codes]) -> tuple[Codes, Codes]:
        """Return the set's keys that rows of these codes have, ascending, and how many have each."""
        wanted = joined(list(codes.values()), [len(self.listed[place]) for place in codes])
        wanted = wanted[np.logical_and.reduce([column >= 0 for column in codes.values()])]
        keys = self.keys[number]
        places = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        held, counts = np.unique(wanted[keys[places] == wanted], return_counts=True)
        return held, counts

    def _codes_at(self, place: int, cells: pa.Array, given: tuple[Codes, Codes]) -> Codes:
        """Return the codes of a column's cells at some rows, the numbers of all cells being known."""
        rows, numbers = given
        listed = self.listed[place]
        if cells.null_count or not _is_whole(listed.type) or listed.null_count:
            return codes_of(cells.take(pa.array(rows)), listed)
        order, ascending = self._ascending[place]
        wanted = numbers[rows]
        near = np.minimum(np.searchsorted(ascending, wanted), ascending.size - 1)
        return np.where(ascending[near] == wanted, order[near], -1)

    @cached_property
    def _ascending(self) -> dict[int, tuple[Codes, Codes]]:
        """The listed values of columns of whole numbers, ascending, after their places."""
        made: dict[int, tuple[Codes, Codes]] = {}
        for place in self._used:
            if _is_whole(self.listed[place].type):
                numbers = numbers_of(self.listed[place], self.listed[place])
                order = np.argsort(numbers)
                made[place] = order, numbers[order]
        return made

    def _passed(self, numbers: Mapping[int, Codes], size: int) -> dict[int, Codes]:
        """Return for each set that is looked for the rows that may have one of its keys."""
        first: dict[int, list[Codes]] = {number: [_NO_ROWS] for number in self._parts}
        for start in range(0, size, _ROWS):
            hashed = {
                place: column[start : start + _ROWS] * _factor(place)
                for place, column in numbers.items()
            }
            for number, found in first.items():
                rows = self._firsts[number].through(_summed(hashed, self.sets[number]))
                found.append(rows + start)
        passed: dict[int, Codes] = {}
        for number, found in first.items():
            rows = np.concatenate(found)
            places = {place for whole in self._parts[number] for place in self.sets[whole]}
            hashed = {place: numbers[place][rows] * _factor(place) for place in places}
            for whole in self._parts[number]:
                passed[whole] = rows[self._sieves[whole].through(_summed(hashed, self.sets[whole]))]
        return passed

    @cached_property
    def _open(self) -> tuple[int, ...]:
        return tuple(number for number, keys in enumerate(self.keys) if keys.size)

    @cached_property
    def _used(self) -> tuple[int, ...]:
        return tuple(sorted({place for number in self._open for place in self.sets[number]}))

    @cached_property
    def _parts(self) -> dict[int, list[int]]:
        """Sets that are sieved by first, each with those that hold it and are looked for.

        A row that is like none of the given ones by some of a set's columns is not by all of them.
        """
        made: dict[int, list[int]] = {}
        for number in self._open:
            inside = [part for part in self._open if {*self.sets[part]} <= {*self.sets[number]}]
            # The smallest serves the most others; what has the most keys left lets the least pass.
            best = min(inside, key=lambda at: (len(self.sets[at]), -self.keys[at].size))
            made.setdefault(best, []).append(number)
        return made

    @cached_property
    def _hashed(self) -> dict[int, Codes]:
        return {
            place: numbers_of(self.listed[place], self.listed[place]) * _factor(place)
            for place in self._used
        }

    def _hashes(self, number: int, part: int) -> Codes:
        """Return the hashes that the keys of a set have by a part of it."""
        sizes = [len(self.listed[place]) for place in self.sets[number]]
        codes = dict(
            zip(self.sets[number], np.unravel_index(self.keys[number], sizes), strict=True)
        )
        hashed = {place: self._hashed[place][codes[place]] for place in self.sets[part]}
        return _summed(hashed, self.sets[part])

    @cached_property
    def _sieves(self) -> dict[int, _Sieve]:
        return {number: _Sieve.of(self._hashes(number, number)) for number in self._open}

    @cached_property
    def _firsts(self) -> dict[int, _Sieve]:
        return {
            part: _Sieve.of(np.concatenate([self._hashes(number, part) for number in held]))
            for part, held in self._parts.items()
        }


_NO_ROWS = np.empty(0, np.int64)
_NOTHING = (_NO_ROWS, _NO_ROWS, _NO_ROWS)


def _summed(hashed: Mapping[int, Codes], places: Sequence[int]) -> Codes:
    """Return the hashes of rows by a set, from those of its columns, already times their factors."""
    first, *others = places
    summed = hashed[first]
    for place in others:
        summed = summed + hashed[place]
    return summed


def _factor(place: int) -> np.int64:
    """Return an odd factor for a column: Steele's steps from Knuth's constant."""
    factor = 0x9E3779B97F4A7C15
    for _ in range(place):
        factor = (factor * 6364136223846793005 + 2) & (2**64 - 1)
    return np.uint64(factor).view(np.int64)


def numbers_of(cells: pa.Array, listed: pa.Array) -> Codes:
    """Return a number for each cell, equal for equal cells; ``listed`` values differ from others.

    Whole numbers, days and times stand for themselves, all else for its place among ``listed``.
    """
    if isinstance(cells, pa.DictionaryArray):
        if len(cells.dictionary) > len(cells):
            return numbers_of(cells.dictionary_decode(), listed)
        return numbers_of(_with_missing(cells), listed)[_places_in(cells)]
    kind = cells.type
    if not _is_whole(kind):
        return codes_of(cells, listed)
    plain = cells.view(f"int{kind.bit_width}")
    return np.asarray((plain.fill_null(0) if plain.null_count else plain).to_numpy(), np.int64)


def _is_whole(kind: pa.DataType) -> bool:
    tests = (pa.types.is_integer, pa.types.is_date, pa.types.is_time, pa.types.is_timestamp)
    return any(test(kind) for test in tests)


def codes_of(cells: pa.Array | pa.ChunkedArray, listed: pa.Array) -> Codes:
    """Return each cell's place among ``listed`` values, -1 for any other; missing equals missing."""
    if isinstance(cells, pa.DictionaryArray) and len(cells.dictionary) <= len(cells):
        return codes_of(_with_missing(cells), listed)[_places_in(cells)]
    if pa.types.is_dictionary(cells.type):
        cells = cells.cast(cells.type.value_type)
    found = pc.index_in(cells, value_set=listed)
    if isinstance(found, pa.ChunkedArray):
        found = found.combine_chunks()
    return np.asarray(found.fill_null(-1).to_numpy(zero_copy_only=False), np.int64)


def _with_missing(cells: pa.DictionaryArray) -> pa.Array:
    """Return the values that the cells may have: each is looked for once, a missing one is last."""
    return pa.concat_arrays([cells.dictionary, pa.nulls(1, cells.dictionary.type)])


def _places_in(cells: pa.DictionaryArray) -> Codes:
    places = cells.indices
    if places.null_count:
        places = places.fill_null(len(cells.dictionary))
    return np.asarray(places.to_numpy(), np.int64)


def joined(codes: Sequence[Codes], sizes: Sequence[int]) -> Codes:
    """Return one number per row for a combination of codes, each below its column's size."""
    keys = codes[0].copy()
    for column, size in zip(codes[1:], sizes[1:], strict=True):
        keys *= size
        keys += column
    return keys
