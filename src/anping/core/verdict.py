"""A verdict is a gate's answer: allow, allow with conditions, or refuse, with every reason.

A gate is a pure function of a request; it never changes anything, so anyone can run it again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from anping.core.text import Text

Outcome = Literal["allow", "allow-with-conditions", "refuse"]


@dataclass(frozen=True, slots=True)
class Reason:
    """One rule that was looked at: its stable code, whether it held, why, and what to do if not."""

    code: str
    holds: bool
    why: Text
    next_step: Text | None = None

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "code": self.code,
            "holds": self.holds,
            "why": self.why.as_json(),
            "nextStep": None if self.next_step is None else self.next_step.as_json(),
        }


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to one request, with all reasons (those that held too) and the conditions."""

    gate: str
    outcome: Outcome
    reasons: tuple[Reason, ...]
    conditions: tuple[Text, ...] = ()

    @property
    def refused(self) -> bool:
        """Whether the answer is no."""
        return self.outcome == "refuse"

    def as_json(self) -> dict[str, Any]:
        """Return the verdict as it stands in a statement's ``decision``."""
        return {
            "gate": self.gate,
            "outcome": self.outcome,
            "reasons": [reason.as_json() for reason in self.reasons],
            "conditions": [condition.as_json() for condition in self.conditions],
        }
