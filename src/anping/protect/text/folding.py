"""Fold a text so that one thing written two ways is one string, and remember where it stood.

Folding keeps every character's place (full-width to half-width, small to capital ASCII letters, 台
to 臺, 二段 to 2段); squeezing then takes blanks and separators out and keeps an index back.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
import numpy.typing as npt

_FOLD = (
    {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
    | {code: code - 0xFEE0 - 0x20 for code in range(0xFF41, 0xFF5B)}
    | {code: code - 0x20 for code in range(ord("a"), ord("z") + 1)}
    | {ord("台"): ord("臺"), 0x3000: 0x20}
)
#: Arrays cost more to set up than a shorter text costs to look through.
_SHORT = 64
_SECTION = re.compile("[一二三四五六七八九](?=段)")
_NUMERAL = {mark: str(value) for value, mark in enumerate("一二三四五六七八九", start=1)}
#: The characters that squeezing takes out.
SEPARATORS = frozenset(" \t\r\n\f\v\u00a0\u00ad\u200b\u200c\u200d\u2060\ufeff-‐‑‒–—−_./()·‧・")
_SEPARATOR = re.compile("[" + re.escape("".join(sorted(SEPARATORS))) + "]+")


@dataclass(frozen=True)
class Squeezed:
    """A folded text without separators, and where its characters stand in the original."""

    text: str
    folded: str

    @cached_property
    def places(self) -> Sequence[int]:
        """The place of each character in the original."""
        if len(self.text) == len(self.folded):
            return range(len(self.folded))
        return [at for at, mark in enumerate(self.folded) if mark not in SEPARATORS]


def fold(text: str) -> str:
    """Return the text folded, of the same length."""
    folded = text.upper() if text.isascii() else _looked_up(text)
    return _SECTION.sub(lambda match: _NUMERAL[match[0]], folded) if "段" in folded else folded


def _looked_up(text: str) -> str:
    if len(text) < _SHORT:
        return text.translate(_FOLD)
    encoded = text.encode("utf-16-le", "surrogatepass")
    if len(encoded) == 2 * len(text):
        codes = _codes().take(np.frombuffer(encoded, "<u2"))
        folded = codes.tobytes().decode("utf-16-le", "surrogatepass")
        # Two lone surrogates in a row have become one character.
        if len(folded) == len(text):
            return folded
    return text.translate(_FOLD)


@cache
def _codes() -> npt.NDArray[np.uint16]:
    """Return the folded code point of each of the basic plane, shape (65536,)."""
    codes = np.arange(0x10000, dtype=np.uint16)
    codes[list(_FOLD)] = list(_FOLD.values())
    return codes


def squeeze(text: str) -> Squeezed:
    """Return the text folded, with separators taken out."""
    folded = fold(text)
    return Squeezed(_SEPARATOR.sub("", folded), folded)


def squeezed_text(text: str) -> str:
    """Return the text of :func:`squeeze` alone, for values whose places do not matter."""
    return _SEPARATOR.sub("", fold(text))


def is_han(text: str) -> bool:
    """Return whether all characters are Chinese characters (CJK unified ideographs)."""
    return bool(text) and all("\u3400" <= mark <= "\u9fff" or mark >= "\U00020000" for mark in text)


def cut_in_two(before: str, after: str) -> bool:
    """Return whether a border between two characters cuts a number or a Latin word in two."""
    if not (before.isascii() and after.isascii()):
        return False
    return (before.isdigit() and after.isdigit()) or (before.isalpha() and after.isalpha())
