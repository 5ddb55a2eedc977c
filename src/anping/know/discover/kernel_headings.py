"""Lines that may be the headings of a table, compiled; see :mod:`headings`.

Imported only where numba is there (extra ``fast``); see :mod:`compiled`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from anping.know.discover.buffer import Mask, Places
from anping.know.discover.pattern import ASTRAL
from anping.know.discover.tabled import DIVIDERS, LEAST_GAPS, LONGEST_HEAD

_COMMA, _SEMICOLON, _WIDE_COMMA, _PAUSE = map(ord, DIVIDERS)
_BLANK, _ZERO, _NINE, _LAST_ASCII = ord(" "), ord("0"), ord("9"), 0x7F
#: What is counted in a line: the four signs, gaps of one blank or more, gaps of two or more.
_COUNTS = 6
_GAPS, _WIDE_GAPS = 4, 5
_LINE_ENDS = 2
_NEWLINE, _RETURN = ord("\n"), ord("\r")
#: The capital whose small letter depends on where in a word it stands.
_SIGMA = 0x3A3
Codes = npt.NDArray[np.uint16]


@numba.njit(cache=True, nogil=True)
def headings(  # noqa: C901 - one loop: calls that hand arrays over cost more than the steps
    codes: Codes, newlines: Places, texts: tuple[Places, Places]
) -> Places:
    """Return where lines begin that hold no digit and are divided as the next line is.

    ``texts`` are where texts begin and stop.
    """
    begins, stops = texts
    found = np.empty(newlines.size, np.int64)
    count = 0
    above, here = np.zeros(_COUNTS, np.int64), np.zeros(_COUNTS, np.int64)
    number = 0
    for text in range(begins.size):
        if number == newlines.size:
            break
        if newlines[number] >= stops[text]:
            continue
        line, head, head_end = begins[text], -1, -1
        while line < stops[text]:
            while number < newlines.size and newlines[number] < line:
                number += 1
            end = stops[text]
            if number < newlines.size:
                end = min(end, newlines[number])
            if end > line:
                below = head >= 0 and line - head_end <= _LINE_ENDS
                can = end - line <= LONGEST_HEAD and end < stops[text]
                if can or below:
                    digits, chinese = _counted(codes, line, end, here)
                    if below and _alike(above, here):
                        found[count] = head
                        count += 1
                    can = can and not digits
                    if not chinese:
                        here[_GAPS] = 0
                    above, here = here, above
                head, head_end = (line, end) if can else (-1, -1)
            line = end + 1
    return found[:count]


class Openings(NamedTuple):
    """Pairs of characters, by code point of each in small letters: ``allowed`` at their numbers.

    ``small`` is 0 where small letters are not one code point: what holds such is not told apart.
    """

    small: Codes
    first: Codes
    second: Codes
    allowed: Mask


@lru_cache(8)
def openings_of(pairs: frozenset[str]) -> Openings:
    """Return the look-ups of some pairs of characters."""
    small = np.zeros(0x10000, np.uint16)
    for code in range(ASTRAL):
        lower = chr(code).lower()
        small[code] = ord(lower) if len(lower) == 1 and ord(lower) < ASTRAL else 0
    small[_SIGMA] = 0
    plain = [
        (ord(pair[0]), ord(pair[1])) for pair in pairs if len(pair) == 2 and max(pair) < chr(ASTRAL)
    ]
    tables = []
    for characters in map(set, zip(*plain, strict=True)) if plain else ((), ()):
        table = np.zeros(0x10000, np.uint16)
        table[[*sorted(characters)]] = np.arange(1, len(characters) + 1)
        tables.append(table)
    first, second = tables
    allowed = np.zeros((int(first.max()) + 1, int(second.max()) + 1), bool)
    for one, two in plain:
        allowed[first[one], second[two]] = True
    return Openings(small, first, second, allowed)


@numba.njit(cache=True, nogil=True)
def naming(codes: Codes, heads: Places, openings: Openings) -> Mask:
    """Return which lines hold one of the pairs, blanks left out and in small letters, or may."""
    found = np.zeros(heads.size, np.bool_)
    for number in range(heads.size):
        before = 0
        for code in codes[heads[number] : heads[number] + LONGEST_HEAD]:
            if code in (_NEWLINE, _RETURN):
                break
            if code == _BLANK:
                continue
            small = openings.small[code]
            if small == 0 or openings.allowed[before, openings.second[small]]:
                found[number] = True
                break
            before = openings.first[small]
    return found


@numba.njit(cache=True, nogil=True)
def _counted(  # noqa: C901 - one loop over the characters
    codes: Codes, line: int, end: int, counts: Places
) -> tuple[bool, bool]:
    """Count what may divide a line; return whether it holds a digit and whether it begins in Chinese."""
    counts[:] = 0
    # Blanks at the ends of a line divide nothing.
    while line < end and codes[line] == _BLANK:
        line += 1
    while end > line and codes[end - 1] == _BLANK:
        end -= 1
    digits = False
    blanks = 0
    for place in range(line, end):
        code = codes[place]
        if code == _BLANK:
            blanks += 1
            continue
        if blanks:
            counts[_GAPS] += 1
            counts[_WIDE_GAPS] += blanks > 1
            blanks = 0
        if _ZERO <= code <= _NINE:
            digits = True
        elif code == _COMMA:
            counts[0] += 1
        elif code == _SEMICOLON:
            counts[1] += 1
        elif code == _WIDE_COMMA:
            counts[2] += 1
        elif code == _PAUSE:
            counts[3] += 1
    return digits, line < end and codes[line] > _LAST_ASCII


@numba.njit(cache=True, nogil=True)
def _alike(above: Places, below: Places) -> bool:
    for number in range(_COUNTS):
        if above[number] >= LEAST_GAPS and above[number] == below[number]:
            return True
    return False
