"""What splitting groups of tuples promises, and the children it gives: all groups at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from anping.protect.deid.encoding import Codes, Floats, Ladder
from anping.protect.deid.loss import Levels
from anping.protect.deid.tuples import Bools, Tuples, dense, leaves_of, totals


@dataclass(frozen=True)
class Children:
    """The parts of groups that were split: ``of`` (tuples,), ``group`` and ``rows`` (children,)."""

    of: Codes
    group: Codes
    rows: Floats

    @property
    def count(self) -> int:
        """The number of children."""
        return int(self.group.size)

    def any_leaves(self, leaves: Bools, groups: int) -> Bools:
        """Return, per group, whether any of its children is among ``leaves``."""
        found = np.zeros(groups, np.bool_)
        found[self.group[leaves]] = True
        return found

    def largest(self, leaves: Bools, groups: int) -> Codes:
        """Return each group's child of ``leaves`` with the most rows (the first of equals), or -1."""
        order = np.lexsort((-np.arange(self.count), self.rows))
        return self._last(order[leaves[order]], groups)

    def smallest(self, leaves: Bools, groups: int) -> Codes:
        """Return each group's child of ``leaves`` with the fewest rows (the last of equals), or -1."""
        order = np.lexsort((np.arange(self.count), -self.rows))
        return self._last(order[leaves[order]], groups)

    def _last(self, order: Codes, groups: int) -> Codes:
        found = np.full(groups, -1, np.int64)
        found[self.group[order]] = order
        return found


def merits(
    tuples: Tuples, group_of: Codes, nodes: Levels, *, ladders: tuple[Ladder, ...], k: int
) -> Floats:
    """Return what splitting each group on each column promises, judged by class sizes alone.

    Loss won back by children of at least ``k`` rows, per bit of distinction spent; shape (groups,
    columns), -inf where no child is that large or the column is at its finest, inf for no bits.
    """
    found = np.full(nodes.shape, -np.inf)
    for column, ladder in enumerate(ladders):
        splits = nodes[:, column] > 0
        chosen = np.flatnonzero(splits[group_of])
        if chosen.size:
            rows, groups = tuples.rows[chosen], group_of[chosen]
            leaf, level = leaves_of(tuples, ladders, column)[chosen], nodes[groups, column]
            key = groups * max(ladder.sizes) + _table(ladder)[level - 1, leaf]
            child_of, count = dense(key, len(nodes) * max(ladder.sizes))
            sizes = totals(child_of, rows, count)
            group = np.zeros(count, np.int64)
            group[child_of] = groups
            large = sizes >= k
            cost = np.stack(ladder.cost)
            saved = rows * (cost[level, leaf] - cost[level - 1, leaf]) * large[child_of]
            spent = _bits(sizes, large, group, len(nodes))
            with np.errstate(divide="ignore", invalid="ignore"):
                worth = totals(groups, saved, len(nodes)) / spent
            worth = np.where(spent > 0, worth, np.inf)
            possible = np.zeros(len(nodes), np.bool_)
            possible[group[large]] = True
            found[possible, column] = worth[possible]
    return found


def separated(
    tuples: Tuples,
    group_of: Codes,
    nodes: Levels,
    *,
    column_of: Codes,
    ladders: tuple[Ladder, ...],
) -> Children:
    """Return the children of all groups of ``tuples``, each split on its column of ``column_of``."""
    value = np.zeros(tuples.size, np.int64)
    widest = max(max(ladder.sizes) for ladder in ladders)
    for column, ladder in enumerate(ladders):
        here = np.flatnonzero(column_of[group_of] == column)
        if here.size:
            level = nodes[group_of[here], column] - 1
            value[here] = _table(ladder)[level, leaves_of(tuples, ladders, column)[here]]
    child_of, count = dense(group_of * widest + value, (int(group_of.max()) + 1) * widest)
    group = np.zeros(count, np.int64)
    group[child_of] = group_of
    return Children(child_of, group, totals(child_of, tuples.rows, count))


def _table(ladder: Ladder) -> Codes:
    return np.stack(ladder.codes)


def _bits(sizes: Floats, large: Bools, group: Codes, groups: int) -> Floats:
    """Return each group's entropy over its large children and the rest together, times its rows."""
    rest = totals(group, sizes * ~large, groups)
    each = totals(group, np.where(large, _scaled(sizes), 0.0), groups)
    return _scaled(totals(group, sizes, groups)) - each - _scaled(rest)


def _scaled(sizes: Floats) -> Floats:
    return np.asarray(sizes * np.log2(np.maximum(sizes, 1.0)), np.float64)
