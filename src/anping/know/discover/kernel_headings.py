"""Lines that may be the headings of a table, compiled; see :mod:`headings`.

Imported only where numba is there (extra ``fast``); see :mod:`compiled`.
"""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

from anping.know.discover.buffer import Places
from anping.know.discover.tabled import DIVIDERS, LEAST_GAPS, LONGEST_HEAD

_COMMA, _SEMICOLON, _WIDE_COMMA, _PAUSE = map(ord, DIVIDERS)
_BLANK, _ZERO, _NINE, _LAST_ASCII = ord(" "), ord("0"), ord("9"), 0x7F
#: What is counted in a line: the four signs, gaps of one blank or more, gaps of two or more.
_COUNTS = 6
_GAPS, _WIDE_GAPS = 4, 5
_LINE_ENDS = 2


@numba.njit(cache=True, nogil=True)
def headings(  # noqa: C901 - one loop: calls that hand arrays over cost more than the steps
    codes: npt.NDArray[np.uint16], newlines: Places, texts: tuple[Places, Places]
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


@numba.njit(cache=True, nogil=True)
def _counted(  # noqa: C901 - one loop over the characters
    codes: npt.NDArray[np.uint16], line: int, end: int, counts: Places
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
