"""Chinese names in one short text: the features and log-odds of :mod:`name_features`, in plain Python.

Arrays cost more to set up than a short text costs to look through. What the name itself says is kept
for strings met before: the words of a language come again and again. The same findings to the last
bit, which tests check.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from anping.know.discover.name_features import (
    BITS,
    LAST,
    LONGEST_WORD,
    MULTIPLIERS,
    PAD,
    ROLE,
    SALT,
    SHORT_LABEL,
    SHORT_RELATION,
    TITLE,
    Words,
    lexicon,
)
from anping.know.discover.name_model import BEFORE, BEHIND, HOPELESS, RARER, shipped_weights

_MASK = 0xFFFFFFFF
_M1, _M2, _M3 = map(int, MULTIPLIERS)
_LAST = int(LAST)
_OPEN_KINDS = (0, SHORT_LABEL, SHORT_RELATION)
_FIRST_HAN, _BEHIND_HAN = 0x3400, 0xA000
_INNER, _OUTER, _BEHIND_FIRST = 1, 100, 107
_SHIFT = 32 - BITS
#: By the number of the first feature, what each feature's hash begins with.
_SALTS = {
    first: [number * int(SALT) & _MASK for number in range(first, first + count)]
    for first, count in ((_INNER, 9), (_OUTER, 7), (_BEHIND_FIRST, 10))
}


class Named(NamedTuple):
    """A candidate with its log-odds in steps, and the numbers of the words around it (-1: none)."""

    start: int
    end: int
    margin: int
    label: int
    title: int


class _Inside(NamedTuple):
    """What a name itself says: its length, its shape, its log-odds and whether it is like names."""

    length: int
    shape: int
    margin: int
    like_names: bool


class _Before(NamedTuple):
    """What stands before a name: the word's number, its kind, the sort of character, log-odds."""

    label: int
    kind: int
    sort: int
    margin: int


@dataclass(frozen=True, eq=False)
class _Tables:
    """The lexicon as plain Python reads it."""

    start: re.Pattern[str]
    weights: memoryview
    same: list[int]
    family: frozenset[str]
    doubtful: frozenset[str]
    usual: frozenset[str]
    gap: frozenset[str]
    role: frozenset[str]
    compounds: dict[str, int]
    listed: dict[str, int]
    stop: dict[str, int]
    before: dict[str, int]
    behind: dict[str, int]
    before_kinds: list[int]
    behind_kinds: list[int]
    said_before: list[int]
    said_behind: list[int]


@cache
def _tables() -> _Tables:
    words = lexicon()

    def marked(table: npt.NDArray[np.bool_]) -> frozenset[str]:
        return frozenset(chr(code) for code, there in enumerate(table.tolist()) if there)

    return _Tables(
        start=re.compile(f"[{''.join(sorted(marked(words.first)))}](?=[\u3400-\u9fff])"),
        weights=memoryview(shipped_weights().data),
        same=words.same.tolist(),
        family=marked(words.family),
        doubtful=marked(words.doubtful),
        usual=marked(words.usual),
        gap=marked(words.gap),
        role=marked(words.role),
        compounds=_numbers_of(words.compounds),
        listed=_numbers_of(words.listed),
        stop=_numbers_of(words.stop),
        before=_numbers_of(words.before),
        behind=_numbers_of(words.behind),
        before_kinds=words.before.kinds.tolist(),
        behind_kinds=words.behind.kinds.tolist(),
        said_before=BEFORE.tolist(),
        said_behind=BEHIND.tolist(),
    )


def _numbers_of(words: Words) -> dict[str, int]:
    return {word: number for number, word in enumerate(words.words[:-1])}


def named_in(folded: str) -> list[Named]:
    """Return the candidates of a text that are not hopeless; see :func:`name_model.margins`."""
    text = "\0" * PAD + folded + "\0" * PAD
    found: list[Named] = []
    codes: list[int] = []
    for match in _tables().start.finditer(text):
        start = match.start()
        insides = _narrow(text[start : start + 3])
        if _is_wide(text[start : start + 2]):
            insides += _wide(text[start : start + 4])
        if insides:
            codes = codes or _codes(text)
            before = _before(text, codes, start)
            found += [_named(text, codes, start, (inside, before)) for inside in insides]
    return found


def titled_in(folded: str) -> list[Named]:
    """Return family names with a title and no given name (王小姐); their log-odds say nothing."""
    tables, found = _tables(), []
    text = "\0" * PAD + folded + "\0" * PAD
    for match in tables.start.finditer(text):
        start = match.start()
        if text[start] in tables.family and text[start] not in tables.doubtful:
            title = _word_behind(text, start + 1)
            if tables.behind_kinds[title] == TITLE:
                label = _word_before(text, _label_place(text, start))
                end = start + 1 + _length(title)
                found.append(Named(start - PAD, end - PAD, 0, label, title))
    return found


def _length(title: int) -> int:
    return len(lexicon().behind.words[title])


@lru_cache(1 << 14)
def _is_wide(pair: str) -> bool:
    """Return whether a pair of characters may be a family name of two, or two family names."""
    tables = _tables()
    return pair in tables.compounds or (
        pair[0] in tables.family and pair[1] in tables.family and pair[1] not in tables.doubtful
    )


@lru_cache(1 << 15)
def _narrow(name: str) -> tuple[_Inside, ...]:
    """Return what names of one character and a given name say that are not hopeless."""
    if name[0] not in _tables().family:
        return ()
    lengths = (1, 2) if _is_han(name[2]) else (1,)
    return _hopeful(_inside(name, 1, given) for given in lengths)


@lru_cache(1 << 14)
def _wide(name: str) -> tuple[_Inside, ...]:
    """Return what names of two characters and a given name say that are not hopeless."""
    if not _is_han(name[2]):
        return ()
    compound, two = name[:2] in _tables().compounds, _is_han(name[3])
    if compound:
        return _hopeful(_inside(name, 2, given) for given in ((1, 2) if two else (1,)))
    return _hopeful([_inside(name, 2, 2, double=True)]) if two else ()


def _hopeful(insides: Iterable[_Inside]) -> tuple[_Inside, ...]:
    return tuple(inside for inside in insides if inside.margin > HOPELESS)


def _inside(name: str, family: int, given: int, *, double: bool = False) -> _Inside:
    """Return what a name itself says; see :func:`name_features.inner_features`."""
    tables = _tables()
    two = given > 1
    shape = double * 8 + family * 2 + given
    same = tables.same
    codes = [same[min(ord(character), 0xFFFF)] for character in name]
    first, last_family, one = codes[0], codes[family - 1], codes[family]
    second = codes[family + 1] if two else 0
    pair = name[family : family + 2] if two else ""
    usual = (name[family] in tables.usual) * 2
    usual += two and name[family + 1] in tables.usual
    stopped, ordinary = name[:2] in tables.stop, pair in tables.stop
    margin = _weight(
        _INNER,
        (shape, 0, 0), (shape, usual, pair in tables.listed), (stopped, ordinary, 0),
        (first, shape, 0), (one, shape, 0), (second, shape, 0), (last_family, one, 0),
        (one, second, 0), (last_family, one, second),
    )  # fmt: skip
    like_names = not stopped and not ordinary and usual == (3 if two else 2)
    return _Inside(family + given, shape, margin, like_names)


def _before(text: str, codes: list[int], start: int) -> _Before:
    """Return what stands before a candidate; see :func:`name_features.outer_features`."""
    tables = _tables()
    place = _label_place(text, start)
    label = _word_before(text, place)
    kind = tables.before_kinds[label]
    if kind in _OPEN_KINDS and text[place - 1] in tables.role and _is_han(text[place - 2]):
        kind = ROLE
    two, near, first, given = codes[start - 2 : start + 2]
    two = two if near else 0
    b3, b2, b1 = codes[place - 3 : place]
    b2 = b2 if b1 else 0
    b3 = b3 if b2 else 0
    margin = _weight(
        _OUTER,
        (near, 0, 0), (near, b1, kind), (b1, b2, 0), (b1, b2, b3),
        (near, first, 0), (near, first, given), (two, near, first),
    )  # fmt: skip
    return _Before(label, kind, _sort_of(near), margin)


def _named(text: str, codes: list[int], start: int, of: tuple[_Inside, _Before]) -> Named:
    """Return a candidate with what stands around it; see :func:`name_features.outer_features`."""
    tables, (inside, before) = _tables(), of
    shape, end = inside.shape, start + inside.length
    title = _word_behind(text, end)
    behind = tables.behind_kinds[title]
    inner, last, a1, a2, a3 = codes[end - 2 : end + 3]
    a2 = a2 if a1 else 0
    a3 = a3 if a2 else 0
    margin = inside.margin + before.margin + _weight(
        _BEHIND_FIRST,
        (before.kind, shape, 0), (a1, shape, 0), (a1, a2, 0), (a1, a2, a3), (last, a1, 0),
        (last, a1, a2), (inner, last, a1), (behind, shape, 0), (before.kind, behind, 0),
        (before.sort, _sort_of(a1), shape),
    )  # fmt: skip
    if inside.like_names:
        said = tables.said_before[before.kind] + tables.said_behind[behind]
        margin += said // 2 if text[start] in tables.doubtful else said
    return Named(start - PAD, end - PAD, margin - RARER, before.label, title)


def _weight(salt: int, *features: tuple[int, int, int]) -> int:
    """Return the sum of the features' weights; see :func:`name_features._numbers`."""
    weights, total = _tables().weights, 0
    for salted, (one, two, three) in zip(_SALTS[salt], features, strict=True):
        mixed = (salted ^ one) * _M1 & _MASK
        mixed = (mixed ^ mixed >> 15 ^ two) * _M2 & _MASK
        mixed = (mixed ^ mixed >> 15 ^ three) * _M3 & _MASK
        total += weights[((mixed ^ mixed >> 15) * _LAST & _MASK) >> _SHIFT]
    return total


def _codes(text: str) -> list[int]:
    """Return the folded code points, as :func:`name_features.padded` and ``Lexicon.same`` give them."""
    raw = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")
    codes: list[int] = lexicon().same[np.minimum(raw, 0xFFFF)].tolist()
    return codes


def _sort_of(code: int) -> int:
    """Return whether a folded character is the edge (0), Chinese (1), a letter or digit, a mark."""
    if code == 0:
        return 0
    if _FIRST_HAN <= code < _BEHIND_HAN:
        return 1
    return 2 if code == ord("0") or ord("a") <= code <= ord("z") else 3


def _is_han(character: str) -> bool:
    return _FIRST_HAN <= ord(character) < _BEHIND_HAN


def _label_place(text: str, start: int) -> int:
    gap, place = _tables().gap, start
    while place > start - 3 and text[place - 1] in gap:
        place -= 1
    return place


def _word_before(text: str, place: int) -> int:
    return _longest(_tables().before, text[place - LONGEST_WORD : place][::-1])


def _word_behind(text: str, place: int) -> int:
    return _longest(_tables().behind, text[place : place + LONGEST_WORD])


def _longest(words: dict[str, int], text: str) -> int:
    """Return the number of the longest known word that a text begins with, or -1."""
    for length in range(LONGEST_WORD, 0, -1):
        number = words.get(text[:length])
        if number is not None:
            return number
    return -1
