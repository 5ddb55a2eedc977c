"""What a column's header says: Chinese words by place, English words by whole tokens."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from anping.know.discover.fold import fold
from anping.know.discover.lexicon import load

_MEANINGLESS = re.compile(
    r"(?:unnamed|col|column|colname|field|fld|var|variable|attr|attribute|feature|f|c|v|x|欄位|欄|屬性)?[ _:-]*[0-9]*"
)
_CAMEL = re.compile(r"([a-z0-9])([A-Z])")
_BREAK = re.compile(r"[^a-z0-9\u3400-\u9fff]+")


@dataclass(frozen=True, slots=True)
class HeaderMatch:
    """A type the header names, the word that says so, and how firmly (0 to 1)."""

    type: str
    word: str
    strength: float


@cache
def _words() -> tuple[tuple[str, str], ...]:
    pairs = [(str(word), kind) for kind, words in load("headers").items() for word in words]
    return tuple(sorted(pairs, key=lambda pair: -len(pair[0])))


def normalise(header: str) -> str:
    """Return the header in lower case, folded, with single blanks between its tokens."""
    spaced = _CAMEL.sub(r"\1 \2", fold(header))
    return _BREAK.sub(" ", spaced.lower()).strip()


def meaningless(header: str) -> bool:
    """Return whether the header says nothing: empty, a number, ``col_3``, ``Unnamed: 0``."""
    return _MEANINGLESS.fullmatch(fold(header).strip().lower()) is not None


def match_header(header: str, more: Sequence[tuple[str, str]] = ()) -> tuple[HeaderMatch, ...]:
    """Return the types that the header names, the firmest first, one entry per type.

    ``more`` are further words, each with its type.
    """
    if meaningless(header):
        return ()
    text = normalise(header)
    best: dict[str, HeaderMatch] = {}
    further = [(normalise(word), kind) for word, kind in more]
    for word, kind in (*further, *_words()):
        strength = _strength(text, word)
        if strength and (kind not in best or strength > best[kind].strength):
            best[kind] = HeaderMatch(kind, word, strength)
    return tuple(sorted(best.values(), key=lambda match: -match.strength))


def _strength(text: str, word: str) -> float:
    """Return how firmly a word in a header speaks, from 0 to 1.

    A whole header says most; then the end of one, where Chinese and English put the noun.
    """
    if text == word:
        return 1.0
    if word.isascii():
        bare = re.sub(r"( ?[0-9]+)+$", "", text)
        if bare == word:
            return 0.98
        padded = f" {text} "
        if f" {word} " not in padded:
            return 0.0
        return min(0.9, (0.55 if text.endswith(word) else 0.4) + 0.04 * len(word))
    if word not in text:
        return 0.0
    share = len(word) / len(text)
    return (0.62 if text.endswith(word) else 0.4) + 0.3 * share
