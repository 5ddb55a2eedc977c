"""What no rule finds as the texts stand, in many texts at once: joined numbers, streets, firms.

Each is looked for text by text, in those texts alone that can hold it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from anping.core.span import Span
from anping.know.discover.addresses import find_streets
from anping.know.discover.buffer import Buffer, Mask, Places
from anping.know.discover.flags import DIGIT, LETTER, NEWLINE
from anping.know.discover.fold import LETTERS
from anping.know.discover.headings import headings
from anping.know.discover.joined import made
from anping.know.discover.organisations import find_organisations
from anping.know.discover.rule_arrays import WordArrays
from anping.know.discover.tabled import tabled
from anping.know.discover.word_places import WordPlaces
from anping.know.discover.wrapped import wrapped_lines

if TYPE_CHECKING:
    from anping.know.discover.text import Scanner

#: Findings, each with the place at which its text begins.
Found = list[tuple[int, Span]]
_NUMERALS = np.isin(np.arange(0x10000), [ord(c) for c in "0123456789一二三四五六七八九十百"])
_HOUSE, _LANE, _BLANK, _TAB, _HYPHEN = ord("號"), ord("巷"), ord(" "), ord("\t"), ord("-")
_STROKE, _FIRST_HAN = ord("|"), 0x3400
#: So many blanks at least, each with a short piece behind it.
_PIECES = 3
#: What stands between the blanks of a number written character by character; see :mod:`joined`.
_PIECE = np.zeros(0x10000, bool)
_PIECE[[*map(ord, LETTERS), *map(ord, "(@.:/)+-")]] = True
_ROADS = (ord("路"), ord("街"), ord("道"))
#: A house number stands at most so far behind the name of its road; see :mod:`addresses`.
_ROAD_REACH = 64


def _in_a_row(mask: Mask, least: int) -> Mask:
    """Return where so many in a row begin."""
    found = mask.copy()
    for step in range(1, least):
        found[:-step] &= mask[step:]
        found[-step:] = False
    return found


@cache
def _kinds() -> npt.NDArray[np.uint8]:
    """Return the kinds of code points for compiled code."""
    from anping.know.discover import kernel_others as kernel

    kinds = np.zeros(0x10000, np.uint8)
    kinds[_PIECE] |= kernel.PIECE
    kinds[_NUMERALS] |= kernel.NUMERAL
    kinds[_FIRST_HAN:] |= kernel.HAN
    kinds[_BLANK] |= kernel.BLANK
    kinds[[*map(ord, LETTERS)]] |= kernel.LETTER
    kinds[[_HOUSE, _LANE]] |= kernel.HOUSE
    kinds[[_TAB, _STROKE]] |= kernel.DIVIDER
    kinds[list(_ROADS)] |= kernel.ROAD
    return kinds


@dataclass(frozen=True, eq=False)
class Others:
    """Looks for what the rules leave out.

    ``identifiers`` gives the rules' matches in some texts: all, or those that hold a join.
    """

    scanner: Scanner
    buffer: Buffer
    words: WordPlaces
    identifiers: Callable[[list[str], Sequence[Sequence[int] | None]], list[list[Span]]]

    def joined(self) -> Found:
        """Return identifiers with a line break or blanks inside, and those of tables."""
        broken, spaced, wrapped = self._broken, self._spaced, self._wrapped
        first, last = (np.searchsorted(wrapped, p) for p in (self.buffer.begins, self.buffer.stops))
        texts = []
        for number in np.flatnonzero(broken | spaced | (last > first)).tolist():
            begin, folded = self.buffer.document_at(number)
            places = wrapped[first[number] : last[number]] - begin
            texts += [
                (begin, one)
                for one in made(
                    folded, broken=broken[number], wrapped=places.tolist(), spaced=spaced[number]
                )
            ]
        matches = self.identifiers(
            [one.text for _, one in texts],
            [None if one.labels else one.joins for _, one in texts],
        )
        found = []
        for (begin, one), spans in zip(texts, matches, strict=True):
            more = self.scanner.named(one.text) if one.labels else []
            found += [(begin, span) for span in one.counted(spans + more)]

        return found + self._in_tables()

    def _in_tables(self) -> Found:
        tables = []
        heads = headings(self.buffer, self.buffer.newlines)
        if self.buffer.compiled and len(heads):
            from anping.know.discover import kernel_headings as kernel

            openings = kernel.openings_of(self.scanner.openings)
            heads = heads[kernel.naming(self.buffer.codes, heads, openings)]
        of_text = np.searchsorted(heads, [*self.buffer.begins.tolist(), len(self.buffer.codes)])
        marked = self._marked
        marked[self.buffer.document(heads)] = True
        for number in np.flatnonzero(marked).tolist():
            begin, folded = self.buffer.document_at(number)
            here = heads[of_text[number] : of_text[number + 1]] - begin
            one = tabled(folded, self.scanner.openings, here.tolist())
            tables += [(begin, one)] if one.text else []
        found: Found = []
        matches = self.identifiers([one.text for _, one in tables], [None] * len(tables))
        for (begin, one), spans in zip(tables, matches, strict=True):
            names = self.scanner.names(one.text, self.scanner.recall)
            found += [(begin, span) for span in one.counted(spans + names)]
        return found

    def streets(self, starts: Places, ends: Places) -> Found:
        """Return streets with a house number, but for those in full addresses (starts, ends)."""
        order = np.argsort(starts, kind="stable")
        starts, ends = starts[order], ends[order]
        found: Found = []
        for number in np.flatnonzero(self._with_houses(starts, ends)).tolist():
            begin, folded = self.buffer.document_at(number)
            first, last = np.searchsorted(starts, (begin, begin + len(folded))).tolist()
            full = [
                Span(start - begin, end - begin, "ADDRESS_FULL")
                for start, end in zip(
                    starts[first:last].tolist(), ends[first:last].tolist(), strict=True
                )
            ]
            found += [(begin, span) for span in find_streets(folded, full)]
        return found

    def organisations(self) -> Found:
        """Return organisations by their endings."""
        ending = WordArrays.of(self.words.rules).ending
        nearby = self.words.nearby
        places = nearby.begins[ending[nearby.words]]
        found: Found = []
        for number in np.unique(self.buffer.document(places)).tolist():
            begin, folded = self.buffer.document_at(number)
            found += [(begin, span) for span in find_organisations(folded)]
        return found

    @cached_property
    def _broken(self) -> Mask:
        """Which texts may hold a number with a line break inside."""
        flags, codes = self.buffer.flags, self.buffer.codes
        newline = self.buffer.newlines
        before, behind = codes[newline - 1], codes[newline + 1]
        joins = (flags[newline + 1] & (DIGIT | NEWLINE)) != 0
        joins |= (behind == _HYPHEN) | (behind == _BLANK) | (behind == _TAB)
        follows = (flags[newline - 1] & (LETTER | NEWLINE)) != 0
        follows |= (before == _HYPHEN) | (before == _BLANK) | (before == _TAB)
        return self._holding(newline[joins & follows])

    @cached_property
    def _marked(self) -> Mask:
        """Which texts may hold a table that tabs or strokes divide."""
        codes = self.buffer.codes
        if self.buffer.compiled:
            marks = self._doubtful[2].copy()
        else:
            marks = self._holding(np.flatnonzero((codes == _TAB) | (codes == _STROKE)))
        return marks & self._holding(self.buffer.newlines) if marks.any() else marks

    @cached_property
    def _wrapped(self) -> Places:
        """The ends of lines that may have been broken at a width, in order."""
        newline = self.buffer.newlines
        return newline[wrapped_lines(self.buffer.codes, newline)]

    @cached_property
    def _doubtful(self) -> tuple[Mask, Mask, Mask]:
        from anping.know.discover import kernel_others

        found: tuple[Mask, Mask, Mask] = kernel_others.doubtful(
            self.buffer.codes, _kinds(), self.buffer.begins, _ROAD_REACH
        )
        return found

    @cached_property
    def _spaced(self) -> Mask:
        """Which texts may hold a number written character by character."""
        if self.buffer.compiled:
            return self._doubtful[0]
        codes, flags = self.buffer.codes, self.buffer.flags
        blanks = np.flatnonzero(codes == _BLANK)
        if len(blanks) < _PIECES:
            return self._holding(blanks[:0])
        gap = np.diff(blanks)
        first, second = codes[blanks[:-1] + 1], codes[blanks[:-1] + 2]
        pieces = _PIECE[first] & ((gap == 2) | ((gap == 3) & _PIECE[second]))
        pieces = _in_a_row(pieces, _PIECES - 1)
        # The first and the last piece are as short: nothing joins on.
        begins = ((flags[blanks - 2] & LETTER) == 0) | ((flags[blanks - 3] & LETTER) == 0)
        stops = _PIECE[codes[blanks + 1]]
        stops &= ((flags[blanks + 2] & LETTER) == 0) | ((flags[blanks + 3] & LETTER) == 0)
        pieces &= (begins & _PIECE[codes[blanks - 1]])[:-1]
        pieces[: 2 - _PIECES] &= stops[_PIECES - 1 :]
        apart = _in_a_row((gap == 2) & (first >= _FIRST_HAN), 4)
        return self._holding(blanks[:-1][pieces | apart])

    def _with_houses(self, starts: Places, ends: Places) -> Mask:
        """Return which texts have a road and its house number outside of full addresses."""
        if self.buffer.compiled and not self._doubtful[1].any():
            return self._doubtful[1]
        codes = self.buffer.codes
        house = np.flatnonzero((codes == _HOUSE) | (codes == _LANE))
        before = codes[house - 1]
        before = np.where(before == _BLANK, codes[house - 2], before)
        house = house[_NUMERALS[before]]
        if not len(house):
            return self._holding(house)
        road = np.flatnonzero(np.logical_or.reduce([codes == code for code in _ROADS]))
        near = np.searchsorted(road, house) - np.searchsorted(road, house - _ROAD_REACH)
        house = house[near > 0]
        if len(starts):
            reach = np.maximum.accumulate(ends)
            last = np.searchsorted(starts, house, side="right") - 1
            house = house[(last < 0) | (reach[last] <= house)]
        return self._holding(house)

    def _holding(self, places: Places) -> Mask:
        found = np.zeros(len(self.buffer.begins), bool)
        found[self.buffer.document(places)] = True
        return found
