"""Pseudonyms that keep the format: FF1 (NIST SP 800-38G) of the digits and letters of a value.

``A123456789`` becomes another letter and nine other digits, so a system that checks the form of a
number still takes it. Whoever holds the key can turn it back. A pseudonym looks like a real number
and may by chance be somebody's; it is not authenticated, so a wrong key gives a wrong value, not an
error; and it shows the length and the place of every kind of character. AES-SIV has none of these
weaknesses: this is for receivers that need the form.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt

from anping.core.errors import InputError, ParameterError, Where
from anping.core.text import Text
from anping.protect.pseudonym.ff1 import SMALLEST_DOMAIN, Ff1, Numbers, number_type
from anping.protect.pseudonym.keys import Keys, subkey
from anping.protect.pseudonym.normal import Normalisation, normal

# The kinds of characters of a format, each with its first character and how many there are.
_KINDS = {"9": ("0", 10), "A": ("A", 26), "a": ("a", 26)}
_UNFIT = "?"
_KEPT = " -_/.,()+:#"
_KIND_OF = (
    {ord(mark): "9" for mark in "0123456789"}
    | {ord(mark): "A" for mark in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
    | {ord(mark): "a" for mark in "abcdefghijklmnopqrstuvwxyz"}
    | {ord(mark): mark for mark in _KEPT}
)


class _Format(dict[int, str]):
    """Gives every character its kind; what is no digit, letter or separator is unfit."""

    def __missing__(self, key: int) -> str:
        return _UNFIT


_FORMAT = _Format(_KIND_OF)


def pseudonyms(
    values: Iterable[Any],
    keys: Keys,
    *,
    key: str,
    normalisation: Normalisation = "identifier",
    alphabet: str | None = None,
) -> list[str | None]:
    """Return a pseudonym in the format of each value; null stays null.

    Without an ``alphabet`` a digit stays a digit and a letter a letter of its case, and separators
    stay where they are; with one, a value is a text of its characters and becomes another one of
    the same length. Raises KeyStoreError if the key is missing or short, and InputError for a value
    of other characters, or of a format that fewer than a million values have.
    """
    cipher = FormatCipher(derived(keys, key), alphabet)
    return _each([normal(value, normalisation) or None for value in values], cipher, back=False)


def reidentify_formatted(
    tokens: Iterable[str | None], keys: Keys, *, key: str, alphabet: str | None = None
) -> list[str | None]:
    """Return the normal form of the value behind each pseudonym; null stays null.

    FF1 does not tell a wrong key from a right one: what comes back is then a wrong value. Raises
    KeyStoreError if the key is missing or short, InputError for a text that cannot be a pseudonym.
    """
    return _each(tokens, FormatCipher(derived(keys, key), alphabet), back=True)


def derived(keys: Keys, key: str) -> bytes:
    """Return the key of FF1 (AES-256) derived from the secret ``key``. Raises KeyStoreError."""
    return subkey(keys, key, use="ff1")


def _each(texts: Iterable[str | None], cipher: FormatCipher, *, back: bool) -> list[str | None]:
    given = list(texts)
    known = list(dict.fromkeys(text for text in given if text))
    unfit = {text for text in known if not cipher.fits(text)}
    for row, text in enumerate(given, start=1):
        if text in unfit:
            raise InputError(
                "pseudonym.format",
                Text(
                    "這個值的格式不能用 FF1：有其他字元，或同格式的值不到一百萬個。",
                    "FF1 cannot take a value of this format: it has other characters, or fewer"
                    " than a million values have it.",
                ),
                where=Where(row=row),
                hint=Text("改用 aes-siv 或 hmac。", "Use aes-siv or hmac instead."),
            )
    made = dict(zip(known, cipher(known, back=back), strict=True))
    return [None if text is None else made.get(text) for text in given]


@dataclass(frozen=True)
class FormatCipher:
    """FF1 over texts, under a derived key of 32 bytes. Raises ParameterError for a bad alphabet."""

    secret: bytes = field(repr=False)
    alphabet: str | None = None

    def __post_init__(self) -> None:
        letters = self.alphabet
        if letters is not None and (len(letters) < 2 or len(set(letters)) < len(letters)):
            raise ParameterError(
                "pseudonym.alphabet",
                Text(
                    "字母表至少要有兩個不同的字元，且不可重複。",
                    "An alphabet has two different characters or more, each of them once.",
                ),
                hint=Text('例如 alphabet: "0123456789"。', 'For example alphabet: "0123456789".'),
            )

    def format_of(self, text: str) -> str:
        """Return the format of a text: 9, A or a for each character, separators as they are."""
        if self.alphabet is None:
            return text.translate(_FORMAT)
        return str(len(text)) if self._members.issuperset(text) else _UNFIT

    def fits(self, text: str) -> bool:
        """Return whether the text has a format that a million values or more have."""
        return self._domain(self.format_of(text)) >= SMALLEST_DOMAIN

    def __call__(self, texts: Sequence[str], *, back: bool = False) -> list[str]:
        """Return the pseudonyms of ``texts``, or with ``back`` the texts of pseudonyms.

        Each text must fit; ValueError otherwise.
        """
        formats: dict[str, list[int]] = {}
        for place, text in enumerate(texts):
            formats.setdefault(self.format_of(text), []).append(place)
        made = [""] * len(texts)
        for form, places in formats.items():
            alike = self._of_one_format([texts[place] for place in places], form, back=back)
            for place, text in zip(places, alike, strict=True):
                made[place] = text
        return made

    def _of_one_format(self, texts: Sequence[str], form: str, *, back: bool) -> list[str]:
        if self._domain(form) < SMALLEST_DOMAIN:
            msg = "a text has no format that FF1 takes"
            raise ValueError(msg)
        characters = np.frombuffer("".join(texts).encode("utf-32-le"), "<u4")
        rows = characters.reshape(len(texts), -1).copy()
        sizes, letters = self._numerals(form)
        places = [place for place, size in enumerate(sizes) if size]
        radixes = [sizes[place] for place in places]
        numbers = _ranked([_codes(rows[:, place], letters[place]) for place in places], radixes)
        tweak = form.encode() if self.alphabet is None else b""
        moved = _permuted(numbers, radixes, secret=self.secret, tweak=tweak, back=back)
        for place, codes in zip(places, _unranked(moved, radixes), strict=True):
            rows[:, place] = letters[place][codes]
        whole = rows.tobytes().decode("utf-32-le")
        length = rows.shape[1]
        return [whole[start : start + length] for start in range(0, len(whole), length)]

    def _domain(self, form: str) -> int:
        sizes = [] if _UNFIT in form else self._numerals(form)[0]
        return prod(size for size in sizes if size) if any(sizes) else 0

    def _numerals(self, form: str) -> tuple[list[int], list[npt.NDArray[np.uint32]]]:
        """Return for each character how many it is one of (0: it stays) and which those are."""
        if self.alphabet is not None:
            length = int(form)
            return [len(self.alphabet)] * length, [_points(self.alphabet)] * length
        kinds = [_KINDS.get(mark, ("", 0)) for mark in form]
        return [size for _, size in kinds], [_run(first, size) for first, size in kinds]

    @cached_property
    def _members(self) -> frozenset[str]:
        return frozenset(self.alphabet or "")


def _points(letters: str) -> npt.NDArray[np.uint32]:
    return np.frombuffer(letters.encode("utf-32-le"), "<u4")


def _run(first: str, size: int) -> npt.NDArray[np.uint32]:
    return np.arange(size, dtype=np.uint32) + np.uint32(ord(first) if first else 0)


def _codes(
    characters: npt.NDArray[np.uint32], letters: npt.NDArray[np.uint32]
) -> npt.NDArray[np.int64]:
    order = np.argsort(letters)
    return np.asarray(order[np.searchsorted(letters[order], characters)], np.int64)


def _ranked(codes: Sequence[npt.NDArray[np.int64]], radixes: Sequence[int]) -> Numbers:
    """Return the number of each text among all texts of its format."""
    kind = number_type(prod(radixes))
    numbers = np.zeros(len(codes[0]), kind)
    for column, radix in zip(codes, radixes, strict=True):
        numbers = numbers * numbers.dtype.type(radix) + column.astype(kind)
    return numbers


def _unranked(numbers: Numbers, radixes: Sequence[int]) -> list[npt.NDArray[np.int64]]:
    codes = []
    for radix in reversed(radixes):
        codes.append((numbers % numbers.dtype.type(radix)).astype(np.int64))
        numbers = numbers // numbers.dtype.type(radix)
    return codes[::-1]


def _permuted(
    numbers: Numbers, radixes: Sequence[int], *, secret: bytes, tweak: bytes, back: bool
) -> Numbers:
    """Return what FF1 makes of the numbers of one format.

    Where the characters are of one kind it is FF1 in their radix. A mixed format is no power of one
    radix: FF1 runs over the next power of two and again until the number is one of the format
    (cycle walking; Black and Rogaway 2002), fewer than twice on average.
    """
    domain, uniform = prod(radixes), len(set(radixes)) == 1
    shape = (radixes[0], len(radixes)) if uniform else (2, (domain - 1).bit_length())
    cipher = Ff1(secret, *shape, tweak)
    step = cipher.decrypt if back else cipher.encrypt
    moved = step(numbers.astype(number_type(cipher.domain)))
    outside = np.flatnonzero(moved >= domain)
    while outside.size:
        moved[outside] = step(moved[outside])
        outside = outside[moved[outside] >= domain]
    return moved.astype(numbers.dtype)
