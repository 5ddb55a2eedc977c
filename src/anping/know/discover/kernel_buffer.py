"""What :class:`buffer.Buffer` and :class:`word_places.WordPlaces` ask of every character, compiled.

One pass each where arrays need several, with the same answers. Imported only where numba is there
(extra ``fast``); see :mod:`compiled`.
"""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.uint16]
Places = npt.NDArray[np.int64]


class Ends(NamedTuple):
    """Words by where they end: see :class:`word_places.WordPlaces`."""

    begins: Places
    ends: Places
    words: Places


class Clauses(NamedTuple):
    """Where clauses end: at the ``mark`` among flags, and where ``texts`` begin.

    Labels begin within ``reach``.
    """

    flags: Codes
    mark: int
    texts: Places
    reach: int


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
def labels_before(  # noqa: C901 - one loop: calls that hand arrays over cost more than the steps
    clauses: Clauses, starts: Places, labels: Ends, touching: Ends
) -> tuple[Places, Places]:
    """Return the label before each place (-1: none) and the characters between.

    See :meth:`context.Words.before`.
    """
    texts = clauses.texts
    label, gap = np.full(starts.size, -1), np.zeros(starts.size, np.int64)
    text = last = touch = -1
    before = np.int64(-1)
    for number in range(starts.size):
        start = starts[number]
        if start < before:
            text = np.searchsorted(texts, start, side="right") - 1
            last = np.searchsorted(labels.ends, start, side="right") - 1
            touch = np.searchsorted(touching.ends, start, side="right") - 1
        before = start
        while text + 1 < texts.size and texts[text + 1] <= start:
            text += 1
        while last + 1 < labels.ends.size and labels.ends[last + 1] <= start:
            last += 1
        while touch + 1 < touching.ends.size and touching.ends[touch + 1] <= start:
            touch += 1
        begin, end, word = np.int64(-1), np.int64(-1), np.int64(-1)
        if last >= 0:
            begin, end, word = labels.begins[last], labels.ends[last], labels.words[last]
        if (
            touch >= 0
            and touching.ends[touch] == start
            and (end < start or begin > touching.begins[touch])
        ):
            begin, end, word = touching.begins[touch], start, touching.words[touch]
        if word < 0 or begin < max(texts[text], start - clauses.reach):
            continue
        clear = True
        for place in range(end, start):
            if clauses.flags[place] & clauses.mark:
                clear = False
        if clear:
            label[number], gap[number] = word, start - end
    return label, gap
