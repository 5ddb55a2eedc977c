"""How one column of a group can be made finer: a hierarchy's node by its children.

A *group* stands in each column on a *state*, a number: for a hierarchy the node it is generalised
to. What splitting on a column promises is told for all groups at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np
import numpy.typing as npt

from anping.protect.deid.encoding import Codes, Floats, Ladder
from anping.protect.deid.tuples import Bools, totals

#: Small whole numbers, one for each tuple: leaves or slots.
Places = npt.NDArray[np.int32]
#: Where groups stand, shape (groups,) or (groups, columns).
States = npt.NDArray[np.int32]
#: What released texts cover that are not in the hierarchy: their leaves.
Covered = dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class Members:
    """The tuples of some groups as one column sees them: ``leaf``, ``group_of`` and ``rows``."""

    leaf: Places
    group_of: Codes
    rows: Floats

    def only(self, groups: Bools) -> Members:
        """Return the tuples of some groups, which are numbered anew."""
        kept = np.flatnonzero(groups[self.group_of])
        number = np.cumsum(groups) - 1
        return Members(self.leaf[kept], number[self.group_of[kept]], self.rows[kept])


@dataclass(frozen=True)
class Offers:
    """What splitting each group promises: ``worth`` (-inf where it cannot be split), and ``how``."""

    worth: Floats
    how: States


class Axis(Protocol):
    """One column's way down, from everything to single leaves.

    With ``any_state`` it may be asked what groups are offered that cannot be split: nothing.
    """

    any_state: ClassVar[bool]

    def start(self, leaf: int) -> int:
        """Return the coarsest state that holds a leaf."""

    def offers(self, members: Members, states: States, *, k: int) -> Offers:
        """Return what splitting each group promises, judged by numbers of rows alone.

        Every group has tuples and, but with ``any_state``, a state that can be split.
        """

    def widths(self, states: States) -> Codes:
        """Return into how many slots each group would be split."""

    def slots(self, members: Members, states: States, how: States) -> Codes:
        """Return the slot of each tuple, counted from 0 in its group."""

    def below(self, states: States, *, how: States, slots: Codes) -> States:
        """Return the states of the children in ``slots`` of groups in ``states``."""

    def lost(self, states: States) -> Floats:
        """Return what a cell in each state has lost: its part of its row's loss."""

    def levels(self, ladder: Ladder, states: States) -> tuple[Ladder, States, Covered]:
        """Return levels that hold these states too, each state's level, and what new texts cover."""


def worth(*, saved: Floats, bits: Floats, rows: Floats, rest: Floats, k: int) -> Floats:
    """Return the loss won back per bit of distinction spent, by group.

    ``saved`` and ``bits`` are sums over the group's ``rows``. ``rest`` rows do not become finer; of
    fewer than ``k`` some must be borrowed from those that do, so less is won, and counted twice,
    as those are lost to later splits too. What wins nothing is not worth a bit. A bit per row is added to what is spent: a last split is
    worth what it wins, not how little it needs. What needs no bits is always worth it.
    """
    borrowed = np.where((rest > 0) & (rest < k), k - rest, 0.0)
    kept = np.maximum(0.0, 1 - 2 * borrowed / np.maximum(rows - rest, 1.0))
    spent = np.where(saved > 0, saved * kept / (bits + rows), -np.inf)
    return np.where(bits > 0, spent, np.inf)


def scaled(sizes: Floats) -> Floats:
    """Return each size times its binary logarithm, 0 for sizes below 1."""
    return np.asarray(sizes * np.log2(np.maximum(sizes, 1.0)), np.float64)


@dataclass(frozen=True)
class HierarchyAxis:
    """A column that becomes finer along its hierarchy: a node is split into its children.

    Nodes are numbered over all levels, level 0 first. ``node[level, leaf]`` is a leaf's node,
    ``slot[level, leaf]`` the place of its child among that node's children, ``first[node]`` the
    place of the node's first child in ``child``; ``cost[node]`` is what a cell there has lost.
    """

    any_state: ClassVar[bool] = False

    node: States
    slot: Places
    level: States
    first: Codes
    child: States
    cost: Floats

    @classmethod
    def of(cls, ladder: Ladder) -> HierarchyAxis:
        """Return the axis of a column's levels."""
        offsets = np.cumsum([0, *ladder.sizes])
        codes = np.stack(ladder.codes)
        node = codes + offsets[:-1, None]
        level = np.repeat(np.arange(len(ladder.sizes)), ladder.sizes)
        cost = np.zeros(offsets[-1])
        for each, costs in zip(node, ladder.cost, strict=True):
            cost[each] = costs
        slot, child, numbers = np.zeros_like(codes), [], [np.zeros(ladder.sizes[0], np.int64)]
        for above in range(1, len(ladder.sizes)):
            pairs = node[above] * offsets[-1] + node[above - 1]
            distinct, place = np.unique(pairs, return_inverse=True)
            parents = distinct // offsets[-1] - offsets[above]
            number = np.bincount(parents, minlength=ladder.sizes[above])
            slot[above] = place - (np.cumsum(number) - number)[codes[above]]
            numbers.append(number)
            child.append(distinct % offsets[-1])
        first = np.cumsum(np.concatenate([[0], *numbers]))
        below = np.concatenate(child) if child else np.zeros(0, np.int64)
        return cls(
            node.astype(np.int32), slot.astype(np.int32), level.astype(np.int32), first,
            below.astype(np.int32), cost,
        )  # fmt: skip

    def start(self, leaf: int) -> int:
        """Return a leaf's node on the highest level."""
        return int(self.node[-1, leaf])

    def widths(self, states: States) -> Codes:
        """Return the number of children, 0 for a leaf."""
        return np.asarray(self.first[states + 1] - self.first[states], np.int64)

    def offers(self, members: Members, states: States, *, k: int) -> Offers:
        """Return what splitting each group into its node's children promises."""
        runs = self.widths(states)
        base = np.cumsum(runs) - runs
        slot = self._slot(members, self.level[states])
        sizes = totals(base[members.group_of] + slot, members.rows, int(runs.sum()))
        below = self.child[_runs(self.first[states], runs)]
        large = sizes >= k
        kept = np.where(large, sizes, 0.0)
        rows = np.add.reduceat(sizes, base)
        saved = np.add.reduceat(
            kept * (np.repeat(self.cost[states], runs) - self.cost[below]), base
        )
        rest = rows - np.add.reduceat(kept, base)
        bits = scaled(rows) - np.add.reduceat(scaled(kept), base) - scaled(rest)
        found = worth(saved=saved, bits=_exact(bits, rows), rows=rows, rest=rest, k=k)
        return Offers(np.where(rest < rows, found, -np.inf), np.zeros(states.size, np.int32))

    def slots(self, members: Members, states: States, how: States) -> Codes:  # noqa: ARG002 - the protocol's
        """Return each tuple's child among its node's children."""
        return np.asarray(self._slot(members, self.level[states]), np.int64)

    def _slot(self, members: Members, level: States) -> Places:
        """Return each tuple's child, for groups on those levels."""
        if (level == level[:1]).all():
            return np.asarray(self.slot[level[0]][members.leaf], np.int32)
        start = level * np.int32(self.slot.shape[1])
        return np.asarray(self.slot.ravel()[start[members.group_of] + members.leaf], np.int32)

    def below(self, states: States, *, how: States, slots: Codes) -> States:  # noqa: ARG002 - the protocol's
        """Return the children's nodes."""
        return np.asarray(self.child[self.first[states] + slots], np.int32)

    def lost(self, states: States) -> Floats:
        """Return the nodes' costs."""
        return np.asarray(self.cost[states], np.float64)

    def levels(self, ladder: Ladder, states: States) -> tuple[Ladder, States, Covered]:
        """Return the hierarchy's own levels, and each node's."""
        return ladder, self.level[states], {}


def _exact(bits: Floats, rows: Floats) -> Floats:
    """Return the bits with those that are only rounding made 0."""
    return np.where(bits > 1e-9 * np.maximum(scaled(rows), 1.0), bits, 0.0)


def _runs(first: Codes, lengths: Codes) -> Codes:
    """Return ``first``, ``first + 1`` ... for each run, one after the other."""
    ends = np.cumsum(lengths)
    return np.arange(int(ends[-1]) if ends.size else 0) + np.repeat(first - ends + lengths, lengths)
