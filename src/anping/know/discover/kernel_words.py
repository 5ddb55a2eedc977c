"""The words of the lexicon by kind and by where they end, compiled; see :class:`word_places.WordPlaces`.

Imported only where numba is there (extra ``fast``); see :mod:`compiled`.
"""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

from anping.know.discover.buffer import Mask, Places
from anping.know.discover.flags import ASCII, LETTER
from anping.know.discover.standing import Matches

#: Labels, words that touch their value, words nearby.
_KINDS = 3
_LABEL, _TOUCHING, _NEARBY = range(_KINDS)
Ordered = tuple[Places, Places, Places]


@numba.njit(cache=True, nogil=True)
def by_kind(
    matches: Matches, first: int, nearby: Mask, flags: npt.NDArray[np.uint16]
) -> tuple[Ordered, Ordered, Ordered]:
    """Return (begins, ends, words) of labels, touching words and words nearby, each by where it ends.

    Of those with one end the longest comes last. ``first`` is the number of the first word among the
    ``matches``, which come by where they begin; ``nearby`` says of words that they only stand nearby.
    """
    numbers, begins, ends = matches
    counts = np.zeros(_KINDS, np.int64)
    found = np.empty((_KINDS, 3, numbers.size), np.int64)
    for row in range(numbers.size):
        word, begin, end = numbers[row] - first, begins[row], ends[row]
        clear = not flags[end - 1] & ASCII or not flags[end] & LETTER
        kind = _TOUCHING
        if nearby[word]:
            if not clear:
                continue
            kind = _NEARBY
        elif clear and end - begin > 1:
            kind = _LABEL
        # A word ends at most a word's length behind one that begins later: few change places.
        place = counts[kind]
        while place and (
            found[kind, 1, place - 1] > end
            or (found[kind, 1, place - 1] == end and found[kind, 0, place - 1] < begin)
        ):
            for column in range(3):
                found[kind, column, place] = found[kind, column, place - 1]
            place -= 1
        found[kind, 0, place], found[kind, 1, place], found[kind, 2, place] = begin, end, word
        counts[kind] += 1
    labels, touching, near = counts
    return (
        (found[0, 0, :labels], found[0, 1, :labels], found[0, 2, :labels]),
        (found[1, 0, :touching], found[1, 1, :touching], found[1, 2, :touching]),
        (found[2, 0, :near], found[2, 1, :near], found[2, 2, :near]),
    )
