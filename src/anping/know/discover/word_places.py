"""The words of the lexicon in many texts, and what they say of many matches at once.

The same rules as in :mod:`context`, over arrays.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from anping.know.discover.behind import OPENING, label_place
from anping.know.discover.buffer import Buffer, Mask, Places
from anping.know.discover.compiled import Matcher
from anping.know.discover.context import BEFORE, BEHIND, NEAR_BEFORE, NEAR_BEHIND, REACH
from anping.know.discover.flags import ASCII, DIGIT, INTRODUCING, LETTER, MARK
from anping.know.discover.rule_arrays import WordArrays
from anping.know.discover.rules import CLOSE, LABEL, Rules

_BRACKET, _BLANK = ord("("), ord(" ")
_LENGTH_BITS = 8
#: A label that follows its value begins so soon: nothing longer stands between (see :mod:`behind`).
_SOON = 40
_BEHIND_BLANK = np.isin(np.arange(0x10000), [ord(c) for c in OPENING - {" "} | {"i", "w"}])
#: By code point, whether it opens what may stand between a value and a label behind it.
OPENS = np.isin(np.arange(0x10000), [ord(character) for character in OPENING])


@dataclass(frozen=True, slots=True)
class _Ordered:
    """Words by where they end, of those with one end the longest last."""

    begins: Places
    ends: Places
    words: Places

    @classmethod
    def of(cls, begins: Places, ends: Places, words: Places) -> _Ordered:
        """Return the words in their order."""
        order = np.argsort(ends << _LENGTH_BITS | (ends - begins), kind="stable")
        return cls(begins[order], ends[order], words[order])

    def last_before(self, places: Places) -> tuple[Places, Places, Places]:
        """Return begin, end and number of the word that ends last at each place or before.

        Begin and end are -1 where there is none.
        """
        if not len(self.ends):
            none = np.full(len(places), -1)
            return none, none, none
        number = np.searchsorted(self.ends, places, side="right") - 1
        none = number < 0
        begins, ends, words = self.begins[number], self.ends[number], self.words[number]
        return np.where(none, -1, begins), np.where(none, -1, ends), np.where(none, -1, words)


@dataclass(frozen=True, eq=False)
class WordPlaces:
    """The words that a buffer holds; see :class:`context.Words`."""

    rules: Rules
    buffer: Buffer
    labels: _Ordered
    touching: _Ordered
    nearby: _Ordered

    @classmethod
    def of(cls, buffer: Buffer, matcher: Matcher) -> WordPlaces:
        """Return the words that a buffer holds."""
        rules = matcher.rules
        numbers, begins, ends = matcher.words(buffer, buffer.starts(LABEL), LABEL)
        flags = buffer.flags
        if buffer.compiled:
            from anping.know.discover.kernel_words import by_kind

            listed = by_kind(
                (numbers, begins, ends), len(rules.entities), WordArrays.of(rules).nearby, flags
            )
            return cls(rules, buffer, *(_Ordered(*columns) for columns in listed))
        words = numbers - len(rules.entities)
        clear = ((flags[ends - 1] & ASCII) == 0) | ((flags[ends] & LETTER) == 0)
        nearby = WordArrays.of(rules).nearby[words]
        label = ~nearby & clear & (ends - begins > 1)
        kinds = (label, ~nearby & ~label, nearby & clear)
        return cls(rules, buffer, *(_Ordered.of(begins[m], ends[m], words[m]) for m in kinds))

    def labels_of(
        self, starts: Places, ends: Places, first: Mask, bracketed: Mask
    ) -> tuple[Places, Places]:
        """Return the label of each match by number (-1: none) and the characters between.

        ``first`` says for which matches a label counts only where no digit stands between,
        ``bracketed`` for which it must stand close by.
        """
        buffer = self.buffer
        # Many rules match at one place: what stands before it is looked for once, in order.
        begins_one = np.zeros(len(buffer.codes), bool)
        begins_one[starts] = True
        places = np.flatnonzero(begins_one)
        which = np.cumsum(begins_one, dtype=np.int32)[starts] - 1
        label, gap = (column[which] for column in self._labels_before(places))
        apart = bracketed & (gap > CLOSE)
        label[apart], gap[apart] = -1, 0
        asked = np.flatnonzero(first & (label >= 0) & (gap > 0))
        if len(asked):
            digits = buffer.where(DIGIT)
            last = np.searchsorted(digits, starts[asked]) - 1
            taken = asked[(last >= 0) & (digits[last] >= starts[asked] - gap[asked])]
            label[taken], gap[taken] = -1, 0
        named, by = self.named_behind(ends)
        number = np.searchsorted(named, ends)
        here = (
            np.flatnonzero(named[np.minimum(number, len(named) - 1)] == ends)
            if len(named)
            else named
        )
        label[here], gap[here] = by[number[here]], 0
        bracket = np.flatnonzero(buffer.codes[ends] == _BRACKET)
        if len(bracket):
            behind = ends[bracket]
            stops = buffer.stops[buffer.document(behind)]
            word_begin, word_end, word = self.labels.last_before(behind + BEHIND)
            inside = (word_begin >= behind) & (word_end <= stops)
            label[bracket[inside]] = word[inside]
            gap[bracket[inside]] = 0
        return label, gap

    def named_behind(self, ends: Places) -> tuple[Places, Places]:
        """Return those ends, in order, behind which a label follows its value, and the labels.

        See :meth:`context.Words.behind`.
        """
        buffer, labels = self.buffer, self.labels
        text, codes = buffer.text, buffer.codes
        asked = ends[OPENS[codes[ends]]]
        # Behind a blank stands such a word, too.
        asked = np.unique(asked[(codes[asked] != _BLANK) | _BEHIND_BLANK[codes[asked + 1]]])
        # They come almost in order.
        begins = np.sort(labels.begins, kind="stable")
        if not len(begins):
            return asked[:0], asked[:0]
        following = begins[np.minimum(np.searchsorted(begins, asked), len(begins) - 1)]
        asked = asked[(following >= asked) & (following <= asked + _SOON)]
        named: list[tuple[int, int]] = []
        for end in asked.tolist():
            begin = label_place(text, end)
            if begin is None:
                continue
            number = int(np.searchsorted(labels.ends, begin + REACH, side="right")) - 1
            while number >= 0 and labels.ends[number] > begin:
                if labels.begins[number] == begin:
                    named.append((end, int(labels.words[number])))
                    break
                number -= 1
        found = np.array(named, np.int64).reshape(-1, 2)
        return found[:, 0].copy(), found[:, 1].copy()

    def _labels_before(self, starts: Places) -> tuple[Places, Places]:
        """Return the label before each place and the characters between, places in order."""
        begins = self.buffer.begins[self.buffer.document(starts)]
        word_begin, word_end, word = self._before(starts)
        valid = (word_begin >= np.maximum(begins, starts - BEFORE)) & (word >= 0)
        number = np.searchsorted(self._marks, starts) - 1
        if len(self._marks):
            valid &= (number < 0) | (self._marks[number] < word_end)
        return np.where(valid, word, -1), np.where(valid, starts - word_end, 0)

    def _before(self, starts: Places) -> tuple[Places, Places, Places]:
        begin, end, word = self.labels.last_before(starts)
        touch_begin, touch_end, touch_word = self.touching.last_before(starts)
        better = (touch_end == starts) & (touch_begin >= 0)
        better &= (end < starts) | (begin > touch_begin)
        return (
            np.where(better, touch_begin, begin),
            np.where(better, touch_end, end),
            np.where(better, touch_word, word),
        )

    @cached_property
    def _marks(self) -> Places:
        return self.buffer.where(MARK)

    def near(self, entities: Places, starts: Places, ends: Places) -> Mask:
        """Return whether a word of each match's type stands close before or behind it."""
        found = np.zeros(len(starts), bool)
        for of_kind, of_rules in WordArrays.of(self.rules).kinds:
            here = np.flatnonzero(of_rules[entities])
            chosen = of_kind[self.nearby.words]
            if len(here) and chosen.any():
                found[here] = self._close(chosen, starts[here], ends[here])
        return found

    def _close(self, chosen: Mask, starts: Places, ends: Places) -> Mask:
        buffer = self.buffer
        document = buffer.document(starts)
        word_begins, word_ends = self.nearby.begins[chosen], self.nearby.ends[chosen]
        last = np.searchsorted(word_ends, starts, side="right") - 1
        before = (last >= 0) & (word_ends[last] >= starts - NEAR_BEFORE)
        before &= word_begins[last] >= buffer.begins[document]
        order = np.sort(word_begins)
        following = np.minimum(np.searchsorted(order, ends), len(order) - 1)
        gap = order[following] - ends
        behind = (gap >= 0) & (gap <= NEAR_BEHIND)
        behind &= order[following] < buffer.stops[document]
        return np.asarray(before | behind)

    def introduced(self, starts: Places) -> Mask:
        """Return whether a colon or its like stands directly before, or a blank further."""
        flags, codes = self.buffer.flags, self.buffer.codes
        before = starts - 1
        before = np.where(codes[before] == _BLANK, before - 1, before)
        return np.asarray((flags[before] & INTRODUCING) != 0)
