"""Many texts as one row of code points, folded, with what the scanner asks of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
import numpy.typing as npt

from anping.know.discover.automaton import DEAD
from anping.know.discover.context import ENDS_CLAUSE, INTRODUCES
from anping.know.discover.flags import (
    ANCHOR,
    ASCII,
    DIGIT,
    GROUP,
    INTRODUCING,
    JOINING,
    LETTER,
    MARK,
    NEWLINE,
)
from anping.know.discover.fold import LETTERS, fold, folded_codes
from anping.know.discover.pattern import ASTRAL
from anping.know.discover.rules import (
    ANCHOR_REACH,
    ANCHORED,
    ANYWHERE,
    LABEL,
    MAIN,
    NUMBER,
    WORD,
    WORDS,
    Rules,
)

Places = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
_PAD = 4
Table = npt.NDArray[np.uint16]


@dataclass(frozen=True, eq=False)
class Buffer:
    """``codes`` are the folded code points (0xFFFF beyond the basic plane) of all texts.

    Between two texts stands one 0, behind the last several. ``begins`` and ``stops`` are where each
    text begins and ends; ``classes`` those of the automaton and ``flags`` those above. ``joined`` are
    the texts as given, with the same places.
    """

    codes: npt.NDArray[np.uint16]
    classes: npt.NDArray[np.uint16]
    flags: npt.NDArray[np.uint16]
    begins: Places
    stops: Places
    joined: str
    compiled: bool = False

    @classmethod
    def of(cls, rules: Rules, texts: Sequence[str], *, compiled: bool = False) -> Buffer:
        """Return the buffer of some texts; ``compiled`` code does it where it is there."""
        joined = "\0".join(texts) + "\0" * _PAD
        raw = _code_points(joined)
        lengths = np.fromiter(map(len, texts), np.int64, len(texts))
        stops = np.cumsum(lengths + 1) - 1
        codes, classes, flags = _looked_up(raw, _tables(rules), compiled=compiled)
        classes[stops] = 0
        classes[-_PAD:] = 0
        return cls(codes, classes, flags, stops - lengths, stops, joined, compiled)

    @cached_property
    def text(self) -> str:
        """The folded texts as one string, with the same places."""
        text = str(self.codes.data, "utf-16-le", "surrogatepass")
        # A code stands for all characters beyond the basic plane, and two surrogates become one.
        beyond = self.codes.max() == ASTRAL or len(text) != len(self.joined)
        return fold(self.joined) if beyond else text

    def document_at(self, number: int) -> tuple[int, str]:
        """Return where a text begins, and the text, folded."""
        begin, stop = int(self.begins[number]), int(self.stops[number])
        return begin, self.text[begin:stop]

    def where(self, flag: int) -> Places:
        """Return the places of the characters that have a flag, in order."""
        return np.flatnonzero((self.flags & flag) != 0)

    def document(self, places: Places) -> Places:
        """Return which text each place lies in."""
        return np.searchsorted(self.begins, places, side="right") - 1

    @cached_property
    def free(self) -> Mask:
        """Where a match may begin: nothing joins on before, or the character is not ASCII."""
        free: Mask = (self.flags & ASCII) == 0
        free[0] = True
        free[1:] |= (self.flags[:-1] & LETTER) == 0
        return free

    def starts(self, group: int) -> Places:
        """Return where the patterns of a group can begin."""
        if self.compiled:
            return self._beginnings[:3][(MAIN, ANCHORED, LABEL).index(group)]
        if group == MAIN:
            mask = ((self.flags & GROUP[NUMBER]) != 0) & self._digit_soon
            mask |= (self.flags & (GROUP[WORD] | GROUP[ANYWHERE])) != 0
        else:
            mask = (self.flags & GROUP[group]) != 0
        mask &= self.free
        if group == ANCHORED:
            mask &= self._before_anchor
        return np.flatnonzero(mask)

    def groups(self, starts: Places) -> Places:
        """Return for each of the starts of ``MAIN`` what it is walked with: without a digit soon, words."""
        soon = self._beginnings[3] if self.compiled else self._digit_soon[starts]
        return np.array([WORDS, MAIN]).take(soon)

    @cached_property
    def _beginnings(self) -> tuple[Places, Places, Places, Table]:
        from anping.know.discover.kernel_buffer import beginnings

        found: tuple[Places, Places, Places, Table] = beginnings(self.flags)
        return found

    @cached_property
    def newlines(self) -> Places:
        """The places of the ends of lines, in order."""
        return self.where(NEWLINE)

    @cached_property
    def _digit_soon(self) -> Mask:
        soon: Mask = (self.flags & DIGIT) != 0
        for step in (1, 2, 2):
            soon[:-step] |= soon[step:].copy()
        return soon

    @cached_property
    def _before_anchor(self) -> Mask:
        anchors = self.where(ANCHOR)
        before: Mask = np.zeros(len(self.flags), bool)
        apart = np.flatnonzero(np.diff(anchors) > ANCHOR_REACH)
        lows = anchors[np.append(0, apart + 1)] if len(anchors) else anchors
        highs = anchors[np.append(apart, len(anchors) - 1)] if len(anchors) else anchors
        for low, high in zip(lows.tolist(), highs.tolist(), strict=True):
            before[max(low - ANCHOR_REACH, 0) : high] = True
        return before


def _looked_up(
    raw: Table, tables: tuple[Table, Table, Table], *, compiled: bool
) -> tuple[Table, Table, Table]:
    if compiled:
        from anping.know.discover.kernel_buffer import looked_up

        found: tuple[Table, Table, Table] = looked_up(raw, tables)
        return found
    # Indices of the machine's width, made once: each look-up would make them again.
    places = raw.astype(np.intp)
    folding, classing, flagging = (table.take(places, mode="clip") for table in tables)
    return folding, classing, flagging


def _code_points(joined: str) -> npt.NDArray[np.uint16]:
    """Return the code points of a text; 0xFFFF for those beyond the basic plane."""
    encoded = joined.encode("utf-16-le", "surrogatepass")
    if len(encoded) == 2 * len(joined):
        return np.frombuffer(encoded, "<u2")
    wide = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), "<u4")
    return np.minimum(wide, 0xFFFF).astype(np.uint16)


@cache
def _tables(
    rules: Rules,
) -> tuple[npt.NDArray[np.uint16], npt.NDArray[np.uint16], npt.NDArray[np.uint16]]:
    """Return, by code point, its folded form, and that form's class and flags."""
    folding = folded_codes()
    automaton = rules.automaton
    flags = np.zeros(0x10000, np.uint16)
    flags[:128] |= ASCII
    for flag, characters in (
        (LETTER, LETTERS), (DIGIT, "0123456789"), (MARK, ENDS_CLAUSE), (NEWLINE, "\r\n"),
        (INTRODUCING, INTRODUCES), (ANCHOR, rules.anchors),
        (JOINING, {character for entity in rules.entities for character in entity.beside}),
    ):  # fmt: skip
        flags[[ord(character) for character in characters]] |= flag
    for group, flag in GROUP.items():
        going = automaton.table[automaton.starts[group]] != DEAD
        flags[going[automaton.classes]] |= flag
    return folding, automaton.classes[folding], flags[folding]
