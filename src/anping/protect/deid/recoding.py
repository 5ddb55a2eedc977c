"""Local recoding: rows that suppression would lose are generalised on their own, top down.

All tuples start in one group with every column at its top level. A group is split on the column
that wins back the most loss per bit of distinction it spends (hierarchical top-down specialisation,
after Fung, Wang and Yu 2005, ICDE, with the gain counted in ARX's Loss). Children that satisfy the
model become groups of their own; the others stay where they are, and borrow people from the largest
child, or take in the smallest, until they satisfy it too. So every group satisfies the model at
every moment, and rows are placed whenever all of them together can be. Rows with the same leaves
travel together. All groups of a round are split at once, by arithmetic on whole columns.

Why it may stop early: a *minimal* hierarchical generalisation tells a reader that every finer one
failed, and from that follow facts about people that the classes alone do not show (downcoding;
Cohen 2022, USENIX Security, "Attacks on Deidentification's Defenses"). So a group of fewer than
``4 k`` people, that could still be split, is left as it is with ``stop_probability``; and who is
borrowed is random. This weakens that inference. It does not remove it: with probability 0 the
result is minimal, and only attack tests show what a release really gives away.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from anping.core.progress import Progress, silent
from anping.core.text import Text
from anping.protect.deid.chance import Chance
from anping.protect.deid.encoding import Codes, Floats, Ladder
from anping.protect.deid.judging import failing_classes
from anping.protect.deid.loss import Levels
from anping.protect.deid.model import PrivacyModel
from anping.protect.deid.splitting import Children, merits, separated
from anping.protect.deid.tuples import Bools, Tuples, chosen_of, class_keys, dense, totals

#: Groups of this many times k people are large enough to be split without a draw.
_SURE = 4
_RECODING = Text("局部重新編碼", "Recoding locally")


@dataclass(frozen=True)
class Recoded:
    """Each tuple's levels (shape: tuples, columns), and whether it found a group at all."""

    levels: Levels
    placed: Bools


@dataclass(frozen=True)
class _Round:
    """The tuples still on their way: where each stands among all, its group, each group's node."""

    tuples: Tuples
    places: Codes
    group_of: Codes
    nodes: Levels

    @property
    def groups(self) -> int:
        """The number of groups."""
        return len(self.nodes)

    def of(self, chosen: Codes) -> _Round:
        """Return the tuples at the places ``chosen``; the groups keep their numbers."""
        return _Round(
            chosen_of(self.tuples, chosen), self.places[chosen], self.group_of[chosen], self.nodes
        )


@dataclass(frozen=True)
class Recoder:
    """The rules of one recoding: the columns' levels, the model, and how eager it is to stop."""

    ladders: tuple[Ladder, ...]
    model: PrivacyModel
    uniform: Chance
    stop_probability: float

    def recode(self, tuples: Tuples, *, progress: Progress = silent) -> Recoded:
        """Place the tuples in groups that satisfy the model, each on one node.

        Tuples that fail the model together at the top are not placed.
        """
        top = tuple(ladder.height for ladder in self.ladders)
        levels = np.tile(np.asarray(top, np.int8), (tuples.size, 1))
        group_of, groups = dense(*class_keys(tuples, self.ladders, top))
        placed = ~self._failing(tuples, group_of, groups)[group_of]
        current = _renumbered(
            _Round(tuples, np.arange(tuples.size), group_of, np.tile(levels[:1], (groups, 1))),
            np.flatnonzero(placed),
        )
        done, every = 0, round(float(tuples.rows[placed].sum()))
        while current.places.size:
            current, finished = self._advanced(current)
            levels[finished.places] = finished.nodes[finished.group_of]
            done += round(float(finished.tuples.rows.sum()))
            progress(_RECODING, done, every)
        return Recoded(levels, placed)

    def _failing(self, tuples: Tuples, class_of: Codes, classes: int) -> Bools:
        return failing_classes(tuples, class_of, size=classes, model=self.model)[0]

    def _advanced(self, current: _Round) -> tuple[_Round, _Round]:
        """Split every group that can be and may be; return what goes on, and what is finished."""
        options = merits(
            current.tuples, current.group_of, current.nodes, ladders=self.ladders, k=self.model.k
        )
        options[self._stopped(current)] = -np.inf
        order = np.argsort(-options, axis=1, kind="stable")
        group_of, nodes = current.group_of.copy(), current.nodes.copy()
        waiting = (options > -np.inf).any(axis=1)
        split = np.zeros(current.groups, np.bool_)
        for attempt in range(len(self.ladders)):
            column_of = order[:, attempt]
            waiting &= options[np.arange(current.groups), column_of] > -np.inf
            tried = np.flatnonzero(waiting[current.group_of])
            if not tried.size:
                break
            part = current.of(tried)
            children = separated(
                part.tuples, part.group_of, nodes, column_of=column_of, ladders=self.ladders
            )
            leaving = self._settled(part, children)
            group_of[tried] = np.where(leaving >= 0, leaving + len(nodes), part.group_of)
            nodes = np.concatenate([nodes, _below(children, nodes, column_of)])
            split[part.group_of[leaving >= 0]] = True
            waiting &= ~split[: waiting.size]
        goes_on = split[current.group_of]
        changed = _Round(current.tuples, current.places, group_of, nodes)
        return (
            _renumbered(changed, np.flatnonzero(goes_on)),
            _renumbered(changed, np.flatnonzero(~goes_on)),
        )

    def _stopped(self, current: _Round) -> Bools:
        """Draw which of the small groups are left as they are."""
        if self.stop_probability == 0:
            return np.zeros(current.groups, np.bool_)
        small = people(current.tuples, current.group_of, current.groups) < _SURE * self.model.k
        stopped = np.zeros(current.groups, np.bool_)
        stopped[small] = self.uniform(int(small.sum())) < self.stop_probability
        return stopped

    def _settled(self, part: _Round, children: Children) -> Codes:
        """Return the child that each tuple leaves its group for, -1 where it stays.

        What stays satisfies the model or is empty; a group none of whose children can leave stays.
        """
        child_of = children.of
        leaves = ~self._failing(part.tuples, child_of, children.count)
        moved = np.zeros(part.places.size, np.bool_)
        while True:
            stays = moved | ~leaves[child_of]
            lacking = self._lacking(part, stays) & children.any_leaves(leaves, part.groups)
            if not lacking.any():
                break
            giver = children.largest(leaves, part.groups)
            lent = self._lent(part, children, stays, np.where(lacking, giver, -1))
            moved |= lent
            helped = np.zeros(part.groups, np.bool_)
            helped[part.group_of[lent]] = True
            taken = children.smallest(leaves, part.groups)[lacking & ~helped]
            leaves[taken] = False
        return np.where(stays, -1, child_of)

    def _lacking(self, part: _Round, stays: Bools) -> Bools:
        """Return the groups in which somebody stays, but what stays fails the model."""
        rest = chosen_of(part.tuples, np.flatnonzero(stays))
        group_of = part.group_of[stays]
        here = np.zeros(part.groups, np.bool_)
        here[group_of] = True
        return here & self._failing(rest, group_of, part.groups)

    def _lent(self, part: _Round, children: Children, stays: Bools, giver: Codes) -> Bools:
        """Return tuples, drawn at random from each ``giver``, that are just enough for the rest.

        None are lent where the giver or the rest would then fail the model. ``giver`` is a child
        per group, or -1.
        """
        rest = np.flatnonzero(stays)
        has = people(chosen_of(part.tuples, rest), part.group_of[rest], part.groups)
        missing = np.where(giver >= 0, self.model.k - has, 0)
        gives = (children.of == giver[part.group_of]) & ~stays & (missing[part.group_of] > 0)
        able = np.flatnonzero(gives)
        lent = np.zeros(stays.size, np.bool_)
        if not able.size:
            return lent
        able = able[np.lexsort((self.uniform(able.size), part.group_of[able]))]
        group_of = part.group_of[able]
        before = np.cumsum(part.tuples.once[able]) - part.tuples.once[able]
        first = np.searchsorted(group_of, group_of)
        lent[able[before - before[first] < missing[group_of]]] = True
        both = np.flatnonzero(gives | stays)
        grown = stays[both] | lent[both]
        fails = self._failing(
            chosen_of(part.tuples, both), 2 * part.group_of[both] + grown, 2 * part.groups
        ).reshape(-1, 2)
        held = np.zeros((part.groups, 2), np.bool_)
        held[part.group_of[both], grown.astype(np.int64)] = True
        good = (held & ~fails).all(axis=1)
        return np.asarray(lent & good[part.group_of], np.bool_)


def people(tuples: Tuples, class_of: Codes, classes: int) -> Floats:
    """Return the number of distinct people in each class."""
    found = totals(class_of, tuples.once, classes)
    if tuples.pair_tuple.size:
        pairs = np.unique(class_of[tuples.pair_tuple] * tuples.people + tuples.pair_person)
        found += np.bincount(pairs // tuples.people, minlength=classes)
    return found


def _below(children: Children, nodes: Levels, column_of: Codes) -> Levels:
    """Return the children's nodes: their groups', one level down in the column split on."""
    below = nodes[children.group]
    below[np.arange(children.count), column_of[children.group]] -= 1
    return below


def _renumbered(of: _Round, chosen: Codes) -> _Round:
    """Return the chosen tuples with only their groups, numbered without gaps."""
    part = of.of(chosen)
    group_of, count = dense(part.group_of, part.groups)
    nodes = np.zeros((count, part.nodes.shape[1]), np.int8)
    nodes[group_of] = part.nodes[part.group_of]
    return _Round(part.tuples, part.places, group_of, nodes)
