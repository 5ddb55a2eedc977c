"""Which version of a model answers, which one is tried beside it, and how a request finds its own.

A deployment is one value. A change makes another one; requests under way keep the one they began with.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from anping.core.text import Text
from anping.engine.prediction import Prediction, Signature

Row = Mapping[str, Any]
Route = Literal["champion", "canary", "version"]
_SHARES = 2**64


@dataclass(frozen=True, slots=True)
class Reason:
    """What a column did to one answer, in the units of the model's sums, and in words."""

    column: str
    effect: float
    words: Text


@dataclass(frozen=True, slots=True)
class Alternative:
    """A row near the one asked about that the model answers otherwise: the changed columns."""

    changes: Mapping[str, Any]
    words: Text


class Answering(Protocol):
    """Answers for rows as they came in a request, checked against the signature."""

    def __call__(self, rows: Sequence[Row], *, coverage: float | None = None) -> Prediction:
        """Return what the model says of each row."""


Reasons = Callable[[Sequence[Row]], Sequence[Sequence[Reason]]]
Alternatives = Callable[[Row], Sequence[Alternative]]


@dataclass(frozen=True, eq=False)
class Served:
    """A version of a model as it is served: ``digest`` is the SHA-256 of its file."""

    reference: str
    version: int
    digest: str
    signature: Signature
    answer: Answering
    levels: tuple[float, ...] = ()
    reasons: Reasons | None = None
    alternatives: Alternatives | None = None

    def named(self) -> dict[str, Any]:
        """Return which model it is, in plain values."""
        return {"reference": self.reference, "version": self.version, "digest": self.digest}


@dataclass(frozen=True, eq=False)
class Deployment:
    """What is served under a name: ``share`` of the keys is answered by the challenger.

    A challenger with a share of 0 is a shadow: it answers beside the champion, and what it says is
    recorded and never returned. ``paused`` is why nothing is answered, or empty.
    """

    name: str
    champion: Served
    challenger: Served | None = None
    share: float = 0.0
    paused: str = ""
    #: Versions that were opened because somebody asked for them by number.
    others: Mapping[int, Served] = field(default_factory=dict)

    def version(self, number: int) -> Served | None:
        """Return a version that is open already, or None."""
        for one in (self.champion, self.challenger):
            if one is not None and one.version == number:
                return one
        return self.others.get(number)


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which model answers a request, by which way, and which answers in its shadow."""

    served: Served
    route: Route
    shadow: Served | None = None


def chosen(deployment: Deployment, key: bytes, of: bytes) -> Chosen:
    """Return who answers a request; ``of`` (its key or inputs) meets the same model each time.

    ``key`` is secret, so that nobody can choose which model he meets.
    """
    champion, challenger = deployment.champion, deployment.challenger
    if challenger is None:
        return Chosen(champion, "champion")
    if share_of(key, of) < deployment.share:
        return Chosen(challenger, "canary", champion)
    return Chosen(champion, "champion", challenger)


def share_of(key: bytes, of: bytes) -> float:
    """Return a number in [0, 1) that follows from ``of`` under a key, evenly spread."""
    drawn = hmac.new(key, b"canary\0" + of, hashlib.sha256).digest()
    return int.from_bytes(drawn[:8], "big") / _SHARES
