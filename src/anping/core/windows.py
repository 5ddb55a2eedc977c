"""Long texts are looked at in windows, so that time grows with length and a line may be endless.

A window begins and ends where nothing is cut in two as far as there is such a place (a line's end, a
sentence's end, a blank), and sees a little of what stands before and behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from anping.core.span import Span

#: Texts up to this many characters are looked at as one.
WINDOW = 32_768
#: What a window sees of its neighbours: longer than any identifier with its label.
MARGIN = 512
_ENDS = ("\n\n", "\n", "。", "；", ". ", "，", " ")


def found_in(
    find_spans: Callable[[str], Sequence[Span]], text: str, *, window: int = WINDOW
) -> list[Span]:
    """Return what a detector finds in a text of any length."""
    if len(text) <= window:
        return list(find_spans(text))
    spans: list[Span] = []
    for start, end in cuts(text, window):
        first = max(0, start - MARGIN)
        # What begins in the margin belongs to the neighbour.
        spans += (
            replace(span, start=span.start + first, end=span.end + first)
            for span in find_spans(text[first : end + MARGIN])
            if start <= span.start + first < end
        )
    return spans


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
