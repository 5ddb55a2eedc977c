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


class CompiledEngine:
    """Counts in a hash table that is kept; an epoch tells its used slots from old ones."""

    def __init__(self, most: int) -> None:
        bits = max(20, int(2 * most).bit_length())
        self._keys = np.empty(2**bits, np.int64)
        self._epochs = np.zeros(2**bits, np.int32)
        self._counts = np.empty(2**bits, np.int64)
        self._slot_of = np.empty(most, np.int32)
        self._epoch = 0

    def sized(self, tuples: SizedTuples, table: NodeTable, least: int) -> Sized:
        """Return what classes of fewer than ``least`` rows come to at a node."""
        self._epoch += 1
        bits = max(10, int(2 * tuples.size).bit_length())
        found = _sized(
            tuples.places, tuples.rows, table.keys, table.costs,
            np.array((table.bound, least, self._epoch, bits), np.int64),
            self._keys, self._epochs, self._counts, self._slot_of,
        )  # fmt: skip
        return Sized(int(found[0]), float(found[1]), int(found[2]))

    def rolled(self, tuples: SizedTuples) -> SizedTuples:
        """Return one tuple for each class of the last node sized, with the classes' rows."""
        self._epoch += 1
        first = np.empty(tuples.size, np.int64)
        size = _first(self._slot_of, self._epochs, self._epoch, first)
        first = first[:size]
        rows = self._counts[self._slot_of[first]]
        return SizedTuples(np.ascontiguousarray(tuples.places[:, first]), rows)


@numba.njit(cache=True, nogil=True)
def _sized(  # type: ignore[no-untyped-def] # noqa: PLR0913, PLR0917, ANN202 - numba takes plain arrays
    places: Slots,
    rows: Codes,
    node_keys: Codes,
    node_costs: Floats,
    settings: Codes,
    keys: Codes,
    epochs: Slots,
    counts: Codes,
    slot_of: Slots,
):
    bound, least, epoch, bits = settings[0], settings[1], np.int32(settings[2]), settings[3]
    groups, size = places.shape
    direct = bound <= keys.size
    shift, mask = np.uint64(64 - bits), (1 << bits) - 1
    classes = 0
    for place in range(size):
        key = np.int64(0)
        for group in range(groups):
            key += node_keys[places[group, place]]
        if direct:
            slot = key
            if epochs[slot] != epoch:
                epochs[slot] = epoch
                counts[slot] = 0
                classes += 1
        else:
            slot = np.int64((np.uint64(key) * np.uint64(0x9E3779B97F4A7C15)) >> shift)
            while epochs[slot] == epoch and keys[slot] != key:
                slot = (slot + 1) & mask
            if epochs[slot] != epoch:
                epochs[slot] = epoch
                keys[slot] = key
                counts[slot] = 0
                classes += 1
        counts[slot] += rows[place]
        slot_of[place] = slot
    suppressed, left = np.int64(0), 0.0
    for place in range(size):
        if counts[slot_of[place]] < least:
            cost = 0.0
            for group in range(groups):
                cost += node_costs[places[group, place]]
            suppressed += rows[place]
            left += rows[place] * (1.0 - cost)
    return suppressed, left, classes


@numba.njit(cache=True, nogil=True)
def _first(slot_of: Slots, epochs: Slots, epoch: int, first: Codes) -> int:
    size = 0
    for place in range(first.size):
        slot = slot_of[place]
        if epochs[slot] != epoch:
            epochs[slot] = epoch
            first[size] = place
            size += 1
    return size
