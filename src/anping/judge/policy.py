"""Thresholds of judging as data: what may be shown, when groups count as unlike, how it is decided."""

from __future__ import annotations

from datetime import date
from functools import cache
from importlib import resources
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

from anping.core.text import Text

Kind = Literal["ratio", "difference"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class SmallGroups(_Part):
    """How many rows, and how many of either of two classes, a group must have to be shown."""

    rows: int = Field(ge=2)
    of_a_class: int = Field(ge=0)
    source: Text
    date: date


class Rule(_Part):
    """From which ratio or difference on groups count as unlike, for which measures, and who says so.

    With ``scale`` the limit is in standard deviations of the target.
    """

    kind: Kind
    limit: float = Field(gt=0)
    measures: tuple[str, ...] = Field(min_length=1)
    source: Text
    date: date
    scale: Literal["standard deviation"] | None = None


class Tolerance(_Part):
    """How far below its claim a coverage may be."""

    tolerance: float = Field(ge=0, lt=1)
    source: Text
    date: date


class Source(_Part):
    """Where a rule of decision comes from."""

    source: Text
    date: date


class JudgingPolicy(_Part):
    """All of them."""

    format: Literal["anping-judging-1"]
    least: SmallGroups
    rules: dict[str, Rule]
    coverage: Tolerance
    guard_band: Source

    def rule_for(self, measure: str) -> Rule | None:
        """Return the rule on a measure, or None."""
        return next((rule for rule in self.rules.values() if measure in rule.measures), None)


@cache
def judging_policy() -> JudgingPolicy:
    """Return the thresholds that are shipped."""
    content = resources.files("anping.judge").joinpath("data", "judging.yaml").read_bytes()
    return JudgingPolicy.model_validate(yaml.safe_load(content))
