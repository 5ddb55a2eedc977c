"""A redacted text that knows where each of its characters stood before."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from anping.core.span import Span


@dataclass(frozen=True, slots=True)
class Replacement:
    """Characters ``old_start`` to ``old_end`` of the original stand at ``start`` to ``end`` now."""

    old_start: int
    old_end: int
    start: int
    end: int
    type: str


def replaced(
    text: str, spans: Sequence[Span], made: Sequence[str]
) -> tuple[str, tuple[Replacement, ...]]:
    """Return the text with ``made`` in place of the spans (in order, not overlapping)."""
    parts, found = [], []
    at = length = 0
    for span, new in zip(spans, made, strict=True):
        parts += [text[at : span.start], new]
        length += span.start - at
        found.append(Replacement(span.start, span.end, length, length + len(new), span.type))
        length += len(new)
        at = span.end
    return "".join([*parts, text[at:]]), tuple(found)


def to_old(replacements: Sequence[Replacement], place: int) -> int:
    """Return where a place of the redacted text stood in the original.

    Within a replacement it is the beginning of what was replaced.
    """
    index = bisect_right(replacements, place, key=lambda each: each.start) - 1
    if index < 0:
        return place
    last = replacements[index]
    return last.old_start if place < last.end else last.old_end + place - last.end


def to_new(replacements: Sequence[Replacement], place: int) -> int:
    """Return where a place of the original stands in the redacted text.

    Within what was replaced it is the beginning of the replacement.
    """
    index = bisect_right(replacements, place, key=lambda each: each.old_start) - 1
    if index < 0:
        return place
    last = replacements[index]
    return last.start if place < last.old_end else last.end + place - last.old_end
