"""Names in Latin letters: two or three capitalised words of which lists or a label know one."""

from __future__ import annotations

import re
from functools import cache

from anping.core.span import Span
from anping.know.discover.entities import probability
from anping.know.discover.fold import bounded
from anping.know.discover.lexicon import load

_PAIR = re.compile(
    r"([A-Z][a-z]+(?:-[A-Z]?[a-z]+)?)(?: [A-Z]\.)? ([A-Z][a-z]+(?:-[A-Z][a-z]+)?)"
    r"|([A-Z][a-z]+), ([A-Z][a-z]+-[A-Z]?[a-z]+)"
)
#: Redaction covers whole runs of capitalised words, for lists know few of the world's names.
_RUN = re.compile(r"[A-Z][a-z]+(?:[- ][A-Z][a-z]+){1,4}")


@cache
def _lists() -> tuple[frozenset[str], frozenset[str], frozenset[str], tuple[str, ...]]:
    body = load("names_en")
    return (
        frozenset(body["given"].split()),
        frozenset(body["surnames"].split()),
        frozenset(body["stop"].split()),
        tuple(sorted(body["labels"], key=len, reverse=True)),
    )


def find_english_names(folded: str, *, recall: bool = False) -> list[Span]:
    """Return names in Latin letters with their scores; with ``recall`` any capitalised pair."""
    spans: list[Span] = []
    if recall:
        spans += [
            Span(match.start(), match.end(), "PERSON_NAME", 0.2, ("capitalised",))
            for match in _RUN.finditer(folded)
            if bounded(folded, match.start(), match.end())
        ]
    position = 0
    while (match := _PAIR.search(folded, position)) is not None:
        first = match.group(1) or match.group(4)
        last = match.group(2) or match.group(3)
        score, evidence = _score(folded, match.start(), first, last)
        if bounded(folded, match.start(), match.end()) and score >= (0.1 if recall else 0.4):
            spans.append(Span(match.start(), match.end(), "PERSON_NAME", score, evidence))
            position = match.end()
        else:
            position = match.start() + len(match.group(1) or match.group(3))
    return spans


def _score(folded: str, start: int, first: str, last: str) -> tuple[float, tuple[str, ...]]:
    given, surnames, stop, _ = _lists()
    weight, evidence = -2.5, []
    if first in given:
        weight += 2.7
        evidence.append("given-name")
    elif "-" in first:
        weight += 1.8
        evidence.append("given-name-form")
    if last in surnames:
        weight += 2.0
        evidence.append("surname")
    before = folded[max(0, start - 24) : start].rstrip(" :")
    label = english_label(before)
    if label is not None:
        weight += 2.4
        evidence.append(f"label:{label}")
    elif (word := _chinese_label(before)) is not None:
        weight += 3.2
        evidence.append(f"label:{word}")
    if first in stop:
        weight -= 3.0
    if last in stop and last not in surnames:
        weight -= 3.0
    return probability(weight), tuple(evidence)


def english_label(before: str) -> str | None:
    """Return the English label (Patient, Mr., belongs to) that ends a text, or None."""
    ending = before[-24:].lower().rstrip(" :")
    word = next((word for word in _lists()[3] if ending.endswith(word)), None)
    if word is None or not bounded(ending, len(ending) - len(word), len(ending)):
        return None
    return word


def _chinese_label(before: str) -> str | None:
    """Return the Chinese label or relation (姓名, 配偶) that ends a text, or None."""
    words = _chinese_words()
    return next((before[-length:] for length in (5, 4, 3, 2) if before[-length:] in words), None)


@cache
def _chinese_words() -> frozenset[str]:
    body = load("names")
    return frozenset((body["labels"] + " " + body["relations"]).split())
