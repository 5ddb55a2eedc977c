"""Surrogates of names: drawn by how common surnames and given names are (core.taiwan).

A name keeps its script, its length and its parts, so 王小明 and 小明 of one text become one other
person's name and given name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from anping.core import taiwan
from anping.protect.text.folding import is_han
from anping.protect.text.forms import COMPOUND_SURNAMES, TITLES, surname_and_given
from anping.protect.text.surrogates.draw import Draw
from anping.protect.text.surrogates.layout import reformed

GIVEN_ENGLISH = (
    "Amy", "Alan", "Alice", "Andy", "Angela", "Brian", "Carol", "Cindy", "Daniel", "David", "Emily",
    "Eric", "Fiona", "Frank", "Grace", "Henry", "Irene", "Jack", "Jason", "Jenny", "Joyce", "Karen",
    "Kevin", "Linda", "Lisa", "Mandy", "Mark", "Michelle", "Nancy", "Oscar", "Patty", "Peter",
    "Rachel", "Ray", "Sandy", "Sean", "Sherry", "Steven", "Tina", "Tony", "Vicky", "Victor",
    "Wendy", "William", "Yvonne",
)  # fmt: skip
SURNAMES_ENGLISH = (
    "Chen", "Lin", "Huang", "Chang", "Lee", "Wang", "Wu", "Liu", "Tsai", "Yang", "Hsu", "Cheng",
    "Hsieh", "Hung", "Kuo", "Chiu", "Tseng", "Liao", "Lai", "Chou", "Yeh", "Su", "Chuang", "Chiang",
    "Lu", "Ho", "Lo", "Kao", "Hsiao", "Pan", "Chien", "Chu", "Chung", "Peng", "Yu", "Chan", "Shih",
    "Shen", "Tu", "Sung",
)  # fmt: skip
_WORD = re.compile("[A-Za-z]+")
_UPPER_SURNAMES = frozenset(name.upper() for name in SURNAMES_ENGLISH)


def bare(text: str) -> str:
    """Return a name without the title behind it."""
    if not text.endswith(TITLES):
        return text
    title = next((title for title in TITLES if text.endswith(title) and text != title), "")
    return text.removesuffix(title)


def whole_names(mentions: Iterable[str]) -> frozenset[str]:
    """Return the mentions that are a surname with a given name."""
    found = set()
    for mention in mentions:
        parts = surname_and_given(_plain(bare(mention)))
        if parts is not None and len(parts[1]) > 0 and parts[0] in _surnames():
            found.add(_plain(bare(mention)))
    return frozenset(found)


def owner(mention: str, names: frozenset[str]) -> str:
    """Return the whole name that a part of a name stands for, or the part if none or several."""
    if _WORD.search(mention):
        return " ".join(sorted(match[0].upper() for match in _WORD.finditer(mention)))
    part = _plain(bare(mention))
    if part in names:
        return part
    owners = [name for name in names if part and part in surname_and_given_of(name)]
    return owners[0] if len(owners) == 1 else part


def surname_and_given_of(name: str) -> tuple[str, str]:
    """Return the parts of a whole name."""
    return surname_and_given(name) or (name, "")


def person(text: str, draw: Draw, *, whole: str) -> str:
    """Return another name in the layout of ``text``; ``whole`` is the name that it belongs to."""
    if _WORD.search(text):
        return _english(text, draw)
    part, title = _plain(bare(text)), text[len(bare(text)) :]
    if not is_han(part) or len(part) > 4:
        return reformed(text, draw)
    true = _parts(whole)
    made = _chinese(true, draw)
    fake = "".join(made)
    if part != whole:
        fake = made[0] if part == true[0] else made[1]
    return _spaced(text[: len(text) - len(title)], fake) + title


def _plain(name: str) -> str:
    return "".join(mark for mark in name if not mark.isspace())


def _spaced(text: str, made: str) -> str:
    """Return the name with the blanks that stand between all characters of ``text``."""
    gap = re.search(r"\s+", text)
    return gap[0].join(made) if gap else made


def _parts(whole: str) -> tuple[str, str]:
    """Return surname and given name; one of them is empty where only the other stands."""
    if whole in _surnames():
        return whole, ""
    parts = surname_and_given(whole)
    if parts is not None and (parts[0] in _surnames() or len(whole) > 2):
        return parts
    return "", whole


def _chinese(true: tuple[str, str], draw: Draw) -> tuple[str, str]:
    """Return a surname and a given name of the same lengths as the true ones."""
    surname, given = true
    while surname and surname == true[0]:
        surname = draw.weighted(_surname_weights()[len(true[0]) > 1])
    while given and given == true[1]:
        given = draw.weighted(_given_weights())[-len(true[1]) :]
    return surname, given


@cache
def _surnames() -> frozenset[str]:
    single, double = _surname_weights()
    return frozenset(name for name, _ in (*single, *double))


@cache
def _surname_weights() -> tuple[tuple[tuple[str, float], ...], tuple[tuple[str, float], ...]]:
    """Return the surnames of one character, and those of two."""
    pairs = taiwan.names().surnames
    listed = {name for name, _ in pairs}
    more = ((name, 0.001) for name in COMPOUND_SURNAMES if name not in listed)
    single = tuple(pair for pair in pairs if len(pair[0]) == 1)
    return single, (*(pair for pair in pairs if len(pair[0]) > 1), *more)


@cache
def _given_weights() -> tuple[tuple[str, float], ...]:
    names = taiwan.names()
    pairs = (*names.given_female, *names.given_male)
    return tuple(pair for pair in pairs if len(pair[0]) == 2)


def _english(text: str, draw: Draw) -> str:
    # One stream for all words: a word of the name is always the same, in whatever order they stand.
    made: dict[str, str] = {}
    for word in sorted({match[0].upper() for match in _WORD.finditer(text)}):
        if len(word) == 1:
            made[word] = draw.one_of("ABCDEFGHJKLMNPRSTWY")
            continue
        options = SURNAMES_ENGLISH if word in _UPPER_SURNAMES else GIVEN_ENGLISH
        made[word] = draw.one_of(options)
        while made[word].upper() == word:
            made[word] = draw.one_of(options)
    return _WORD.sub(lambda match: _cased(match[0], made[match[0].upper()]), text)


def _cased(old: str, new: str) -> str:
    if old.isupper() and len(old) > 1:
        return new.upper()
    return new.lower() if old.islower() else new
