"""Context: the nearest label before a value says what the value is, or that it is something else."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from anping.know.discover.fold import bounded
from anping.know.discover.lexicon import load

#: How far before and behind a value a label is looked for, in characters.
BEFORE, BEHIND = 28, 8
OTHER = "OTHER"
_ENDS_CLAUSE = "。！？；"


@dataclass(frozen=True, slots=True)
class Label:
    """A label: its word, the type it names, and the characters between it and the value."""

    word: str
    type: str
    gap: int


@cache
def _by_first() -> dict[str, tuple[tuple[int, dict[str, str]], ...]]:
    """Return, for each first character, the words by length, so that a look-up needs no scan."""
    grouped: dict[str, dict[int, dict[str, str]]] = {}
    for kind, words in load("labels").items():
        for word in words:
            grouped.setdefault(word[0], {}).setdefault(len(word), {}).setdefault(word, kind)
    return {first: tuple(lengths.items()) for first, lengths in grouped.items()}


def _labels_in(window: str) -> list[tuple[int, int, str, str]]:
    """Return (end, length, word, type) of every label in a lower-cased window."""
    found = []
    table = _by_first()
    for place, character in enumerate(window):
        for length, words in table.get(character, ()):
            word = window[place : place + length]
            kind = words.get(word)
            if kind is None:
                continue
            end = place + length
            if not word[0].isascii() or _bounded_word(window, place, end, word):
                found.append((end, length, word, kind))
    return found


def _bounded_word(window: str, start: int, end: int, word: str) -> bool:
    if word[-1].isascii():
        return bounded(window, start, end)
    return start == 0 or bounded(window, start, start + 1) or not window[start - 1].isalnum()


def label_before(lower: str, start: int) -> Label | None:
    """Return the label that ends nearest before ``start`` in the same clause, the longest first."""
    begin = max(0, start - BEFORE)
    for mark in _ENDS_CLAUSE:
        begin = max(begin, lower.rfind(mark, begin, start) + 1)
    window = lower[begin:start]
    found = _labels_in(window)
    if not found:
        return None
    end, _, word, kind = max(found)
    return Label(word, kind, len(window) - end)


def label_behind(lower: str, end: int) -> Label | None:
    """Return the label that begins directly behind ``end`` (``0912345678（手機）``)."""
    window = lower[end : end + BEHIND]
    if not window.startswith("("):
        return None
    found = _labels_in(window)
    return Label(max(found)[2], max(found)[3], 0) if found else None
