"""The compiled form of :meth:`anping.learn.attribution.Paths.contributions`, called by it alone.

The operations and their order are those of the uncompiled form.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np


@numba.njit(cache=True, nogil=True)
def add_contributions(trees: Any, laid: Any, tables: Any, over: Any) -> None:
    """Write into ``into`` (n, keys) what the nodes add for the rows of ``matrix`` (n, p).

    ``tables`` are ratios and shares (N, 3, q), and the roots' count.
    """
    matrix, into = over
    node, parent, _, _, keys = laid
    ratios, shares, roots = tables
    count, points = node.size, ratios.shape[2]
    right = np.zeros(count, dtype=np.bool_)
    state = np.zeros(count, dtype=np.int64)
    met = np.ones(count + 1, dtype=np.bool_)
    product = np.ones((count, points))
    for row in range(matrix.shape[0]):
        _turn(trees, node, matrix[row], right)
        product[:roots] = 1.0
        _spread(laid, (ratios, roots), (right, met, state), product)
        _gather(trees, (node, parent, roots), product)
        for at in range(roots, count):
            added = 0.0
            for q in range(points):
                added += product[at, q] * shares[at, state[at], q]
            into[row, keys[at]] += added


@numba.njit(cache=True, nogil=True)
def _turn(trees: Any, node: Any, cells: Any, right: Any) -> None:
    """Write whether each inner node sends the row right."""
    feature, threshold, missing_left, child, _, first_bit, bit_count, bits = trees
    for at in range(node.size):
        here = node[at]
        if child[here, 0] == here:
            continue
        cell = cells[feature[here]]
        if np.isnan(cell):
            left = missing_left[here]
        elif first_bit[here] >= 0:
            left = cell >= 0 and cell < bit_count[here] and bits[first_bit[here] + int(cell)]
        else:
            left = cell <= threshold[here]
        right[at] = not left


@numba.njit(cache=True, nogil=True)
def _spread(laid: Any, tables: Any, said: Any, product: Any) -> None:
    """Write each node's product of its path, and whether its column is met there and above."""
    node, parent, side, up, _ = laid
    ratios, roots = tables
    right, met, state = said
    for at in range(roots, node.size):
        above = met[up[at]]
        met[at] = above and right[parent[at]] == side[at]
        state[at] = int(above) + int(met[at])
        for q in range(product.shape[1]):
            product[at, q] = product[parent[at], q] * ratios[at, state[at], q]


@numba.njit(cache=True, nogil=True)
def _gather(trees: Any, laid: Any, product: Any) -> None:
    """Turn products of paths into sums of the leaves below; siblings stand side by side."""
    child, value = trees[3], trees[4]
    node, parent, roots = laid
    for at in range(node.size):
        here = node[at]
        leaf = child[here, 0] == here
        for q in range(product.shape[1]):
            product[at, q] = product[at, q] * value[here] if leaf else 0.0
    for at in range(node.size - 1, roots, -2):
        for q in range(product.shape[1]):
            product[parent[at], q] = product[at - 1, q] + product[at, q]
