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
_GAP = 3


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
    given, surnames, stop, labels = _lists()
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
    before = folded[max(0, start - 24) : start].lower().rstrip(" :")
    label = next((word for word in labels if before.endswith(word)), None)
    if label is not None and bounded(before, len(before) - len(label), len(before)):
        weight += 2.4
        evidence.append(f"label:{label}")
    if first in stop:
        weight -= 3.0
    if last in stop and last not in surnames:
        weight -= 3.0
    return probability(weight), tuple(evidence)
