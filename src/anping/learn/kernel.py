"""The compiled walk of :class:`anping.learn.forest.Forest`; its only door is ``learn.compiled``."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np


@numba.njit(cache=True, nogil=True)
def add_sums(nodes: Any, sets: Any, trees: Any, over: Any) -> None:
    """Add to ``into`` (n, outputs) the leaves of ``matrix`` (n, p), tree by tree; both are ``over``."""
    matrix, into = over
    feature, threshold, missing_left, child, value = nodes
    first_bit, bit_count, bits = sets
    roots, output = trees
    sums = np.zeros_like(into)
    for tree in range(roots.size):
        root, where = roots[tree], output[tree]
        for row in range(matrix.shape[0]):
            node = root
            while child[node, 0] != node:
                cell = matrix[row, feature[node]]
                if np.isnan(cell):
                    left = missing_left[node]
                elif first_bit[node] >= 0:
                    left = (
                        cell >= 0 and cell < bit_count[node] and bits[first_bit[node] + int(cell)]
                    )
                else:
                    left = cell <= threshold[node]
                node = child[node, 0] if left else child[node, 1]
            sums[row, where] += value[node]
    into += sums
