"""Folding: one written form per character, one code point for one, so that offsets stay true.

Chinese letters are word characters to a regular expression, so a word-boundary anchor misses
``身分證字號A123456789``. Matches are therefore tested for ASCII letters and digits beside them.
"""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import numpy.typing as npt

_TABLE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_TABLE |= {0x3000: 0x20, 0x00A0: 0x20, 0x2002: 0x20, 0x2003: 0x20, 0x2009: 0x20, 0x202F: 0x20}
_TABLE |= dict.fromkeys((0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0x2212, 0xFE63, 0x2500), 0x2D)
# Full-width sentence punctuation is kept: it separates Chinese clauses.
for _kept in "，：；！？（）":
    _TABLE.pop(ord(_kept), None)
_TABLE |= {ord("（"): ord("("), ord("）"): ord(")"), ord("："): ord(":")}

LETTERS = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")


@cache
def folded_codes() -> npt.NDArray[np.uint16]:
    """Return the folded code point of each of the basic plane, shape (65536,)."""
    codes = np.arange(0x10000, dtype=np.uint16)
    codes[list(_TABLE)] = list(_TABLE.values())
    return codes


_FOLDED = re.compile("[" + re.escape("".join(map(chr, sorted(_TABLE)))) + "]")


def fold(text: str) -> str:
    """Return ``text`` with full-width ASCII, blanks and dashes folded; the length is unchanged."""
    if text.isascii():
        return text
    encoded = text.encode("utf-16-le", "surrogatepass")
    if len(encoded) == 2 * len(text):
        codes = folded_codes().take(np.frombuffer(encoded, "<u2"))
        folded = codes.tobytes().decode("utf-16-le", "surrogatepass")
        # Two lone surrogates in a row have become one character.
        if len(folded) == len(text):
            return folded
    return _FOLDED.sub(lambda match: chr(_TABLE[ord(match[0])]), text)


def clear_before(text: str, start: int, *, also: str = "") -> bool:
    """Return whether nothing before ``start`` joins on.

    An ASCII letter or digit joins on, and so does one behind a character of ``also``: ``12.34``
    is joined by the point, ``end. 34`` is not.
    """
    if start == 0:
        return True
    before = text[start - 1]
    if before in LETTERS:
        return False
    return before not in also or start == 1 or text[start - 2] not in LETTERS


def clear_behind(text: str, end: int, *, also: str = "") -> bool:
    """Return whether nothing behind ``end`` joins on; see :func:`clear_before`."""
    if end >= len(text):
        return True
    behind = text[end]
    if behind in LETTERS:
        return False
    return behind not in also or end + 1 >= len(text) or text[end + 1] not in LETTERS


def bounded(text: str, start: int, end: int, *, also: str = "") -> bool:
    """Return whether ``text[start:end]`` stands by itself on both sides."""
    return clear_before(text, start, also=also) and clear_behind(text, end, also=also)
