"""Redact free text in place: what a detector finds, and what the table itself knows.

Detection alone has misses; but the table names its own people, so every direct identifier of any
row is looked for in every text in its written forms, and weaker forms (a given name alone, short
record numbers, the row's own dates) in the texts of the same row. What remains: people whom neither
the detector nor the table knows, nicknames, and stories that tell who someone is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from anping.core.progress import Progress, silent
from anping.core.span import Span
from anping.core.text import Text
from anping.protect.text.dictionary import IdentifierDictionary, find_forms
from anping.protect.text.folding import squeeze
from anping.protect.text.placeholders import is_chinese, placeholder

FindSpans = Callable[[str], Sequence[Span]]
#: Gives the row's own forms and their types; see :mod:`anping.protect.text.forms`.
RowForms = Callable[[int], Mapping[str, str]]

_STEP = 1_000
_DOING = Text("遮蔽自由文字", "Redacting free text")


@dataclass(frozen=True, slots=True)
class Redacted:
    """The redacted texts, the number of mentions replaced by type, and of texts changed."""

    texts: tuple[str | None, ...]
    counts: Mapping[str, int]
    changed: int

    @property
    def read(self) -> int:
        """The number of texts that were there (not null)."""
        return sum(text is not None for text in self.texts)


@dataclass(frozen=True, slots=True)
class Tally:
    """What redaction replaced in a column: mentions by type, texts changed, texts read."""

    counts: Mapping[str, int]
    changed: int
    read: int

    @classmethod
    def of(cls, redacted: Redacted) -> Tally:
        """Return the tally of one batch."""
        return cls(redacted.counts, redacted.changed, redacted.read)

    def __add__(self, other: Tally) -> Tally:
        """Return the tally of both."""
        counts = Counter(self.counts)
        counts.update(other.counts)
        return Tally(
            dict(sorted(counts.items())), self.changed + other.changed, self.read + other.read
        )


#: The tally of no text.
NO_TALLY = Tally({}, 0, 0)


def nothing_found(text: str) -> Sequence[Span]:
    """Find nothing: for tests and for tables whose own identifiers are enough."""
    del text
    return ()


def redact(
    texts: Sequence[str | None],
    *,
    find_spans: FindSpans,
    known: IdentifierDictionary | None = None,
    own_forms: RowForms | None = None,
    progress: Progress = silent,
) -> Redacted:
    """Return the texts with a placeholder of its type in place of every mention.

    ``known`` is looked for in all texts, ``own_forms(i)`` in text ``i`` only. Overlapping mentions
    become one placeholder, of the longest one's type.
    """
    counts: Counter[str] = Counter()
    results: list[str | None] = []
    seen: dict[str, list[Span]] = {}
    for at, text in enumerate(texts):
        if at % _STEP == 0:
            progress(_DOING, at, len(texts))
        if text is None or not text.strip():
            results.append(text)
            continue
        squeezed = squeeze(text)
        if text not in seen:
            seen[text] = [*find_spans(text), *(known.find_in(squeezed) if known else ())]
        spans = seen[text]
        if own_forms is not None:
            spans = [*spans, *find_forms(squeezed, own_forms(at))]
        results.append(_replaced(text, merged(spans), counts))
    changed = sum(one != other for one, other in zip(texts, results, strict=True))
    return Redacted(tuple(results), dict(sorted(counts.items())), changed)


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


def _replaced(text: str, spans: Sequence[Span], counts: Counter[str]) -> str:
    if not spans:
        return text
    chinese = is_chinese(text)
    parts, at = [], 0
    for span in spans:
        parts += [text[at : span.start], placeholder(span.type, chinese=chinese)]
        counts[span.type] += 1
        at = span.end
    return "".join([*parts, text[at:]])
