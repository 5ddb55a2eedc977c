"""The nodes that may still be the best, with their bounds, in compiled code: an array over the lattice.

The same decisions as :mod:`anping.protect.deid.candidates` makes. A node's number is mixed-radix, the
last column's level counting one; a dropped node's bound is infinite.
"""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from anping.protect.deid.candidates import TOLERANCE
from anping.protect.deid.encoding import Codes, Floats

Flags = npt.NDArray[np.bool_]
#: Numbers of nodes that differ in the last columns only are listed: so many at the most.
_LISTED = 256


class Lattice(NamedTuple):
    """``top`` and ``strides`` by column; by node what it costs at the ``least``, and its ``bound``.

    ``limit`` holds the best score so far and what is above it for certain; ``best`` the best node's
    number and suppressed rows, -1 as long as there is none; ``seen`` are the nodes evaluated, the
    first of ``evaluated`` their number. ``bits`` is what each column tells on each level.
    """

    top: Codes
    strides: Codes
    bits: Floats
    least: Floats
    bound: Floats
    seen: Flags
    limit: Floats
    best: Codes
    evaluated: Codes
    offsets: Codes


def lattice_of(top: Codes, bits: Floats, least: Floats) -> Lattice:
    """Return the lattice of which nothing is known but what its nodes cost at the least."""
    strides = np.cumprod(np.append(1, top[:0:-1] + 1))[::-1]
    return Lattice(
        top, np.ascontiguousarray(strides), bits, least, least.copy(),
        np.zeros(least.size, np.bool_), np.full(2, np.inf), np.full(2, -1), np.zeros(1, np.int64),
        np.empty(_LISTED, np.int64),
    )  # fmt: skip


@numba.njit(cache=True, nogil=True)
def highest_equal(score: float) -> float:
    """Return the highest number that counts as equal to a score."""
    return score + TOLERANCE * max(1.0, abs(score))


@numba.njit(cache=True, nogil=True)
def number_of(lattice: Lattice, node: Codes) -> int:
    """Return a node's number."""
    number = 0
    for column in range(node.size):
        number += lattice.strides[column] * node[column]
    return number


@numba.njit(cache=True, nogil=True)
def node_of(lattice: Lattice, number: int | np.int64, node: Codes) -> None:
    """Write the levels of a node into ``node``."""
    for column in range(node.size):
        node[column] = number // lattice.strides[column]
        number %= lattice.strides[column]


@numba.njit(cache=True, nogil=True)
def raise_below(lattice: Lattice, node: Codes, penalty: float) -> None:
    """Raise the bounds of everything at most as general as ``node`` by a penalty; drop it if infinite."""
    columns = node.size
    # The numbers of the nodes below that differ in the last columns are listed once.
    offsets, listed, listing = lattice.offsets, 1, columns
    offsets[0] = 0
    while listing > 0 and listed * (node[listing - 1] + 1) <= offsets.size:
        listing -= 1
        for level in range(1, node[listing] + 1):
            for each in range(listed):
                offsets[level * listed + each] = offsets[each] + level * lattice.strides[listing]
        listed *= node[listing] + 1
    here = np.zeros(columns, np.int64)
    start = 0
    while True:
        _raised(lattice, start, listed, penalty)
        column = listing - 1
        while column >= 0 and here[column] == node[column]:
            start -= here[column] * lattice.strides[column]
            here[column] = 0
            column -= 1
        if column < 0:
            return
        here[column] += 1
        start += lattice.strides[column]


@numba.njit(cache=True, nogil=True)
def _raised(lattice: Lattice, start: int, listed: int, penalty: float) -> None:
    most = lattice.limit[1]
    for each in range(listed):
        number = np.uint64(start + lattice.offsets[each])
        found = max(lattice.bound[number], lattice.least[number] + penalty)
        lattice.bound[number] = np.inf if found > most else found


@numba.njit(cache=True, nogil=True)
def lower(lattice: Lattice, score: float) -> None:
    """Take a better score as the limit, and drop what it rules out."""
    lattice.limit[0], lattice.limit[1] = score, highest_equal(score)
    most = lattice.limit[1]
    for number in range(lattice.bound.size):
        if lattice.bound[number] > most:
            lattice.bound[number] = np.inf


@numba.njit(cache=True, nogil=True)
def chain(lattice: Lattice, node: Codes, path: Codes) -> int:
    """Write the path upwards that gives up the least information at each step; return its length.

    ``path`` has the shape (steps, columns); the first is ``node``. See ``lattice.chain``.
    """
    here, steps = node.copy(), 1
    path[0] = here
    while True:
        chosen, least = -1, np.inf
        for column in range(here.size):
            level = here[column]
            if level < lattice.top[column]:
                given = lattice.bits[column, level] - lattice.bits[column, level + 1]
                if given < least:
                    chosen, least = column, given
        if chosen < 0:
            return steps
        here[chosen] += 1
        path[steps] = here
        steps += 1
