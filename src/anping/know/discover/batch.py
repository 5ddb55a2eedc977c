"""Finds what identifies people in many texts at once: the findings of :mod:`text`, in columns.

All texts lie in one buffer; rules, labels, checks and overlaps are worked out over arrays. Only
what needs a look at a text as a whole (names, streets, numbers broken over lines) goes text by
text, and only to texts that can hold it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from anping.core.span import Span
from anping.know.discover.behind_labels import behind_labels
from anping.know.discover.beside_names import verdicts_beside
from anping.know.discover.buffer import Buffer, Places
from anping.know.discover.check_many import checked
from anping.know.discover.compiled import Matcher, use_compiled
from anping.know.discover.findings import Findings
from anping.know.discover.names import find_names_in
from anping.know.discover.others import Others
from anping.know.discover.overlaps import resolve_many
from anping.know.discover.recalled import recalled
from anping.know.discover.recognisers.ensemble import WithModels
from anping.know.discover.rule_arrays import RuleArrays
from anping.know.discover.rules import ANCHORED, LABELLED, MAIN
from anping.know.discover.scoring import FAILED, PASSED, UNCHECKED, Facts, Verdict, judge
from anping.know.discover.standing import Matches
from anping.know.discover.surroundings import Surrounded, surroundings
from anping.know.discover.text import THRESHOLD, Scanner, no_names, standard_names
from anping.know.discover.word_places import WordPlaces

#: Texts are taken together up to this many characters: what is asked often stays in the cache.
CHUNK = 1_000_000
#: Fewer characters are sooner looked at one text after the other.
_LONG = 8_000


def find_spans_in(
    texts: Sequence[str], *, threshold: float = THRESHOLD, recall: bool = False
) -> Findings:
    """Return the findings of all texts: those that ``find_spans`` returns for each."""
    return find_in(Scanner(threshold, recall), texts)


def find_in(scanner: Scanner, texts: Sequence[str], *, fast: bool | None = None) -> Findings:
    """Return the findings of a scanner in all texts: those of :meth:`Scanner.find` for each.

    ``fast`` asks for compiled code (True) or for none (False); by default it is used where it is
    there and the texts are long enough. Raises MissingExtraError where it is asked for in vain.
    """
    verdicts = _Verdicts()
    compiled = use_compiled(sum(map(len, texts)), fast=fast)
    matcher = Matcher(scanner.rules, compiled)
    parts = []
    for first, last in _chunks(texts):
        rows = _Chunk(scanner, texts[first:last], verdicts, matcher=matcher).found()
        parts.append((rows[0] + first, *rows[1:]))
    parts.append((np.zeros(0, np.int64),) * 4)
    document, start, end, verdict = (np.concatenate(part) for part in zip(*parts, strict=True))
    return Findings(len(texts), document, start, end, verdict, tuple(verdicts.listed))


@dataclass(frozen=True, slots=True)
class Detector:
    """A scanner that takes one text or many, with the same findings; long texts go the batch's way.

    It is what rooms that redact ask for: see :class:`anping.core.windows.FindsInMany`.
    """

    scanner: Scanner = field(default_factory=Scanner)

    def __call__(self, text: str, /) -> tuple[Span, ...]:
        """Return the findings of one text."""
        return self.scanner.find(text) if len(text) < _LONG else find_in(self.scanner, [text]).of(0)

    def many(self, texts: Sequence[str], /) -> Findings:
        """Return the findings of all texts."""
        return find_in(self.scanner, texts)


def _chunks(texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    ends = np.cumsum(np.fromiter(map(len, texts), np.int64, len(texts)))
    first = before = 0
    while first < len(texts):
        last = min(int(np.searchsorted(ends, before + CHUNK)) + 1, len(texts))
        yield first, last
        first, before = last, int(ends[last - 1])


def _holding(
    buffer: Buffer, joins: Sequence[Sequence[int] | None], matches: tuple[Places, Places, Places]
) -> Places:
    """Return which matches hold a join of their text, or are in a text of which all count."""
    document, start, end = matches
    begins = buffer.begins.tolist()
    places = np.array(
        [begin + join for begin, of in zip(begins, joins, strict=True) for join in of or ()],
        np.int64,
    )
    every = np.array([of is None for of in joins], bool)
    following = np.append(places, len(buffer.codes))[np.searchsorted(places, start, side="right")]
    return np.flatnonzero(every[document] | (following < end))


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

    def __init__(
        self, scanner: Scanner, texts: Sequence[str], verdicts: _Verdicts, *, matcher: Matcher
    ) -> None:
        self.scanner, self.rules, self.texts = scanner, scanner.rules, texts
        self.matcher = matcher
        self.verdicts = verdicts
        self.arrays = RuleArrays.of(self.rules)
        self.buffer = Buffer.of(self.rules, texts, compiled=matcher.compiled)
        self.words = WordPlaces.of(self.buffer, matcher)

    def found(self) -> tuple[Places, Places, Places, Places]:
        """Return (text, start, end, verdict) of the findings, in order."""
        start, end, verdict = self._identifiers()
        start, end, verdict = self._with_others(start, end, verdict)
        verdict = verdicts_beside(
            (self.buffer.document(start), start, end, verdict),
            tuple(self.verdicts.listed),
            number=self.verdicts.number,
            recall=self.scanner.recall,
        )
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
        main, anchored = self.buffer.starts(MAIN), self.buffer.starts(ANCHORED)
        matches = [
            self._matches(main, self.buffer.groups(main)),
            self._matches(anchored, ANCHORED),
            self._matches(behind_labels(self.words), LABELLED),
        ]
        entity, start, end = (np.concatenate(part) for part in zip(*matches, strict=True))
        return self._judged(entity, start, end)

    def _matches(self, starts: Places, group: int | Places) -> Matches:
        return self.matcher.matches(self.buffer, starts, group)

    def _judged(self, entity: Places, start: Places, end: Places) -> Rows:
        rows = surroundings(self.words, (entity, start, end))
        wanted = self.arrays.wanted(self.rules, self.scanner.modes)[rows.entity]
        rows = Surrounded(*(column[wanted] for column in rows))
        verdict = self._checked(rows.entity, rows.start, rows.end)
        numbers = self._numbered(
            (((rows.entity * 3 + verdict) * 4 + rows.around) << 24)
            | ((rows.label + 1) << 8)
            | rows.gap
        )
        kept = np.flatnonzero(numbers >= 0)
        return rows.start[kept], rows.end[kept], numbers[kept]

    def _numbered(self, facts: Places) -> Places:
        """Return the number of each match's verdict; -1 for those that are nothing."""
        encoded = pa.array(facts).dictionary_encode()
        numbers: Places = np.full(len(encoded.dictionary), -1)
        for place, value in enumerate(encoded.dictionary.to_pylist()):
            rest, low = divmod(value, 1 << 24)
            rest, around = divmod(rest, 4)
            entity, verdict = divmod(rest, 3)
            judged = judge(self.rules, Facts(entity, verdict, (low >> 8) - 1, low & 255, around))
            if judged is not None:
                numbers[place] = self.verdicts.number(judged)
        found: Places = numbers[encoded.indices.to_numpy()]
        return found

    def _checked(self, entity: Places, start: Places, end: Places) -> Places:
        if self.matcher.compiled:
            return self._checked_compiled(entity, start, end)
        verdict, text = np.full(len(entity), UNCHECKED), self.buffer.text
        order = np.argsort(entity.astype(np.uint16), kind="stable")
        edges = np.searchsorted(entity[order], np.arange(len(self.rules.entities) + 1))
        for rule, first, last in zip(self.rules.entities, edges[:-1], edges[1:], strict=True):
            if first == last or (rule.checks is None and rule.digits is None):
                continue
            here = order[first:last]
            passed = checked(
                rule, self.buffer.codes, start[here], end[here], text=lambda a, b: text[a:b]
            )
            success = UNCHECKED if rule.checks is None else PASSED
            verdict[here] = np.where(passed, success, FAILED)
        return verdict

    def _checked_compiled(self, entity: Places, start: Places, end: Places) -> Places:
        from anping.know.discover import kernel_checks

        verdict = kernel_checks.verdicts(self.rules, self.buffer.codes, (entity, start, end))
        text = self.buffer.text
        for row in np.flatnonzero(verdict == kernel_checks.ASK).tolist():
            passed = self.rules.entities[entity[row]].validate(text[start[row] : end[row]])
            verdict[row] = PASSED if passed else FAILED
        return verdict

    def _in_made(self, texts: list[str], joins: Sequence[Sequence[int] | None]) -> list[list[Span]]:
        """Return the rules' matches in texts that were made of these.

        Where a text's ``joins`` are given, matches that hold none of them need not be told.
        """
        if sum(map(len, texts)) < _LONG:
            return [self.scanner.identifiers(text) for text in texts]
        made = _Chunk(self.scanner, texts, self.verdicts, matcher=self.matcher)
        start, end, verdict = made._identifiers()
        document = made.buffer.document(start)
        kept = _holding(made.buffer, joins, (document, start, end))
        start, end, verdict, document = start[kept], end[kept], verdict[kept], document[kept]
        begin = made.buffer.begins[document]
        found: list[list[Span]] = [[] for _ in texts]
        columns = (document, start - begin, end - begin, verdict)
        for at, first, last, number in zip(*(c.tolist() for c in columns), strict=True):
            found[at].append(Span(first, last, *self.verdicts.listed[number]))
        return found

    def _with_others(self, start: Places, end: Places, verdict: Places) -> Rows:
        """Add what no rule finds; see :mod:`others`."""
        full = np.array([v.type == "ADDRESS_FULL" for v in self.verdicts.listed] or [False])
        covered = full[verdict]
        others = Others(self.scanner, self.buffer, self.words, self._in_made)
        found = others.joined() + others.streets(start[covered], end[covered])
        found += others.organisations() + self._names()
        more = [
            np.array([(at + s.start, at + s.end, self._number(s)) for at, s in found], np.int64)
            .reshape(-1, 3)
            .T
        ]
        if self.scanner.names is standard_names:
            more.append(self._embedded())
        if self.scanner.recall:
            for (starts, ends), span in recalled(self.buffer):
                more.append(np.array([starts, ends, np.full(len(starts), self._number(span))]))
        starts, ends, verdicts = np.concatenate([np.array([start, end, verdict]), *more], axis=1)
        return starts, ends, verdicts

    def _number(self, span: Span) -> int:
        return self.verdicts.number(Verdict(span.type, span.score, span.evidence))

    def _names(self) -> list[tuple[int, Span]]:
        if self.scanner.names in {no_names, standard_names}:
            return []
        found = []
        texts = [self.buffer.document_at(number) for number in range(len(self.texts))]
        for begin, spans in self._named(texts):
            found += [(begin, span) for span in spans]
        return found

    def _embedded(self) -> Places:
        """Return (start, end, verdict) of the names that the embedded recogniser finds, as rows."""
        names = find_names_in(self.buffer.text, recall=self.scanner.recall)
        numbers = [
            self.verdicts.number(Verdict("PERSON_NAME", score, evidence))
            for score, evidence in names.kinds
        ]
        verdicts = np.array(numbers, np.int64)[names.kind]
        return np.array([names.start, names.end, verdicts], np.int64)

    def _named(self, texts: list[tuple[int, str]]) -> Iterator[tuple[int, list[Span]]]:
        """Yield the names of each text; models that a user installed are asked for many at once."""
        names, recall = self.scanner.names, self.scanner.recall
        if isinstance(names, WithModels):
            many = names.many([folded for _, folded in texts], recall)
            yield from zip((begin for begin, _ in texts), many, strict=True)
            return
        for begin, folded in texts:
            yield begin, names(folded, recall)
