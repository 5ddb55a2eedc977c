"""One text on its way through redaction: what was found, what it became, and what was found then."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from anping.core.span import Span
from anping.protect.text.dictionary import find_forms
from anping.protect.text.folding import squeeze
from anping.protect.text.naming import forms_of_names
from anping.protect.text.offsets import Replacement, replaced, to_old
from anping.protect.text.operators import Operator

#: A letter or a digit of any script.
_TELLING = re.compile(r"[^\W_]")


class Settling:
    """A text whose mentions are replaced until nothing more is found.

    ``spans`` are the mentions so far, ``made`` is what the text became and ``replacements`` where
    everything stood. The state is real: each round adds to what the one before found.
    """

    def __init__(self, text: str, found: Sequence[Span]) -> None:
        """Begin with what was found in the text; names are looked for in all of it."""
        self.text = self.made = text
        self.replacements: tuple[Replacement, ...] = ()
        names = forms_of_names(text, found) if found else {}
        more = find_forms(squeeze(text), names) if names else []
        self.spans = _worth(text, [*found, *more]) if found else []
        self._again: Counter[str] = Counter()
        self._left: list[Span] = []

    def replaced(self, operator: Operator) -> str:
        """Replace the mentions, and return the text."""
        self.made, self.replacements = replaced(
            self.text, self.spans, operator(self.text, self.spans)
        )
        return self.made

    def goes_on(self, found: Iterable[Span]) -> bool:
        """Take what was found in the made text; return whether it stood beside replacements."""
        self._left = [*beside(found, self.made, self.replacements)]
        if self._left:
            self._again.update(span.type for span in self._left)
            self.spans = _worth(self.text, [*self.spans, *self._left])
        return bool(self._left)

    @property
    def remaining(self) -> Mapping[str, int]:
        """The mentions by type that are still found."""
        return dict(Counter(span.type for span in self._left))

    @property
    def again(self) -> Mapping[str, int]:
        """The mentions by type that were found only in the made text, and replaced then."""
        return dict(self._again - Counter(self.remaining))


def _worth(text: str, spans: Iterable[Span]) -> list[Span]:
    """Return the merged spans that hold a letter or a digit."""
    return [span for span in merged(spans) if _TELLING.search(text, span.start, span.end)]


def beside(found: Iterable[Span], made: str, replacements: Sequence[Replacement]) -> Iterator[Span]:
    """Yield what was found outside of replacements, as places of the original.

    A find that lies mostly in replacements is the fake itself, found again.
    """
    for span in found:
        pieces = [*_outside(span, replacements)]
        if not pieces:
            continue
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
