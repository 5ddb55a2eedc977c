"""Where the rules match in one folded text, and what each match is worth."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from anping.core.span import Span
from anping.know.discover.behind import born_behind, has_digit, in_brackets
from anping.know.discover.context import (
    Label,
    Words,
    introduced,
    value_behind,
    words_in,
)
from anping.know.discover.entities import Entity
from anping.know.discover.fold import LETTERS, clear_before, clear_behind
from anping.know.discover.rules import ANCHORED, CLOSE, LABELLED, MAIN, Rules
from anping.know.discover.scoring import (
    ALONE,
    BIRTH,
    FAILED,
    INTRODUCED,
    NEAR,
    PASSED,
    UNCHECKED,
    Facts,
    judge,
)
from anping.know.discover.walking import walk_text

#: Which kinds of rules count beside the ordinary ones: "recall", "attributes".
Modes = frozenset[str]
ORDINARY: Modes = frozenset()
_TIME = re.compile(r"[ T]?[0-2][0-9]:[0-5][0-9]")
#: An English word behind an English word: "line was".
_PLAIN = re.compile("[A-Za-z]+(?![0-9A-Za-z@._-])")
Match = tuple[int, int, int]


def find_identifiers(rules: Rules, folded: str, modes: Modes = ORDINARY) -> list[Span]:
    """Return every rule's matches with their scores, overlapping ones too."""
    matches = list(_kept(rules, folded, _walked(rules, folded)))
    words = words_in(rules, folded) if matches or rules.labelled else None
    if words is None:
        return []
    matches += _kept(rules, folded, _behind_labels(rules, folded, words))
    found: list[Span] = []
    labels: dict[int, Label | None] = {}
    for match in matches:
        entity = rules.entities[match[0]]
        if entity.only and entity.only not in modes:
            continue
        start = match[1]
        if start not in labels:
            labels[start] = words.before(folded, start)
        if entity.bracketed and not in_brackets(folded, start, match[2]):
            continue
        label = words.behind(folded, match[2]) or _own(entity, folded, start, labels[start])
        if label is not None and not rules.helps[match[0]][label.word] and entity.needs_label:
            continue
        span = _span(words, folded, match, label)
        if span is not None:
            found.append(span)
    return found


def _own(entity: Entity, folded: str, start: int, label: Label | None) -> Label | None:
    """Return the label before a value unless it is another's: of a number or a name between."""
    if label is None or (entity.bracketed and label.gap > CLOSE):
        return None
    return None if entity.first and has_digit(folded, start - label.gap, start) else label


def _walked(rules: Rules, folded: str) -> list[Match]:
    automaton = rules.automaton
    starts = [match.start() for match in rules.starts[MAIN].finditer(folded)]
    found = walk_text(automaton, folded, starts, MAIN)
    if any(anchor in folded for anchor in rules.anchors):
        starts = [match.start() for match in rules.starts[ANCHORED].finditer(folded)]
        found += walk_text(automaton, folded, starts, ANCHORED)
    return found


def _behind_labels(rules: Rules, folded: str, words: Words) -> list[Match]:
    listed = [(end, word, False) for _, end, word in words.labels]
    listed += [(end, place[2], True) for end, place in words.touching.items()]
    places = (
        value_start(folded, end, touches=touches)
        for end, word, touches in listed
        if rules.words[word].type in rules.labelled
    )
    starts = sorted({place for place in places if place is not None})
    return walk_text(rules.automaton, folded, starts, LABELLED)


def value_start(folded: str, end: int, *, touches: bool) -> int | None:
    """Return where the value begins that a label ending at ``end`` may stand before; None if none.

    ``touches`` says that the label is one that its value must touch.
    """
    place = value_behind(folded, end, touching=touches)
    plain = not folded[end:place].strip() and _PLAIN.match(folded, place)
    return place if place < len(folded) and not plain else None


def _kept(rules: Rules, folded: str, matches: Iterable[Match]) -> Iterator[Match]:
    """Yield the matches that stand by themselves and, of one rule, do not overlap."""
    ends: dict[int, int] = {}
    for number, start, end in matches:
        if start < ends.get(number, 0):
            continue
        if stands_alone(rules.entities[number], folded, start, end):
            ends[number] = end
            yield number, start, end


def stands_alone(entity: Entity, folded: str, start: int, end: int) -> bool:
    """Return whether nothing joins on to a match: no ASCII letter or digit at an ASCII end.

    A clock time may be glued to a date: ``2018/03/0816:24``.
    """
    beside = entity.beside
    if folded[start].isascii() and not clear_before(folded, start, also=beside):
        return False
    if end == len(folded) or not folded[end - 1].isascii():
        return True
    if folded[end] not in LETTERS and (
        folded[end] not in beside or clear_behind(folded, end, also=beside)
    ):
        return True
    return entity.birth and _TIME.match(folded, end) is not None


def _span(words: Words, folded: str, match: Match, label: Label | None) -> Span | None:
    number, start, end = match
    entity = words.rules.entities[number]
    around = ALONE
    if entity.birth and born_behind(folded, end):
        around = BIRTH
    elif label is None:
        if words.near(entity.type, start, end):
            around = NEAR
        elif introduced(folded, start):
            around = INTRODUCED
        elif entity.needs_label:
            return None
    verdict = entity.validate(folded[start:end])
    facts = Facts(
        number,
        UNCHECKED if verdict is None else PASSED if verdict else FAILED,
        -1 if label is None or around == BIRTH else label.word,
        0 if label is None or around == BIRTH else label.gap,
        around,
    )
    judged = judge(words.rules, facts)
    return None if judged is None else Span(start, end, *judged)
