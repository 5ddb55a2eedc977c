"""A statement says what one step did: an in-toto Statement v1 with our step predicate.

in-toto attestation framework v1 (``spec/v1/statement.md``). The payload that is signed is canonical
JSON; every field is present, null or empty where there is nothing to say, and only this one
spelling is read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from anping.core.digest import canonical_json, sha256
from anping.core.errors import EvidenceError
from anping.core.labels import Aspect
from anping.core.measure import Measure
from anping.core.text import Text
from anping.core.verdict import Outcome, Reason, Verdict
from anping.evidence.problems import malformed
from anping.evidence.resource import RESOURCE_SHAPE, Resource
from anping.evidence.strict_json import Optional, conform, is_shallow, read_canonical

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "https://anping.dev/evidence/step/v1"

_NUMBER = (int, float)
_TEXT = {"zh": str, "en": str}
_MEASURE = {
    "id": str,
    "subject": str,
    "value": _NUMBER,
    "unit": str,
    "n": int,
    "title": _TEXT,
    "uncertainty": Optional({"method": str, "level": _NUMBER, "lo": _NUMBER, "hi": _NUMBER}),
    "method": str,
    "seed": Optional(int),
    "assumptions": [_TEXT],
    "replay": Optional({"id": str, "needs": [str], "tolerance": _NUMBER}),
}
_REASON = {"code": str, "holds": bool, "why": _TEXT, "nextStep": Optional(_TEXT)}
_VERDICT = {"gate": str, "outcome": str, "reasons": [_REASON], "conditions": [_TEXT]}
_INVOCATION = {
    "tool": {"name": str, "version": str},
    "parameters": dict,
    "parametersDigest": str,
    "seed": Optional(int),
    "environment": dict,
}
_PREDICATE = {
    "step": {"id": str, "title": _TEXT},
    "startedOn": str,
    "finishedOn": str,
    "agent": {"id": str, "role": str},
    "invocation": _INVOCATION,
    "materials": [RESOURCE_SHAPE],
    "measurements": [_MEASURE],
    "privacy": Optional(dict),
    "decision": Optional(_VERDICT),
    "lowers": [str],
    "limits": [_TEXT],
}
_STATEMENT = {
    "_type": str,
    "predicateType": str,
    "subject": [RESOURCE_SHAPE],
    "predicate": _PREDICATE,
}
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_ASPECTS: tuple[Aspect, ...] = ("categories", "tier")
_OUTCOMES: tuple[Outcome, ...] = ("allow", "allow-with-conditions", "refuse")


@dataclass(frozen=True, slots=True)
class Agent:
    """Who had the step performed: an account or keyed pseudonym, never a person's name."""

    id: str
    role: str


@dataclass(frozen=True, slots=True)
class Invocation:
    """How the step was called: what is needed to call it again."""

    tool_name: str
    tool_version: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    seed: int | None = None
    environment: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return plain values; the digest is the SHA-256 of the parameters' canonical JSON."""
        parameters = dict(self.parameters)
        return {
            "tool": {"name": self.tool_name, "version": self.tool_version},
            "parameters": parameters,
            "parametersDigest": sha256(canonical_json(parameters)),
            "seed": self.seed,
            "environment": dict(self.environment),
        }


@dataclass(frozen=True, slots=True)
class StepRecord:
    """Everything one statement says about one performed step.

    ``started_on`` and ``finished_on`` are RFC 3339 in UTC, whole seconds
    (:func:`anping.core.clock.rfc3339`). ``subjects`` are the outputs, at least one.
    """

    step: str
    title: Text
    started_on: str
    finished_on: str
    agent: Agent
    invocation: Invocation
    subjects: tuple[Resource, ...]
    materials: tuple[Resource, ...] = ()
    measurements: tuple[Measure, ...] = ()
    privacy: Mapping[str, Any] | None = None
    decision: Verdict | None = None
    lowers: tuple[Aspect, ...] = ()
    limits: tuple[Text, ...] = ()

    @property
    def predicate(self) -> dict[str, Any]:
        """The predicate as plain values."""
        return {
            "step": {"id": self.step, "title": self.title.as_json()},
            "startedOn": self.started_on,
            "finishedOn": self.finished_on,
            "agent": {"id": self.agent.id, "role": self.agent.role},
            "invocation": self.invocation.as_json(),
            "materials": [material.as_json() for material in self.materials],
            "measurements": [measure.as_json() for measure in self.measurements],
            "privacy": None if self.privacy is None else dict(self.privacy),
            "decision": None if self.decision is None else self.decision.as_json(),
            "lowers": sorted(set(self.lowers)),
            "limits": [limit.as_json() for limit in self.limits],
        }

    def as_json(self) -> dict[str, Any]:
        """Return the whole in-toto statement as plain values."""
        return {
            "_type": STATEMENT_TYPE,
            "predicateType": PREDICATE_TYPE,
            "subject": [subject.as_json() for subject in self.subjects],
            "predicate": self.predicate,
        }

    def payload(self) -> bytes:
        """Return the bytes to sign: the statement as canonical JSON."""
        return canonical_json(self.as_json())

    @classmethod
    def from_json(cls, value: Any) -> StepRecord:
        """Read a statement. Raises EvidenceError naming the place that does not fit."""
        try:
            conform(value, _STATEMENT)
            record = _record(value)
            same = record.as_json() == value
        except (ValueError, TypeError) as error:
            raise _bad_statement(_place(error)) from error
        if not same:
            raise _bad_statement("$")
        return record


def read_payload(payload: bytes) -> StepRecord:
    """Read the payload of an envelope. Raises EvidenceError unless it is canonical and complete."""
    try:
        value = read_canonical(payload)
    except ValueError as error:
        raise _bad_statement("$") from error
    record = StepRecord.from_json(value)
    # Equal values may be spelt apart: 1, 1.0 and true are one to Python.
    if record.payload() != payload:
        raise _bad_statement("$")
    return record


def _record(value: dict[str, Any]) -> StepRecord:
    predicate = value["predicate"]
    moments = (predicate["startedOn"], predicate["finishedOn"])
    _require(all(map(_is_moment, moments)), "$.predicate.startedOn")
    _require(is_shallow(predicate["privacy"]), "$.predicate.privacy")
    _require(bool(value["subject"]), "$.subject")
    decision = predicate["decision"]
    return StepRecord(
        step=predicate["step"]["id"],
        title=Text(**predicate["step"]["title"]),
        started_on=moments[0],
        finished_on=moments[1],
        agent=Agent(**predicate["agent"]),
        invocation=_invocation(predicate["invocation"]),
        subjects=tuple(Resource.from_json(item) for item in value["subject"]),
        materials=tuple(Resource.from_json(item) for item in predicate["materials"]),
        measurements=tuple(Measure.from_json(item) for item in predicate["measurements"]),
        privacy=predicate["privacy"],
        decision=None if decision is None else _verdict(decision),
        lowers=tuple(aspect for aspect in _ASPECTS if aspect in predicate["lowers"]),
        limits=tuple(Text(**text) for text in predicate["limits"]),
    )


def _invocation(value: dict[str, Any]) -> Invocation:
    texts = (*value["environment"].keys(), *value["environment"].values())
    _require(all(isinstance(text, str) for text in texts), "$.predicate.invocation.environment")
    _require(is_shallow(value["parameters"]), "$.predicate.invocation.parameters")
    return Invocation(
        tool_name=value["tool"]["name"],
        tool_version=value["tool"]["version"],
        parameters=value["parameters"],
        seed=value["seed"],
        environment=value["environment"],
    )


def _verdict(value: dict[str, Any]) -> Verdict:
    outcomes = [outcome for outcome in _OUTCOMES if outcome == value["outcome"]]
    _require(bool(outcomes), "$.predicate.decision.outcome")
    return Verdict(
        gate=value["gate"],
        outcome=outcomes[0],
        reasons=tuple(
            Reason(
                item["code"],
                item["holds"],
                Text(**item["why"]),
                None if item["nextStep"] is None else Text(**item["nextStep"]),
            )
            for item in value["reasons"]
        ),
        conditions=tuple(Text(**text) for text in value["conditions"]),
    )


def _is_moment(text: str) -> bool:
    """Whether a text is a moment of the calendar; raises ValueError where its fields are none."""
    return bool(_MOMENT.fullmatch(text) and datetime.fromisoformat(text))


def _require(holds: bool, place: str) -> None:  # noqa: FBT001 - a condition is what it takes
    if not holds:
        raise ValueError(place)


def _place(error: Exception) -> str:
    """Return where it went wrong; a message that may hold a value is never passed on."""
    text = str(error)
    return text if text.startswith("$") else "$"


def _bad_statement(place: str) -> EvidenceError:
    return malformed(
        "statement.malformed",
        Text(
            f"證據敘述不符合格式，位置：{place}",
            f"A statement departs from its format at: {place}",
        ),
    )
