"""The generalisation lattice: one axis per column, one node per choice of levels."""

from __future__ import annotations

from heapq import heapify, heappop, heapreplace
from math import prod

import numpy as np

from anping.protect.deid.encoding import Floats, Node
from anping.protect.deid.tuples import Encoded

#: Above this many nodes bounds are not kept in memory and optimality is not proven.
LARGEST_LATTICE = 2**24


def lattice_size(encoded: Encoded) -> int:
    """Return the number of nodes."""
    return prod(level + 1 for level in encoded.top)


def bits(encoded: Encoded) -> tuple[Floats, ...]:
    """Return, per column and level, the Shannon entropy of the column in bits."""
    found = []
    for ladder, counts in zip(encoded.ladders, encoded.marginals, strict=True):
        entropies = []
        for codes, size in zip(ladder.codes, ladder.sizes, strict=True):
            share = np.bincount(codes, counts, size) / encoded.rows
            share = share[share > 0]
            entropies.append(-float(share @ np.log2(share)))
        found.append(np.asarray(entropies))
    return tuple(found)


def chain(start: Node, top: Node, information: tuple[Floats, ...]) -> list[Node]:
    """Return a path from ``start`` to ``top`` that gives up the least information at each step.

    Cheap steps first keep the suppression high for long, so that a node far up the path still
    proves much about everything below it.
    """
    path, here = [start], list(start)
    steps = [
        (float(bits[level] - bits[level + 1]), column)
        for column, (level, bits) in enumerate(zip(here, information, strict=True))
        if level < top[column]
    ]
    heapify(steps)
    while steps:
        column = steps[0][1]
        here[column] += 1
        level, bits = here[column], information[column]
        if level < top[column]:
            heapreplace(steps, (float(bits[level] - bits[level + 1]), column))
        else:
            heappop(steps)
        path.append(tuple(here))
    return path


def specialisations(node: Node) -> list[Node]:
    """Return the nodes one level more specific in one column."""
    return [
        (*node[:column], level - 1, *node[column + 1 :])
        for column, level in enumerate(node)
        if level > 0
    ]
