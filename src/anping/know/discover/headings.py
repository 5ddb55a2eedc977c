"""Lines that may be the headings of a table whose cells commas, semicolons or gaps divide.

For many texts at once, and rather too many: :mod:`tabled` looks at each text that holds one.
"""

from __future__ import annotations

import numpy as np

from anping.know.discover.buffer import Buffer, Mask, Places
from anping.know.discover.flags import DIGIT, NEWLINE
from anping.know.discover.tabled import DIVIDERS, LEAST_GAPS, LONGEST_HEAD

_BLANK, _LAST_ASCII = ord(" "), 0x7F


def headings(buffer: Buffer, newlines: Places) -> Places:
    """Return where lines begin that may be headings, given the places of line ends in order."""
    if not len(newlines):
        return newlines
    if buffer.compiled:
        from anping.know.discover import kernel_headings

        texts = (buffer.begins, buffer.stops)
        compiled: Places = kernel_headings.headings(buffer.codes, newlines, texts)
        return compiled
    codes = buffer.codes
    edges = np.union1d(newlines, np.concatenate([buffer.begins - 1, buffer.stops]))
    long = np.diff(edges) > 1
    begins, ends = edges[:-1][long] + 1, edges[1:][long]
    if not len(begins):
        return newlines[:0]
    # Only a short line with a line below can hold headings: most lines are not looked at.
    can = (ends - begins <= LONGEST_HEAD) & ((buffer.flags[ends] & NEWLINE) != 0)
    can[-1] = False
    looked = can.copy()
    looked[1:] |= can[:-1]
    begins, ends, can = begins[looked], ends[looked], can[looked]
    if not len(begins):
        return newlines[:0]
    found = _gaps(buffer, begins, ends)
    for sign in map(ord, DIVIDERS):
        found |= _alike(_inside(np.flatnonzero(codes == sign), begins, ends))
    found &= can
    begins, ends = begins[found], ends[found]
    if not len(begins):
        return newlines[:0]
    return np.asarray(begins[_inside(buffer.where(DIGIT), begins, ends) == 0], np.int64)


def _gaps(buffer: Buffer, begins: Places, ends: Places) -> Mask:
    """Return which lines have as many gaps as the next: of two blanks, or of one in Chinese."""
    codes = buffer.codes
    blanks = np.flatnonzero(codes == _BLANK)
    if not len(blanks):
        return np.zeros(len(begins), bool)
    apart = np.diff(blanks) > 1
    first = blanks[np.append(True, apart)]
    last = blanks[np.append(apart, True)]
    # Blanks at the ends of a line divide nothing.
    line = np.clip(np.searchsorted(begins, first, side="right") - 1, 0, None)
    dividing = (first > begins[line]) & (last + 1 < ends[line])
    lead = first == begins[line]
    start = begins.copy()
    start[line[lead]] = last[lead] + 1
    chinese = codes[np.minimum(start, len(codes) - 1)] > _LAST_ASCII
    first, last = first[dividing], last[dividing]
    found = _alike(_inside(first, begins, ends)) & chinese
    return np.asarray(found | _alike(_inside(first[last > first], begins, ends)))


def _inside(places: Places, begins: Places, ends: Places) -> Places:
    """Return how many of the places, in order, lie in each line."""
    return np.searchsorted(places, ends) - np.searchsorted(places, begins)


def _alike(counts: Places) -> Mask:
    """Return which lines have as many, and enough, as the next."""
    found = counts >= LEAST_GAPS
    found[:-1] &= counts[1:] == counts[:-1]
    found[-1] = False
    return np.asarray(found)
