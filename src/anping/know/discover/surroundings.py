"""What stands around the matches of many texts: labels, words nearby, words of birth.

Matches that their surroundings leave worth nothing are let go here: most of them. Over arrays, or in
compiled code with the same answers.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from anping.know.discover.behind import BORN_OPENING, born_behind
from anping.know.discover.buffer import Buffer, Places
from anping.know.discover.rule_arrays import RuleArrays
from anping.know.discover.rules import CLOSE
from anping.know.discover.scoring import ALONE, BIRTH, INTRODUCED, NEAR
from anping.know.discover.standing import Matches
from anping.know.discover.word_places import WordPlaces

_OPEN, _CLOSED = ord("("), ord(")")
_BORN = np.isin(np.arange(0x10000), [ord(c) for c in BORN_OPENING])


class Surrounded(NamedTuple):
    """Matches, shape (matches,) each: the rule, where it matches, and what stands around.

    ``label`` is the word's number (-1: none), ``gap`` the characters between, ``around`` one of
    :data:`scoring.ALONE` and the others.
    """

    entity: Places
    start: Places
    end: Places
    label: Places
    gap: Places
    around: Places


def surroundings(words: WordPlaces, matches: Matches) -> Surrounded:
    """Return those matches that can be something, with what stands around them."""
    arrays = RuleArrays.of(words.rules)
    if words.buffer.compiled:
        from anping.know.discover import kernel_surroundings

        born = _born(words.buffer, arrays, matches)
        return Surrounded(*kernel_surroundings.surrounded(words, arrays, matches, born))
    entity, start, end = _in_brackets(words.buffer, arrays, matches)
    label, gap = words.labels_of(start, end, arrays.first[entity], arrays.bracketed[entity])
    around = np.full(len(start), ALONE)
    alone = np.flatnonzero(label < 0)
    around[alone[words.introduced(start[alone])]] = INTRODUCED
    around[alone[words.near(entity[alone], start[alone], end[alone])]] = NEAR
    born = _born(words.buffer, arrays, (entity, start, end))
    around[born], label[born], gap[born] = BIRTH, -1, 0
    pointless = arrays.pointless[entity, label + 1, (gap > CLOSE).astype(np.int8)]
    kept = np.flatnonzero(~(pointless & (around == ALONE)))
    return Surrounded(*(column[kept] for column in (entity, start, end, label, gap, around)))


def _in_brackets(buffer: Buffer, arrays: RuleArrays, matches: Matches) -> Matches:
    """Return the matches without those that need brackets and have none."""
    entity, start, end = matches
    there = ~arrays.bracketed[entity]
    there |= (buffer.codes[start - 1] == _OPEN) & (buffer.codes[end] == _CLOSED)
    return entity[there], start[there], end[there]


def _born(buffer: Buffer, arrays: RuleArrays, matches: Matches) -> Places:
    """Return which matches are dates with a word of birth directly behind."""
    entity, _, end = matches
    dates = np.flatnonzero(arrays.birth[entity])
    dates = dates[_BORN[buffer.codes[end[dates]]]]
    text = buffer.text
    said = [born_behind(text, place) for place in end[dates].tolist()]
    found: Places = dates[np.array(said, bool)]
    return found
