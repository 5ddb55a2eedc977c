"""The rules as both scanners read them: one automaton, and what every label adds to every rule."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import Any

from anping.know.discover.automaton import Automaton, build
from anping.know.discover.entities import Entity, entities, read_entities, read_labels
from anping.know.discover.lexicon import load
from anping.know.discover.organisations import ENDINGS
from anping.know.discover.pattern import Either, Node, One, Repeat, Row
from anping.know.discover.taxonomy import SemanticType, own_types, taxonomy

#: Groups of patterns, by where they may begin: numbers (a digit comes soon) and other words begin
#: where no letter or digit joins on; then those with an anchor, those behind their label, those
#: that begin anywhere; and the words of labels, the words nearby and endings of organisations.
NUMBER, WORD, ANCHORED, LABELLED, ANYWHERE, LABEL = range(6)
_GROUPS = 6
#: Groups that are walked together, from one start state: all three where a digit comes soon, else two.
TOGETHER = ((NUMBER, WORD, ANYWHERE), (WORD, ANYWHERE))
MAIN, WORDS = _GROUPS, _GROUPS + 1
#: How far before its anchor an anchored match begins at most; no blank stands between.
ANCHOR_REACH = 64
OTHER = "OTHER"
_ADDRESSES = frozenset({"ADDRESS_FULL", "ADDRESS_PART"})
#: What a word of birth adds to a date.
BORN = 4.5
#: What a label of another type directly before a value takes from an unsure shape.
_OTHER_TYPE, CLOSE = -1.5, 2
#: What a word nearby adds, where no label stands before.
NEARBY = 2.2
#: Words of two characters that are not ASCII may stand apart, by so many blanks at most.
_PAIR, _LAST_ASCII = 2, "\x7f"
_APART = Repeat(One(((32, 32),)), 0, 4)
#: A label's weight falls with the characters between it and the value.
NEARNESS = tuple(1.0 if gap <= 6 else max(0.35, 1.0 - 0.04 * (gap - 6)) for gap in range(65))


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the lexicon: a label, a word nearby, or an ending, of a type."""

    word: str
    type: str
    nearby: bool


@dataclass(frozen=True, eq=False)
class Rules:
    """Entities and words, compiled: patterns of the automaton are the entities, then the words.

    ``own`` are the entries of a user's own files as JSON, from which :func:`own_rules` makes the
    same rules again; it is empty where there are none.
    """

    entities: tuple[Entity, ...]
    words: tuple[Word, ...]
    own: str = ""

    def __reduce__(self) -> tuple[Callable[[str], Rules], tuple[str]]:
        """Return how it is made again in another process: the automaton is built there, once."""
        return own_rules, (self.own,)

    @cached_property
    def entries(self) -> tuple[Mapping[str, Any], ...]:
        """The entries of a user's own files, as plain values."""
        return tuple(json.loads(self.own)) if self.own else ()

    @cached_property
    def known(self) -> Mapping[str, SemanticType]:
        """The taxonomy, and the types of a user's own files, by id."""
        return {**taxonomy(), **own_types(self.entries)}

    @cached_property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """The labels of a user's own files, each with its type."""
        listed = read_labels(self.entries)
        return tuple((word, kind) for kind, words in listed.items() for word in words)

    @cached_property
    def added(self) -> tuple[tuple[Entity, ...], Automaton]:
        """The entities of a user's own files, and the automaton of their patterns alone."""
        own = tuple(entity for entity in self.entities if not entity.shipped)
        return own, build([entity.pattern for entity in own])

    @cached_property
    def automaton(self) -> Automaton:
        """The automaton of all patterns."""
        nodes = [entity.pattern for entity in self.entities] + [
            _word_pattern(word.word) for word in self.words
        ]
        return build(nodes, self._group, groups=_GROUPS, together=TOGETHER, limited=self._limited)

    @cached_property
    def _limited(self) -> frozenset[int]:
        """The rules whose matches can begin one in another and go on and on: addresses and words."""
        return frozenset(
            number
            for number, entity in enumerate(self.entities)
            if entity.anywhere or entity.type in _ADDRESSES
        )

    def _group(self, number: int, soon_a_digit: bool) -> int:  # noqa: FBT001 - handed to build
        if number >= len(self.entities):
            return LABEL
        entity = self.entities[number]
        if entity.only_with:
            return LABELLED
        if entity.anywhere:
            return ANYWHERE
        if entity.anchor:
            return ANCHORED
        return NUMBER if soon_a_digit else WORD

    @cached_property
    def starts(self) -> dict[int, re.Pattern[str]]:
        """By group, an expression for the places where its patterns can begin."""
        anchors = f"(?=[^ {self.anchors}]{{0,{ANCHOR_REACH}}}[{re.escape(self.anchors)}])"
        return {
            MAIN: _starts(
                *_numbers(self.automaton),
                *_pairs(self.automaton, WORD),
                _Opening(self.automaton.first(ANYWHERE)),
            ),
            ANCHORED: _starts(_Opening(self.automaton.first(ANCHORED), anchors)),
        }

    @cached_property
    def label_starts(self) -> re.Pattern[str]:
        """An expression for the places where a word of the lexicon can begin."""
        return _starts(_Opening(self.automaton.first(LABEL)))

    @cached_property
    def openings(self) -> frozenset[str]:
        """The first two characters of labels that speak for a type, in small letters, without blanks."""
        labels = (
            word.word.replace(" ", "").lower()
            for word in self.words
            if not word.nearby and word.type != OTHER
        )
        return frozenset(label[:2] for label in labels if len(label) > 1)

    @cached_property
    def anchors(self) -> str:
        """The characters of which an anchored match holds one."""
        return "".join(sorted({entity.anchor for entity in self.entities} - {""}))

    @cached_property
    def types(self) -> tuple[str, ...]:
        """Every type that a finding or a label can have."""
        kinds = [entity.type for entity in self.entities] + [word.type for word in self.words]
        return tuple(dict.fromkeys([*kinds, "DATE_OF_BIRTH", "TW_DRIVER_LICENSE", OTHER]))

    @cached_property
    def labelled(self) -> frozenset[str]:
        """The types whose values are looked for only behind their labels."""
        return frozenset(entity.only_with for entity in self.entities) - {""}

    @cached_property
    def is_nearby(self) -> tuple[bool, ...]:
        """By word, whether it only has to stand nearby."""
        return tuple(word.nearby for word in self.words)

    @cached_property
    def helps(self) -> tuple[tuple[bool, ...], ...]:
        """By entity and word, whether the word as a label speaks for it."""
        return tuple(
            tuple(known[word.type][1] > 0 or known[word.type][2] > 0 for word in self.words)
            for known in self.contexts
        )

    @cached_property
    def contexts(self) -> tuple[dict[str, tuple[str, float, float]], ...]:
        """By entity and type of label: the type in that context, the weight close by and farther."""
        kinds = self.types
        return tuple(
            {
                kind: (*_context(entity, kind, 0), _context(entity, kind, CLOSE + 1)[1])
                for kind in kinds
            }
            for entity in self.entities
        )


def _context(entity: Entity, label: str, gap: int) -> tuple[str, float]:
    """Return the type behind a label of a type, and the log-odds that it adds at no distance."""
    if entity.birth and label == "DATE_OF_BIRTH":
        return label, BORN
    if label == entity.type:
        return entity.type, entity.context
    if entity.type == "TW_NATIONAL_ID" and label == "TW_DRIVER_LICENSE":
        return label, entity.context
    if label == OTHER or (entity.prior < -2 and not entity.birth):
        return entity.type, entity.other
    if entity.prior < 0 and gap <= CLOSE:
        return entity.type, _OTHER_TYPE
    return entity.type, 0.0


#: Nothing joins on before the character just read; and which of the numbers' rest is a digit.
_ALONE = "(?<![0-9A-Za-z].)"
_DIGITS = "0123456789"


@dataclass(frozen=True, slots=True)
class _Opening:
    """Characters that a pattern can begin with, and what must hold behind the ASCII ones."""

    first: str
    ahead: str = ""


def _starts(*openings: _Opening) -> re.Pattern[str]:
    """Return an expression for where one of the openings stands, and nothing joins on before it.

    Nothing joins on to a character that is not ASCII. The expression begins with a class of
    characters, by which the engine finds its places quickly.
    """
    every = {character for opening in openings for character in opening.first}
    wide = "".join(sorted(character for character in every if not character.isascii()))
    narrow = []
    for opening in openings:
        first = "".join(character for character in opening.first if character.isascii())
        if first:
            narrow.append(f"(?<=[{re.escape(first)}]){opening.ahead}")
    ways = [f"(?<=[{re.escape(wide)}])"] if wide else []
    ways += [f"{_ALONE}(?:{'|'.join(narrow)})"] if narrow else []
    if not ways:
        return re.compile("(?!)")
    return re.compile(f"[{re.escape(''.join(sorted(every)))}](?:{'|'.join(ways)})", re.DOTALL)


def _numbers(automaton: Automaton) -> list[_Opening]:
    """Return the openings of numbers: digits, and what a digit follows soon."""
    first = automaton.first(NUMBER)
    others = "".join(character for character in first if character not in _DIGITS)
    return [_Opening(_DIGITS), _Opening(others, "(?=[^0-9]{0,4}[0-9])")]


def _pairs(automaton: Automaton, group: int) -> list[_Opening]:
    """Return the openings of a group, by what can be their second characters."""
    firsts: dict[str, list[str]] = {}
    for character in automaton.first(group):
        firsts.setdefault(automaton.second(group, character), []).append(character)
    return [
        _Opening("".join(known), f"(?=[{re.escape(second)}])") for second, known in firsts.items()
    ]


def _word_pattern(word: str) -> Node:
    """Return a word's pattern; forms set two characters apart to fill a line: 姓　　名."""
    letters = tuple(_letter(character) for character in word)
    if len(word) == _PAIR and all(character > _LAST_ASCII for character in word):
        return Row((letters[0], _APART, letters[1]))
    return Row(letters)


def _letter(character: str) -> Node:
    codes = sorted(
        {ord(character.lower()), ord(character.upper())}
        if character.isascii()
        else {ord(character)}
    )
    ones = tuple(One(((code, code),)) for code in codes)
    return ones[0] if len(ones) == 1 else Either(ones)


@cache
def standard_rules() -> Rules:
    """Return the rules that ship with Anping."""
    return _rules(entities(), load("labels"))


@lru_cache(4)
def own_rules(own: str) -> Rules:
    """Return the shipped rules and those of a user's entries, given as JSON ("" without any).

    Raises ParameterError for an entry or a pattern that is refused (see :mod:`pattern`).
    """
    if not own:
        return standard_rules()
    entries = json.loads(own)
    labels: dict[str, list[str]] = {kind: list(words) for kind, words in load("labels").items()}
    for kind, words in read_labels(entries).items():
        labels.setdefault(kind, []).extend(words)
    return _rules(entities() + read_entities(entries), labels, own)


def rules_of(entries: Sequence[Mapping[str, Any]]) -> Rules:
    """Return the shipped rules and those of entries as :attr:`Rules.entries` gives them."""
    return own_rules(
        json.dumps(list(entries), ensure_ascii=False, sort_keys=True) if entries else ""
    )


def _rules(found: tuple[Entity, ...], labels: Mapping[str, Sequence[str]], own: str = "") -> Rules:
    words = {
        (word, nearby): Word(word, kind, nearby)
        for table, nearby in (
            (labels, False),
            ({**load("near"), "ORGANISATION": ENDINGS}, True),
        )
        for kind, listed in table.items()
        for word in dict.fromkeys(listed)
    }
    return Rules(found, tuple(words.values()), own)
