"""The rules as arrays: what is asked of thousands of matches at once is looked up by their numbers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from anping.know.discover.pattern import ASTRAL
from anping.know.discover.rules import CLOSE, Rules
from anping.know.discover.scoring import ALONE, UNCHECKED, Facts, worth_judging

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class RuleArrays:
    """What is asked of rules and words by number.

    By rule, shape (rules,): whether a label is needed, whether a birth may be said behind, whether
    a label counts only for the first number behind it, and whether brackets are needed.
    ``joining`` are the characters, sorted, that join on for some rule where a letter stands behind
    them; ``beside`` says for which, shape (rules, joining).
    ``pointless`` says what nothing can come of: shape (rules, words + 1, 2), the first word being
    none, the last axis whether the word stands farther than close by.
    """

    needs_label: Mask
    birth: Mask
    first: Mask
    bracketed: Mask
    joining: npt.NDArray[np.uint16]
    beside: Mask
    pointless: Mask

    @classmethod
    def of(cls, rules: Rules) -> RuleArrays:
        """Return the arrays of some rules, made once."""
        return _arrays(rules)

    def wanted(self, rules: Rules, modes: frozenset[str]) -> Mask:
        """Return which rules count in some modes."""
        return np.array([not e.only or e.only in modes for e in rules.entities], bool)


@dataclass(frozen=True, eq=False)
class WordArrays:
    """By word of the lexicon, shape (words,): what kind of word it is.

    ``nearby`` words only have to stand nearby, ``introducing`` ones stand before values that are
    looked for only behind their labels, ``ending`` ones end an organisation's name. ``kinds`` are
    the types of the words nearby, each with its words and, by rule, whether it has that type;
    ``kind_of_word`` and ``kind_of_rule`` give the number of the kind, -1 for none.
    """

    nearby: Mask
    introducing: Mask
    ending: Mask
    kinds: tuple[tuple[Mask, Mask], ...]
    kind_of_word: npt.NDArray[np.int16]
    kind_of_rule: npt.NDArray[np.int16]

    @classmethod
    def of(cls, rules: Rules) -> WordArrays:
        """Return the arrays of some rules' words, made once."""
        return _word_arrays(rules)


@lru_cache(8)
def _arrays(rules: Rules) -> RuleArrays:
    entities = rules.entities
    joining = sorted({min(ord(c), ASTRAL) for entity in entities for c in entity.beside})
    pointless = np.zeros((len(entities), len(rules.words) + 1, 2), bool)
    types = np.array([word.type for word in rules.words])
    for number in range(len(entities)):
        pointless[number, 0] = not worth_judging(rules, Facts(number, UNCHECKED, -1, 0, ALONE))
        first = {word.type: place for place, word in reversed([*enumerate(rules.words)])}
        for kind, word in first.items():
            of_kind = np.flatnonzero(types == kind) + 1
            for far, gap in enumerate((0, CLOSE + 1)):
                facts = Facts(number, UNCHECKED, word, gap, ALONE)
                pointless[number, of_kind, far] = not worth_judging(rules, facts)
    return RuleArrays(
        np.array([entity.needs_label for entity in entities], bool),
        np.array([entity.birth for entity in entities], bool),
        np.array([entity.first for entity in entities], bool),
        np.array([entity.bracketed for entity in entities], bool),
        np.array(joining, np.uint16),
        np.array([[chr(code) in e.beside for code in joining] for e in entities], bool),
        pointless,
    )


@lru_cache(8)
def _word_arrays(rules: Rules) -> WordArrays:
    words = rules.words
    nearby = np.array([word.nearby for word in words], bool)
    kinds = []
    for kind in sorted({word.type for word in words if word.nearby}):
        of_rules = np.array([entity.type == kind for entity in rules.entities], bool)
        if of_rules.any():
            kinds.append((np.array([word.type == kind for word in words], bool), of_rules))
    kind_of_word, kind_of_rule = (np.full(len(n), -1, np.int16) for n in (words, rules.entities))
    for number, (of_words, of_rules) in enumerate(kinds):
        kind_of_word[of_words], kind_of_rule[of_rules] = number, number
    return WordArrays(
        nearby,
        np.array([word.type in rules.labelled for word in words], bool),
        np.array([word.type == "ORGANISATION" for word in words], bool),
        tuple(kinds),
        kind_of_word,
        kind_of_rule,
    )
