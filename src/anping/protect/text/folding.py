"""Fold a text so that one thing written two ways is one string, and remember where it stood.

Folding keeps every character's place (full-width to half-width, small to capital ASCII letters, 台
to 臺, 二段 to 2段); squeezing then takes blanks and separators out and keeps an index back.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_FOLD = (
    {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
    | {code: code - 0xFEE0 - 0x20 for code in range(0xFF41, 0xFF5B)}
    | {code: code - 0x20 for code in range(ord("a"), ord("z") + 1)}
    | {ord("台"): ord("臺"), 0x3000: 0x20}
)
_SECTION = re.compile("[一二三四五六七八九](?=段)")
_NUMERAL = {mark: str(value) for value, mark in enumerate("一二三四五六七八九", start=1)}
#: The characters that squeezing takes out.
SEPARATORS = frozenset(" \t\r\n\f\v\u00a0\u00ad\u200b\u200c\u200d\u2060\ufeff-‐‑‒–—−_./()·‧・")
_SEPARATOR = re.compile("[" + re.escape("".join(sorted(SEPARATORS))) + "]")
_WITHOUT_SEPARATORS = {ord(mark): None for mark in SEPARATORS}


@dataclass(frozen=True, slots=True)
class Squeezed:
    """A folded text without separators, and the place of each of its characters in the original."""

    text: str
    places: Sequence[int]
    folded: str


def fold(text: str) -> str:
    """Return the text folded, of the same length."""
    folded = text.upper() if text.isascii() else text.translate(_FOLD)
    return _SECTION.sub(lambda match: _NUMERAL[match[0]], folded) if "段" in folded else folded


def squeeze(text: str) -> Squeezed:
    """Return the text folded, with separators taken out."""
    folded = fold(text)
    if _SEPARATOR.search(folded) is None:
        return Squeezed(folded, range(len(folded)), folded)
    kept = [at for at, mark in enumerate(folded) if mark not in SEPARATORS]
    return Squeezed("".join([folded[at] for at in kept]), kept, folded)


def squeezed_text(text: str) -> str:
    """Return the text of :func:`squeeze` alone, for values whose places do not matter."""
    if text.isascii():
        return text.upper().translate(_WITHOUT_SEPARATORS)
    return fold(text).translate(_WITHOUT_SEPARATORS)


def is_han(text: str) -> bool:
    """Return whether all characters are Chinese characters (CJK unified ideographs)."""
    return bool(text) and all("\u3400" <= mark <= "\u9fff" or mark >= "\U00020000" for mark in text)


def cut_in_two(before: str, after: str) -> bool:
    """Return whether a border between two characters cuts a number or a Latin word in two."""
    if not (before.isascii() and after.isascii()):
        return False
    return (before.isdigit() and after.isdigit()) or (before.isalpha() and after.isalpha())
