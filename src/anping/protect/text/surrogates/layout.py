"""The layout of a written value: what its characters are, apart from how it is written.

The *core* of a value is its ASCII letters and digits, folded to half width and capitals; a fake core
is poured back into the places of the true one, so that separators, width and case stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from anping.protect.text.folding import fold
from anping.protect.text.surrogates.draw import Draw

_REST = re.compile("[^0-9A-Za-z]+")
_RUNS = re.compile("([^0-9A-Za-z]+)")
_DIGITS, _LETTERS = "0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_SMALL = _LETTERS.lower()
#: What stands for a Chinese character where only the format is kept.
COVERED = "○"


def core(text: str) -> str:
    """Return the letters and digits of a written value."""
    return _REST.sub("", fold(text))


def poured(text: str, made: str) -> str:
    """Return ``text`` with its letters and digits replaced in order; both have as many."""
    if text.isascii() and text.upper() == text:
        return _poured(text, made)
    fresh = iter(made)
    marks = zip(text, fold(text), strict=True)
    return "".join(_like(old, next(fresh)) if _counts(mark) else old for old, mark in marks)


def _poured(text: str, made: str) -> str:
    """Return the same for a text of ASCII without small letters: run by run."""
    parts, at = [], 0
    for number, part in enumerate(_RUNS.split(text)):
        if number % 2:
            parts.append(part)
        else:
            parts.append(made[at : at + len(part)])
            at += len(part)
    return "".join(parts)


def reformed(text: str, draw: Draw) -> str:
    """Return a text of the same format: a digit for a digit, a letter of its case for a letter.

    Chinese characters become ``○``; separators stay.
    """
    return "".join(_reformed(text, draw))


def _reformed(text: str, draw: Draw) -> Iterator[str]:
    if text.isascii():
        yield from map(_reformed_ascii, text, draw.numbers(len(text)))
        return
    for old, mark, drawn in zip(text, fold(text), draw.numbers(len(text)), strict=True):
        if mark in _DIGITS:
            yield _like(old, _DIGITS[drawn % 10])
        elif mark in _LETTERS:
            yield _like(old, _LETTERS[drawn % 26])
        else:
            yield COVERED if old.isalpha() or old.isdigit() else old


def _reformed_ascii(old: str, drawn: int) -> str:
    if old in _DIGITS:
        return _DIGITS[drawn % 10]
    if old in _LETTERS:
        return _LETTERS[drawn % 26]
    return _SMALL[drawn % 26] if old in _SMALL else old


def _counts(mark: str) -> bool:
    return mark.isascii() and mark.isalnum()


def _like(old: str, new: str) -> str:
    """Return the new character in the width and case of the old one."""
    if old.isascii():
        return new.lower() if old.islower() else new
    if new.isdigit() or not old.islower():
        return chr(ord(new) + 0xFEE0)
    return chr(ord(new.lower()) + 0xFEE0)
