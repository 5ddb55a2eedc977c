"""What is looked for in the texts of a table: what a detector finds, known identifiers, a row's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from anping.core.span import Span
from anping.core.windows import MARGIN, WINDOW, FindsInMany, found_in_many, looked_at
from anping.protect.text.columns import Found, Mentions, Places
from anping.protect.text.dictionary import IdentifierDictionary, find_forms
from anping.protect.text.folding import squeeze
from anping.protect.text.naming import SURE, forms_of_names

FindSpans = Callable[[str], Sequence[Span]]
#: Gives the row's own forms and their types; see :mod:`anping.protect.text.forms`.
RowForms = Callable[[int], Mapping[str, str]]
_NAME = "PERSON_NAME"
_NONE = np.zeros(0, np.int64)


@dataclass(frozen=True)
class Finder:
    """Finds mentions by the detector and the dictionary, each distinct text once."""

    find_spans: FindSpans
    known: IdentifierDictionary | None
    own_forms: RowForms | None
    window: int = WINDOW
    seen: dict[str, list[Span]] = field(default_factory=dict)

    def at(self, rows: Sequence[int]) -> RowFinder:
        """Return what finds mentions in the texts of some rows."""
        return RowFinder(self, rows)

    def listed(self, texts: Sequence[str]) -> list[list[Span]]:
        """Return what the detector and the dictionary find in each text."""
        new = [text for text in dict.fromkeys(texts) if text not in self.seen]
        for text, found in zip(
            new, found_in_many(self.find_spans, new, window=self.window), strict=True
        ):
            self.seen[text] = [*found, *self.known.find(text)] if self.known else found
        return [self.seen[text] for text in texts]

    def columns(self, texts: Sequence[str]) -> Found | None:
        """Return what the detector finds in the texts, if it tells that in columns."""
        if not isinstance(self.find_spans, FindsInMany):
            return None
        if max(map(len, texts), default=0) > self.window:
            return self._in_windows(self.find_spans, texts)
        different = {text: number for number, text in enumerate(dict.fromkeys(texts))}
        found = self.find_spans.many(list(different))
        if not isinstance(found, Found):
            return None
        if len(different) == len(texts):
            return found
        return _repeated(found, np.array([different[text] for text in texts], np.int64))

    def _in_windows(self, find_spans: FindsInMany, texts: Sequence[str]) -> Found | None:
        """Return the same as :func:`anping.core.windows.found_in_many`, in columns."""
        pieces, given = looked_at(texts, self.window)
        found = find_spans.many(given)
        if not isinstance(found, Found):
            return None
        number, start, end = np.array(pieces, np.int64).reshape(-1, 3)[found.document].T
        whole = end - start == np.fromiter(map(len, texts), np.int64, len(texts))[number]
        begins = found.start + np.where(whole, 0, np.maximum(start - MARGIN, 0))
        # What begins in the margin belongs to the neighbour.
        kept = np.flatnonzero(whole | ((start <= begins) & (begins < end)))
        ends = begins + found.end - found.start
        return _Rows(number[kept], begins[kept], ends[kept], found.verdict[kept], found.verdicts)


@dataclass(frozen=True)
class RowFinder:
    """A finder in the texts of some rows of a table."""

    finder: Finder
    rows: Sequence[int]

    def __call__(self, texts: Sequence[str], which: Sequence[int]) -> list[list[Span]]:
        """Return the mentions in each text; ``which`` are places in ``rows``, the texts' own."""
        found = self.finder.listed(texts)
        if self.finder.own_forms is None:
            return found
        return [
            [*spans, *self._own(text, at)]
            for spans, text, at in zip(found, texts, which, strict=True)
        ]

    def some(self, which: Sequence[int]) -> RowFinder:
        """Return the finder in some of the rows, given by their places."""
        return RowFinder(self.finder, [self.rows[at] for at in which])

    def mentions(self, texts: Sequence[str], which: Sequence[int] | None = None) -> Mentions | None:
        """Return the mentions of all texts in columns, if the detector gives them so.

        Without ``which`` the texts are those of all rows as they were, and names that one of them
        tells are looked for in all of it.
        """
        found = self.finder.columns(texts)
        if found is None:
            return None
        places = range(len(texts)) if which is None else which
        mentions = Mentions.of(found, self._more(texts, places))
        if which is not None:
            return mentions
        names = [*_names(texts, mentions)]
        return (
            mentions.joined(Mentions.of(_Rows(_NONE, _NONE, _NONE, _NONE, ()), names))
            if names
            else mentions
        )

    def _more(self, texts: Sequence[str], which: Sequence[int]) -> Iterator[tuple[int, Span]]:
        known, own = self.finder.known, self.finder.own_forms
        if known is None and own is None:
            return
        for number, (text, at) in enumerate(zip(texts, which, strict=True)):
            if known is not None:
                yield from ((number, span) for span in known.find(text))
            if own is not None:
                yield from ((number, span) for span in self._own(text, at))

    def _own(self, text: str, at: int) -> list[Span]:
        own = self.finder.own_forms(self.rows[at]) if self.finder.own_forms else {}
        return find_forms(squeeze(text), own) if own else []


def _names(texts: Sequence[str], mentions: Mentions) -> Iterator[tuple[int, Span]]:
    """Yield where names that a text tells stand elsewhere in it."""
    for number, spans in mentions.of_kind(_NAME, least=SURE).items():
        forms = forms_of_names(texts[number], spans)
        if forms:
            yield from ((number, span) for span in find_forms(squeeze(texts[number]), forms))


@dataclass(frozen=True, eq=False)
class _Rows:
    """Findings of a detector."""

    document: Places
    start: Places
    end: Places
    verdict: Places
    verdicts: Sequence[tuple[str, float, tuple[str, ...]]]


def _repeated(found: Found, which: Places) -> _Rows:
    """Return the findings of texts of which some are the same; ``which`` says what each one is."""
    begins = np.searchsorted(found.document, np.arange(int(which.max(initial=-1)) + 2))
    counts = np.diff(begins)[which]
    document = np.repeat(np.arange(len(which)), counts)
    first = np.repeat(np.cumsum(counts) - counts, counts)
    rows = begins[which][document] + np.arange(len(document)) - first
    return _Rows(document, found.start[rows], found.end[rows], found.verdict[rows], found.verdicts)
