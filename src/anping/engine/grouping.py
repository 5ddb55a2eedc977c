"""Equal whole numbers brought together: by counting where few are possible, else by one sort.

A sort of numbers alone takes half as long as one that must tell where they stood. So the place of a
number is written into its lower bits, as far as there is room, and read off again after the sort.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

#: Numbers are counted where at most so many are possible for each that is there.
_SPARSE = 4
_BITS = 63
#: Knuth's multiplier spreads numbers over the high bits.
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
_LEAST_BITS, _MOST_BITS = 10, 24


@dataclass(frozen=True, slots=True)
class Grouping:
    """Equal numbers as groups.

    ``distinct`` (m,) are the numbers, ascending, ``counts`` (m,) how often each stands there, and
    ``of_row`` (n,) the place of each row's number among them.
    """

    distinct: Numbers
    of_row: npt.NDArray[np.int32]
    counts: Numbers


def grouped(numbers: Numbers, bound: int) -> Grouping:
    """Return the groups of numbers from 0 to below ``bound``."""
    if _is_dense(numbers, bound):
        return _counted(numbers, bound)
    bits = numbers.size.bit_length()
    if (bound - 1).bit_length() + bits > _BITS:
        order = np.argsort(numbers)
        return _read_off(numbers[order], order)
    packed = numbers << np.int64(bits)
    packed |= np.arange(numbers.size)
    packed.sort()
    rows = packed & np.int64((1 << bits) - 1)
    packed >>= np.int64(bits)
    return _read_off(packed, rows)


def order_of(numbers: npt.NDArray[np.signedinteger[Any]]) -> Numbers:
    """Return the places of numbers from 0 or -1 up in the order of the numbers, equal ones as they stand."""
    most = int(numbers.max(initial=0)) + 1
    if most < 2**16:
        # Of 16 bits NumPy sorts by counting.
        return np.argsort((numbers + 1).astype(np.uint16), kind="stable")
    bits = numbers.size.bit_length()
    if most.bit_length() + bits > _BITS:
        return np.argsort(numbers, kind="stable")
    packed = numbers.astype(np.int64) + 1 << np.int64(bits)
    packed |= np.arange(numbers.size)
    packed.sort()
    packed &= np.int64((1 << bits) - 1)
    return packed


def tallied(numbers: Numbers, bound: int) -> tuple[Numbers, Numbers]:
    """Return the distinct numbers from 0 to below ``bound``, ascending, and how often each is there."""
    if not _is_dense(numbers, bound):
        distinct, counts = np.unique(numbers, return_counts=True)
        return distinct, counts.astype(np.int64)
    every = np.bincount(numbers, minlength=bound)
    distinct = np.flatnonzero(every)
    return distinct, every[distinct]


def _is_dense(numbers: Numbers, bound: int) -> bool:
    return bool(bound <= _SPARSE * numbers.size + 2**_LEAST_BITS)


def _counted(numbers: Numbers, bound: int) -> Grouping:
    distinct, counts = tallied(numbers, bound)
    place = np.zeros(bound, np.int32)
    place[distinct] = np.arange(distinct.size, dtype=np.int32)
    return Grouping(distinct, place[numbers], counts)


def _read_off(ordered: Numbers, rows: Numbers) -> Grouping:
    """Return the groups of numbers in ascending order, given the row of each."""
    first = np.ones(ordered.size, np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    of_row = np.empty(ordered.size, np.int32)
    of_row[rows] = np.cumsum(first, dtype=np.int32) - np.int32(1)
    starts = np.flatnonzero(first)
    return Grouping(ordered[starts], of_row, np.diff(starts, append=ordered.size))


def repeated(numbers: Numbers) -> Numbers:
    """Return the numbers that stand more than once, ascending, each once."""
    ordered = np.sort(numbers)
    again = ordered[1:][ordered[1:] == ordered[:-1]]
    first = np.ones(again.size, np.bool_)
    np.not_equal(again[1:], again[:-1], out=first[1:])
    several: Numbers = again[first]
    return several


def among(numbers: Numbers, known: Numbers) -> Bools:
    """Return which of the numbers are among the ``known`` ones (ascending).

    A sieve of hashes lets go of most of those that are not, so that few have to be looked up.
    """
    found = np.zeros(numbers.size, np.bool_)
    if not known.size:
        return found
    bits = min(_MOST_BITS, max(_LEAST_BITS, (16 * known.size).bit_length()))
    sieve = np.zeros(1 << bits, np.bool_)
    sieve[_sieved(known, bits)] = True
    maybe = np.flatnonzero(sieve[_sieved(numbers, bits)])
    looked_at = numbers[maybe]
    place = np.minimum(np.searchsorted(known, looked_at), known.size - 1)
    found[maybe[known[place] == looked_at]] = True
    return found


def _sieved(numbers: Numbers, bits: int) -> Numbers:
    spread = numbers.astype(np.uint64) * _SPREAD
    spread >>= np.uint64(64 - bits)
    # NumPy looks for places below 0 in signed numbers only, and these are as many.
    places: Numbers = spread.view(np.int64)
    return places
