"""Redact free text in place: what a detector finds, and what the table itself knows.

::

    from anping.know.discover.text import find_spans
    from anping.protect.text.redact import redact_text
    print(redact_text("王小明的手機是0912-345-678", find_spans=find_spans).text)

Detection alone has misses; but the table names its own people, so every direct identifier of any
row is looked for in every text in its written forms, and weaker forms (a given name alone, short
record numbers, the row's own dates) in the texts of the same row. A name that was found once in a
text is looked for in all of it, its given name, too. A redacted text is looked through
again, and what is found beside the replacements is redacted, too, until nothing more is found. What
remains: people whom neither the detector nor the table knows, nicknames, and stories that tell who
someone is.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from anping.core.progress import Progress, silent
from anping.core.span import Span
from anping.core.text import Text
from anping.core.windows import WINDOW, cut_before, found_in
from anping.protect.text.dictionary import IdentifierDictionary, find_forms
from anping.protect.text.folding import squeeze
from anping.protect.text.naming import forms_of_names
from anping.protect.text.offsets import Replacement, replaced, to_old
from anping.protect.text.operators import TAG, Operator

FindSpans = Callable[[str], Sequence[Span]]
#: Gives the row's own forms and their types; see :mod:`anping.protect.text.forms`.
RowForms = Callable[[int], Mapping[str, str]]

_STEP = 1_000
_DOING = Text("遮蔽自由文字", "Redacting free text")
#: Every round hides more of the original, so it ends by itself; this bounds a strange detector.
_ROUNDS = 8


@dataclass(frozen=True, slots=True)
class RedactedText:
    """A redacted text: where everything stood before, and what looking through it again found.

    ``again`` counts the mentions, by type, that were found only in the redacted text and redacted
    then; ``remaining`` those that are still found beside the replacements: none, unless the detector
    contradicts itself. ``replacements`` and :mod:`~anping.protect.text.offsets` map places.
    """

    text: str
    replacements: tuple[Replacement, ...] = ()
    again: Mapping[str, int] = field(default_factory=dict)
    remaining: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Redacted:
    """The redacted texts, the number of mentions replaced by type, and of texts changed.

    ``each`` is every text with its replacements (None for null); ``again`` and ``remaining`` count
    mentions as :class:`RedactedText` does.
    """

    texts: tuple[str | None, ...]
    counts: Mapping[str, int]
    changed: int
    each: tuple[RedactedText | None, ...] = ()

    @property
    def again(self) -> int:
        """The mentions that only looking through the redacted texts found."""
        return sum(sum(one.again.values()) for one in self.each if one is not None)

    @property
    def remaining(self) -> int:
        """The mentions that are still found."""
        return sum(sum(one.remaining.values()) for one in self.each if one is not None)

    @property
    def read(self) -> int:
        """The number of texts that were there (not null)."""
        return sum(text is not None for text in self.texts)


@dataclass(frozen=True, slots=True)
class Tally:
    """What redaction replaced in a column: mentions by type, texts changed, texts read.

    ``again`` are mentions found only in the redacted texts, ``remaining`` those still found there.
    """

    counts: Mapping[str, int]
    changed: int
    read: int
    again: int = 0
    remaining: int = 0

    @classmethod
    def of(cls, redacted: Redacted) -> Tally:
        """Return the tally of one batch."""
        return cls(
            redacted.counts, redacted.changed, redacted.read, redacted.again, redacted.remaining
        )

    def __add__(self, other: Tally) -> Tally:
        """Return the tally of both."""
        counts = Counter(self.counts)
        counts.update(other.counts)
        return Tally(
            dict(sorted(counts.items())),
            self.changed + other.changed,
            self.read + other.read,
            self.again + other.again,
            self.remaining + other.remaining,
        )


#: The tally of no text.
NO_TALLY = Tally({}, 0, 0)


def nothing_found(text: str) -> Sequence[Span]:
    """Find nothing: for tests and for tables whose own identifiers are enough."""
    del text
    return ()


def redact_text(
    text: str, *, find_spans: FindSpans, operator: Operator = TAG, window: int = WINDOW
) -> RedactedText:
    """Return one text redacted; a text of any length is looked at in windows."""

    def finder(given: str) -> list[Span]:
        return found_in(find_spans, given, window=window)

    return _settled(text, finder(text), finder, operator)


def redact_stream(
    pieces: Iterable[str],
    *,
    find_spans: FindSpans,
    operator: Operator = TAG,
    window: int = WINDOW,
) -> Iterator[str]:
    """Yield one text redacted, as it comes in, in pieces of about ``window`` characters.

    The text may be longer than memory and have no line's end. Pieces are cut where a line, a
    sentence or a word ends, if there is such a place; surrogates should be given a ``subject``, as
    otherwise each piece has dates of its own.
    """
    held = ""
    for piece in pieces:
        held += piece
        while len(held) >= 2 * window:
            end = cut_before(held, 0, window)
            yield redact_text(held[:end], find_spans=find_spans, operator=operator).text
            held = held[end:]
    if held:
        yield redact_text(held, find_spans=find_spans, operator=operator, window=window).text


def redact(
    texts: Sequence[str | None],
    *,
    find_spans: FindSpans,
    known: IdentifierDictionary | None = None,
    own_forms: RowForms | None = None,
    operator: Operator = TAG,
    progress: Progress = silent,
) -> Redacted:
    """Return the texts with what ``operator`` makes in place of every mention.

    ``known`` is looked for in all texts, ``own_forms(i)`` in text ``i`` only. Overlapping mentions
    become one, of the longest one's type. Redacted texts are looked through again.
    """
    find = _Finder(find_spans, known)
    counts: Counter[str] = Counter()
    results: list[RedactedText | None] = []
    for at, text in enumerate(texts):
        if at % _STEP == 0:
            progress(_DOING, at, len(texts))
        if text is None or not text.strip():
            results.append(None if text is None else RedactedText(text))
            continue
        own = {} if own_forms is None else own_forms(at)
        done = _settled(text, find(text, own), partial(find, own=own), operator)
        counts.update(each.type for each in done.replacements)
        results.append(done)
    made = tuple(None if one is None else one.text for one in results)
    changed = sum(one != other for one, other in zip(texts, made, strict=True))
    return Redacted(made, dict(sorted(counts.items())), changed, tuple(results))


class _Finder:
    """Finds mentions by the detector and the dictionary, each distinct text once."""

    def __init__(self, find_spans: FindSpans, known: IdentifierDictionary | None) -> None:
        self._find_spans = find_spans
        self._known = known
        self._seen: dict[str, list[Span]] = {}

    def __call__(self, text: str, own: Mapping[str, str]) -> list[Span]:
        squeezed = squeeze(text) if self._known or own else None
        if text not in self._seen:
            known = self._known.find_in(squeezed) if self._known and squeezed else ()
            self._seen[text] = [*found_in(self._find_spans, text), *known]
        if not own or squeezed is None:
            return self._seen[text]
        return [*self._seen[text], *find_forms(squeezed, own)]


def _settled(
    text: str,
    found: Iterable[Span],
    finder: Callable[[str], Iterable[Span]],
    operator: Operator,
) -> RedactedText:
    """Replace the mentions, look again, and go on until nothing is found beside replacements."""
    first = list(found)
    names = forms_of_names(text, first)
    if names:
        first += find_forms(squeeze(text), names)
    spans = _worth(text, first)
    again: Counter[str] = Counter()
    left: list[Span] = []
    made, replacements = replaced(text, (), ())
    for _ in range(_ROUNDS):
        if not spans:
            break
        made, replacements = replaced(text, spans, operator(text, spans))
        left = [*_beside(finder(made), made, replacements)]
        if not left:
            break
        again.update(span.type for span in left)
        spans = _worth(text, [*spans, *left])
    remaining = Counter(span.type for span in left)
    return RedactedText(made, replacements, dict(again - remaining), dict(remaining))


def _worth(text: str, spans: Iterable[Span]) -> list[Span]:
    """Return the merged spans that hold a letter or a digit."""
    return [span for span in merged(spans) if _TELLING.search(text, span.start, span.end)]


def _beside(
    found: Iterable[Span], made: str, replacements: Sequence[Replacement]
) -> Iterator[Span]:
    """Yield what was found outside of replacements, as places of the original.

    A find that lies mostly in replacements is the fake itself, found again.
    """
    for span in found:
        pieces = [*_outside(span, replacements)]
        open_marks = sum(_telling(made[start:end]) for start, end in pieces)
        if 2 * open_marks <= _telling(made[span.start : span.end]):
            continue
        for start, end in pieces:
            if _TELLING.search(made, start, end):
                first = to_old(replacements, start)
                yield Span(first, first + end - start, span.type, span.score, span.evidence)


def _outside(span: Span, replacements: Sequence[Replacement]) -> Iterator[tuple[int, int]]:
    at = span.start
    first = bisect_right(replacements, span.start, key=lambda each: each.end)
    for index in range(first, len(replacements)):
        each = replacements[index]
        if each.start >= span.end:
            break
        if each.start > at:
            yield at, each.start
        at = max(at, each.end)
    if at < span.end:
        yield at, span.end


def _telling(text: str) -> int:
    return len(_TELLING.findall(text))


#: A letter or a digit of any script.
_TELLING = re.compile(r"[^\W_]")


def merged(spans: Iterable[Span]) -> list[Span]:
    """Return spans that do not overlap: each cluster as one, of its longest member's type."""
    clusters: list[list[Span]] = []
    end = -1
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        if span.start < end:
            clusters[-1].append(span)
        else:
            clusters.append([span])
        end = max(end, span.end)
    found = []
    for cluster in clusters:
        longest = max(cluster, key=lambda span: (span.end - span.start, span.score))
        found.append(
            Span(cluster[0].start, max(span.end for span in cluster), longest.type, longest.score)
        )
    return found
