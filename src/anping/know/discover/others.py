"""What no rule finds as the texts stand, in many texts at once: joined numbers, streets, firms.

Each is looked for text by text, in those texts alone that can hold it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from anping.core.span import Span
from anping.know.discover.addresses import find_streets
from anping.know.discover.buffer import DIGIT, LETTER, NEWLINE, Buffer, Mask, Places
from anping.know.discover.joined import find_joined
from anping.know.discover.organisations import find_organisations
from anping.know.discover.rule_arrays import WordArrays
from anping.know.discover.tabled import find_tabled
from anping.know.discover.word_places import WordPlaces
from anping.know.discover.wrapped import wrapped_lines

if TYPE_CHECKING:
    from anping.know.discover.text import Scanner

#: Findings, each with the place at which its text begins.
Found = list[tuple[int, Span]]
_NUMERALS = np.isin(np.arange(0x10000), [ord(c) for c in "0123456789一二三四五六七八九十百"])
_HOUSE, _LANE, _BLANK, _TAB, _HYPHEN = ord("號"), ord("巷"), ord(" "), ord("\t"), ord("-")
_STROKE = ord("|")
_ROADS = (ord("路"), ord("街"), ord("道"))
#: A house number stands at most so far behind the name of its road; see :mod:`addresses`.
_ROAD_REACH = 64


@dataclass(frozen=True, eq=False)
class Others:
    """Looks for what the rules leave out."""

    scanner: Scanner
    buffer: Buffer
    words: WordPlaces

    def joined(self) -> Found:
        """Return identifiers with a line break or blanks inside, and those of tables."""
        broken, wrapped, spaced = self._broken, self._wrapped, self._spaced
        found: Found = []
        for number in np.flatnonzero(broken | wrapped | spaced).tolist():
            begin, folded = self.buffer.document_at(number)
            spans = find_joined(
                folded,
                self.scanner.identifiers,
                self.scanner.named,
                broken=broken[number],
                wrapped=wrapped[number],
                spaced=spaced[number],
            )
            found += [(begin, span) for span in spans]
        return found + self._tabled()

    def _tabled(self) -> Found:
        """Return identifiers in the cells of tables."""
        found: Found = []
        for number in np.flatnonzero(self._tables).tolist():
            begin, folded = self.buffer.document_at(number)
            found += [(begin, span) for span in find_tabled(folded, self.scanner.in_cells)]
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
        newline = self.buffer.where(NEWLINE)
        before, behind = codes[newline - 1], codes[newline + 1]
        joins = (flags[newline + 1] & (DIGIT | NEWLINE)) != 0
        joins |= (behind == _HYPHEN) | (behind == _BLANK) | (behind == _TAB)
        follows = (flags[newline - 1] & (LETTER | NEWLINE)) != 0
        follows |= (before == _HYPHEN) | (before == _BLANK) | (before == _TAB)
        return self._holding(newline[joins & follows])

    @cached_property
    def _tables(self) -> Mask:
        """Which texts may hold a table: a tab or an upright stroke, and an end of a line."""
        codes = self.buffer.codes
        newline = self.buffer.where(NEWLINE)
        marks = np.flatnonzero((codes == _TAB) | (codes == _STROKE))
        return self._holding(marks) & self._holding(newline)

    @cached_property
    def _wrapped(self) -> Mask:
        """Which texts may hold lines that were broken at a width."""
        newline = self.buffer.where(NEWLINE)
        return self._holding(newline[wrapped_lines(self.buffer.codes, newline)])

    @cached_property
    def _spaced(self) -> Mask:
        """Which texts may hold a number written character by character."""
        # Blanks two or three places apart, several in a row.
        blanks = np.flatnonzero(self.buffer.codes == _BLANK)
        close = np.diff(blanks)
        close = (close == 2) | (close == 3)
        close = close[:-1] & close[1:] if len(close) > 1 else np.zeros(0, bool)
        return self._holding(blanks[: len(close)][close])

    def _with_houses(self, starts: Places, ends: Places) -> Mask:
        """Return which texts have a road and its house number outside of full addresses."""
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
