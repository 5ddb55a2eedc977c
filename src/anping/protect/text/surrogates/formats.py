"""Texts of the same format for many mentions at once: what :func:`layout.reformed` gives for each.

The keyed streams are drawn value by value; the characters of all values are then put in place together.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import accumulate, pairwise

import numpy as np
import numpy.typing as npt

from anping.protect.text.folding import fold
from anping.protect.text.surrogates.draw import Draw
from anping.protect.text.surrogates.layout import COVERED

#: What becomes of a character: it stays, is covered, or becomes a digit or a letter from a first one on.
_STAYS, _COVERED, _DIGIT, _LETTER = range(4)
_LAST = 0xFFFF
Codes = npt.NDArray[np.uint32]


def reformed_each(texts: Sequence[str], draws: Sequence[Draw]) -> list[str]:
    """Return texts of the same formats, of plain ones (:func:`is_plain`), by the streams given."""
    codes = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), "<u4")
    drawn = np.frombuffer(
        b"".join(draw.content(2 * len(text)) for text, draw in zip(texts, draws, strict=True)),
        ">u2",
    )
    kinds, firsts = _tables()
    kind = kinds[codes]
    made = np.where(kind == _COVERED, ord(COVERED), codes)
    for which, many in ((_DIGIT, 10), (_LETTER, 26)):
        here = np.flatnonzero(kind == which)
        made[here] = firsts[codes[here]] + drawn[here] % many
    whole = made.astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")
    edges = accumulate(map(len, texts), initial=0)
    return [whole[start:end] for start, end in pairwise(edges)]


def is_plain(text: str) -> bool:
    """Return whether each character says by itself what becomes of it: :func:`reformed_each` may go.

    None is beyond the basic plane, and no numeral is one because a section (二段) follows.
    """
    return text.isascii() or ("段" not in text and ord(max(text)) <= _LAST)


@cache
def _tables() -> tuple[npt.NDArray[np.uint8], Codes]:
    """Return what becomes of each code point, and the first of the digits or letters it becomes."""
    kinds, firsts = np.zeros(_LAST + 1, np.uint8), np.zeros(_LAST + 1, np.uint32)
    for code in range(_LAST + 1):
        old = chr(code)
        mark = fold(old)
        if mark.isascii() and mark.isalnum():
            wide = 0 if code < 0x80 else 0xFEE0
            kinds[code] = _DIGIT if mark.isdigit() else _LETTER
            first = "0" if mark.isdigit() else "a" if old.islower() else "A"
            firsts[code] = ord(first) + wide
        elif old.isalpha() or old.isdigit():
            kinds[code] = _COVERED
    return kinds, firsts
