"""What each column of a row added to a model's sum: exact Shapley values, path dependent for trees.

A column that is not known is averaged over the training rows that came to a node (Lundberg et al.
2018, arXiv:1802.03888). The Shapley weight of s known ones among d columns of a path is
∫ tˢ (1 - t)ᵈ⁻¹⁻ˢ dt, so the sum over all sets of columns is the integral of a product over the path:
Gauss-Legendre points give it exactly, as in Yu et al. 2022 (Linear TreeShap, arXiv:2209.08192).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from anping.core.errors import ParameterError
from anping.core.text import Text
from anping.learn.additive import FEW, Additive, Curve
from anping.learn.compiled import compiling
from anping.learn.forest import Forest

Floats = NDArray[np.float64]
Places = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Paths:
    """A forest's N nodes level by level, so that each stands behind its parent and beside its sibling.

    ``node`` (N,) are their places in the forest, ``parent`` and ``side`` (N,) say which way leads to
    them, ``feature`` the column that their parent asks for, ``up`` the nearest node above that was
    reached by the same column (N where there is none). ``known`` and ``known_up`` (N,) are the shares
    of training rows that the column lets through to them and to ``up``. ``starts`` are where levels
    begin, ``points`` and ``weights`` (q,) the quadrature on [0, 1].
    """

    forest: Forest
    node: Places
    parent: Places
    side: Flags
    feature: Places
    up: Places
    known: Floats
    known_up: Floats
    starts: tuple[int, ...]
    inner: tuple[Places, ...]
    output: Places
    points: Floats
    weights: Floats
    base: Floats

    @cached_property
    def ratios(self) -> Floats:
        """(q, 3, N): by what a path's product changes at a node; 0 both unmet, 1 above met, 2 both met."""
        t, u = self.points[:, None], 1 - self.points[:, None]
        above = t + self.known_up * u
        both = np.divide(
            self.known, self.known_up, out=np.zeros_like(self.known), where=self.known_up > 0
        )
        found = np.empty((self.points.size, 3, self.node.size))
        found[:, 0], found[:, 1] = both, self.known * u / above
        found[:, 2] = (t + self.known * u) / above
        return found

    @cached_property
    def shares(self) -> Floats:
        """(q, 3, N): what a node adds to its column's contribution for each unit of leaves below."""
        t, u = self.points[:, None], 1 - self.points[:, None]
        above = t + self.known_up * u
        found = np.zeros((self.points.size, 3, self.node.size))
        found[:, 1] = -1 / (u * above)
        found[:, 2] = (1 - self.known) / (t + self.known * u) - (1 - self.known_up) / above
        found *= self.weights[:, None, None]
        return found

    @cached_property
    def leaves(self) -> tuple[Places, Floats]:
        """Where leaves are, and their values."""
        child = self.forest.child[self.node, 0]
        found = np.flatnonzero(child == self.node)
        return found, self.forest.value[self.node[found]]

    def contributions(self, matrix: Floats, *, fast: bool | None = None) -> Floats:
        """Return (n, p, outputs) for the rows of ``matrix`` (n, p); with ``base`` they give the sums.

        ``fast`` is as in :meth:`anping.learn.forest.Forest.sums`.
        """
        columns, outputs = matrix.shape[1], self.base.size
        into = np.zeros((len(matrix), outputs * columns))
        # Roots have no column: what stands at theirs is zero, whatever the place.
        keys = np.maximum(self.output * columns + self.feature, 0)
        if self.node.size and compiling(len(matrix) * self.node.size, fast=fast):
            self._compiled(keys, np.ascontiguousarray(matrix), into)
        elif self.node.size:
            for at, row in enumerate(matrix):
                into[at] = np.bincount(keys, self._one(row), minlength=outputs * columns)
        return into.reshape(len(matrix), outputs, columns).transpose(0, 2, 1)

    @cached_property
    def _by_node(self) -> tuple[Floats, Floats, int]:
        """Return ratios and shares as (N, 3, q), and how many roots there are."""
        ratios, shares = (
            np.ascontiguousarray(table.transpose(2, 1, 0)) for table in (self.ratios, self.shares)
        )
        return ratios, shares, self.forest.trees

    def _compiled(self, keys: Places, matrix: Floats, into: Floats) -> None:
        from anping.learn.attribution_kernel import add_contributions

        forest = self.forest
        add_contributions(
            (
                forest.feature,
                forest.threshold,
                forest.missing_left,
                forest.child,
                forest.value,
                forest.first_bit,
                forest.bit_count,
                forest.bits,
            ),
            (self.node, self.parent, self.side, self.up, keys),
            self._by_node,
            (matrix, into),
        )

    def _one(self, row: Floats) -> Floats:
        """Return (N,): what each node adds, for one row."""
        count, points = self.node.size, self.points.size
        met = np.ones(count + 1, dtype=np.bool_)
        goes = self.forest.turns(row)[self.node[self.parent]] == self.side
        place = np.arange(count)
        product = np.ones((points, count))
        ratios = self.ratios.reshape(points, -1)
        ends = (*self.starts[1:], count)
        roots = ends[0]
        state = np.zeros(count, dtype=np.int64)
        for start, end in zip(self.starts[1:], ends[1:], strict=True):
            level = slice(start, end)
            above = met[self.up[level]]
            met[level] = goes[level] & above
            state[level] = place[level] + count * (
                above.astype(np.int64) + met[level].astype(np.int64)
            )
            product[:, level] = product[:, self.parent[level]] * ratios[:, state[level]]
        below = np.zeros((points, count))
        leaf, value = self.leaves
        below[:, leaf] = product[:, leaf] * value
        for start, end, inner in zip(
            self.starts[:0:-1], ends[:0:-1], self.inner[::-1], strict=True
        ):
            below[:, inner] = below[:, start:end:2] + below[:, start + 1 : end : 2]
        shares = self.shares.reshape(points, -1)
        added = np.zeros(count)
        for at in range(points):
            added[roots:] += below[at, roots:] * shares[at, state[roots:]]
        return added


def paths_of(forest: Forest) -> Paths:
    """Return the paths of a forest. Raises ParameterError if its covers are unknown (``learn.no-cover``)."""
    if forest.cover.size != forest.feature.size:
        raise _no_cover()
    nodes, parents, starts, inner = [forest.roots.astype(np.int64)], [], [0], []
    own = [np.arange(forest.trees)]
    while True:
        here, first = nodes[-1], starts[-1]
        able = np.flatnonzero(forest.child[here, 0] != here)
        if not able.size:
            break
        inner.append(first + able)
        starts.append(first + here.size)
        nodes.append(forest.child[here[able]].reshape(-1).astype(np.int64))
        parents.append(np.repeat(first + able, 2))
        own.append(np.repeat(own[-1][able], 2))
    node = np.concatenate(nodes)
    tree = np.concatenate(own)
    parent = np.concatenate([np.arange(forest.trees), *parents])
    feature = forest.feature[node[parent]].astype(np.int64)
    feature[: forest.trees] = -1
    up = _nearest(parent, feature, forest.trees)
    known, known_up, base, most = _known(forest, (node, parent, up, tree), starts)
    points, weights = np.polynomial.legendre.leggauss(max(1, (most + 1) // 2))  # type: ignore[no-untyped-call]
    side = np.zeros(node.size, dtype=np.bool_)
    side[forest.trees + 1 :: 2] = True
    return Paths(
        forest, node, parent, side, feature, up, known, known_up, tuple(starts), tuple(inner),
        forest.output[tree].astype(np.int64), (points + 1) / 2, weights / 2, base,
    )  # fmt: skip


def _nearest(parent: Places, feature: Places, trees: int) -> Places:
    """Return (N,): the nearest node above each that was reached by the same column, N for none."""
    count = parent.size
    found = np.full(count, count)
    open_ = np.arange(trees, count)
    at = parent[open_]
    while open_.size:
        same = feature[at] == feature[open_]
        found[open_[same]] = at[same]
        going = ~same & (feature[at] >= 0)
        open_, at = open_[going], parent[at[going]]
    return found


def _known(
    forest: Forest, laid: tuple[Places, Places, Places, Places], starts: list[int]
) -> tuple[Floats, Floats, Floats, int]:
    """Return the shares that columns let through, the base of all sums, and the most columns of a path."""
    node, parent, up, tree = laid
    count = node.size
    cover = forest.cover[node]
    # Where no training row came, nothing below has a value of weight: any share will do.
    share = np.divide(cover, cover[parent], out=np.full(count, 0.5), where=cover[parent] > 0)
    known, whole, columns = np.ones(count + 1), np.ones(count), np.zeros(count, dtype=np.int64)
    for start, end in zip(starts[1:], (*starts[2:], count), strict=True):
        level = slice(start, end)
        known[level] = share[level] * known[up[level]]
        whole[level] = share[level] * whole[parent[level]]
        columns[level] = columns[parent[level]] + (up[level] == count)
    leaf = np.flatnonzero(forest.child[node, 0] == node)
    output = forest.output[tree[leaf]]
    weighted = whole[leaf] * forest.value[node[leaf]]
    base = forest.base + np.bincount(output, weighted, minlength=forest.outputs)
    return known[:-1], known[np.minimum(up, count)], base, int(columns.max(initial=0))


def additive_contributions(additive: Additive, matrix: Floats) -> Floats:
    """Return (n, p, outputs): what each column's terms added; a term of two columns is halved."""
    found = np.zeros((*matrix.shape, additive.base.size))
    rows = matrix.tolist() if len(matrix) <= FEW else []
    for term in additive.terms:
        axes = (term,) if isinstance(term, Curve) else term.axes
        added = np.array([term.one(row) for row in rows]) if rows else term.of(matrix)
        for axis in axes:
            found[:, axis.feature] += added / len(axes)
    return found


def centred(additive: Additive, matrix: Floats) -> Additive:
    """Return the model with each term's mean over the rows in its base, so that terms are differences."""
    base, terms = additive.base, []
    for term in additive.terms:
        mean = term.of(matrix).mean(axis=0)
        base = base + mean
        terms.append(term.raised(-mean))
    return Additive(base, tuple(terms))


def _no_cover() -> ParameterError:
    return ParameterError(
        "learn.no-cover",
        Text(
            "這個模型沒有保留訓練列的分布，無法說明各欄位的作用。",
            "The model does not hold how training rows spread, so it cannot tell what columns added.",
        ),
        hint=Text("請重新訓練這個模型。", "Learn the model again."),
    )
