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
    # What is written at the edge counts only where the edge moves on: no branch to be guessed wrong.
    numbers, anchored, labels = (
        np.empty(size + 1, np.int64),
        np.empty(size + 1, np.int64),
        np.empty(size + 1, np.int64),
    )
    soon = np.empty(size + 1, np.uint16)
    # Unsigned numbers need no look whether they count from the end.
    one = np.uint32(1)
    first_number = first_anchored = first_label = np.uint32(size)
    digit = anchor = size + ANCHOR_REACH + SOON
    before = flags[size - 1] if size else np.uint16(0)
    for step in range(size):
        place = np.uint32(size - 1 - step)
        flag = before
        before = flags[np.uint32(place - one)] if place else np.uint16(0)
        digit = int(place) if flag & DIGIT else digit
        near = digit - place < SOON
        if (flag & ASCII == 0) | (before & LETTER == 0):
            numbers[first_number], soon[first_number] = place, near
            first_number = np.uint32(
                first_number - ((flag & _WORDS != 0) | ((flag & _NUMBERS != 0) & near))
            )
            labels[first_label] = place
            first_label = np.uint32(first_label - (flag & _LABELS != 0))
            anchored[first_anchored] = place
            first_anchored = np.uint32(
                first_anchored - ((flag & _ANCHORED != 0) & (anchor - place <= ANCHOR_REACH))
            )
        anchor = int(place) if flag & ANCHOR else anchor
    return (
        numbers[first_number + 1 :], anchored[first_anchored + 1 :], labels[first_label + 1 :],
        soon[first_number + 1 :],
    )  # fmt: skip
