"""The score of a match: log-odds of its shape, its checksum, its label and its neighbourhood.

Both scanners come here with the same few facts, so that they cannot differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from anping.core.span import Span
from anping.core.text import Text
from anping.know.discover.entities import probability
from anping.know.discover.rules import BORN, CLOSE, NEARBY, NEARNESS, Rules

#: Whether a match has no validator, fails or passes it.
UNCHECKED, FAILED, PASSED = range(3)
#: What stands for its type, where no label does: nothing, a word nearby, a colon behind an unknown
#: word. Or a word of birth directly behind a date, whatever stands before.
ALONE, NEAR, INTRODUCED, BIRTH = range(4)
_LOG_ODDS = "log-odds:"


class Facts(NamedTuple):
    """What is known of a match: rule and label by number (-1: no label), gap in characters."""

    entity: int
    verdict: int
    label: int
    gap: int
    around: int


class Verdict(NamedTuple):
    """The type that a match has, its score, and what speaks for and against it."""

    type: str
    score: float
    evidence: tuple[str, ...]


@lru_cache(1 << 16)
def judge(rules: Rules, facts: Facts) -> Verdict | None:
    """Return what a match is and how surely; None if it is nothing at all."""
    entity = rules.entities[facts.entity]
    kind = entity.type
    codes, weights = [f"pattern:{kind}"], [entity.prior]
    if facts.verdict == FAILED:
        if entity.fail is None:
            return None
        codes.append("checksum-failed")
        weights.append(entity.fail)
    elif facts.verdict == PASSED and entity.checksum_weight:
        codes.append("checksum")
        weights.append(entity.checksum_weight)
    context = _context(rules, facts)
    if context is None:
        return None
    kind, code, added = context
    if added:
        codes.append(code)
        weights.append(added)
    total = 0.0
    for weight in weights:
        total += weight
    record = _LOG_ODDS + "".join(f"{weight:+.2f}" for weight in weights)
    return Verdict(kind, probability(total), (*codes, record))


def worth_judging(rules: Rules, facts: Facts) -> bool:
    """Return whether something can come of a match in its context, whatever its validator says."""
    return _context(rules, facts) is not None


def _context(rules: Rules, facts: Facts) -> tuple[str, str, float] | None:
    """Return the type in its context, what speaks for it, and the log-odds; None: it is nothing."""
    entity = rules.entities[facts.entity]
    if facts.around == BIRTH:
        return "DATE_OF_BIRTH", "context:生", BORN
    if facts.label >= 0:
        word = rules.words[facts.label]
        kind, close, far = rules.contexts[facts.entity][word.type]
        added = (close if facts.gap <= CLOSE else far) * NEARNESS[facts.gap]
        if (entity.only_with and word.type != entity.only_with) or (
            entity.needs_label and added <= 0
        ):
            return None
        return kind, f"context:{word.word}" if added > 0 else "context:other", added
    if entity.only_with or (entity.needs_label and facts.around == ALONE):
        return None
    around = {NEAR: ("nearby", NEARBY), INTRODUCED: ("introduced", entity.introduced)}
    return entity.type, *around.get(facts.around, ("", 0.0))


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of evidence of a finding, and the log-odds that it adds (None: not weighed)."""

    code: str
    log_odds: float | None
    text: Text

    def as_json(self) -> dict[str, object]:
        """Return plain values."""
        return {"code": self.code, "log_odds": self.log_odds, "text": self.text.as_json()}


_TEXTS = {
    "pattern": Text("符合的樣式", "shape"),
    "checksum": Text("檢查碼正確（依隨機通過率計重）", "checksum passed, weighed against chance"),
    "checksum-failed": Text("檢查碼不符", "checksum failed"),
    "context": Text("前後的標示字詞", "label beside it"),
    "nearby": Text("附近有相關字詞", "words of its kind nearby"),
    "introduced": Text("由未知字詞與冒號引出", "introduced by an unknown word and a colon"),
    "neighbour": Text("旁邊有另一項確定的發現", "another sure finding beside it"),
    "alone": Text("附近沒有其他個人資料", "nothing else of a person near"),
    "line-break": Text("數字中間換行", "broken over two lines"),
    "spaced": Text("字元之間有空白", "blanks between its characters"),
    "rest": Text("與另一項重疊後剩下的部分", "what an overlapping finding left over"),
}
_OTHERWISE = Text("其他證據", "other evidence")


def explain(span: Span) -> tuple[Part, ...]:
    """Return what a finding's score was built from, in both languages."""
    codes = [code for code in span.evidence if not code.startswith(_LOG_ODDS)]
    record = next((code for code in span.evidence if code.startswith(_LOG_ODDS)), _LOG_ODDS)
    weights = [
        float(part)
        for part in record.removeprefix(_LOG_ODDS).replace("-", " -").replace("+", " ").split()
    ]
    padded = [*weights, *[None] * len(codes)]
    return tuple(
        Part(code, weight, _TEXTS.get(code.partition(":")[0], _OTHERWISE))
        for code, weight in zip(codes, padded, strict=False)
    )
