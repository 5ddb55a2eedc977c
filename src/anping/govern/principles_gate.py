"""A regulator's principles as a gate: what the ledger must hold of a model for each of them.

The gate is a pure function of the principles (data with sources) and of the statements about the model.
Green says that the evidence is there, never that an institution complies.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from importlib import resources
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from anping.core.errors import PolicyError
from anping.core.text import Text
from anping.core.verdict import Reason, Verdict
from anping.govern.policy_source import malformed, read_source
from anping.govern.risk_profiles import Citation

GATE = "govern.principles"
_FOLDER = "principles"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class EvidenceAsked(_Part):
    """One piece of evidence: everything that is named must be there, or with ``either`` one of it.

    ``made``: a statement made the model. ``steps``: one of these was run on it, by somebody else than its
    maker if ``independent``. ``measures``: one whose name fits a pattern. ``gate``: that gate let it be
    made. ``limits``: its making stated limits. ``stated``: a person states it.
    """

    key: str = Field(pattern=r"^[a-z]+$")
    made: bool = False
    steps: tuple[str, ...] = ()
    independent: bool = False
    measures: tuple[str, ...] = ()
    either: bool = False
    gate: str = ""
    limits: bool = False
    stated: bool = False
    why: Text
    remedy: Text


class Principle(_Part):
    """One principle, and the evidence that speaks to it."""

    key: str = Field(pattern=r"^[a-z]+$")
    title: Text
    evidence: tuple[EvidenceAsked, ...] = Field(min_length=1)


class Principles(_Part):
    """One version of a set of principles, with where they come from and what they are not."""

    principles: Literal[1]
    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    version: int = Field(ge=1)
    issued: date
    title: Text
    standing: Text
    sources: tuple[Citation, ...] = Field(min_length=1)
    asks: tuple[Principle, ...] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class About:
    """A statement about a model: its step and agent, the names of its measures, its decision.

    ``made`` says whether the statement made the model; ``gate`` is the gate that let it run.
    """

    step: str
    agent: str
    made: bool
    measures: frozenset[str]
    gate: str = ""
    limits: bool = False


def principle_names() -> tuple[str, ...]:
    """Return the names of the principles that come with Anping."""
    folder = resources.files("anping.govern").joinpath(_FOLDER)
    return tuple(
        sorted(item.name.removesuffix(".yaml") for item in folder.iterdir() if item.is_file())
    )


def read_principles(named: str | Path) -> Principles:
    """Return principles that come with Anping by their name, or those of a YAML file.

    Raises PolicyError: ``principles.unknown``, ``policy.malformed``.
    """
    name = str(named)
    if name in principle_names():
        content = resources.files("anping.govern").joinpath(_FOLDER, f"{name}.yaml").read_bytes()
    elif Path(named).is_file():
        content = Path(named).read_bytes()
    else:
        raise _unknown(name)
    source = read_source(content, name=name)
    try:
        return Principles.model_validate(source.value)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        why = Text(f"「{place}」不合規定（{first['msg']}）", f"“{place}” is wrong ({first['msg']})")
        raise malformed(name, None, why) from error


def decide_principles(
    principles: Principles, about: tuple[About, ...], *, stated: Mapping[str, str]
) -> Verdict:
    """Return whether the evidence for every principle is there, with one reason for each piece.

    ``about`` are the statements about one model; ``stated`` maps the key of a piece of evidence that only
    a person can give to their sentence.
    """
    reasons = tuple(
        _reason(principle, asked, about, stated)
        for principle in principles.asks
        for asked in principle.evidence
    )
    held = all(reason.holds for reason in reasons)
    return Verdict(GATE, "allow" if held else "refuse", reasons)


def reason_code(principle: Principle, asked: EvidenceAsked) -> str:
    """Return the stable code of a piece of evidence."""
    return f"principles.{principle.key}.{asked.key}"


def _reason(
    principle: Principle,
    asked: EvidenceAsked,
    about: tuple[About, ...],
    stated: Mapping[str, str],
) -> Reason:
    holds = _holds(asked, about, stated)
    code, title = reason_code(principle, asked), principle.title
    if holds:
        why = Text(f"{title.zh}：{asked.why.zh}", f"{title.en}: {asked.why.en}")
        return Reason(code, holds=True, why=why)
    why = Text(
        f"{title.zh}：帳本裡沒有這項證據——{asked.why.zh}",
        f"{title.en}: the ledger lacks this evidence: {asked.why.en}",
    )
    return Reason(code, holds=False, why=why, next_step=asked.remedy)


def _holds(asked: EvidenceAsked, about: tuple[About, ...], stated: Mapping[str, str]) -> bool:
    makers = {one.agent for one in about if one.made}
    answers = []
    if asked.made:
        answers.append(bool(makers))
    if asked.steps:
        answers.append(any(_ran(asked, one, makers) for one in about))
    if asked.measures:
        names = {name for one in about for name in one.measures}
        answers.append(any(fnmatchcase(name, each) for each in asked.measures for name in names))
    if asked.gate:
        answers.append(any(one.made and one.gate == asked.gate for one in about))
    if asked.limits:
        answers.append(any(one.made and one.limits for one in about))
    if asked.stated:
        answers.append(bool(stated.get(asked.key, "").strip()))
    return any(answers) if asked.either else bool(answers) and all(answers)


def _ran(asked: EvidenceAsked, one: About, makers: set[str]) -> bool:
    return one.step in asked.steps and not (asked.independent and one.agent in makers)


def _unknown(name: str) -> PolicyError:
    known = principle_names()
    return PolicyError(
        "principles.unknown",
        Text(
            f"沒有名為「{name}」的原則或檔案。", f"There are no principles or file named “{name}”."
        ),
        hint=Text(f"內建：{'、'.join(known)}", f"Shipped: {', '.join(known)}"),
    )
