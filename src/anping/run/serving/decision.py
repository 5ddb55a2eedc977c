"""The record of one decision: which model said what of which inputs, without a single raw value.

Inputs are named by an HMAC-SHA-256 of their canonical JSON under a key of the workspace (RFC 2104):
whoever holds the key and the inputs can find the record, nobody else can tell whom it is about, and
with the key destroyed nobody ever can.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from anping.core.digest import canonical_json
from anping.engine.prediction import Prediction, Signature
from anping.run.serving.deployment import Chosen, Reason, Served

Row = Mapping[str, Any]
_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Said:
    """What a model said of one row, in plain values: what is returned and what is recorded."""

    body: Mapping[str, Any]

    @classmethod
    def of(cls, prediction: Prediction, at: int, signature: Signature) -> Said:
        """Return what a prediction says of its row ``at``."""
        body: dict[str, Any] = {}
        if signature.task == "number":
            body["value"] = _rounded(prediction.values[at])
            if prediction.low is not None and prediction.high is not None:
                body["interval"] = [_rounded(prediction.low[at]), _rounded(prediction.high[at])]
        else:
            chances = prediction.values[at]
            body["class"] = signature.classes[int(chances.argmax())]
            shares = map(_rounded, chances)
            body["probabilities"] = dict(zip(signature.classes, shares, strict=True))
            if prediction.sets is not None:
                pairs = zip(signature.classes, prediction.sets[at], strict=True)
                body["set"] = [name for name, kept in pairs if kept]
        if prediction.coverage is not None:
            body["coverage"] = prediction.coverage
        return cls(body)


@dataclass(frozen=True, slots=True)
class Recorder:
    """Writes decisions as lines of canonical JSON, its ``key`` standing between them and people."""

    key: bytes

    def pseudonym(self, content: bytes, kind: bytes) -> str:
        """Return the keyed pseudonym of some bytes, apart for each kind of thing."""
        return hmac.new(self.key, kind + b"\0" + content, hashlib.sha256).hexdigest()

    def inputs(self, row: Row, signature: Signature) -> str:
        """Return the pseudonym of what the model reads of a row; what it does not read is no part."""
        read = {feature.name: row.get(feature.name) for feature in signature.features}
        return self.pseudonym(canonical_json(read), b"inputs")

    def decision(
        self, chosen: Chosen, row: Row, said: Said, *, reasons: Sequence[Reason], key: str | None
    ) -> dict[str, Any]:
        """Return the record of a decision but its id, as plain values.

        Of the reasons the columns and their effects are kept: their words may hold a value.
        """
        served = chosen.served
        return {
            "at": moment(datetime.now(UTC)),
            "model": served.reference,
            "digest": served.digest,
            "route": chosen.route,
            "inputs": self.inputs(row, served.signature),
            "key": None if key is None else self.pseudonym(key.encode(), b"key"),
            "said": dict(said.body),
            "reasons": [[reason.column, _rounded(reason.effect)] for reason in reasons],
        }

    def shadow(self, of: str, served: Served, said: Said) -> dict[str, Any]:
        """Return the record of what a model said in the shadow of the decision ``of``."""
        return {
            "at": moment(datetime.now(UTC)),
            "of": of,
            "model": served.reference,
            "digest": served.digest,
            "said": dict(said.body),
        }


def moment(at: datetime) -> str:
    """Return a time in UTC with milliseconds."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _rounded(value: Any) -> float:
    # More digits than these differ between machines; a record must say what was returned.
    return float(f"{float(value):.{_DIGITS}g}")
