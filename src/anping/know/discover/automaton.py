"""Patterns as one automaton: from a start it reads each character once, for all patterns together.

Built by positions (Glushkov 1961) and subsets (Rabin and Scott 1959); :mod:`walking` runs it over
one text or over many, with the same answers, because both read the same table.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from itertools import pairwise
from operator import or_
from threading import Lock

import numpy as np
import numpy.typing as npt

from anping.core.errors import ParameterError
from anping.core.text import Text
from anping.know.discover.pattern import ASTRAL, Either, Node, One, Ranges, Repeat, Row

#: No match is longer than this many characters: a private key of 4,096 bits is shorter.
LONGEST = 4000
#: Limited patterns are walked so far: they can begin one in another, each time to the same end.
LIMIT = 256
MOST_STATES = 30_000
_MOST_POSITIONS = 30_000
#: Positions that read more classes than this are wide.
_WIDE = 64
DEAD = 0
#: How soon a digit must come, for a match to be one of a number.
SOON = 6
ZERO, NINE = 0x30, 0x39

Table = npt.NDArray[np.int32]
Classes = npt.NDArray[np.uint16]


@dataclass(frozen=True, eq=False)
class Automaton:
    """``table[state, class]`` is the next state, 0 when no pattern goes on.

    ``classes`` gives the class of each code point (those above 0xFFFF: that of 0xFFFF); class 0 is
    in no pattern. ``accepted[state]`` lists the patterns, by number, that end there. ``starts``
    holds the state from which each group of patterns is walked. ``limited`` says, by state, that only
    limited patterns go on from it: they stop 256 characters behind their start.
    """

    table: Table
    classes: Classes
    accepted: tuple[tuple[int, ...], ...]
    starts: tuple[int, ...]
    limited: npt.NDArray[np.bool_]

    @cached_property
    def first_end(self) -> int:
        """The first of the states, the last ones of all, in which some pattern ends."""
        return sum(not numbers for numbers in self.accepted)

    @cached_property
    def narrow(self) -> npt.NDArray[np.uint16]:
        """The table in one row; half as wide, more of it stays close to the processor."""
        return np.ascontiguousarray(self.table).astype(np.uint16).ravel()

    @cached_property
    def kinds(self) -> npt.NDArray[np.int32]:
        """By state a number that states share in which the same patterns end; 0 where none does."""
        numbers: dict[tuple[int, ...], int] = {(): 0}
        return np.array([numbers.setdefault(a, len(numbers)) for a in self.accepted], np.int32)

    @cached_property
    def endings(self) -> Endings:
        """What ends between two states."""
        return Endings.of(self)

    def first(self, group: int) -> str:
        """Return the characters of the basic plane that a group's patterns can begin with."""
        going = self.table[self.starts[group]] != DEAD
        return "".join(map(chr, np.flatnonzero(going[self.classes]).tolist()))

    def second(self, group: int, character: str) -> str:
        """Return the characters that can follow a first one; all, where one alone is a match."""
        state = self.table[self.starts[group], self.classes[ord(character)]]
        going = (self.table[state] != DEAD) | (state >= self.first_end)
        return "".join(map(chr, np.flatnonzero(going[self.classes]).tolist()))


class Endings:
    """Which patterns end in a state and do not end in the next one, too: lists, made when first met.

    ``flat`` holds the lists in a row; list n begins at ``begins[n]`` and has ``counts[n]`` patterns.
    List 0 is empty.
    """

    def __init__(self, kinds: Sequence[tuple[int, ...]]) -> None:
        """Begin without any list; ``kinds`` are the patterns by number of a kind of states."""
        self._kinds = kinds
        self._lists = np.full((len(kinds), len(kinds)), -1, np.int32)
        self._lists[0] = 0
        self._flat_lists = self._lists.ravel()
        self._numbers: dict[tuple[int, ...], int] = {(): 0}
        self.flat = np.zeros(0, np.int64)
        self.begins = self.counts = np.zeros(1, np.int64)
        self._lock = Lock()

    @classmethod
    def of(cls, automaton: Automaton) -> Endings:
        """Return the endings of an automaton."""
        kinds: dict[int, tuple[int, ...]] = {}
        for kind, patterns in zip(automaton.kinds.tolist(), automaton.accepted, strict=True):
            kinds.setdefault(kind, patterns)
        return cls([kinds[kind] for kind in range(len(kinds))])

    def between(
        self, kinds: npt.NDArray[np.int32], following: npt.NDArray[np.int32]
    ) -> npt.NDArray[np.int32]:
        """Return the number of the list for each pair of kinds of states."""
        index = np.multiply(kinds, len(self._kinds), dtype=np.intp)
        index += following
        lists = self._flat_lists.take(index)
        unknown = np.flatnonzero(lists < 0)
        if len(unknown):
            pairs = zip(kinds[unknown].tolist(), following[unknown].tolist(), strict=True)
            with self._lock:
                for kind, after in set(pairs):
                    ended = tuple(n for n in self._kinds[kind] if n not in self._kinds[after])
                    self._lists[kind, after] = self._number(ended)
            lists = self._flat_lists.take(index)
        return lists

    def _number(self, patterns: tuple[int, ...]) -> int:
        known = self._numbers.get(patterns)
        if known is None:
            known = self._numbers[patterns] = len(self._numbers)
            # What is given to others stays as it is: they may be reading it.
            self.begins = np.append(self.begins, len(self.flat))
            self.counts = np.append(self.counts, len(patterns))
            self.flat = np.append(self.flat, patterns)
        return known


#: Which group a pattern is walked with, told its number and whether a digit comes soon.
Group = Callable[[int, bool], int]


def build(
    patterns: Sequence[Node],
    group: Group | None = None,
    *,
    groups: int = 1,
    together: Sequence[Sequence[int]] = (),
    limited: Collection[int] = (),
) -> Automaton:
    """Return the automaton of the patterns, which keep their numbers.

    ``group`` places each pattern: it is told the number and whether every match has a digit among
    its first six characters. Behind the groups' starts come those for groups ``together``. Where none
    but ``limited`` patterns go on, a walk ends 256 characters behind its start. Raises ParameterError for a pattern
    that matches the empty text, or when more than 30,000 states would be needed.
    """
    positions = _Positions()
    firsts, finals, going_on = [0] * groups, [], 0
    for number, node in enumerate(patterns):
        before = len(positions.sets)
        part = positions.of(node)
        if number not in limited:
            going_on |= (1 << len(positions.sets)) - (1 << before)
        if part.empty:
            raise _too_large("樣式可為空字串", "a pattern matches the empty text")
        firsts[group(number, positions.soon_a_digit(part)) if group else 0] |= part.first
        finals.append(part.last)
    firsts += [reduce(or_, (firsts[number] for number in several)) for several in together]
    classes, masks = _classes(positions.sets)
    rows, ends = _subsets(positions.follow, firsts, masks)
    owner = {bit: number for number, last in enumerate(finals) for bit in bits(last)}
    final = sum(finals)
    accepted = tuple(
        tuple(sorted({owner[bit] for bit in bits(state & final)})) if state & final else ()
        for state in ends
    )
    # Accepting states come last, so that one comparison tells them.
    order = sorted(range(len(accepted)), key=lambda state: bool(accepted[state]))
    place = np.empty(len(order), np.int32)
    place[order] = np.arange(len(order), dtype=np.int32)
    table = place[np.array(rows)[order]]
    starts = tuple(place[1 : len(firsts) + 1].tolist())
    stops = np.array([not ends[state] & going_on for state in order], bool)
    return Automaton(table, classes, tuple(accepted[state] for state in order), starts, stops)


@dataclass(frozen=True, slots=True)
class _Part:
    """What a part of a pattern can begin and end with, as bit sets of positions."""

    first: int
    last: int
    empty: bool


class _Positions:
    """Collects the characters of patterns as positions, and which may follow which."""

    def __init__(self) -> None:
        self.sets: list[Ranges] = []
        self.follow: list[int] = []

    def of(self, node: Node) -> _Part:
        if isinstance(node, One):
            return self._one(node)
        if isinstance(node, Row):
            return self._row([self.of(part) for part in node.parts])
        if isinstance(node, Either):
            parts = [self.of(part) for part in node.parts]
            first = last = 0
            for part in parts:
                first, last = first | part.first, last | part.last
            return _Part(first, last, any(part.empty for part in parts))
        return self._repeat(node)

    def _one(self, node: One) -> _Part:
        if len(self.sets) >= _MOST_POSITIONS:
            raise _too_large("樣式太長", "the pattern is too long")
        bit = 1 << len(self.sets)
        self.sets.append(node.ranges)
        self.follow.append(0)
        return _Part(bit, bit, empty=False)

    def _row(self, parts: list[_Part]) -> _Part:
        whole = _Part(0, 0, empty=True)
        for part in parts:
            self._link(whole.last, part.first)
            whole = _Part(
                whole.first | part.first if whole.empty else whole.first,
                whole.last | part.last if part.empty else part.last,
                whole.empty and part.empty,
            )
        return whole

    def _repeat(self, node: Repeat) -> _Part:
        copies = [self.of(node.part) for _ in range(node.least)]
        if node.most is None:
            loop = self.of(node.part)
            self._link(loop.last, loop.first)
            copies.append(_Part(loop.first, loop.last, empty=True))
        else:
            for _ in range(node.most - node.least):
                part = self.of(node.part)
                copies.append(_Part(part.first, part.last, empty=True))
        return self._row(copies)

    def soon_a_digit(self, part: _Part) -> bool:
        """Return whether every match has a digit among its first six characters."""
        reach = part.first
        for _ in range(SOON):
            other = 0
            for place in bits(reach):
                ranges = self.sets[place]
                if not all(low >= ZERO and high <= NINE for low, high in ranges):
                    other |= 1 << place
            if other & part.last:
                return False
            reach = 0
            for place in bits(other):
                reach |= self.follow[place]
        return not reach

    def _link(self, lasts: int, first: int) -> None:
        for place in bits(lasts):
            self.follow[place] |= first


def bits(mask: int) -> list[int]:
    """Return the places of the set bits, lowest first."""
    places = []
    while mask:
        low = mask & -mask
        places.append(low.bit_length() - 1)
        mask ^= low
    return places


def _classes(sets: list[Ranges]) -> tuple[Classes, list[int]]:
    """Return the class of each code point, and by class the positions whose sets hold it."""
    edges = sorted({0, ASTRAL + 1} | {edge for s in sets for a, b in s for edge in (a, b + 1)})
    place = {edge: number for number, edge in enumerate(edges)}
    holds = [0] * len(edges)
    groups: dict[Ranges, int] = {}
    for position, ranges in enumerate(sets):
        groups[ranges] = groups.get(ranges, 0) | 1 << position
    for ranges, positions in groups.items():
        for low, high in ranges:
            for number in range(place[low], place[high + 1]):
                holds[number] |= positions
    numbers: dict[int, int] = {0: 0}
    classes = np.zeros(ASTRAL + 1, np.uint16)
    for number, (low, high) in enumerate(pairwise(edges)):
        classes[low:high] = numbers.setdefault(holds[number], len(numbers))
    return classes, list(numbers)


@dataclass(frozen=True, eq=False)
class _Reading:
    """Which positions each class of characters is read by, arranged so that rows fill quickly.

    ``masks`` are the positions by class. Wide positions read many classes alike: ``alike`` lists
    (wide positions, classes) of classes that all the same wide positions read. ``of_narrow`` lists
    the classes of the other positions.
    """

    masks: list[int]
    wide: int
    alike: list[tuple[int, npt.NDArray[np.int64]]]
    of_narrow: list[list[int]]

    @classmethod
    def of(cls, masks: list[int], positions: int) -> _Reading:
        of_position: list[list[int]] = [[] for _ in range(positions)]
        for place, mask in enumerate(masks):
            for position in bits(mask):
                of_position[position].append(place)
        wide = sum(1 << n for n, places in enumerate(of_position) if len(places) > _WIDE)
        alike: dict[int, list[int]] = {}
        for place, mask in enumerate(masks):
            alike.setdefault(mask & wide, []).append(place)
        return cls(
            masks, wide, [(mask, np.array(places)) for mask, places in alike.items()], of_position
        )

    def narrow(self, reach: int) -> set[int]:
        """Return the classes that some narrow position of ``reach`` reads."""
        return {place for n in bits(reach & ~self.wide) for place in self.of_narrow[n]}


def _subsets(
    follow: list[int], firsts: list[int], masks: list[int]
) -> tuple[list[npt.NDArray[np.int32]], list[int]]:
    """Return the rows of the table and, by state, the positions that it stands for.

    State 0 is dead; the next ones are the groups' starts.
    """
    order = [0] * (1 + len(firsts))
    states = {0: DEAD}
    reading = _Reading.of(masks, len(follow))
    rows = [np.zeros(len(masks), np.int32)]

    def state_of(target: int) -> int:
        known = states.get(target)
        if known is None:
            known = states[target] = len(order)
            order.append(target)
            if known >= MOST_STATES:
                raise _too_large("樣式的狀態過多", "the patterns need too many states")
        return known

    number = 1
    while number < len(order):
        reach = firsts[number - 1] if number <= len(firsts) else 0
        for position in bits(order[number]):
            reach |= follow[position]
        row = np.zeros(len(masks), np.int32)
        for mask, places in reading.alike:
            if reach & mask:
                row[places] = state_of(reach & mask)
        for place in reading.narrow(reach):
            row[place] = state_of(reach & masks[place])
        rows.append(row)
        number += 1
    return rows, order


def _too_large(zh: str, en: str) -> ParameterError:
    return ParameterError(
        "discover.pattern.size",
        Text(f"{zh}。", f"{en[0].upper()}{en[1:]}."),
        hint=Text("請縮小次數或拆成較短的樣式。", "Use smaller counts or shorter patterns."),
    )
