"""Entities: how an identifier looks in text, and how much each piece of evidence weighs.

Weights are log-odds (natural logarithm); a score is their logistic sum. A passed checksum adds
ln(1 / chance), so that it counts exactly as much as chance would not explain it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from math import exp, log
from typing import Any

from anping.core.errors import ParameterError
from anping.core.taiwan import counties, divisions
from anping.core.text import Text
from anping.know.discover.lexicon import load
from anping.know.discover.pattern import Node, parse
from anping.know.discover.validators import CHANCE, VALIDATORS

#: Below this prior there is no finding without a label or an introduction before the value.
NEEDS_LABEL = -3.8
_KEYS = frozenset(
    [
        "pattern",
        "beside",
        "validator",
        "fail",
        "strip",
        "cut",
        "prior",
        "context",
        "other",
        "introduced",
        "digits",
        "only_with",
        "birth",
        "first",
        "bracketed",
        "anchor",
        "anywhere",
        "only",
    ]
)
_HINT = Text("寫法見 docs/guides/discovery。", "The form is described in docs/guides/discovery.")


@dataclass(frozen=True)
class Entity:
    """One rule of ``data/entities.yaml``; see the comments there for each weight."""

    type: str
    pattern: Node
    prior: float
    context: float
    other: float
    introduced: float = 0.9
    beside: str = ""
    validator: str = ""
    fail: float | None = None
    strip: str = ""
    cut: re.Pattern[str] | None = None
    digits: tuple[int, int] | None = None
    only_with: str = ""
    birth: bool = False
    first: bool = False
    bracketed: bool = False
    anchor: str = ""
    anywhere: bool = False
    only: str = ""
    shipped: bool = True

    @cached_property
    def needs_label(self) -> bool:
        """Whether the shape alone says too little."""
        return self.prior < NEEDS_LABEL

    @cached_property
    def checksum_weight(self) -> float:
        """The log-odds that a passed checksum adds; 0 without a checksum."""
        chance = CHANCE.get(self.validator)
        return 0.0 if chance is None else log(1 / chance)

    @cached_property
    def checks(self) -> Callable[[str], bool] | None:
        """The validator."""
        return VALIDATORS[self.validator] if self.validator else None

    def validate(self, matched: str) -> bool | None:
        """Return whether the match passes its validator, or None if the rule has none."""
        if self.digits is not None:
            count = sum("0" <= character <= "9" for character in matched)
            if not self.digits[0] <= count <= self.digits[1]:
                return False
        if self.checks is None:
            return None
        value = matched if self.cut is None else self.cut.sub("", matched)
        for character in self.strip:
            value = value.replace(character, "")
        return self.checks(value)


def probability(log_odds: float) -> float:
    """Return the logistic function of ``log_odds``, rounded so that scores compare stably."""
    return round(1 / (1 + exp(-log_odds)), 4)


@cache
def entities() -> tuple[Entity, ...]:
    """Return every rule, in the order of the file."""
    return read_entities(load("entities"), shipped=True)


def read_entities(body: object, *, shipped: bool = False) -> tuple[Entity, ...]:
    """Return the rules of entries as the YAML file writes them.

    Raises ParameterError, naming the entry, for a field that is unknown, missing or cannot be read,
    and for a pattern outside the language of :mod:`pattern`.
    """
    if not isinstance(body, Sequence) or isinstance(body, str):
        raise _wrong("?", "不是項目的清單", "the file is not a list of entries")
    found: list[Entity] = []
    for entry in body:
        kind = entry.get("type") if isinstance(entry, Mapping) else None
        if not isinstance(kind, str) or not re.fullmatch("[A-Z][A-Z0-9_]*", kind):
            raise _wrong("?", "缺少 type（大寫英文）", "an entry lacks a type (capital letters)")
        rules = entry.get("rules", [])
        if not isinstance(rules, Sequence) or not rules:
            raise _wrong(kind, "沒有 rules", "has no rules")
        found += [replace(_entity(kind, rule), shipped=shipped) for rule in rules]
    return tuple(found)


def read_labels(body: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Return the words before values that entries bring with them (``labels``), by type."""
    return {
        str(entry["type"]): [str(word).lower() for word in entry.get("labels", ())]
        for entry in body
    }


def _entity(kind: str, rule: object) -> Entity:
    if not isinstance(rule, Mapping) or "pattern" not in rule or "prior" not in rule:
        raise _wrong(kind, "規則缺少 pattern 或 prior", "a rule lacks a pattern or a prior")
    unknown = sorted(set(map(str, rule)) - _KEYS)
    if unknown:
        raise _wrong(kind, f"不認識的欄位 {unknown[0]}", f"unknown field {unknown[0]}")
    validator = str(rule.get("validator", ""))
    if validator and validator not in VALIDATORS:
        raise _wrong(kind, f"沒有驗證器 {validator}", f"there is no validator {validator}")
    body: dict[str, Any] = dict(rule)
    try:
        bounds = body.get("digits")
        return Entity(
            type=kind,
            pattern=parse(_expanded(str(body["pattern"]))),
            prior=float(body["prior"]),
            context=float(body.get("context", 2.0)),
            other=float(body.get("other", -2.5)),
            introduced=float(
                body.get("introduced", 0.9 if float(body["prior"]) >= NEEDS_LABEL else 1.5)
            ),
            beside=str(body.get("beside", "")),
            validator=validator,
            fail=float(body["fail"]) if "fail" in body else None,
            strip=str(body.get("strip", "")),
            cut=re.compile(str(body["cut"])) if "cut" in body else None,
            digits=None if bounds is None else (int(bounds[0]), int(bounds[1])),
            only_with=str(body.get("only_with", "")),
            birth=bool(body.get("birth", False)),
            first=bool(body.get("first", False)),
            bracketed=bool(body.get("bracketed", False)),
            anchor=str(body.get("anchor", ""))[:1],
            anywhere=bool(body.get("anywhere", False)),
            only=str(body.get("only", "")),
        )
    except (TypeError, ValueError, IndexError, re.error) as error:
        raise _wrong(kind, "有欄位看不懂", "a field cannot be read") from error


@cache
def _macros() -> dict[str, str]:
    def variants(names: Iterable[str]) -> str:
        return "(?:" + "|".join(name.replace("臺", "[臺台]") for name in sorted(set(names))) + ")"

    return {
        "{county}": variants(counties()),
        "{township}": variants(division.township for division in divisions()),
    }


def _expanded(pattern: str) -> str:
    if "{county}" in pattern or "{township}" in pattern:
        for macro, body in _macros().items():
            pattern = pattern.replace(macro, body)
    return pattern


def _wrong(kind: str, zh: str, en: str) -> ParameterError:
    return ParameterError(
        "discover.entity", Text(f"實體 {kind}：{zh}。", f"Entity {kind}: {en}."), hint=_HINT
    )
