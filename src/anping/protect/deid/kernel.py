"""The compiled kernel of :mod:`anping.protect.deid.class_sizes`: one pass instead of many.

Needs numba (the extra ``fast``), which is imported with this module: see :func:`engine_for`, the
only door. What it answers is what NumPy answers, sums up to rounding.
"""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

from anping.protect.deid.class_sizes import NodeTable, Sized, SizedTuples
from anping.protect.deid.encoding import Codes, Floats

Slots = npt.NDArray[np.int32]
#: Keys below the number of slots are slots themselves: as many for each tuple, up to 2^24 in all.
_ROOM = 16
_DIRECT_BITS = 24
#: The keys of a block of 2^4 lie side by side where keys are hashed.
_BLOCK = 4


class CompiledEngine:
    """Counts in a table that is kept: each slot holds an epoch, which tells old from new, and rows."""

    def __init__(self, most: int) -> None:
        bits = min(_DIRECT_BITS, max(16, int(_ROOM * most).bit_length()))
        bits = max(bits, int(2 * most).bit_length())
        self._slots = np.zeros(2**bits, np.int64)
        self._keys = np.empty(2 ** int(2 * most).bit_length(), np.int64)
        self._slot_of = np.empty(most, np.int32)
        self._epoch = 0

    def sized(self, tuples: SizedTuples, table: NodeTable, least: int) -> Sized:
        """Return what classes of fewer than ``least`` rows come to at a node."""
        self._epoch += 1
        bits = max(_BLOCK + 1, int(2 * tuples.size).bit_length() - 1)
        found = _sized(
            tuples.places, tuples.rows, (table.keys, table.costs),
            np.array((table.bound, least, self._epoch, bits), np.int64),
            (self._keys, self._slots), self._slot_of,
        )  # fmt: skip
        return Sized(int(found[0]), float(found[1]), int(found[2]))

    def rolled(self, tuples: SizedTuples) -> SizedTuples:
        """Return one tuple for each class of the last node sized, with the classes' rows."""
        first, rows = np.empty(tuples.size, np.int64), np.empty(tuples.size, np.int64)
        size = _first(self._slot_of, self._slots, self._epoch, first, rows)
        places = np.ascontiguousarray(tuples.places[:, first[:size]])
        return SizedTuples(places, rows[:size].copy())


@numba.njit(cache=True, nogil=True)
def _sized(  # type: ignore[no-untyped-def] # noqa: PLR0917, ANN202 - numba takes plain arrays
    places: Slots,
    rows: Codes,
    node: tuple[Codes, Floats],
    settings: Codes,
    table: tuple[Codes, Codes],
    slot_of: Slots,
):
    node_keys, node_costs = node
    keys, slots = table
    bound, least, epoch, bits = settings[0], settings[1], settings[2], settings[3]
    groups, size = places.shape
    direct = bound <= slots.size
    shift, mask = np.uint64(64 - bits + _BLOCK), (1 << bits) - 1
    low = (1 << _BLOCK) - 1
    classes = 0
    new = epoch << 32
    for place in range(size):
        key = np.int64(0)
        for group in range(groups):
            key += node_keys[places[group, place]]
        slot = key
        if not direct:
            # Neighbouring keys share a block, and so a line of the processor's cache.
            block = (np.uint64(key >> _BLOCK) * np.uint64(0x9E3779B97F4A7C15)) >> shift
            slot = (np.int64(block) << _BLOCK) | (key & low)
            while slots[slot] >= new and keys[slot] != key:
                slot = (slot + 1) & mask
            keys[slot] = key
        found = slots[slot]
        # Old epochs are smaller: a slot of this one is kept as it is, without a branch.
        classes += found < new
        slots[slot] = max(found, new) + rows[place]
        slot_of[place] = slot
    suppressed, left = np.int64(0), 0.0
    few = new + least
    for place in range(size):
        if slots[slot_of[place]] < few:
            cost = 0.0
            for group in range(groups):
                cost += node_costs[places[group, place]]
            suppressed += rows[place]
            left += rows[place] * (1.0 - cost)
    return suppressed, left, classes


@numba.njit(cache=True, nogil=True)
def _first(  # noqa: PLR0917 - numba takes plain arrays
    slot_of: Slots, slots: Codes, epoch: int, first: Codes, rows: Codes
) -> int:
    size = 0
    for place in range(first.size):
        found = slots[slot_of[place]]
        if found >> 32 == epoch:
            first[size] = place
            rows[size] = found - (epoch << 32)
            slots[slot_of[place]] = 0
            size += 1
    return size
