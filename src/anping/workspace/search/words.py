"""Texts as terms with their places: words, and the letters and pairs of letters of Chinese.

Chinese is written without blanks, so every letter and every pair of neighbours is a term (bigrams; for
their worth see Kwok 1997, "Comparing representations in Chinese information retrieval", SIGIR). What is
searched for is then a phrase of pairs, and ``身分證`` finds ``身分證字號``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from anping.workspace.search.folding import fold

#: Letters that are written without blanks between words.
_LETTER = "\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u3100-\u312f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_TERM = re.compile(rf"[{_LETTER}]+|[^\W_{_LETTER}]+")
_IS_LETTER = re.compile(rf"[{_LETTER}]")
#: Where a name in camel case has its joints.
_JOINT = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
#: A word of more letters is cut: nobody looks for the rest.
LONGEST = 64

#: A term and its place among the places of a text.
Placed = tuple[str, int]


def terms_of(text: str) -> tuple[Placed, ...]:
    """Return the terms of a text to be found, with their places, counted from 0."""
    return tuple(_terms(text, single=True))


def asked_of(text: str) -> tuple[Placed, ...]:
    """Return the terms that together say ``text`` in a search: of Chinese the pairs of letters."""
    return tuple(_terms(text, single=False))


def places(terms: tuple[Placed, ...]) -> int:
    """Return how many places a text's terms take."""
    return terms[-1][1] + 1 if terms else 0


def _terms(text: str, *, single: bool) -> Iterator[Placed]:
    place = 0
    for found in _TERM.finditer(fold(_JOINT.sub(" ", text))):
        run = found.group()
        if not _IS_LETTER.match(run):
            yield run[:LONGEST], place
            place += 1
            continue
        pairs = list(pairwise(run))
        for at, letter in enumerate(run):
            if at < len(pairs):
                yield "".join(pairs[at]), place + at
            if single or len(run) == 1:
                yield letter, place + at
        place += len(run)
