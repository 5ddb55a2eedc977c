"""The walk of :mod:`walking` and the choice of :mod:`standing` in compiled code: the same matches.

Imported only where numba is there (extra ``fast``) and the texts are long enough to win its loading
back; see :mod:`compiled`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from anping.know.discover.automaton import DEAD, LIMIT, LONGEST
from anping.know.discover.buffer import Buffer, Mask, Places
from anping.know.discover.flags import ASCII, JOINING, LETTER
from anping.know.discover.rule_arrays import RuleArrays
from anping.know.discover.rules import Rules

#: Rules by number, starts and ends, shape (matches,) each.
Matches = tuple[Places, Places, Places]
_ROOM = 4096
_ZERO, _TWO, _FIVE, _NINE, _COLON, _BLANK, _T = map(ord, "0259: T")


class Tables(NamedTuple):
    """Rules as compiled code reads them; see :class:`Automaton` and :class:`RuleArrays`.

    State s ends the patterns ``patterns[begins[s]:begins[s + 1]]``, all of which are below ``most``.
    """

    steps: npt.NDArray[np.uint16]
    width: int
    first_end: int
    limited: Mask
    begins: npt.NDArray[np.int32]
    patterns: npt.NDArray[np.int32]
    most: int
    joining: npt.NDArray[np.uint16]
    beside: Mask
    birth: Mask


class Letters(NamedTuple):
    """A buffer as compiled code reads it."""

    classes: npt.NDArray[np.uint16]
    codes: npt.NDArray[np.uint16]
    flags: npt.NDArray[np.uint16]


@lru_cache(8)
def _tables(rules: Rules) -> Tables:
    automaton, arrays = rules.automaton, RuleArrays.of(rules)
    width = automaton.table.shape[1]
    begins = np.cumsum([0, *map(len, automaton.accepted)], dtype=np.int32)
    patterns = np.array([n for numbers in automaton.accepted for n in numbers], np.int32)
    return Tables(
        automaton.narrow, width, automaton.first_end, automaton.limited, begins, patterns,
        int(patterns.max(initial=-1)) + 1, arrays.joining, arrays.beside, arrays.birth,
    )  # fmt: skip


def matches_in(rules: Rules, buffer: Buffer, starts: Places, group: int | Places) -> Matches:
    """Return the longest matches that stand by themselves and, of one rule, do not overlap."""
    tables = _tables(rules)
    states = np.array(rules.automaton.starts, np.uint16).take(group)
    firsts = np.ascontiguousarray(np.broadcast_to(states, starts.shape))
    found: Matches = _longest(tables, _letters(buffer), starts, firsts)
    return found


def words_in(rules: Rules, buffer: Buffer, starts: Places, group: int) -> Matches:
    """Return all matches from the starts: what :func:`walking.every_match` returns, in an order."""
    tables = _tables(rules)
    first = rules.automaton.starts[group]
    found: Matches = _every(tables, buffer.classes, starts, first)
    return found


def _letters(buffer: Buffer) -> Letters:
    return Letters(buffer.classes, buffer.codes, buffer.flags)


@numba.njit(cache=True, nogil=True)
def _grown(found: Places) -> Places:
    more = np.empty((3, found.shape[1] * 2), np.int64)
    more[:, : found.shape[1]] = found
    return more


@numba.njit(cache=True, nogil=True)
def _longest(  # noqa: C901, PLR0912 - one loop: calls that hand arrays over cost more than the steps
    tables: Tables, letters: Letters, starts: Places, firsts: npt.NDArray[np.uint16]
) -> Matches:
    # Unsigned numbers of 32 bits need no look whether they count from the end.
    width, first_end = np.uint32(tables.width), np.uint32(tables.first_end)
    steps, begins, patterns = tables.steps, tables.begins, tables.patterns
    classes, flags = letters.classes, letters.flags
    found = np.empty((3, _ROOM), np.int64)
    count = 0
    seen = np.zeros(tables.most, np.int64)
    reach = np.zeros(tables.most, np.int64)
    states, places = np.empty(LONGEST + 1, np.uint32), np.empty(LONGEST + 1, np.uint32)
    for number in range(starts.size):
        start = int(starts[number])
        row, place, met = np.uint32(firsts[number]), np.uint32(start), 0
        limit = np.uint32(start + LIMIT)
        while True:
            if place == limit:
                if place == start + LONGEST or tables.limited[row]:
                    break
                limit = np.uint32(start + LONGEST)
            row = np.uint32(steps[np.uint32(row * width + classes[place])])
            if row == DEAD:
                break
            place += np.uint32(1)
            if row >= first_end:
                states[met], places[met] = row, place
                met += 1
        if met == 0:
            continue
        before = -1
        if flags[start] & ASCII:
            if flags[start - 1] & LETTER:
                continue
            before = _sign(tables, letters, start - 1, start - 2)
        # From the last end back: of each pattern the longest match comes first.
        for turn in range(met):
            state, end = states[met - 1 - turn], int(places[met - 1 - turn])
            glued, behind = False, -1
            if flags[end - 1] & ASCII:
                glued = (flags[end] & LETTER) != 0
                behind = _sign(tables, letters, end, end + 1)
            while count + begins[state + 1] - begins[state] > found.shape[1]:
                found = _grown(found)
            for index in range(begins[state], begins[state + 1]):
                pattern = patterns[index]
                if seen[pattern] > start:
                    continue
                seen[pattern] = start + 1
                if start < reach[pattern] or (before >= 0 and tables.beside[pattern, before]):
                    continue
                joined = glued or (behind >= 0 and tables.beside[pattern, behind])
                if joined and not (tables.birth[pattern] and _time(letters.codes, end)):
                    continue
                reach[pattern] = end
                found[0, count], found[1, count], found[2, count] = pattern, start, end
                count += 1
    return found[0, :count], found[1, :count], found[2, :count]


@numba.njit(cache=True, nogil=True, inline="always")
def _sign(tables: Tables, letters: Letters, place: int, beyond: int) -> int:
    """Return which of the signs that join on stands at a place, with a letter beyond; -1: none.

    See :func:`matching.stands_alone`.
    """
    if letters.flags[place] & JOINING and letters.flags[beyond] & LETTER:
        for number in range(tables.joining.size):
            if tables.joining[number] == letters.codes[place]:
                return number
    return -1


@numba.njit(cache=True, nogil=True)
def _time(codes: npt.NDArray[np.uint16], place: int) -> bool:
    """Return whether a clock time such as 16:24 stands at a place."""
    if codes[place] == _BLANK or codes[place] == _T:
        place += 1
    if place + 4 >= codes.size or codes[place + 2] != _COLON:
        return False
    return bool(
        _ZERO <= codes[place] <= _TWO
        and _ZERO <= codes[place + 1] <= _NINE
        and _ZERO <= codes[place + 3] <= _FIVE
        and _ZERO <= codes[place + 4] <= _NINE
    )


@numba.njit(cache=True, nogil=True)
def _every(tables: Tables, classes: npt.NDArray[np.uint16], starts: Places, first: int) -> Matches:
    found = np.empty((3, _ROOM), np.int64)
    count = 0
    for start in starts:
        row, place = np.int64(first), start
        while True:
            row = np.int64(tables.steps[row * tables.width + classes[place]])
            if row == DEAD:
                break
            place += 1
            if row >= tables.first_end:
                state = row
                begin, end = tables.begins[state], tables.begins[state + 1]
                while count + end - begin > found.shape[1]:
                    found = _grown(found)
                for index in range(begin, end):
                    found[0, count] = tables.patterns[index]
                    found[1, count], found[2, count] = start, place
                    count += 1
    return found[0, :count], found[1, :count], found[2, :count]
