"""Which texts may hold what :mod:`others` looks for text by text, compiled: one pass over all of them.

Rather too many are told: each is looked at afterwards. Imported only where numba is there (extra
``fast``); see :mod:`compiled`.
"""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

from anping.know.discover.buffer import Mask, Places

#: Kinds of characters, as bits of a table by code point.
BLANK, PIECE, HAN, HOUSE, ROAD, NUMERAL, LETTER, DIVIDER = (1 << n for n in range(8))
#: A number written character by character has so many blanks; so many set Chinese apart.
_PIECES, _APART = 3, 4
Kinds = npt.NDArray[np.uint8]


@numba.njit(cache=True, nogil=True)
def doubtful(  # noqa: C901 - one loop over the characters
    codes: npt.NDArray[np.uint16], kinds: Kinds, begins: Places, reach: int
) -> tuple[Mask, Mask, Mask]:
    """Return which texts may hold what is written character by character, which house numbers, which tables.

    ``kinds`` are the kinds of code points; a house's number stands within ``reach`` of its road.
    """
    spaced, houses, divided = (
        np.zeros(begins.size, np.bool_),
        np.zeros(begins.size, np.bool_),
        np.zeros(begins.size, np.bool_),
    )
    text = -1
    following = begins[0] if begins.size else codes.size
    pieces = apart = 0
    earlier = before = blank = road = -reach - 1
    for place in range(codes.size):
        if place == following:
            text += 1
            following = begins[text + 1] if text + 1 < begins.size else codes.size
            pieces, apart, blank, road = 0, 0, place - reach, place - reach - 1
            before = blank
        kind = kinds[codes[place]]
        if not kind & (BLANK | HOUSE | ROAD | DIVIDER):
            continue
        if kind & BLANK:
            earlier, before, blank = before, blank, place
            first = kinds[codes[before + 1]]
            gap = blank - before
            short = gap == 2 or (gap == 3 and kinds[codes[before + 2]] & PIECE)
            pieces = pieces + 1 if short and first & PIECE else 0
            apart = apart + 1 if gap == 2 and first & HAN else 0
            if apart >= _APART or (pieces >= _PIECES - 1 and _ends(codes, kinds, earlier, blank)):
                spaced[text] = True
        elif kind & ROAD:
            road = place
        elif kind & DIVIDER:
            divided[text] = True
        elif place - road <= reach and place > 1:
            last = codes[place - 1]
            if kinds[last] & BLANK:
                last = codes[place - 2]
            if kinds[last] & NUMERAL:
                houses[text] = True
    return spaced, houses, divided


@numba.njit(cache=True, nogil=True)
def _ends(codes: npt.NDArray[np.uint16], kinds: Kinds, first: int, last: int) -> bool:
    """Return whether the pieces before one blank and behind another are as short: nothing joins on."""
    if not kinds[codes[first - 1]] & kinds[codes[last + 1]] & PIECE:
        return False
    if kinds[codes[first - 2]] & kinds[codes[first - 3]] & LETTER:
        return False
    return not kinds[codes[last + 2]] & kinds[codes[last + 3]] & LETTER
