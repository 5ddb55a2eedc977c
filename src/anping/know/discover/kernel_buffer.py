"""What :class:`buffer.Buffer` asks of every character, compiled.

One pass each where arrays need several, with the same answers. Imported only where numba is there
(extra ``fast``); see :mod:`compiled`.
"""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

from anping.know.discover.automaton import SOON
from anping.know.discover.flags import ANCHOR, ASCII, DIGIT, GROUP, LETTER
from anping.know.discover.rules import (
    ANCHOR_REACH,
    ANCHORED,
    ANYWHERE,
    LABEL,
    NUMBER,
    WORD,
)

Codes = npt.NDArray[np.uint16]
Places = npt.NDArray[np.int64]
_NUMBERS, _WORDS, _ANCHORED, _LABELS = (
    GROUP[NUMBER], GROUP[WORD] | GROUP[ANYWHERE], GROUP[ANCHORED], GROUP[LABEL]
)  # fmt: skip
_BEGINS = _NUMBERS | _WORDS | _ANCHORED | _LABELS


@numba.njit(cache=True, nogil=True)
def looked_up(raw: Codes, tables: tuple[Codes, Codes, Codes]) -> tuple[Codes, Codes, Codes]:
    """Return what three tables hold for each code point."""
    folding, classing, flagging = tables
    codes, classes, flags = (np.empty_like(raw), np.empty_like(raw), np.empty_like(raw))
    for place in range(raw.size):
        code = raw[place]
        codes[place], classes[place], flags[place] = folding[code], classing[code], flagging[code]
    return codes, classes, flags


@numba.njit(cache=True, nogil=True)
def beginnings(flags: Codes) -> tuple[Places, Places, Places, Codes]:
    """Return where numbers and words, anchored patterns and labels can begin; see :meth:`Buffer.starts`.

    Then for each of the first kind 1 where a digit comes soon, else 0.
    """
    size = flags.size
    numbers, anchored, labels = (
        np.empty(size, np.int64),
        np.empty(size, np.int64),
        np.empty(size, np.int64),
    )
    first_number = first_anchored = first_label = size
    soon = np.empty(size, np.uint16)
    digit = anchor = size + ANCHOR_REACH + SOON
    for step in range(size):
        place = size - 1 - step
        flag = flags[place]
        if flag & DIGIT:
            digit = place
        if flag & _BEGINS and (not flag & ASCII or place == 0 or not flags[place - 1] & LETTER):
            if flag & _WORDS or (flag & _NUMBERS and digit - place < SOON):
                first_number -= 1
                numbers[first_number], soon[first_number] = place, digit - place < SOON
            if flag & _ANCHORED and anchor - place <= ANCHOR_REACH:
                first_anchored -= 1
                anchored[first_anchored] = place
            if flag & _LABELS:
                first_label -= 1
                labels[first_label] = place
        if flag & ANCHOR:
            anchor = place
    return (
        numbers[first_number:], anchored[first_anchored:], labels[first_label:], soon[first_number:]
    )  # fmt: skip
