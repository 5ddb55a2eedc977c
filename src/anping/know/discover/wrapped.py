"""Lines that were broken at a width: where a text goes on behind the end of a line.

A line's end is one where the line is long, and where on both sides stand characters that a value can
hold; the same for one text and for a buffer of many.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt

from anping.know.discover.buffer import Mask, Places

#: What stands on both sides of such a line's end; before it a blank, too.
GOES_ON = r"0-9A-Za-z\u3400-\u9fff@._/:+(),\-"
#: A line of fewer characters was not broken at a width.
LONG_LINE = 16
_ENDS = re.compile(rf"(?:\r\n|\r|\n)(?=[{GOES_ON}])")
_BEFORE_END = re.compile(rf"[^\r\n\0]{{{LONG_LINE - 1}}}[{GOES_ON} ]")
_RETURN, _LINE = ord("\r"), ord("\n")
_CHARACTERS = np.zeros(0x10000, bool)
_CHARACTERS[[code for code in range(0x10000) if re.match(f"[{GOES_ON}]", chr(code))]] = True
_BEFORE = _CHARACTERS.copy()
_BEFORE[ord(" ")] = True


def wrapped_at(folded: str, places: Iterable[int] | None = None) -> Iterator[tuple[int, int]]:
    """Yield the ends of lines (start, end) behind which the text goes on.

    ``places`` are those that may be such, in order, by who knows them (see :func:`wrapped_lines`).
    """
    if places is None:
        places = (ending.start() for ending in _ENDS.finditer(folded))
    for place in places:
        ending = _ENDS.match(folded, place)
        begin = place - LONG_LINE
        if ending is not None and begin >= 0 and _BEFORE_END.match(folded, begin):
            yield ending.span()


def wrapped_lines(codes: npt.NDArray[np.uint16], newlines: Places) -> Mask:
    """Return which of the places of line ends in a buffer :func:`wrapped_at` may find.

    ``newlines`` are in order, and the ends of texts count among them as they may; a place more costs
    a look, a place less would lose a finding.
    """
    last = len(codes) - 1
    two = (codes[newlines] == _RETURN) & (codes[np.minimum(newlines + 1, last)] == _LINE)
    behind = codes[np.minimum(newlines + 1 + two, last)]
    before = codes[np.maximum(newlines - 1, 0)]
    long = np.diff(newlines, prepend=-LONG_LINE - 1) > LONG_LINE
    goes_on = _BEFORE[before] & _CHARACTERS[behind]
    return np.asarray(long & goes_on)
