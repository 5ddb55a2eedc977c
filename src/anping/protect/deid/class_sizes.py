"""Evaluation where only class sizes matter: k, and a loss that is a sum over cells.

Tuples are columns of places in one table that holds, for each group of columns, the value at a node
of every combination of leaves: a node is a gather and an addition for each group. This module is
NumPy; :mod:`anping.protect.deid.kernel` does the same, compiled.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from anping.protect.deid.encoding import Codes, Floats, Ladder, Node
from anping.protect.deid.tuples import Bools, Encoded, Groups, groups_of, regrouped, totals

_CACHED = 2**21
#: A node's table is made anew for every node: it should be smaller than what is counted with it.
_SMALLEST_TABLE, _LARGEST_TABLE, _TUPLES_PER_ENTRY = 256, 2**15, 32
_DIRECT = 2**16
#: The largest key of a class.
LARGEST_KEY = 2**62
_MIXERS = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9)

Places = npt.NDArray[np.uint16] | npt.NDArray[np.uint32]


@dataclass(frozen=True)
class SizedTuples:
    """Distinct tuples: ``places`` in a node's table, shape (groups, tuples), and their rows."""

    places: Places
    rows: Codes

    @property
    def size(self) -> int:
        """The number of tuples."""
        return int(self.rows.size)


@dataclass(frozen=True)
class NodeTable:
    """One node: each place's part of the class's key (below ``bound`` in sum), and of the loss."""

    keys: Codes
    costs: Floats
    bound: int


class Sized(NamedTuple):
    """The rows in classes below the least size, and the loss that they had left."""

    suppressed: int
    left: float


class Engine(Protocol):
    """What counts: NumPy here, or the compiled kernel."""

    def sized(self, tuples: SizedTuples, table: NodeTable, least: int) -> Sized:
        """Return what classes of fewer than ``least`` rows come to at a node."""

    def rolled(self, tuples: SizedTuples, table: NodeTable) -> SizedTuples:
        """Return one tuple for each class of a node, with the classes' rows."""


class Tables:
    """Makes nodes' tables, one after the other in the same memory; groups' parts are remembered."""

    def __init__(self, ladders: tuple[Ladder, ...], groups: Groups) -> None:
        self.ladders = ladders
        self.groups = groups
        sizes = [
            int(np.prod([ladders[each].sizes[0] for each in group], dtype=np.int64))
            for group in groups
        ]
        self.ends = np.cumsum(sizes).tolist()
        self.starts = [0, *self.ends[:-1]]
        self._keys, self._costs = np.zeros(self.ends[-1], np.int64), np.zeros(self.ends[-1])
        self._known: dict[tuple[int, Node], tuple[Codes, Floats, int]] = {}
        self._held = 0

    def at(self, node: Node) -> NodeTable | None:
        """Return the table of ``node``, or None where its keys would leave 62 bits."""
        # The first group counts most, so that keys ascend nearly as the tuples do.
        bound = 1
        for place in range(len(self.groups) - 1, -1, -1):
            group = self.groups[place]
            codes, cost, size = self._group(place, tuple([node[column] for column in group]))
            if bound * size > LARGEST_KEY:
                return None
            start, end = self.starts[place], self.ends[place]
            np.multiply(codes, bound, out=self._keys[start:end])
            self._costs[start:end] = cost
            bound *= size
        return NodeTable(self._keys, self._costs, bound)

    def _group(self, place: int, levels: Node) -> tuple[Codes, Floats, int]:
        known = self._known.get((place, levels))
        if known is not None:
            return known
        codes, cost, size = np.zeros(1, np.int64), np.zeros(1), 1
        for column, level in zip(self.groups[place], levels, strict=True):
            ladder = self.ladders[column]
            codes = np.add.outer(codes * ladder.sizes[level], ladder.codes[level]).ravel()
            cost = np.add.outer(cost, ladder.cost[level]).ravel()
            size *= ladder.sizes[level]
        if self._held + codes.size <= _CACHED:
            self._held += int(codes.size)
            self._known[place, levels] = codes, cost, size
        return codes, cost, size


def tables_of(encoded: Encoded, ladders: tuple[Ladder, ...]) -> Tables:
    """Return what makes nodes' tables for a table: of a size that its tuples pay for."""
    largest = min(_LARGEST_TABLE, max(_SMALLEST_TABLE, encoded.tuples.size // _TUPLES_PER_ENTRY))
    return Tables(ladders, groups_of([ladder.sizes[0] for ladder in ladders], largest=largest))


def sized_tuples(encoded: Encoded, tables: Tables) -> SizedTuples:
    """Return the finest tuples of a table in which every person has one row."""
    tuples = encoded.tuples
    shape = len(tables.groups), tuples.size
    small = tables.ends[-1] <= 2**16
    places: Places = np.empty(shape, np.uint16) if small else np.empty(shape, np.uint32)
    for place, (group, start) in enumerate(zip(tables.groups, tables.starts, strict=True)):
        places[place] = regrouped(tuples, encoded.ladders, group) + start
    there = tuples.rows > 0
    if not there.all():
        return SizedTuples(places[:, there], tuples.rows[there].astype(np.int64))
    return SizedTuples(places, tuples.rows.astype(np.int64))


class NumpyEngine:
    """Counts with NumPy."""

    def sized(self, tuples: SizedTuples, table: NodeTable, least: int) -> Sized:
        """Return what classes of fewer than ``least`` rows come to at a node."""
        class_of, counts = _counted(tuples, table)
        chosen = np.flatnonzero((counts < least)[class_of])
        rows = tuples.rows[chosen]
        cost = table.costs[tuples.places[0][chosen]]
        for places in tuples.places[1:]:
            cost += table.costs[places[chosen]]
        return Sized(int(rows.sum()), float(rows @ (1.0 - cost)))

    def rolled(self, tuples: SizedTuples, table: NodeTable) -> SizedTuples:
        """Return one tuple for each class of a node, with the classes' rows."""
        class_of, counts = _counted(tuples, table)
        first = np.full(counts.size, -1, np.int64)
        first[class_of[::-1]] = np.arange(tuples.size)[::-1]
        there = np.flatnonzero(first >= 0)
        order = there[np.argsort(first[there], kind="stable")]
        return SizedTuples(tuples.places[:, first[order]], counts[order].astype(np.int64))


def _counted(tuples: SizedTuples, table: NodeTable) -> tuple[Codes, Floats]:
    """Return the class of each tuple, and the classes' rows."""
    keys = table.keys[tuples.places[0]]
    for places in tuples.places[1:]:
        keys += table.keys[places]
    if table.bound > max(_DIRECT, 4 * keys.size):
        keys, bound = numbered(keys), keys.size
    else:
        bound = table.bound
    return keys, totals(keys, tuples.rows.astype(np.float64), bound)


def numbered(keys: Codes) -> Codes:
    """Return equal numbers for equal keys and different ones for different keys, below the size.

    Keys are thrown into a table by a multiplicative hash; one that meets another is thrown again.
    What remains after a few throws is sorted.
    """
    bits = max(4, int(2 * keys.size).bit_length())
    slots = np.empty(2**bits, np.int64)
    number = np.arange(keys.size)
    rest = np.arange(keys.size)
    here = keys
    for mixer in _MIXERS:
        mixed = (here.view(np.uint64) * np.uint64(mixer)) >> np.uint64(64 - bits)
        slot = mixed.view(np.int64)
        slots[slot] = rest
        winner = slots[slot]
        same: Bools = keys[winner] == here
        number[rest[same]] = winner[same]
        rest = rest[~same]
        if not rest.size:
            return number
        here = keys[rest]
    first, inverse = np.unique(keys[rest], return_index=True, return_inverse=True)[1:]
    number[rest] = rest[first][inverse]
    return number
