"""Which matches of rules stand by themselves in many texts; the same choice as in :mod:`matching`."""

from __future__ import annotations

import numpy as np

from anping.know.discover.buffer import Buffer, Mask, Places
from anping.know.discover.flags import ASCII, JOINING, LETTER
from anping.know.discover.rule_arrays import RuleArrays
from anping.know.discover.rules import Rules

#: Rules by number, starts and ends, shape (matches,) each.
Matches = tuple[Places, Places, Places]
_BLANK = ord(" ")


def stand_alone(rules: Rules, buffer: Buffer, matches: Matches) -> Mask:
    """Return which matches nothing joins on to; see :func:`matching.stands_alone`."""
    entity, start, end = matches
    arrays, flags = RuleArrays.of(rules), buffer.flags
    before, behind = flags.take(start - 1), flags.take(end)
    joined = ((before & LETTER) != 0) & ((flags.take(start) & ASCII) != 0)
    doubtful = np.flatnonzero(((before & JOINING) != 0) & ~joined)
    joined[doubtful] = _joins(arrays, buffer, entity[doubtful], start[doubtful], step=-1)
    clear_before = ~joined
    joined = ((behind & LETTER) != 0) & ((flags.take(end - 1) & ASCII) != 0)
    doubtful = np.flatnonzero(((behind & JOINING) != 0) & clear_before)
    joined[doubtful] = _joins(arrays, buffer, entity[doubtful], end[doubtful] - 1, step=1)
    timed = np.flatnonzero(clear_before & joined & arrays.birth[entity])
    joined[timed] = ~_time_at(buffer, end[timed])
    return np.asarray(clear_before & ~joined)


def _joins(arrays: RuleArrays, buffer: Buffer, entity: Places, place: Places, *, step: int) -> Mask:
    """Return where a sign that joins on for a rule stands beside ASCII, and a letter beyond."""
    codes, flags = buffer.codes, buffer.flags
    sign = np.searchsorted(arrays.joining, codes[place + step])
    joined = arrays.beside[entity, sign]
    joined &= ((flags[place] & ASCII) != 0) & ((flags[place + 2 * step] & LETTER) != 0)
    return np.asarray(joined)


def _time_at(buffer: Buffer, place: Places) -> Mask:
    """Return whether a clock time such as 16:24 stands at each place."""
    codes = buffer.codes
    last = len(codes) - 1
    place = place + np.isin(codes[place], (_BLANK, ord("T")))
    shown = [codes[np.minimum(place + step, last)] for step in range(5)]
    digit = [(c >= ord("0")) & (c <= ord("9")) for c in shown]
    hours = (shown[0] >= ord("0")) & (shown[0] <= ord("2")) & digit[1]
    minutes = (shown[3] >= ord("0")) & (shown[3] <= ord("5")) & digit[4]
    return np.asarray(hours & (shown[2] == ord(":")) & minutes)


def apart(entity: Places, start: Places, end: Places) -> Mask:
    """Return which matches of a rule do not begin inside an earlier kept one of the same rule.

    Matches come by rule, then by start.
    """
    kept = np.ones(len(start), bool)
    if len(start) < 2:
        return kept
    reach = np.maximum.accumulate((entity << 40) + end)
    doubtful = np.flatnonzero((entity[1:] << 40) + start[1:] < reach[:-1]) + 1
    before, limit = -1, 0
    columns = (doubtful, start[doubtful], end[doubtful], end[doubtful - 1])
    for place, begins, ends, first in zip(*(c.tolist() for c in columns), strict=True):
        if place != before + 1:
            limit = first
        before = place
        if begins < limit:
            kept[place] = False
        else:
            limit = ends
    return kept
