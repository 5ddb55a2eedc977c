"""Trees as arrays: what boosting libraries learnt, answered without them.

A forest holds no code, so that nothing is executed when a model file is opened, and a row is answered
in the time of some array look-ups. Sums are taken tree by tree, in order, as the libraries do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from anping.learn.compiled import Arrays, compiled_sums

Floats = NDArray[np.float64]
Places = NDArray[np.int32]
#: So many rows go through the trees together, so that they stay in the processor's near memory.
_ROWS = 16_384
#: Up to so many rows all trees are walked at once instead of one after the other.
_FEW = 24


@dataclass(frozen=True, eq=False)
class Forest:
    """t trees with m nodes in all, over p columns; the answers are ``outputs`` sums of leaves.

    Node i compares column ``feature[i]``: a number goes to ``child[i, 0]`` where it is at most
    ``threshold[i]``; a category (``first_bit[i]`` ≥ 0) where its code's bit in ``bits`` is set; a
    missing cell where ``missing_left[i]``. A leaf is its own child. ``roots`` (t,) are where trees
    start, ``depth`` (t,) how many steps reach every leaf, ``output`` (t,) which sum a tree adds to.
    ``cover`` (m,) is the weight of the training rows that came through each node; empty if unknown.
    """

    feature: Places
    threshold: Floats
    missing_left: NDArray[np.bool_]
    child: Places
    value: Floats
    first_bit: Places
    bit_count: Places
    bits: NDArray[np.bool_]
    roots: Places
    depth: Places
    output: Places
    base: Floats
    cover: Floats = field(default_factory=lambda: np.zeros(0))

    @property
    def outputs(self) -> int:
        """How many sums the forest gives for a row."""
        return int(self.base.size)

    @property
    def trees(self) -> int:
        """How many trees there are."""
        return int(self.roots.size)

    def scaled(self, weight: float) -> Forest:
        """Return the forest whose every answer is ``weight`` times as large."""
        return replace(self, value=self.value * weight, base=self.base * weight)

    def sums(self, matrix: Floats, *, fast: bool | None = None) -> Floats:
        """Return (n, outputs) for the rows of ``matrix`` (n, p), NaN where a cell is missing.

        ``fast`` True asks for compiled code (the extra ``fast``), None lets the size decide; the
        answers are the same.
        """
        result = np.tile(self.base, (len(matrix), 1))
        if not self.trees:
            return result
        if len(matrix) <= _FEW:
            for at, row in enumerate(matrix):
                result[at] += self._one(row)
            return result
        for start in range(0, len(matrix), _ROWS):
            part = np.ascontiguousarray(matrix[start : start + _ROWS])
            into = result[start : start + _ROWS]
            if not compiled_sums(self._arrays, part, into, fast=fast):
                self._many(part, into)
        return result

    @cached_property
    def _arrays(self) -> Arrays:
        return (
            (self.feature, self.threshold, self.missing_left, self.child, self.value),
            (self.first_bit, self.bit_count, self.bits),
            (self.roots, self.output),
        )

    @cached_property
    def _deepest_first(self) -> tuple[Places, Places, NDArray[np.int64]]:
        """Return the trees by falling depth, their roots, and how many are deeper than each level."""
        order = np.argsort(-self.depth, kind="stable").astype(np.int32)
        levels = np.arange(int(self.depth.max(initial=0)))
        deeper = (self.depth[order][:, None] > levels).sum(axis=0)
        return order, self.roots[order], deeper

    @cached_property
    def _flat(self) -> tuple[Places, NDArray[np.int64]]:
        """Return the children in one row, and each node's place among (value, value) of a row."""
        place = 2 * self.feature.astype(np.int64) + ~self.missing_left
        return np.ascontiguousarray(self.child.reshape(-1)), place

    def _one(self, row: Floats) -> Floats:
        """Walk all trees at once with one row."""
        order, roots, deeper = self._deepest_first
        child, place = self._flat
        cells = _sided(row)
        node = roots.copy()
        mixed = self.bits.size > 0
        for many in deeper:
            here = node[:many]
            cell = cells[place[here]]
            right = cell > self.threshold[here]
            if mixed:
                self._categories(here, cell, right)
            node[:many] = child[2 * here + right]
        leaves = np.empty(self.trees)
        leaves[order] = self.value[node]
        return self._added(leaves)

    def turns(self, row: Floats) -> NDArray[np.bool_]:
        """Return (m,): whether each node would send a row (p,) right; of a leaf it says nothing."""
        _, place = self._flat
        cell = _sided(row)[place]
        right: NDArray[np.bool_] = cell > self.threshold
        if self.bits.size:
            self._categories(np.arange(cell.size, dtype=np.int32), cell, right)
        return right

    def _added(self, leaves: Floats) -> Floats:
        """Return the sums of one row's leaves, added in the order of the trees."""
        found = np.zeros(self.outputs)
        for output in range(self.outputs):
            mine = leaves if self.outputs == 1 else leaves[self.output == output]
            if mine.size:
                found[output] = np.add.accumulate(mine)[-1]
        return found

    def _many(self, matrix: Floats, into: Floats) -> None:
        """Walk the trees one after the other with all rows."""
        child, place = self._flat
        cells = np.repeat(matrix, 2, axis=1)
        missing = np.isnan(matrix)
        cells[:, 0::2][missing] = -np.inf
        cells[:, 1::2][missing] = np.inf
        rows = np.arange(len(matrix))
        sums = np.zeros_like(into)
        for tree in range(self.trees):
            node = np.full(len(matrix), self.roots[tree])
            for _ in range(int(self.depth[tree])):
                cell = cells[rows, place[node]]
                right = cell > self.threshold[node]
                if self.bits.size:
                    self._categories(node, cell, right)
                node = child[2 * node + right]
            sums[:, self.output[tree]] += self.value[node]
        into += sums

    def _categories(self, node: Places, cell: Floats, right: NDArray[np.bool_]) -> None:
        """Write into ``right`` where the nodes that compare categories send their cells."""
        at = np.flatnonzero(self.first_bit[node] >= 0)
        if not at.size:
            return
        asks, code = node[at], cell[at]
        known = (code >= 0) & (code < self.bit_count[asks])
        place = self.first_bit[asks] + np.where(known, code, 0).astype(np.int64)
        left = known & self.bits[np.minimum(place, self.bits.size - 1)]
        # Infinity is a missing cell, sent by the sign; an unknown category goes right.
        right[at] = np.where(np.isinf(code), code > 0, ~left)


def _sided(row: Floats) -> Floats:
    """Return each cell twice: a missing one is smallest to nodes that send it left, else greatest."""
    cells = np.repeat(row, 2)
    missing = np.isnan(row)
    cells[0::2][missing] = -np.inf
    cells[1::2][missing] = np.inf
    return cells


def merged(forests: Sequence[Forest]) -> Forest:
    """Return one forest that gives the sum of what the forests give; they have equal outputs."""
    nodes = np.cumsum([0, *(forest.feature.size for forest in forests)])
    bits = np.cumsum([0, *(forest.bits.size for forest in forests)])
    parts: dict[str, list[NDArray[np.generic]]] = {field.name: [] for field in fields(Forest)}
    for forest, node, bit in zip(forests, nodes, bits, strict=False):
        for name, held in parts.items():
            held.append(getattr(forest, name))
        parts["child"][-1] = forest.child + np.int32(node)
        parts["roots"][-1] = forest.roots + np.int32(node)
        parts["first_bit"][-1] = np.where(
            forest.first_bit >= 0, forest.first_bit + np.int32(bit), np.int32(-1)
        ).astype(np.int32)
    base = np.sum([forest.base for forest in forests], axis=0)
    joined = {name: np.concatenate(held) for name, held in parts.items() if name != "base"}
    if joined["cover"].size != joined["feature"].size:
        joined["cover"] = np.zeros(0)
    return Forest(base=base, **joined)  # type: ignore[arg-type]
