"""Who leaves a group that is split, and who stays so that what is left satisfies the model too."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from anping.protect.deid.chance import Chance
from anping.protect.deid.crowds import Crowd
from anping.protect.deid.encoding import Codes, Floats
from anping.protect.deid.tuples import Bools, dense, totals


@dataclass(frozen=True)
class Parts:
    """Tuples, the group of each, and the child it would leave for; ``group`` is each child's group."""

    crowd: Crowd
    group_of: Codes
    child_of: Codes
    group: Codes
    groups: int

    @property
    def children(self) -> int:
        """The number of children, empty ones too."""
        return int(self.group.size)

    def of(self, chosen: Codes) -> tuple[Parts, Codes]:
        """Return the tuples at ``chosen`` with groups and children renumbered, and which children."""
        group_of, groups = dense(self.group_of[chosen], self.groups)
        child_of, children = dense(self.child_of[chosen], self.children)
        group, which = np.zeros(children, np.int64), np.zeros(children, np.int64)
        group[child_of], which[child_of] = group_of, self.child_of[chosen]
        return Parts(self.crowd.of(chosen), group_of, child_of, group, groups), which


def settled(parts: Parts, *, k: int, uniform: Chance) -> Codes:
    """Return the child that each tuple leaves its group for, -1 where it stays.

    Children that satisfy the model leave. What stays satisfies it or is empty: it borrows people,
    drawn at random, from the largest child, or takes in the smallest. Where so no child is left to
    leave, all stay. Children of whom only a population has any stay beside others that stay: they
    make them harder to find; and no group is split for their sake alone.
    """
    leaves = ~parts.crowd.failing(parts.child_of, parts.children)
    stays = ~leaves[parts.child_of]
    if not parts.crowd.rows.all():
        leaves &= ~_idle(parts, leaves, stays)
        stays = ~leaves[parts.child_of]
    while True:
        lacking = _lacking(parts, stays) & _any(parts, leaves, stays)
        chosen = np.flatnonzero(lacking[parts.group_of])
        if not chosen.size:
            return np.where(stays, -1, parts.child_of)
        part, which = parts.of(chosen)
        lent, taken = _completed(part, stays[chosen], leaves[which], k=k, uniform=uniform)
        leaves[which[taken]] = False
        stays[chosen] |= lent | ~leaves[parts.child_of[chosen]]


def _idle(parts: Parts, leaves: Bools, stays: Bools) -> Bools:
    """Return the children without rows that would leave others behind, or leave alone."""
    rows = totals(parts.child_of, parts.crowd.rows, parts.children)
    left, going = np.zeros(parts.groups, np.bool_), np.zeros(parts.groups, np.bool_)
    left[parts.group_of[stays]] = True
    going[parts.group[leaves & (rows > 0)]] = True
    return np.asarray((rows == 0) & (left | ~going)[parts.group], np.bool_)


def _lacking(parts: Parts, stays: Bools) -> Bools:
    """Return the groups in which somebody stays, but what stays fails the model."""
    rest = np.flatnonzero(stays)
    lacking = np.zeros(parts.groups, np.bool_)
    if rest.size:
        group_of, groups = dense(parts.group_of[rest], parts.groups)
        number = np.zeros(groups, np.int64)
        number[group_of] = parts.group_of[rest]
        lacking[number] = parts.crowd.of(rest).failing(group_of, groups)
    return lacking


def _any(parts: Parts, leaves: Bools, stays: Bools) -> Bools:
    """Return the groups that somebody leaves."""
    found = np.zeros(parts.groups, np.bool_)
    found[parts.group[leaves]] = True
    # A child without tuples may pass; whoever leaves is somebody.
    moving = np.zeros(parts.groups, np.bool_)
    moving[parts.group_of[~stays]] = True
    return found & moving


def _completed(
    part: Parts, stays: Bools, leaves: Bools, *, k: int, uniform: Chance
) -> tuple[Bools, Codes]:
    """Return the tuples lent to the rest of each group, and the children taken in where none are."""
    rows = totals(part.child_of, part.crowd.rows, part.children)
    giver = _extreme(part, leaves, rows)
    lent = _lent(part, stays, giver, k=k, uniform=uniform)
    helped = np.zeros(part.groups, np.bool_)
    helped[part.group_of[lent]] = True
    taken = _extreme(part, leaves, -rows)[~helped]
    return lent, taken[taken >= 0]


def _extreme(part: Parts, leaves: Bools, worth: Floats) -> Codes:
    """Return each group's child of ``leaves`` with the highest ``worth``, the first of equals, or -1."""
    order = np.lexsort((-np.arange(part.children), worth))
    order = order[leaves[order]]
    found = np.full(part.groups, -1, np.int64)
    found[part.group[order]] = order
    return found


def _lent(part: Parts, stays: Bools, giver: Codes, *, k: int, uniform: Chance) -> Bools:
    """Return tuples, drawn at random from each ``giver``, that are just enough for the rest.

    None are lent where the giver or the rest would then fail the model.
    """
    rest = np.flatnonzero(stays)
    has = part.crowd.of(rest).people(part.group_of[rest], part.groups)
    missing = np.where(giver >= 0, k - has, 0)
    gives = (part.child_of == giver[part.group_of]) & ~stays & (missing[part.group_of] > 0)
    lent = np.zeros(stays.size, np.bool_)
    able = np.flatnonzero(gives)
    if not able.size:
        return lent
    lent[_drawn(part, able, missing, uniform(able.size))] = True
    both = np.flatnonzero(gives | stays)
    grown = stays[both] | lent[both]
    fails = part.crowd.of(both).failing(2 * part.group_of[both] + grown, 2 * part.groups)
    held = np.zeros(2 * part.groups, np.bool_)
    held[2 * part.group_of[both] + grown] = True
    good = (held & ~fails).reshape(-1, 2).all(axis=1)
    return np.asarray(lent & good[part.group_of], np.bool_)


def _drawn(part: Parts, able: Codes, missing: Floats, draws: Floats) -> Codes:
    """Return, by group, the ``able`` tuples of the lowest draws until they are ``missing`` people."""
    group_of = part.group_of[able]
    people = part.crowd.of(able).people(np.arange(able.size), able.size)
    # Few are needed: only the lowest draws are put in order, unless they turn out too few.
    number = np.bincount(group_of, minlength=part.groups)
    share = 2 * (missing + 8) / np.maximum(number, 1)
    low = draws < share[group_of]
    short = totals(group_of, people * low, part.groups) < missing
    chosen = np.flatnonzero(low | short[group_of])
    chosen = chosen[np.lexsort((draws[chosen], group_of[chosen]))]
    group_of, people = group_of[chosen], people[chosen]
    before = np.cumsum(people) - people
    first = np.searchsorted(group_of, group_of)
    return np.asarray(able[chosen[before - before[first] < missing[group_of]]], np.int64)
