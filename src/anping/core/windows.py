"""Long texts are looked at in windows, so that time grows with length and a line may be endless.

A window begins and ends where nothing is cut in two as far as there is such a place (a line's end, a
sentence's end, a blank), and sees a little of what stands before and behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Protocol, runtime_checkable

from anping.core.span import Span

#: Texts up to this many characters are looked at as one.
WINDOW = 32_768
#: What a window sees of its neighbours: longer than any identifier with its label.
MARGIN = 512
_ENDS = ("\n\n", "\n", "。", "；", ". ", "，", " ")


@runtime_checkable
class FindsInMany(Protocol):
    """A detector that takes many texts at once, too, and finds in each what it finds in it alone."""

    def __call__(self, text: str, /) -> Sequence[Span]:
        """Return what is found in one text."""
        ...

    def many(self, texts: Sequence[str], /) -> Iterable[Sequence[Span]]:
        """Return what is found in each text."""
        ...


def found_in(
    find_spans: Callable[[str], Sequence[Span]], text: str, *, window: int = WINDOW
) -> list[Span]:
    """Return what a detector finds in a text of any length."""
    return found_in_many(find_spans, [text], window=window)[0]


def found_in_many(
    find_spans: Callable[[str], Sequence[Span]], texts: Sequence[str], *, window: int = WINDOW
) -> list[list[Span]]:
    """Return what a detector finds in each of some texts of any length.

    A detector that has ``many`` (:class:`FindsInMany`) is asked for all of them at once.
    """
    pieces, given = looked_at(texts, window)
    each: Iterable[Sequence[Span]] = map(find_spans, given)
    if len(given) > 1 and isinstance(find_spans, FindsInMany):
        each = find_spans.many(given)
    found: list[list[Span]] = [[] for _ in texts]
    for (number, start, end), spans in zip(pieces, each, strict=True):
        if end - start == len(texts[number]):
            found[number] = list(spans)
            continue
        first = max(0, start - MARGIN)
        # What begins in the margin belongs to the neighbour.
        found[number] += (
            replace(span, start=span.start + first, end=span.end + first)
            for span in spans
            if start <= span.start + first < end
        )
    return found


def looked_at(
    texts: Sequence[str], window: int = WINDOW
) -> tuple[list[tuple[int, int, int]], list[str]]:
    """Return the windows of some texts (number, start, end), and what each sees of its text.

    A window sees ``MARGIN`` characters more on both sides, where there are as many.
    """
    pieces = [
        (number, start, end)
        for number, text in enumerate(texts)
        for start, end in cuts(text, window)
    ]
    return pieces, [_seen(texts[number], start, end) for number, start, end in pieces]


def _seen(text: str, start: int, end: int) -> str:
    if end - start == len(text):
        return text
    return text[max(0, start - MARGIN) : end + MARGIN]


def cuts(text: str, window: int = WINDOW) -> Iterator[tuple[int, int]]:
    """Yield the windows of a text, one after the other."""
    start = 0
    while start < len(text):
        end = cut_before(text, start, start + window)
        yield start, end
        start = end


def cut_before(text: str, start: int, limit: int) -> int:
    """Return the last good place to cut in the second half of ``start`` to ``limit``."""
    if limit >= len(text):
        return len(text)
    for mark in _ENDS:
        place = text.rfind(mark, (start + limit) // 2, limit)
        if place >= 0:
            return place + len(mark)
    return limit
