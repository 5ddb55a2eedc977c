"""A column finding says what a column is: its semantic type, its role, how sure, and why.

``know`` proposes findings, a person confirms or changes them, ``protect`` plans by them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from anping.core.text import Text


class Role(StrEnum):
    """What a column can do to a person (ISO/IEC 20889, PDPA Article 6 for ``special``)."""

    DIRECT_IDENTIFIER = "direct_identifier"
    QUASI_IDENTIFIER = "quasi_identifier"
    SENSITIVE = "sensitive"
    SPECIAL_CATEGORY = "special_category"
    FREE_TEXT = "free_text"
    NONE = "none"


#: What people read for a role.
ROLE_TITLES = {
    Role.DIRECT_IDENTIFIER: Text("直接識別", "direct identifier"),
    Role.QUASI_IDENTIFIER: Text("準識別", "quasi-identifier"),
    Role.SENSITIVE: Text("敏感屬性", "sensitive attribute"),
    Role.SPECIAL_CATEGORY: Text("特種個資", "special category"),
    Role.FREE_TEXT: Text("自由文字", "free text"),
    Role.NONE: Text("一般", "none"),
}


@dataclass(frozen=True, slots=True)
class Decision:
    """A person's word on a proposal: who, when (RFC 3339), and why."""

    who: str
    when: str
    why: str


@dataclass(frozen=True, slots=True)
class ColumnFinding:
    """What one column holds.

    ``semantic_type`` is a taxonomy id (``TW_NATIONAL_ID``, ``AGE``, ``DATE_OF_BIRTH``, ``ADDRESS``,
    ``PERSON_NAME``, ``FREE_TEXT``, ``NUMBER``, ``CATEGORY`` ...). ``confidence`` is between 0 and 1.
    ``prevalence`` is the share of non-null values that match; ``checksum_pass_rate`` and
    ``checksum_p_value`` are None where the type has no checksum. ``evidence`` is a tuple of short
    codes (``header:身分證字號``, ``checksum``). ``categories`` are data categories
    (``pdpa:art2:name``, ``pdpa:art6:medical``). No value of a person is kept.
    """

    column: str
    semantic_type: str
    role: Role
    confidence: float
    prevalence: float
    n: int
    evidence: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    alternatives: tuple[str, ...] = ()
    checksum_pass_rate: float | None = None
    checksum_p_value: float | None = None
    distinct: int | None = None
    decision: Decision | None = None

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        decision = self.decision
        return {
            "column": self.column,
            "semanticType": self.semantic_type,
            "role": self.role.value,
            "confidence": self.confidence,
            "prevalence": self.prevalence,
            "n": self.n,
            "evidence": list(self.evidence),
            "categories": list(self.categories),
            "alternatives": list(self.alternatives),
            "checksumPassRate": self.checksum_pass_rate,
            "checksumPValue": self.checksum_p_value,
            "distinct": self.distinct,
            "decision": None
            if decision is None
            else {"who": decision.who, "when": decision.when, "why": decision.why},
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> ColumnFinding:
        """Read a finding from the plain values of :meth:`as_json`."""
        decision = value["decision"]
        return cls(
            column=value["column"],
            semantic_type=value["semanticType"],
            role=Role(value["role"]),
            confidence=value["confidence"],
            prevalence=value["prevalence"],
            n=value["n"],
            evidence=tuple(value["evidence"]),
            categories=tuple(value["categories"]),
            alternatives=tuple(value["alternatives"]),
            checksum_pass_rate=value["checksumPassRate"],
            checksum_p_value=value["checksumPValue"],
            distinct=value["distinct"],
            decision=None if decision is None else Decision(**decision),
        )
