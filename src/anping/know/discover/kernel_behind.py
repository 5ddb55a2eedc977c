"""Where values begin behind their labels, compiled: one pass over the labels; see :mod:`behind_labels`.

Imported only where numba is there (extra ``fast``); see :mod:`compiled`.
"""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from anping.know.discover.buffer import Mask, Places
from anping.know.discover.flags import LETTER

_ZERO, _NINE, _BLANK = ord("0"), ord("9"), ord(" ")
Codes = npt.NDArray[np.uint16]


class Fillers(NamedTuple):
    """By code point, what may stand between a label and its value; see :mod:`behind_labels`.

    ``first`` says of classes of the automaton whether a value can begin with them.
    """

    fills: Mask
    begin_filler: Mask
    blank: Mask
    first: Mask
    most: int


class Letters(NamedTuple):
    """A buffer as compiled code reads it; ``stops`` are where texts end."""

    codes: Codes
    classes: Codes
    flags: Codes
    stops: Places


@numba.njit(cache=True, nogil=True)
def behind(
    letters: Letters,
    words: tuple[Places, Places, Mask],
    fillers: Fillers,
    touching: bool,  # noqa: FBT001 - compiled code takes no keywords
) -> tuple[Places, Places, Places]:
    """Return where values begin for sure, and which labels are to be asked one by one.

    ``words`` are where words end, in order, their numbers, and by number whether one introduces a
    value. The ends of those to be asked come with the ends of their texts.
    """
    codes, flags = letters.codes, letters.flags
    ends, numbers, introducing = words
    found, asked, stops = (
        np.empty(ends.size, np.int64),
        np.empty(ends.size, np.int64),
        np.empty(ends.size, np.int64),
    )
    count = doubtful = text = 0
    before = -1
    for row in range(ends.size):
        end = ends[row]
        if end == before or not introducing[numbers[row]]:
            continue
        before = end
        while letters.stops[text] < end:
            text += 1
        place, plain, sure = end, True, True
        if touching:
            place += codes[end] == _BLANK
        else:
            for _ in range(fillers.most):
                code = codes[place]
                if not fillers.fills[code]:
                    break
                plain &= fillers.blank[code]
                place += 1
            sure = not fillers.begin_filler[codes[place]]
        code = codes[place]
        if plain and flags[place] & LETTER and not _ZERO <= code <= _NINE:
            sure = False
        if not sure:
            asked[doubtful], stops[doubtful] = end, letters.stops[text]
            doubtful += 1
        elif place < letters.stops[text] and fillers.first[letters.classes[place]]:
            found[count] = place
            count += 1
    return found[:count], asked[:doubtful], stops[:doubtful]
