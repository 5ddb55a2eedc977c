"""Local recoding: groups of rows are generalised on their own, top down.

All tuples start in one group with every column at its top. A group is split on the column that wins
back the most loss per bit of distinction it spends (hierarchical top-down specialisation, after
Fung, Wang and Yu 2005, ICDE, with the gain counted in ARX's Loss): into the children of its node in
the hierarchy, or, where numbers may be cut anywhere, into two intervals (after LeFevre, DeWitt and
Ramakrishnan 2006, ICDE). Children that satisfy the model become groups of their own; the others
stay where they are, and borrow people from the largest child, or take in the smallest, until they
satisfy it too. So every group satisfies the model at every moment, and rows are placed whenever all
of them together can be. Rows with the same leaves travel together. All groups of a round are split
at once, by arithmetic on whole columns.

Why it may stop early: a *minimal* hierarchical generalisation tells a reader that every finer one
failed, and from that follow facts about people that the classes alone do not show (downcoding;
Cohen 2022, USENIX Security, "Attacks on Deidentification's Defenses"). So a group of fewer than
``4 k`` people, that could become finer as a whole, is left with ``stop_probability``; and who is
borrowed is random. This weakens that inference. It does not remove it: with probability 0 the
result is minimal, and only attack tests show what a release really gives away.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from anping.core.progress import Progress, silent
from anping.core.text import Text
from anping.protect.deid.axes import Axis, Members, Places, States
from anping.protect.deid.chance import Chance
from anping.protect.deid.crowds import Crowd, crowd_of
from anping.protect.deid.encoding import Codes, Floats, Ladder
from anping.protect.deid.model import PrivacyModel
from anping.protect.deid.settling import Parts, settled
from anping.protect.deid.tuples import Bools, Tuples, class_keys, dense, leaves_of, totals

#: Groups of this many times k people are large enough to be split without a draw.
_SURE = 4
#: A column looks at all groups unless fewer than one in so many can be split on it.
_FEW = 2
_RECODING = Text("局部重新編碼", "Recoding locally")


@dataclass(frozen=True)
class Recoded:
    """Each tuple's states (shape: tuples, columns), and whether it found a group at all.

    ``coarser`` are the tuples whose group was left as it was by a draw; had it not been, ``spared``
    is what all rows together would have lost less (a row lost entirely counts 1).
    """

    states: States
    placed: Bools
    coarser: Bools
    spared: float


@dataclass(frozen=True)
class _Round:
    """The tuples still on their way: where each stands among all, its leaves, its group's states."""

    crowd: Crowd
    places: Codes
    leaves: tuple[Places, ...]
    group_of: Codes
    states: States

    @property
    def groups(self) -> int:
        """The number of groups."""
        return len(self.states)

    def somebody(self) -> Bools:
        """Return, by tuple, whether its group has rows: of some only a population may have any."""
        rows = self.crowd.rows
        if rows.all():
            return np.ones(rows.size, np.bool_)
        return np.asarray((totals(self.group_of, rows, self.groups) > 0)[self.group_of], np.bool_)

    def members(self, column: int) -> Members:
        """Return the tuples as a column sees them."""
        return Members(self.leaves[column], self.group_of, self.crowd.rows)

    def of(self, chosen: Codes) -> _Round:
        """Return the tuples at the places ``chosen``; the groups keep their numbers."""
        leaves = tuple(each[chosen] for each in self.leaves)
        return _Round(
            self.crowd.of(chosen), self.places[chosen], leaves, self.group_of[chosen], self.states
        )

    def renumbered(self, chosen: Codes) -> _Round:
        """Return the chosen tuples with only their groups, numbered without gaps."""
        part = self if chosen.size == self.places.size else self.of(chosen)
        kept = np.zeros(part.groups, np.bool_)
        kept[part.group_of] = True
        group_of = (np.cumsum(kept) - 1)[part.group_of]
        return _Round(part.crowd, part.places, part.leaves, group_of, part.states[kept])


@dataclass(frozen=True)
class Recoder:
    """The rules of one recoding: the columns' ways down, the model, and how eager it is to stop."""

    ladders: tuple[Ladder, ...]
    axes: tuple[Axis, ...]
    model: PrivacyModel
    uniform: Chance
    stop_probability: float

    def recode(self, tuples: Tuples, *, progress: Progress = silent) -> Recoded:
        """Place the tuples in groups that satisfy the model, each on one state of every column.

        Tuples that fail the model together at the top are not placed.
        """
        first = self._first(tuples)
        states = first.states[first.group_of]
        placed = ~first.crowd.failing(first.group_of, first.groups)[first.group_of]
        # The groups that a draw left as they are, numbered over all rounds.
        owner, owners = np.full(tuples.size, -1), 0
        current = first.renumbered(np.flatnonzero(placed & first.somebody()))
        done, every = 0, round(float(tuples.rows[placed].sum()))
        while current.places.size:
            changed, goes_on, drawn = self._advanced(current)
            finished = np.flatnonzero(~goes_on)
            states[changed.places[finished]] = changed.states[changed.group_of[finished]]
            owner[changed.places[drawn]] = owners + changed.group_of[drawn]
            owners += changed.groups
            done += round(float(changed.crowd.rows[finished].sum()))
            progress(_RECODING, done, every)
            current = changed.renumbered(np.flatnonzero(goes_on))
        left = replace(first, group_of=owner, states=np.zeros((owners, len(self.axes)), np.int32))
        coarser = owner >= 0
        left.states[owner[coarser]] = states[coarser]
        spared = self._spared(left.renumbered(np.flatnonzero(coarser)))
        return Recoded(states, placed, coarser, spared)

    def _spared(self, left: _Round) -> float:
        """Return what the rows of groups left by a draw would have lost less without it."""
        eager = replace(self, stop_probability=0.0)
        spared = float(left.crowd.rows @ self._lost(left.states)[left.group_of])
        while left.places.size:
            changed, goes_on, _ = eager._advanced(left)  # noqa: SLF001 - the same class
            finished = np.flatnonzero(~goes_on)
            after = self._lost(changed.states)[changed.group_of[finished]]
            spared -= float(changed.crowd.rows[finished] @ after)
            left = changed.renumbered(np.flatnonzero(goes_on))
        return spared

    def _lost(self, states: States) -> Floats:
        """Return what a row of each group has lost."""
        lost = np.zeros(len(states))
        for column, axis in enumerate(self.axes):
            lost += axis.lost(states[:, column])
        return lost

    def _first(self, tuples: Tuples) -> _Round:
        top = tuple(ladder.height for ladder in self.ladders)
        group_of, groups = dense(*class_keys(tuples, self.ladders, top))
        leaves = tuple(
            leaves_of(tuples, self.ladders, column).astype(np.int32)
            for column in range(len(self.ladders))
        )
        member = np.zeros(groups, np.int64)
        member[group_of] = np.arange(group_of.size)
        states = [
            [axis.start(int(leaf[each])) for axis, leaf in zip(self.axes, leaves, strict=True)]
            for each in member
        ]
        return _Round(
            crowd_of(tuples, self.model),
            np.arange(tuples.size),
            leaves,
            group_of,
            np.asarray(states, np.int32).reshape(groups, len(self.axes)),
        )

    def _advanced(self, current: _Round) -> tuple[_Round, Bools, Bools]:
        """Split every group that can be and may be.

        Return also which tuples' groups were split, and which were left as they are by a draw.
        """
        worth, how = self._offers(current)
        stopped = self._stopped(current, worth.max(axis=1))
        worth[stopped] = -np.inf
        group_of, states = current.group_of.copy(), current.states
        waiting = np.ones(current.groups, np.bool_)
        split = np.zeros(current.groups, np.bool_)
        each, column_of = np.arange(current.groups), np.zeros(current.groups, np.int64)
        for _ in self.axes:
            left = np.flatnonzero(waiting)
            column_of[left] = worth[left].argmax(axis=1)
            waiting &= worth[each, column_of] > -np.inf
            tried = np.flatnonzero(waiting[current.group_of])
            if not tried.size:
                break
            parts, below = self._parted(current, tried, column_of, how[each, column_of])
            leaving = settled(parts, k=self.model.k, uniform=self.uniform)
            moved = np.where(leaving >= 0, leaving + len(states), parts.group_of)
            if tried.size == group_of.size:
                group_of = moved
            else:
                group_of[tried] = moved
            states = np.concatenate([states, below])
            split[parts.group_of[leaving >= 0]] = True
            waiting &= ~split
            worth[waiting, column_of[waiting]] = -np.inf
        changed = _Round(current.crowd, current.places, current.leaves, group_of, states)
        return changed, split[current.group_of] & changed.somebody(), stopped[current.group_of]

    def _offers(self, current: _Round) -> tuple[Floats, States]:
        """Return what splitting each group on each column promises, and how; (groups, columns)."""
        worth = np.full(current.states.shape, -np.inf)
        how = np.zeros(current.states.shape, np.int32)
        for column, axis in enumerate(self.axes):
            open_to = axis.widths(current.states[:, column]) > 0
            groups = np.flatnonzero(open_to)
            if groups.size:
                members = current.members(column)
                if not axis.any_state or _FEW * groups.size < open_to.size:
                    members = members.only(open_to)
                else:
                    groups = np.arange(open_to.size)
                found = axis.offers(members, current.states[groups, column], k=self.model.k)
                worth[groups, column], how[groups, column] = found.worth, found.how
        return worth, how

    def _stopped(self, current: _Round, best: Floats) -> Bools:
        """Draw which of the small groups are left as they are.

        A group is left only where it would become finer as a whole: that a class of a minimal
        release cannot is what downcoding rests on (Cohen 2022), and a stop there costs the least loss
        for what it takes from the attack.
        """
        stopped = np.zeros(current.groups, np.bool_)
        if self.stop_probability > 0:
            people = current.crowd.people(current.group_of, current.groups)
            small = (people < _SURE * self.model.k) & (best == np.inf)
            stopped[small] = self.uniform(int(small.sum())) < self.stop_probability
        return stopped

    def _parted(
        self, current: _Round, tried: Codes, column_of: Codes, how: States
    ) -> tuple[Parts, States]:
        """Return the children of the tried tuples' groups, each split on its column, and their states."""
        whole = tried.size == current.places.size
        group_of = current.group_of if whole else current.group_of[tried]
        widths = np.zeros(current.groups, np.int64)
        slot = np.zeros(tried.size, np.int64)
        tuple_column = column_of.astype(np.int16)[group_of]
        present = np.zeros(current.groups, np.bool_)
        present[group_of] = True
        for column, axis in enumerate(self.axes):
            groups = np.flatnonzero(present & (column_of == column))
            widths[groups] = axis.widths(current.states[groups, column])
            here = np.flatnonzero(tuple_column == column)
            leaf = current.leaves[column][here if whole else tried[here]]
            members = Members(leaf, group_of[here], current.crowd.rows[:0])
            slot[here] = axis.slots(members, current.states[:, column], how)
        base = np.cumsum(widths) - widths
        group = np.repeat(np.arange(current.groups), widths)
        slots = np.arange(group.size) - base[group]
        below = current.states[group]
        for column, axis in enumerate(self.axes):
            of = np.flatnonzero(column_of[group] == column)
            parents = current.states[group[of], column]
            below[of, column] = axis.below(parents, how=how[group[of]], slots=slots[of])
        crowd = current.crowd if whole else current.crowd.of(tried)
        return Parts(crowd, group_of, base[group_of] + slot, group, current.groups), below
