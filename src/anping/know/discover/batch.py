"""Finds what identifies people in many texts at once: the findings of :mod:`text`, in columns.

All texts lie in one buffer; rules, labels, checks and overlaps are worked out over arrays. Only
what needs a look at a text as a whole (names, streets, numbers broken over lines) goes text by
text, and only to texts that can hold it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from anping.core.span import Span
from anping.know.discover.addresses import find_streets
from anping.know.discover.buffer import DIGIT, LETTER, NEWLINE, Buffer, Mask, Places
from anping.know.discover.check_many import checked
from anping.know.discover.findings import Findings
from anping.know.discover.joined import find_joined
from anping.know.discover.matching import labelled_starts
from anping.know.discover.organisations import find_organisations
from anping.know.discover.overlaps import resolve_many
from anping.know.discover.rules import ANCHORED, LABELLED, MAIN
from anping.know.discover.scoring import (
    ALONE,
    BIRTH,
    FAILED,
    INTRODUCED,
    NEAR,
    PASSED,
    UNCHECKED,
    Facts,
    Verdict,
    judge,
)  # fmt: skip
from anping.know.discover.text import THRESHOLD, Scanner, no_names, recall_only
from anping.know.discover.walking import walk_many
from anping.know.discover.word_places import WordPlaces

#: Texts are taken together up to this many characters: what is asked often stays in the cache.
CHUNK = 1_000_000
_NUMERALS = np.isin(np.arange(0x10000), [ord(c) for c in "0123456789一二三四五六七八九十百"])
_HOUSE, _LANE, _BLANK, _HYPHEN = ord("號"), ord("巷"), ord(" "), ord("-")
_BORN = (ord("生"), ord("出"))


def find_spans_in(
    texts: Sequence[str], *, threshold: float = THRESHOLD, recall: bool = False
) -> Findings:
    """Return the findings of all texts: those that ``find_spans`` returns for each."""
    return find_in(Scanner(threshold, recall), texts)


def find_in(scanner: Scanner, texts: Sequence[str]) -> Findings:
    """Return the findings of a scanner in all texts: those of :meth:`Scanner.find` for each."""
    verdicts = _Verdicts()
    parts = []
    for first, last in _chunks(texts):
        rows = _Chunk(scanner, texts[first:last], verdicts).found()
        parts.append((rows[0] + first, *rows[1:]))
    parts.append((np.zeros(0, np.int64),) * 4)
    document, start, end, verdict = (np.concatenate(part) for part in zip(*parts, strict=True))
    return Findings(len(texts), document, start, end, verdict, tuple(verdicts.listed))


def _chunks(texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    first = size = 0
    for number, text in enumerate(texts):
        size += len(text)
        if size >= CHUNK:
            yield first, number + 1
            first, size = number + 1, 0
    if first < len(texts):
        yield first, len(texts)


@dataclass
class _Verdicts:
    """Numbers verdicts as they come."""

    listed: list[Verdict] = field(default_factory=list)
    numbers: dict[Verdict, int] = field(default_factory=dict)

    def number(self, verdict: Verdict) -> int:
        known = self.numbers.get(verdict)
        if known is None:
            known = self.numbers[verdict] = len(self.listed)
            self.listed.append(verdict)
        return known


Rows = tuple[Places, Places, Places]


class _Chunk:
    """One buffer full of texts on its way through the scanner."""

    def __init__(self, scanner: Scanner, texts: Sequence[str], verdicts: _Verdicts) -> None:
        self.scanner, self.rules, self.texts = scanner, scanner.rules, texts
        self.verdicts = verdicts
        self.buffer = Buffer.of(self.rules, texts)
        self.words = WordPlaces.of(self.rules, self.buffer)

    def found(self) -> tuple[Places, Places, Places, Places]:
        """Return (text, start, end, verdict) of the findings, in order."""
        start, end, verdict = self._identifiers()
        start, end, verdict = self._with_others(start, end, verdict)
        counts = np.array([self._counts(v) for v in self.verdicts.listed], bool)
        kept = counts[verdict] if len(verdict) else np.zeros(0, bool)
        start, end, verdict = resolve_many(
            (start[kept], end[kept], verdict[kept]),
            self.verdicts.listed,
            number=self.verdicts.number,
            keep_rest=self.scanner.recall,
        )
        text = self.buffer.document(start)
        begin = self.buffer.begins[text]
        return text, start - begin, end - begin, verdict

    def _counts(self, verdict: Verdict) -> bool:
        return self.scanner.counts(Span(0, 1, verdict.type, verdict.score))

    def _identifiers(self) -> Rows:
        """Return (start, end, verdict) of every rule's matches."""
        matches = [self._matches(group) for group in (MAIN, ANCHORED)]
        matches.append(self._walk(self._labelled(), LABELLED))
        entity, start, end = (np.concatenate(part) for part in zip(*matches, strict=True))
        modes = self.scanner.modes
        wanted = np.array([not e.only or e.only in modes for e in self.rules.entities])
        here = wanted[entity]
        return self._judged(entity[here], start[here], end[here])

    def _matches(self, group: int) -> tuple[Places, Places, Places]:
        return self._walk(self.buffer.starts(group), group)

    def _walk(self, starts: Places, group: int) -> tuple[Places, Places, Places]:
        entity, start, end = walk_many(self.rules.automaton, self.buffer.classes, starts, group)
        alone = self._stand_alone(entity, start, end)
        entity, start, end = entity[alone], start[alone], end[alone]
        apart = _apart(entity, start, end)
        return entity[apart], start[apart], end[apart]

    def _labelled(self) -> Places:
        labels, touching, words = self.words.labels, self.words.touching, self.rules.words
        of_kind = np.array([word.type in self.rules.labelled for word in words], bool)
        lists = []
        for listed in (labels, touching):
            chosen = of_kind[listed.words]
            lists.append(
                zip(listed.ends[chosen].tolist(), listed.words[chosen].tolist(), strict=True)
            )
        if not any(of_kind[listed.words].any() for listed in (labels, touching)):
            return np.zeros(0, np.int64)
        return np.array(labelled_starts(self.rules, self.buffer.text, *lists), np.int64)

    def _stand_alone(self, entity: Places, start: Places, end: Places) -> Mask:
        """Return which matches nothing joins on to; see :func:`matching.stands_alone`."""
        codes, flags = self.buffer.codes, self.buffer.flags
        beside = self._beside
        letter = (flags & LETTER) != 0
        ascii_start, ascii_end = codes[start] < 128, codes[end - 1] < 128
        before, behind = codes[start - 1], codes[end]
        joined = letter[start - 1] | (beside[entity, np.minimum(before, 128)] & letter[start - 2])
        clear_before = ~(ascii_start & joined)
        joined = letter[end] | (beside[entity, np.minimum(behind, 128)] & letter[end + 1])
        clear_behind = ~(ascii_end & joined)
        birth = np.array([e.birth for e in self.rules.entities], bool)
        timed = np.flatnonzero(clear_before & ~clear_behind & birth[entity])
        clear_behind[timed] = self._time_at(end[timed])
        return np.asarray(clear_before & clear_behind)

    @property
    def _beside(self) -> Mask:
        table = np.zeros((len(self.rules.entities), 129), bool)
        for number, entity in enumerate(self.rules.entities):
            table[number, [ord(character) for character in entity.beside]] = True
        return table

    def _time_at(self, place: Places) -> Mask:
        """Return whether a clock time such as 16:24 stands at each place."""
        codes = self.buffer.codes
        last = len(codes) - 1
        place = place + np.isin(codes[place], (_BLANK, ord("T")))
        shown = [codes[np.minimum(place + step, last)] for step in range(5)]
        digit = [(c >= ord("0")) & (c <= ord("9")) for c in shown]
        hours = (shown[0] >= ord("0")) & (shown[0] <= ord("2")) & digit[1]
        minutes = (shown[3] >= ord("0")) & (shown[3] <= ord("5")) & digit[4]
        return np.asarray(hours & (shown[2] == ord(":")) & minutes)

    def _judged(self, entity: Places, start: Places, end: Places) -> Rows:
        label, gap = self.words.labels_of(start, end)
        around = np.full(len(start), ALONE)
        alone = label < 0
        near = self.words.near(entity, start, end)
        around[alone & self.words.introduced(start)] = INTRODUCED
        around[alone & near] = NEAR
        born = self._born(entity, end)
        around[born], label[born], gap[born] = BIRTH, -1, 0
        needs = np.array([e.needs_label for e in self.rules.entities], bool)[entity]
        kept = ~(needs & (label < 0) & (around == ALONE))
        entity, start, end, label, gap, around = (
            column[kept] for column in (entity, start, end, label, gap, around)
        )
        verdict = self._checked(entity, start, end)
        key = (((entity * 3 + verdict) * 4 + around) << 24) | ((label + 1) << 8) | gap
        unique, which = np.unique(key, return_inverse=True)
        numbers = np.full(len(unique), -1)
        for place, value in enumerate(unique.tolist()):
            rest, low = divmod(value, 1 << 24)
            rest, around_ = divmod(rest, 4)
            entity_, verdict_ = divmod(rest, 3)
            judged = judge(self.rules, Facts(entity_, verdict_, (low >> 8) - 1, low & 255, around_))
            if judged is not None:
                numbers[place] = self.verdicts.number(judged)
        found = numbers[which]
        kept = found >= 0
        return start[kept], end[kept], found[kept]

    def _born(self, entity: Places, end: Places) -> Mask:
        codes = self.buffer.codes
        birth = np.array([e.birth for e in self.rules.entities], bool)[entity]
        first, second = codes[end], codes[end + 1]
        said = (first == _BORN[0]) | ((first == _BORN[1]) & (second == _BORN[0]))
        return np.asarray(birth & said)

    def _checked(self, entity: Places, start: Places, end: Places) -> Places:
        verdict = np.full(len(entity), UNCHECKED)
        text = self.buffer.text
        for number in np.unique(entity).tolist():
            rule = self.rules.entities[number]
            if rule.checks is None and rule.digits is None:
                continue
            here = np.flatnonzero(entity == number)
            passed = checked(
                rule, self.buffer.codes, start[here], end[here], text=lambda a, b: text[a:b]
            )
            success = UNCHECKED if rule.checks is None else PASSED
            verdict[here] = np.where(passed, success, FAILED)
        return verdict

    def _with_others(self, start: Places, end: Places, verdict: Places) -> Rows:
        """Add what is found text by text, and in recall mode the runs of digits."""
        found: list[tuple[int, Span]] = []
        texts = self._texts_to_join() | self._texts_with_streets(start, end, verdict)
        for number in np.flatnonzero(texts).tolist():
            begin, folded = self._folded(number)
            full = [
                Span(s - begin, e - begin, "ADDRESS_FULL")
                for s, e in self._addresses(start, end, verdict, number)
            ]
            spans = find_joined(folded, self.scanner.identifiers) + find_streets(folded, full)
            found += [(begin, span) for span in spans]
        found += self._organisations() + self._names()
        if self.scanner.recall:
            found += [(0, span) for span in recall_only(self.buffer.text)]
        if not found:
            return start, end, verdict
        more = np.array(
            [(begin + s.start, begin + s.end, self._number(s)) for begin, s in found],
            np.int64,
        )
        starts, ends, verdicts = more.T
        return (
            np.concatenate([start, starts]),
            np.concatenate([end, ends]),
            np.concatenate([verdict, verdicts]),
        )

    def _number(self, span: Span) -> int:
        return self.verdicts.number(Verdict(span.type, span.score, span.evidence))

    def _folded(self, number: int) -> tuple[int, str]:
        begin, stop = int(self.buffer.begins[number]), int(self.buffer.stops[number])
        return begin, self.buffer.text[begin:stop]

    def _addresses(
        self, start: Places, end: Places, verdict: Places, number: int
    ) -> list[tuple[int, int]]:
        begin, stop = self.buffer.begins[number], self.buffer.stops[number]
        full = np.array([v.type == "ADDRESS_FULL" for v in self.verdicts.listed], bool)
        here = np.flatnonzero(full[verdict] & (start >= begin) & (end <= stop))
        return list(zip(start[here].tolist(), end[here].tolist(), strict=True))

    def _names(self) -> list[tuple[int, Span]]:
        if self.scanner.names is no_names:
            return []
        found = []
        for number in range(len(self.texts)):
            begin, folded = self._folded(number)
            found += [(begin, s) for s in self.scanner.names(folded, self.scanner.recall)]
        return found

    def _organisations(self) -> list[tuple[int, Span]]:
        ending = np.array([word.type == "ORGANISATION" for word in self.rules.words], bool)
        nearby = self.words.nearby
        places = nearby.begins[ending[nearby.words]]
        found = []
        for number in np.unique(self.buffer.document(places)).tolist():
            begin, folded = self._folded(number)
            found += [(begin, span) for span in find_organisations(folded)]
        return found

    def _texts_to_join(self) -> Mask:
        """Return which texts may hold a number with a line break or blanks inside."""
        flags, codes = self.buffer.flags, self.buffer.codes
        newline = np.flatnonzero(flags & NEWLINE)
        next_code = codes[newline + 1]
        goes_on = (flags[newline + 1] & (DIGIT | NEWLINE)) != 0
        goes_on |= (next_code == _HYPHEN) | (next_code == _BLANK) | (next_code == ord("\t"))
        places = [newline[goes_on]]
        # Blanks two or three places apart, six in a row.
        blanks = np.flatnonzero(codes == _BLANK)
        close = np.diff(blanks)
        close = (close == 2) | (close == 3)
        for _ in range(2):
            close = close[:-1] & close[1:] if len(close) > 1 else np.zeros(0, bool)
        places.append(blanks[: len(close)][close])
        return self._holding(np.concatenate(places))

    def _texts_with_streets(self, start: Places, end: Places, verdict: Places) -> Mask:
        """Return which texts have a house number that lies in no full address."""
        codes = self.buffer.codes
        house = np.flatnonzero((codes == _HOUSE) | (codes == _LANE))
        before = codes[house - 1]
        before = np.where(before == _BLANK, codes[house - 2], before)
        house = house[_NUMERALS[before]]
        full = np.array([v.type == "ADDRESS_FULL" for v in self.verdicts.listed] or [False])
        covered = full[verdict] if len(verdict) else np.zeros(0, bool)
        begins, ends = np.sort(start[covered]), np.maximum.accumulate(np.sort(end[covered]))
        last = np.searchsorted(begins, house, side="right") - 1
        inside = (last >= 0) & (ends[last] > house) if len(begins) else np.zeros(len(house), bool)
        return self._holding(house[~inside])

    def _holding(self, places: Places) -> Mask:
        found = np.zeros(len(self.texts), bool)
        found[self.buffer.document(places)] = True
        return found


def _apart(entity: Places, start: Places, end: Places) -> Mask:
    """Return which matches of a rule do not begin inside an earlier kept one of the same rule.

    Matches come by rule, then by start.
    """
    kept = np.ones(len(start), bool)
    if len(start) < 2:
        return kept
    reach = np.maximum.accumulate((entity << 40) + end)
    doubtful = np.flatnonzero((entity[1:] << 40) + start[1:] < reach[:-1]) + 1
    for place in doubtful.tolist():
        last = place - 1
        while not kept[last]:
            last -= 1
        kept[place] = not (entity[last] == entity[place] and start[place] < end[last])
    return kept
