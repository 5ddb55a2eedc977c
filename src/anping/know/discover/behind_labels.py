"""Where values begin that are looked for only behind their labels, in many texts at once.

The same places as :func:`matching.value_start` gives one by one: most follow from arrays, and the few
that longer filler or English words stand before are asked there.
"""

from __future__ import annotations

import numpy as np

from anping.know.discover.automaton import DEAD
from anping.know.discover.buffer import Buffer, Mask, Places
from anping.know.discover.context import BEGIN_FILLER, FILLS
from anping.know.discover.flags import LETTER
from anping.know.discover.matching import value_start
from anping.know.discover.rule_arrays import WordArrays
from anping.know.discover.rules import LABELLED
from anping.know.discover.word_places import WordPlaces

#: A value begins at most so far behind its label; with its first word it is seldom longer than this.
_FILLERS, _AHEAD = 48, 128
#: Filler is repeated so often at most.
_MOST_FILLERS = 12
_ZERO, _NINE = ord("0"), ord("9")
_FILLS, _BEGIN_FILLER, _BLANK = (
    np.isin(np.arange(0x10000), [*map(ord, characters)])
    for characters in (FILLS, BEGIN_FILLER, filter(str.isspace, map(chr, range(0x10000))))
)


def behind_labels(words: WordPlaces) -> Places:
    """Return where values begin that are looked for only behind their labels, in order."""
    introducing = WordArrays.of(words.rules).introducing
    buffer, automaton = words.buffer, words.rules.automaton
    first = automaton.table[automaton.starts[LABELLED]] != DEAD
    found = []
    for listed, touching in ((words.labels, False), (words.touching, True)):
        if buffer.compiled:
            place, ends, stops = _compiled(words, first, touching=touching)
        else:
            ends = np.unique(listed.ends[np.flatnonzero(introducing[listed.words])])
            place, sure = _behind(buffer, ends, touching=touching)
            stops = buffer.stops[buffer.document(ends - 1)]
            place = place[sure & first[buffer.classes[place]] & (place < stops)]
            ends, stops = ends[~sure], stops[~sure]
        found += [place, _one_by_one(buffer, ends, stops, touching=touching)]
    places: Places = np.unique(np.concatenate(found))
    return places


def _compiled(words: WordPlaces, first: Mask, *, touching: bool) -> tuple[Places, Places, Places]:
    """Return the sure places behind labels, and the ends of labels and texts that are asked one by one."""
    from anping.know.discover import kernel_behind as kernel

    buffer, listed = words.buffer, words.touching if touching else words.labels
    found: tuple[Places, Places, Places] = kernel.behind(
        kernel.Letters(buffer.codes, buffer.classes, buffer.flags, buffer.stops),
        (listed.ends, listed.words, WordArrays.of(words.rules).introducing),
        kernel.Fillers(_FILLS, _BEGIN_FILLER, _BLANK, first, _MOST_FILLERS),
        touching,
    )
    return found


def _behind(buffer: Buffer, ends: Places, *, touching: bool) -> tuple[Places, Mask]:
    """Return the place behind each label's filler, and whether that is sure to be the value's."""
    codes, flags = buffer.codes, buffer.flags
    plain, sure = np.ones(len(ends), bool), np.ones(len(ends), bool)
    place = ends + (codes[ends] == ord(" ")) if touching else ends.copy()
    if not touching:
        for _ in range(_MOST_FILLERS):
            fills = _FILLS[codes[place]]
            plain &= ~fills | _BLANK[codes[place]]
            place += fills
        # Longer filler may begin here.
        sure = ~_BEGIN_FILLER[codes[place]]
    letter = ((flags[place] & LETTER) != 0) & ((codes[place] < _ZERO) | (codes[place] > _NINE))
    # English words behind nothing but blanks may be plain words.
    return place, np.asarray(sure & ~(plain & letter))


def _one_by_one(buffer: Buffer, ends: Places, stops: Places, *, touching: bool) -> Places:
    text = buffer.text
    found: list[int] = []
    for end, stop in zip(ends.tolist(), stops.tolist(), strict=True):
        behind = text[end : min(stop, end + _AHEAD)]
        rest = behind[_FILLERS:]
        # A word that goes on and on is an English word or not only where it ends.
        if end + _AHEAD < stop and rest.isascii() and rest.isalpha():
            behind = text[end:stop]
        place = value_start(behind, 0, touches=touching)
        if place is not None:
            found.append(end + place)
    return np.array(found, np.int64)
