"""Runs an automaton from given starts: over one text, character by character, or over many at once.

Both give, for each start and pattern, the end of the longest match.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import numpy as np
import numpy.typing as npt

from anping.know.discover.automaton import DEAD, LIMIT, LONGEST, Automaton, Endings

Places = npt.NDArray[np.int64]
#: Room for the length of a match beside its start in one sortable number.
_LENGTH_BITS = 12
#: And for the start below the pattern.
_PATTERN = 48
_ASCII = 0x80
#: How many characters that lead nowhere a state remembers at most, beside the ASCII ones.
_REMEMBERED = 1024


class _Steps(dict[str, "_Steps | None"]):
    """The next steps by character, looked up in the automaton when first met."""

    __slots__ = ("_automaton", "_known", "_state", "accepted", "limited")

    def __init__(self, automaton: Automaton, state: int, known: dict[int, _Steps]) -> None:
        super().__init__()
        self._automaton, self._state, self._known = automaton, state, known
        self.accepted = automaton.accepted[state]
        self.limited = bool(automaton.limited[state])
        known[state] = self

    def __missing__(self, character: str) -> _Steps | None:
        automaton = self._automaton
        code = ord(character)
        state = int(automaton.table[self._state, automaton.classes[min(code, 0xFFFF)]])
        following = None
        if state != DEAD:
            following = self._known.get(state) or _Steps(automaton, state, self._known)
        if following is not None or code < _ASCII or len(self) < _REMEMBERED:
            self[character] = following
        return following


@cache
def _steps(automaton: Automaton) -> dict[int, _Steps]:
    del automaton  # the key of the cache
    return {}


def walk_text(  # noqa: C901 - the innermost loop: a call for each step would cost more
    automaton: Automaton, text: str, starts: Iterable[int], group: int = 0
) -> list[tuple[int, int, int]]:
    """Return (pattern, start, end) of the longest match of each pattern from each start."""
    first = start_steps(automaton, group)
    length = len(text)
    found: list[tuple[int, int, int]] = []
    for start in starts:
        steps = first[text[start]]
        if steps is None:
            continue
        place = start + 1
        longest: dict[int, int] | None = None
        limit = min(length, start + LIMIT)
        while True:
            if steps.accepted:
                if longest is None:
                    longest = {}
                for number in steps.accepted:
                    longest[number] = place
            if place >= limit:
                if steps.limited or place >= min(length, start + LONGEST):
                    break
                limit = min(length, start + LONGEST)
            steps = steps[text[place]]
            if steps is None:
                break
            place += 1
        if longest is not None:
            found += [(number, start, end) for number, end in longest.items()]
    return found


def start_steps(automaton: Automaton, group: int) -> _Steps:
    """Return the steps from a group's start."""
    known = _steps(automaton)
    state = automaton.starts[group]
    return known.get(state) or _Steps(automaton, state, known)


def walk_many(
    automaton: Automaton,
    classes: npt.NDArray[np.uint16],
    starts: Places,
    group: int | Places = 0,
) -> tuple[Places, Places, Places]:
    """Return (patterns, starts, ends) of the longest matches, by pattern and start.

    ``group`` is the group that all starts are walked with, or that of each start. ``classes`` are those of the characters of all texts in a row, with class 0 between two texts
    and behind the last.
    """
    events = _events(automaton, classes, starts, group, last_only=True)
    if not events:
        empty = np.zeros(0, np.int64)
        return empty, empty, empty
    begins, patterns, lengths = (np.concatenate(part) for part in zip(*events, strict=True))
    keys = patterns << _PATTERN | begins << _LENGTH_BITS | lengths
    keys.sort()
    match = keys >> _LENGTH_BITS
    last = np.ones(len(match), bool)
    last[:-1] = match[1:] != match[:-1]
    keys, match = keys[last], match[last]
    begins = match & ((1 << (_PATTERN - _LENGTH_BITS)) - 1)
    return keys >> _PATTERN, begins, begins + (keys & ((1 << _LENGTH_BITS) - 1))


def every_match(
    automaton: Automaton, classes: npt.NDArray[np.uint16], starts: Places, group: int = 0
) -> tuple[Places, Places, Places]:
    """Return (patterns, starts, ends) of all matches from the starts, in no order."""
    events = _events(automaton, classes, starts, group, last_only=False)
    if not events:
        empty = np.zeros(0, np.int64)
        return empty, empty, empty
    begins, patterns, lengths = (np.concatenate(part) for part in zip(*events, strict=True))
    return patterns, begins, begins + lengths


def _events(
    automaton: Automaton,
    classes: npt.NDArray[np.uint16],
    starts: Places,
    group: int | Places,
    *,
    last_only: bool,
) -> list[tuple[Places, Places, Places]]:
    """Return pieces of (start, pattern, length) of matches.

    With ``last_only`` those are left out that go on matching with the next character.
    """
    steps, width, first_end = automaton.narrow, automaton.table.shape[1], automaton.first_end
    kinds, endings = automaton.kinds, automaton.endings
    place = starts
    firsts = np.array(automaton.starts, np.uint16)[group]
    state = np.broadcast_to(firsts, starts.shape)
    pieces = []
    for length in range(LONGEST + 1):
        index = np.multiply(state, width, dtype=np.intp)
        index += classes.take(place)
        following = steps.take(index)
        if length == LIMIT:
            following[automaton.limited.take(state)] = DEAD
        elif length == LONGEST:
            following[:] = DEAD
        hits = np.flatnonzero(state >= first_end)
        if len(hits):
            ended = kinds.take(state.take(hits))
            after = kinds.take(following.take(hits)) if last_only else ended * 0
            lists = endings.between(ended, after)
            some = np.flatnonzero(lists)
            if len(some):
                begins = place.take(hits.take(some)) - length
                pieces.append(_hits(endings, begins, lists.take(some), length))
        alive = np.flatnonzero(following != DEAD)
        if not len(alive):
            break
        place, state = place.take(alive) + 1, following.take(alive)
    return pieces


def _hits(
    endings: Endings, begins: Places, lists: npt.NDArray[np.int32], length: int
) -> tuple[Places, Places, Places]:
    counts = endings.counts.take(lists)
    row = np.repeat(np.arange(len(begins)), counts)
    within = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
    pattern = endings.flat.take(endings.begins.take(lists).take(row) + within)
    return begins.take(row), pattern, np.full(len(row), length)
