"""What :mod:`surroundings` asks of each match, compiled: one pass over all of them.

Imported only where numba is there (extra ``fast``); see :mod:`compiled`.
"""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from anping.know.discover.buffer import Mask, Places
from anping.know.discover.context import BEFORE, BEHIND, NEAR_BEFORE, NEAR_BEHIND
from anping.know.discover.flags import DIGIT, INTRODUCING, MARK
from anping.know.discover.rule_arrays import RuleArrays, WordArrays
from anping.know.discover.rules import CLOSE
from anping.know.discover.scoring import ALONE, BIRTH, INTRODUCED, NEAR
from anping.know.discover.standing import Matches
from anping.know.discover.word_places import OPENS, WordPlaces

_OPEN, _CLOSED, _BLANK = ord("("), ord(")"), ord(" ")
Kinds = npt.NDArray[np.int16]
Columns = tuple[Places, Places, Places, Places, Places, Places]


class Ends(NamedTuple):
    """Words by where they end: see :class:`word_places.WordPlaces`."""

    begins: Places
    ends: Places
    words: Places


class Letters(NamedTuple):
    """A buffer as compiled code reads it: code points, flags, where texts begin and stop."""

    codes: npt.NDArray[np.uint16]
    flags: npt.NDArray[np.uint16]
    begins: Places
    stops: Places


class Asked(NamedTuple):
    """What is asked of rules and words: see :class:`RuleArrays` and :class:`WordArrays`.

    ``kind_of_rule`` and ``kind_of_word`` number the types that have words nearby, -1 for others;
    ``opening`` are the characters that open what may stand between a value and a label behind it.
    """

    first: Mask
    bracketed: Mask
    pointless: Mask
    kind_of_rule: Kinds
    kind_of_word: Kinds
    opening: Mask


class Said(NamedTuple):
    """The words of the lexicon; ``longest`` is the length of the longest word nearby.

    ``named`` are the places of ends of values behind which a label stands, in order, and ``by`` these.
    """

    labels: Ends
    touching: Ends
    nearby: Ends
    longest: int
    named: Places
    by: Places


def surrounded(words: WordPlaces, arrays: RuleArrays, matches: Matches, born: Places) -> Columns:
    """Return what :func:`surroundings.surroundings` returns; ``born`` are rows with a word of birth."""
    buffer = words.buffer
    labels, touching, nearby = (
        Ends(listed.begins, listed.ends, listed.words)
        for listed in (words.labels, words.touching, words.nearby)
    )
    longest = int((nearby.ends - nearby.begins).max(initial=0))
    said = Said(labels, touching, nearby, longest, *words.named_behind(matches[2]))
    kinds = WordArrays.of(words.rules)
    asked = Asked(
        arrays.first, arrays.bracketed, arrays.pointless, kinds.kind_of_rule, kinds.kind_of_word,
        OPENS,
    )  # fmt: skip
    letters = Letters(buffer.codes, buffer.flags, buffer.begins, buffer.stops)
    birth = np.zeros(len(matches[0]), bool)
    birth[born] = True
    found: Columns = _surrounded(letters, said, asked, (matches, birth))
    return found


@numba.njit(cache=True, nogil=True)
def _surrounded(  # noqa: C901, PLR0912, PLR0915 - one loop: calls that hand arrays over cost more than the steps
    letters: Letters, said: Said, asked: Asked, born: tuple[Matches, Mask]
) -> Columns:
    (entities, starts, ends), birth = born
    codes, flags, begins, stops = letters
    label_begins, label_ends, label_words = said.labels
    touching_ends = said.touching.ends
    named, by = said.named, said.by
    first, has_brackets, pointless = asked.first, asked.bracketed, asked.pointless
    kind_of_rule, opening = asked.kind_of_rule, asked.opening
    found = np.empty((6, entities.size), np.int64)
    count = 0
    before = -1
    text, last, touch = 0, -1, -1
    word_before, gap_before, introduced = -1, 0, False
    for row in range(entities.size):
        entity, start, end = entities[row], starts[row], ends[row]
        if start != before:
            if start < before or before < 0:
                text = int(np.searchsorted(begins, start, side="right")) - 1
                last = int(np.searchsorted(label_ends, start, side="right")) - 1
                touch = int(np.searchsorted(touching_ends, start, side="right")) - 1
            before = start
            while text + 1 < begins.size and begins[text + 1] <= start:
                text += 1
            while last + 1 < label_ends.size and label_ends[last + 1] <= start:
                last += 1
            while touch + 1 < touching_ends.size and touching_ends[touch + 1] <= start:
                touch += 1
            word_before, gap_before = _label(letters, said, start, (text, last, touch))
            beside = start - 2 if codes[start - 1] == _BLANK else start - 1
            introduced = (flags[beside] & INTRODUCING) != 0
        bracketed = has_brackets[entity]
        if bracketed and not (codes[start - 1] == _OPEN and codes[end] == _CLOSED):
            continue
        label, gap = word_before, gap_before
        if label >= 0 and gap > 0:
            if bracketed and gap > CLOSE:
                label, gap = -1, 0
            elif first[entity]:
                for place in range(start - gap, start):
                    if flags[place] & DIGIT:
                        label, gap = -1, 0
                        break
        if named.size and opening[codes[end]]:
            number = int(np.searchsorted(named, end))
            if number < named.size and named[number] == end:
                label, gap = by[number], 0
        if codes[end] == _OPEN:
            number = int(np.searchsorted(label_ends, end + BEHIND, side="right")) - 1
            if number >= 0 and label_begins[number] >= end and label_ends[number] <= stops[text]:
                label, gap = label_words[number], 0
        around = ALONE
        if birth[row]:
            label, gap, around = -1, 0, BIRTH
        elif label < 0:
            kind = kind_of_rule[entity]
            if kind >= 0 and _near(letters, said, asked.kind_of_word, (kind, start, end, text)):
                around = NEAR
            elif introduced:
                around = INTRODUCED
        if around == ALONE and pointless[entity, label + 1, int(gap > CLOSE)]:
            continue
        found[0, count], found[1, count], found[2, count] = entity, start, end
        found[3, count], found[4, count], found[5, count] = label, gap, around
        count += 1
    return (
        found[0, :count], found[1, :count], found[2, :count],
        found[3, :count], found[4, :count], found[5, :count],
    )  # fmt: skip


@numba.njit(cache=True, nogil=True, inline="always")
def _label(letters: Letters, said: Said, start: int, at: tuple[int, int, int]) -> tuple[int, int]:
    """Return the label before a place (-1: none) and the characters between.

    ``at`` are the numbers of the text, of the last label and of the last touching word that end
    there or before. See :meth:`context.Words.before`.
    """
    text, last, touch = at
    begin, end, word = -1, -1, -1
    if last >= 0:
        begin, end, word = said.labels.begins[last], said.labels.ends[last], said.labels.words[last]
    if (
        touch >= 0
        and said.touching.ends[touch] == start
        and (end < start or begin > said.touching.begins[touch])
    ):
        begin, end, word = said.touching.begins[touch], start, said.touching.words[touch]
    if word < 0 or begin < max(letters.begins[text], start - BEFORE):
        return -1, 0
    for place in range(end, start):
        if letters.flags[place] & MARK:
            return -1, 0
    return word, start - end


@numba.njit(cache=True, nogil=True)
def _near(
    letters: Letters, said: Said, kind_of_word: Kinds, match: tuple[int, int, int, int]
) -> bool:
    """Return whether a word of a kind stands close before or behind; see :meth:`context.Words.near`."""
    kind, start, end, text = match
    begins, ends, words = said.nearby.begins, said.nearby.ends, said.nearby.words
    first = int(np.searchsorted(ends, start, side="right"))
    number = first - 1
    while number >= 0 and ends[number] >= start - NEAR_BEFORE:
        if kind_of_word[words[number]] == kind and begins[number] >= letters.begins[text]:
            return True
        number -= 1
    number = first
    while number < ends.size and ends[number] <= end + NEAR_BEHIND + said.longest:
        if (
            kind_of_word[words[number]] == kind
            and end <= begins[number] <= end + NEAR_BEHIND
            and begins[number] < letters.stops[text]
        ):
            return True
        number += 1
    return False
