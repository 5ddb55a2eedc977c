"""Whether a whole cell is a personal name, by its form alone: rules, not the trained recogniser.

A cell is a clause of its own, and a column holds many of them, so the surname's share, the given
name's characters and ordinary words that begin alike say enough.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from anping.core.taiwan import names as statistics
from anping.know.discover.entities import probability
from anping.know.discover.lexicon import load
from anping.know.discover.name_features import family_names
from anping.know.discover.names_en import find_english_names

_HAN = re.compile("[\u3400-\u9fff]")
#: Function words are no part of a given name.
_FUNCTION = frozenset(
    "的了是在於與和及或其也都而且將被把從對為因至由並則等著過嗎呢們這那你我他她它"
)
#: Log-odds of a surname character beginning a name at all, and of a cell holding nothing else.
_PRIOR, _ALONE = -3.2, 1.6
_LISTED, _STOPPED = 2.0, -2.9


@dataclass(frozen=True)
class _Words:
    surnames: dict[str, float]
    compounds: frozenset[str]
    given_characters: frozenset[str]
    given_names: frozenset[str]
    titles: frozenset[str]
    stop: frozenset[str]
    ambiguous: frozenset[str]


@cache
def _words() -> _Words:
    body, facts = load("names"), statistics()
    single, compound = family_names()
    given = {name for name, _ in (*facts.given_female, *facts.given_male)}
    characters = set(body["given"]) | {character for name in given for character in name}
    return _Words(
        surnames=single,
        compounds=frozenset(compound),
        given_characters=frozenset(characters),
        given_names=frozenset(given),
        titles=frozenset(body["titles"].split()),
        stop=frozenset(body["stop"].split()),
        ambiguous=frozenset(body["ambiguous"]),
    )


def name_score(cell: str) -> float:
    """Return how likely a whole cell is a personal name, by its form alone (0 to 1)."""
    words, text = _words(), cell.strip()
    if text.isascii():
        return max(
            (span.score for span in find_english_names(text) if len(text) == span.end), default=0.0
        )
    for length in (4, 3, 2):
        if len(text) - length >= 2 and text[-length:] in words.titles:
            text = text[:-length]
            break
    length = 2 if text[:2] in words.compounds and len(text) > 2 else 1
    if not length + 1 <= len(text) <= length + 2 or not all(map(_HAN.match, text)):
        return 0.0
    weight = _name_weight(words, text[:length], text[length:])
    return probability(weight + _ALONE)


def _name_weight(words: _Words, family: str, given: str) -> float:
    weight = _PRIOR
    share = words.surnames.get(family, 0.05)
    weight += 0.8 if share >= 1 else 0.3 if share >= 0.1 else -0.6
    if len(family) == 2:
        weight += 1.5
    known = sum(character in words.given_characters for character in given)
    if len(given) == 2:
        weight += (-2.5, -0.3, 1.4)[known]
    else:
        weight += (-2.0, 0.2)[known]
    if given in words.given_names:
        weight += _LISTED
    if family in words.ambiguous:
        weight -= 1.5
    if (family + given)[:2] in words.stop or given in words.titles:
        weight += _STOPPED
    elif given in words.stop:
        weight -= 1.5
    if not _FUNCTION.isdisjoint(given):
        weight -= 3.0
    return weight
