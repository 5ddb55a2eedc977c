"""What counts as a finding and how grave it is: rules as data, with their source."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from anping.core.errors import ParameterError
from anping.core.text import Text

Severity = Literal["alarm", "warning", "note"]


class Rules(BaseModel):
    """The numbers that decide, and how grave each kind of finding is (``rules.yaml``)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal[1]
    source: str
    date: Any
    alpha: float = Field(gt=0, lt=1)
    watch: float = Field(gt=0)
    drifted: float = Field(gt=0)
    fewest: int = Field(ge=1)
    fewest_rows: int = Field(ge=1)
    fewest_labels: int = Field(ge=1)
    severity: dict[str, Severity]
    pauses: tuple[str, ...]


@cache
def own_rules() -> Rules:
    """Return the rules that come with the package."""
    text = resources.files("anping.run.monitoring").joinpath("rules.yaml").read_text("utf-8")
    return Rules.model_validate(yaml.safe_load(text))


def rules_of(text: str) -> Rules:
    """Return rules that a user wrote, as YAML; what is left out stays as ours.

    Raises ParameterError (``run.rules``) for what is no such file.
    """
    ours = own_rules()
    try:
        given = dict(yaml.safe_load(text) or {})
        severity = {**ours.severity, **dict(given.get("severity") or {})}
        return Rules.model_validate({**ours.model_dump(), **given, "severity": severity})
    except (yaml.YAMLError, ValidationError, TypeError, ValueError) as problem:
        raise ParameterError(
            "run.rules",
            Text("監測規則檔讀不懂。", "The file of monitoring rules cannot be read."),
            hint=Text(
                "請照 rules.yaml 的欄位與型別書寫。",
                "Write it with the fields and types of rules.yaml.",
            ),
        ) from problem
