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


@cache
def _longest() -> int:
    return max(length for lengths in _by_first().values() for length, _ in lengths)


def _last_label(window: str) -> tuple[int, int, str, str] | None:
    """Return (end, length, word, type) of the label that ends last in a lower-cased window.

    Of labels with one end the longest counts: 手機條碼載具, not 載具.
    """
    best: tuple[int, int, str, str] | None = None
    table, reach = _by_first(), _longest()
    for place in range(len(window) - 1, -1, -1):
        if best is not None and place + reach < best[0]:
            break
        for length, words in table.get(window[place], ()):
            word = window[place : place + length]
            kind = words.get(word)
            if kind is None:
                continue
            end = place + length
            if length == 1 and end < len(window):
                continue  # one letter labels only what it touches
            if word[0].isascii() and not _bounded_word(window, place, end, word):
                continue
            if best is None or (end, length) > best[:2]:
                best = (end, length, word, kind)
    return best


def _bounded_word(window: str, start: int, end: int, word: str) -> bool:
    if word[-1].isascii():
        return bounded(window, start, end)
    return start == 0 or bounded(window, start, start + 1) or not window[start - 1].isalnum()


@cache
def words_of(kind: str) -> tuple[str, ...]:
    """Return the labels of a type, without those that contain another one of them."""
    words = sorted(load("labels").get(kind, ()), key=len)
    kept: list[str] = []
    for word in words:
        if not any(shorter in word for shorter in kept):
            kept.append(word)
    return tuple(kept)


def label_before(lower: str, start: int) -> Label | None:
    """Return the label that ends nearest before ``start`` in the same clause, the longest first."""
    begin = max(0, start - BEFORE)
    for mark in _ENDS_CLAUSE:
        begin = max(begin, lower.rfind(mark, begin, start) + 1)
    window = lower[begin:start]
    found = _last_label(window)
    if found is None:
        return None
    end, _, word, kind = found
    return Label(word, kind, len(window) - end)


def label_behind(lower: str, end: int) -> Label | None:
    """Return the label that begins directly behind ``end`` (``0912345678（手機）``)."""
    window = lower[end : end + BEHIND]
    if not window.startswith("("):
        return None
    found = _last_label(window)
    return None if found is None else Label(found[2], found[3], 0)
