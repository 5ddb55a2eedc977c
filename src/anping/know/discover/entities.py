"""Entities: how an identifier looks in text, and how much each piece of evidence weighs.

Weights are log-odds (natural logarithm); a score is their logistic sum. A passed checksum adds
ln(1 / chance), so that it counts exactly as much as chance would not explain it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from math import exp, log

from anping.know.discover.lexicon import load
from anping.know.discover.validators import CHANCE, VALIDATORS


@dataclass(frozen=True)
class Entity:
    """One rule of ``data/entities.yaml``; see the comments there for each weight."""

    type: str
    pattern: re.Pattern[str]
    prior: float
    context: float
    other: float
    beside: str = ""
    hints: tuple[str, ...] = ()
    validator: Callable[[str], bool] | None = None
    chance: float | None = None
    fail: float | None = None
    remove: str = ""
    cut: re.Pattern[str] | None = None
    digits: tuple[int, int] | None = None
    only_with: str = ""
    birth: bool = False

    def validate(self, matched: str) -> bool | None:
        """Return whether the match passes its validator, or None if the rule has none."""
        if self.digits is not None:
            count = sum(character.isdigit() for character in matched)
            if not self.digits[0] <= count <= self.digits[1]:
                return False
        if self.validator is None:
            return None
        value = matched if self.cut is None else self.cut.sub("", matched)
        for character in self.remove:
            value = value.replace(character, "")
        return self.validator(value)

    def checksum_weight(self) -> float:
        """Return the log-odds that a passed checksum adds; 0 without a checksum."""
        return 0.0 if self.chance is None else log(1 / self.chance)


def probability(log_odds: float) -> float:
    """Return the logistic function of ``log_odds``, rounded so that scores compare stably."""
    return round(1 / (1 + exp(-log_odds)), 4)


@cache
def entities() -> tuple[Entity, ...]:
    """Return every rule, in the order of the file."""
    return tuple(_entity(body) for body in load("entities"))


def _entity(body: dict[str, object]) -> Entity:
    def number(key: str, default: float = 0.0) -> float:
        value = body.get(key, default)
        assert isinstance(value, int | float)
        return float(value)

    hint, bounds = body.get("hint", ()), body.get("digits")
    name = str(body.get("validator", ""))
    return Entity(
        type=str(body["type"]),
        pattern=re.compile(str(body["pattern"])),
        prior=number("prior"),
        context=number("context", 2.0),
        other=number("other", -2.5),
        beside=str(body.get("beside", "")),
        hints=(hint,) if isinstance(hint, str) else tuple(str(part) for part in _listed(hint)),
        validator=VALIDATORS[name] if name else None,
        chance=CHANCE.get(name),
        fail=number("fail") if "fail" in body else None,
        remove=str(body.get("strip", "")) + str(body.get("drop", "")),
        cut=re.compile(str(body["cut"])) if "cut" in body else None,
        digits=None if bounds is None else _pair(bounds),
        only_with=str(body.get("only_with", "")),
        birth=bool(body.get("birth", False)),
    )


def _listed(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else []


def _pair(value: object) -> tuple[int, int]:
    low, high = _listed(value)
    assert isinstance(low, int)
    assert isinstance(high, int)
    return low, high
