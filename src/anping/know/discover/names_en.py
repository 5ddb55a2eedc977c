"""Names in Latin letters: two or three capitalised words of which lists, form or a label know some.

Lists: common English names and romanised Taiwanese family names, names of South-East Asia's people in
Taiwan, and the first and last names of the 1990 census of the United States. Form: a given name of
two romanised Chinese syllables (Wei-Ting, WEI-TING). Weights are log-odds, set by hand.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from anping.core.span import Span
from anping.know.discover.entities import probability
from anping.know.discover.fold import bounded
from anping.know.discover.lexicon import load

_TAIL = r"(?:[a-z]+(?:[A-Z][a-z]+)?(?:-[A-Z]?[a-z]+)?|[A-Z]+(?:-[A-Z]{2,})?|'[A-Z][a-z]+)"
#: A run of capitalised words that stands by itself; an initial or a comma may stand between two.
_RUN = re.compile(
    rf"[A-Z](?<![0-9A-Za-z][A-Z]){_TAIL}(?:(?:,| [A-Z]\.)?[ \u3000][A-Z]{_TAIL})+(?![0-9A-Za-z])"
)
_PIECE = re.compile(rf"([A-Z]{_TAIL})(,?)(?: [A-Z]\.)?")
#: Redaction covers whole runs of capitalised words, for lists know few of the world's names.
_ANY_RUN = re.compile(r"[A-Z][a-z]+(?:[- ][A-Z][a-z]+){1,4}")
_INITIAL = r"(?:[bpmfdtnlgkhjqxrzcsyw]|[zcs]h|t[sz]|hs)?"
_FINAL = r"(?:[iu]?(?:ang|ong|an|eng|en|ao|ai|a|eh|ei|e|ou|o)|i(?:ng|n|u|h)?|u(?:ng|n|i)?|yu|erh?)"
_SYLLABLES = re.compile(f"{_INITIAL}{_FINAL}-{_INITIAL}{_FINAL}", re.IGNORECASE)
_PRIOR = -2.5
#: What a first name adds: well known, known, of syllables, hyphened; and a last name.
_FIRST, _RARE_FIRST, _SYLLABIC, _HYPHENED = 2.7, 1.9, 2.3, 1.8
_LAST, _RARE_LAST = 2.0, 1.1
_STOP, _LABEL, _CHINESE_LABEL, _CAPITALS, _THIRD = -3.0, 2.4, 3.2, -0.5, -0.4
#: A family name stands first when it is Chinese or Vietnamese.
_REVERSED = -0.2
_LEAST, _LEAST_RECALL = 0.4, 0.1


@dataclass(frozen=True, slots=True)
class _Lists:
    first: Mapping[str, float]
    last: Mapping[str, float]
    eastern: frozenset[str]
    stop: frozenset[str]
    labels: frozenset[str]


@cache
def _lists() -> _Lists:
    own, census = load("names_en"), load("names_census")
    first = dict.fromkeys(census["first"].split(), _RARE_FIRST)
    first |= dict.fromkeys((census["first_common"] + " " + own["given"]).split(), _FIRST)
    last = dict.fromkeys(census["last"].split(), _RARE_LAST)
    known = census["last_common"] + " " + own["surnames"] + " " + own["eastern"]
    last |= dict.fromkeys(known.split(), _LAST)
    return _Lists(
        first=first,
        last=last,
        eastern=frozenset(own["eastern"].split()),
        stop=frozenset(own["stop"].split()),
        labels=frozenset(own["labels"]),
    )


def find_english_names(folded: str, *, recall: bool = False) -> list[Span]:
    """Return names in Latin letters with their scores; with ``recall`` any capitalised pair."""
    spans: list[Span] = []
    if recall:
        spans += [
            Span(match.start(), match.end(), "PERSON_NAME", 0.2, ("capitalised",))
            for match in _ANY_RUN.finditer(folded)
            if bounded(folded, match.start(), match.end())
        ]
    least = _LEAST_RECALL if recall else _LEAST
    for match in _RUN.finditer(folded):
        spans += _in_run(folded, match, least)
    return spans


def _in_run(folded: str, run: re.Match[str], least: float) -> list[Span]:
    """Return the names in one run of capitalised words, from the left."""
    pieces = list(_PIECE.finditer(folded, run.start(), run.end()))
    spans = []
    place = 0
    while place < len(pieces) - 1:
        best: Span | None = None
        for count in (2, 3):
            if place + count <= len(pieces):
                span = _scored(folded, pieces[place : place + count])
                if span is not None and (best is None or span.score > best.score):
                    best, taken = span, count
        if best is not None and best.score >= least:
            spans.append(best)
            place += taken
        else:
            place += 1
    return spans


def _scored(folded: str, pieces: list[re.Match[str]]) -> Span | None:
    """Return two or three words as a name with its score; None where they cannot be one."""
    if pieces[0].group(1).lower() in _lists().labels:
        return None
    start, end = pieces[0].start(), pieces[-1].end(1)
    comma = [piece.group(2) for piece in pieces[:-1]]
    words = [piece.group(1) for piece in pieces]
    if any(comma) and (len(words) > 2 or "-" not in words[1]):
        return None
    capitals = words[0].isupper()
    if any(word.isupper() != capitals for word in words):
        return None
    plain = [word.title() if capitals else word for word in words]
    weight, evidence = _weight(plain, last_first=any(comma))
    if weight <= _PRIOR + _STOP / 2:
        return None
    weight += _CAPITALS * capitals
    label, code = _label(folded, start)
    if code:
        weight += label
        evidence.append(code)
    return Span(start, end, "PERSON_NAME", probability(weight), tuple(evidence))


def _weight(words: list[str], *, last_first: bool) -> tuple[float, list[str]]:
    """Return the log-odds of words in their better order, and what speaks for them."""
    lists = _lists()
    first, last = words[0], words[-1]
    western = _first(first) + lists.last.get(last, 0.0)
    eastern = lists.last.get(first, 0.0) + _first(last) + _REVERSED
    allowed = last_first or first in lists.eastern
    reverse = allowed and eastern > western
    weight = _PRIOR + (eastern if reverse else western)
    given, family = (last, first) if reverse else (first, last)
    if len(words) > 2:
        middle = words[1]
        weight += _THIRD + 0.5 * max(_first(middle), lists.last.get(middle, 0.0))
        weight += _STOP * (middle in lists.stop or not (_first(middle) or middle in lists.last))
    weight += _STOP * (given in lists.stop)
    weight += _STOP * (family in lists.stop and family not in lists.last)
    evidence = [
        code
        for code, there in (
            ("given-name", given in lists.first),
            ("given-name-form", "-" in given and given not in lists.first),
            ("surname", family in lists.last),
        )
        if there
    ]
    return weight, evidence


def _first(word: str) -> float:
    known = _lists().first.get(word)
    if known is not None or "-" not in word:
        return known or 0.0
    return _SYLLABIC if _SYLLABLES.fullmatch(word) else _HYPHENED


def _label(folded: str, start: int) -> tuple[float, str]:
    """Return what the label before a name adds, and its evidence."""
    before = folded[max(0, start - 24) : start].rpartition("\0")[2].rstrip(" :\t")
    label = english_label(before)
    if label is not None:
        return _LABEL, f"label:{label}"
    words = _chinese_words()
    word = next((before[-n:] for n in (5, 4, 3, 2) if before[-n:] in words), None)
    return (0.0, "") if word is None else (_CHINESE_LABEL, f"label:{word}")


def english_label(before: str) -> str | None:
    """Return the English label (Patient, Mr., belongs to) that ends a text, or None."""
    ending = before[-24:].lower().rstrip(" :")
    found = _endings().search(ending) if ending.endswith(_labels()) else None
    if found is None or not bounded(ending, found.start(), len(ending)):
        return None
    return found.group()


@cache
def _labels() -> tuple[str, ...]:
    return tuple(_lists().labels)


@cache
def _endings() -> re.Pattern[str]:
    return re.compile(
        f"(?:{'|'.join(map(re.escape, sorted(_lists().labels, key=len, reverse=True)))})$"
    )


@cache
def openings_of_labels() -> frozenset[str]:
    """Return the first two characters of every word that stands before names, in small letters."""
    words = (word.replace(" ", "").lower() for word in _lists().labels | _chinese_words())
    return frozenset(word[:2] for word in words if len(word) > 1)


@cache
def _chinese_words() -> frozenset[str]:
    body = load("names")
    return frozenset((body["labels"] + " " + body["relations"]).split())
