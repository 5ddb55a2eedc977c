"""The compiled kernel of :mod:`anping.protect.deid.class_sizes`: tuples into classes, and sums of them.

Needs numba (the extra ``fast``), which is imported with this module: see
:mod:`anping.protect.deid.compiled`, the only door. What it answers is what NumPy answers, sums up to
rounding. Places and keys are unsigned, so that no index is looked at for its sign.
"""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from anping.protect.deid.class_sizes import NodeTable, Places, Sized, SizedTuples
from anping.protect.deid.encoding import Codes, Floats

Slots = npt.NDArray[np.uint32]
Counts = npt.NDArray[np.int32]
Keys = npt.NDArray[np.uint64]
#: Keys below so many slots for each tuple are slots themselves; many tuples come in the keys' order,
#: so that they may have more: what they touch is near.
_ROOM, _MORE_ROOM, _MANY, _DIRECT_BITS = 4, 16, 2**16, 24
_FEWEST = 4096
#: The keys of a block of 2^4 lie side by side where keys are hashed.
_NEAR = 4
#: Tuples are keyed by so many at a time, which stay in the processor's nearest cache.
_STRETCH = 1024


class Memory(NamedTuple):
    """What counting writes to: rows by slot, the slots' keys, the tuples' slots, and some room."""

    counts: Counts
    keys: Keys
    slot_of: Slots
    chosen: Slots
    stretch: Keys


def memory_for(most: int) -> Memory:
    """Return the memory for up to ``most`` tuples."""
    bits = int(2 * most).bit_length()
    room = _ROOM * most if most < _MANY else min(2**_DIRECT_BITS, _MORE_ROOM * most)
    return Memory(
        counts=np.zeros(max(2**bits, room, _FEWEST), np.int32),
        keys=np.empty(2**bits, np.uint64),
        slot_of=np.empty(most, np.uint32),
        chosen=np.empty(most, np.uint32),
        stretch=np.empty(_STRETCH, np.uint64),
    )


class Held(NamedTuple):
    """Tuples as compiled code takes them: places of the shape (groups, tuples), and rows."""

    places: Places
    rows: Codes


class CompiledEngine:
    """Counts in compiled code."""

    def __init__(self, most: int) -> None:
        self._memory = memory_for(most)

    def sized(self, tuples: SizedTuples, table: NodeTable, least: int) -> Sized:
        """Return what classes of fewer than ``least`` rows come to at a node."""
        held = Held(tuples.places, tuples.rows)
        slots_of_tuples(held, table.keys.view(np.uint64), table.bound, self._memory)
        number, suppressed = small_classes(tuples.rows, least, self._memory)
        left = left_to_lose(held, table.costs, number, self._memory)
        cleared(tuples.size, self._memory)
        return Sized(suppressed, left)

    def rolled(self, tuples: SizedTuples, table: NodeTable) -> SizedTuples:
        """Return one tuple for each class of a node, with the classes' rows."""
        held = Held(tuples.places, tuples.rows)
        into = Held(np.empty_like(tuples.places), np.empty_like(tuples.rows))
        slots_of_tuples(held, table.keys.view(np.uint64), table.bound, self._memory)
        size = classes(held, into, self._memory)
        return SizedTuples(into.places[:, :size].copy(), into.rows[:size].copy())


@numba.njit(cache=True, nogil=True)
def slots_of_tuples(held: Held, node: Keys, bound: int, memory: Memory) -> None:
    """Give each tuple its class's slot, and add its rows there; all counts must be 0 before."""
    places, rows = held.places, held.rows
    size = rows.size
    room = _ROOM * size if size < _MANY else min(2**_DIRECT_BITS, _MORE_ROOM * size)
    direct = bound <= max(room, _FEWEST)
    bits = _NEAR + 1
    while (1 << bits) < 2 * size:
        bits += 1
    for first in range(0, size, _STRETCH):
        last = min(first + _STRETCH, size)
        _keyed(places[:, first:last], node, memory.stretch)
        if direct:
            _added(rows[first:last], memory.stretch, memory.counts, memory.slot_of[first:last])
        else:
            _hashed(rows[first:last], bits, memory, first)


@numba.njit(cache=True, nogil=True)
def _keyed(places: Places, node: Keys, stretch: Keys) -> None:
    size = places.shape[1]
    row = places[0]
    for place in range(size):
        stretch[place] = node[row[place]]
    for group in range(1, places.shape[0]):
        row = places[group]
        for place in range(size):
            stretch[place] += node[row[place]]


@numba.njit(cache=True, nogil=True)
def _added(rows: Codes, stretch: Keys, counts: Counts, slot_of: Slots) -> None:
    for place in range(rows.size):
        slot = stretch[place]
        slot_of[place] = slot
        counts[slot] += rows[place]


@numba.njit(cache=True, nogil=True)
def _hashed(rows: Codes, bits: int, memory: Memory, first: int) -> None:
    shift, mask = np.uint64(64 - bits + _NEAR), np.uint64((1 << bits) - 1)
    near, low, one = np.uint64(_NEAR), np.uint64((1 << _NEAR) - 1), np.uint64(1)
    for place in range(rows.size):
        key = memory.stretch[place]
        # Neighbouring keys share a block, and so a line of the processor's cache.
        block = ((key >> near) * np.uint64(0x9E3779B97F4A7C15)) >> shift
        slot = (block << near) | (key & low)
        while memory.counts[slot] != 0 and memory.keys[slot] != key:
            slot = (slot + one) & mask
        memory.keys[slot] = key
        memory.counts[slot] += rows[place]
        memory.slot_of[first + place] = slot


@numba.njit(cache=True, nogil=True)
def small_classes(rows: Codes, least: int, memory: Memory) -> tuple[int, int]:
    """Choose the tuples in classes of fewer than ``least`` rows; return their number and rows."""
    chosen, counts, slot_of = memory.chosen, memory.counts, memory.slot_of
    number, suppressed = 0, 0
    for place in range(rows.size):
        small = counts[slot_of[place]] < least
        chosen[number] = place
        number += small
        suppressed += rows[place] * small
    return number, suppressed


@numba.njit(cache=True, nogil=True)
def left_to_lose(held: Held, costs: Floats, number: int, memory: Memory) -> float:
    """Return what the first ``number`` chosen tuples had left to lose."""
    places, rows = held.places, held.rows
    left = 0.0
    for each in range(number):
        place = memory.chosen[each]
        cost = 0.0
        for group in range(places.shape[0]):
            cost += costs[places[group, place]]
        left += rows[place] * (1.0 - cost)
    return left


@numba.njit(cache=True, nogil=True)
def cleared(size: int, memory: Memory) -> None:
    """Make the counts of the last ``size`` tuples 0."""
    for place in range(size):
        memory.counts[memory.slot_of[place]] = 0


@numba.njit(cache=True, nogil=True)
def classes(held: Held, into: Held, memory: Memory) -> int:
    """Write each class's first tuple and its rows, make all counts 0, and return how many there are."""
    chosen, counts, slot_of = memory.chosen, memory.counts, memory.slot_of
    size = 0
    for place in range(held.rows.size):
        slot = slot_of[place]
        chosen[size] = place
        into.rows[size] = counts[slot]
        size += counts[slot] != 0
        counts[slot] = 0
    for group in range(held.places.shape[0]):
        for each in range(size):
            into.places[group, each] = held.places[group, chosen[each]]
    return size
