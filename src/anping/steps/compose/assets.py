"""Reading the assets that several steps share: findings and the protection report."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from anping.core.columns import ColumnFinding
from anping.core.text import Text
from anping.workspace.step import Inputs

OWN_VALUE = "own-value"

Paths = dict[str, dict[str, tuple[str, ...]]]


def findings_of(inputs: Inputs) -> tuple[ColumnFinding, ...]:
    """Return the confirmed findings if there are any, else the scan's proposals."""
    given = inputs.get("findings") or inputs["scan"]
    body = json.loads(given.path.read_bytes())
    return tuple(ColumnFinding.from_json(value) for value in body["findings"])


def finding_note(finding: ColumnFinding) -> Text:
    """Return one finding in words; it holds no value of the column."""
    facts = f"{finding.confidence:.2f}, n={finding.n:,}"
    why = ", ".join(finding.evidence[:3])
    return Text(
        f"{finding.column}：{finding.semantic_type}，{finding.role.value}（信心 {facts}；{why}）",
        f"{finding.column}: {finding.semantic_type}, {finding.role.value} "
        f"(confidence {facts}; {why})",
    )


def plan_note(subject: str, names: tuple[str, ...]) -> Text:
    """Return what a plan generalises and how to edit it."""
    return Text(
        f"準識別欄位：{'、'.join(names) or '無'}。編輯：anping show {subject}.plan，再用 --file 交回。",
        f"Quasi-identifiers: {', '.join(names) or 'none'}. To edit it: anping show {subject}.plan, "
        "then hand it back with --file.",
    )


@dataclass(frozen=True, slots=True)
class Protection:
    """What protecting a table came to, without a single raw value.

    ``coverage`` gives each released value of a quasi-identifier the share of its domain that it
    hides; ``person`` is the pseudonym column that stands for people, if it was released; ``sampled``
    the share of the rows that was drawn, where the plan draws a sample; ``missing`` what a missing
    quasi-identifier was taken for.
    """

    quasi_identifiers: tuple[str, ...]
    sensitive: tuple[str, ...]
    person: str | None
    privacy_unit: str | None
    rows_in: int
    rows_suppressed: int
    coverage: dict[str, dict[str, float]]
    operations: tuple[dict[str, Any], ...]
    sampled: float | None = None
    missing: str = OWN_VALUE

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "quasiIdentifiers": list(self.quasi_identifiers),
            "sensitive": list(self.sensitive),
            "person": self.person,
            "privacyUnit": self.privacy_unit,
            "rowsIn": self.rows_in,
            "rowsSuppressed": self.rows_suppressed,
            "coverage": self.coverage,
            "operations": list(self.operations),
            **({} if self.sampled is None else {"sampled": self.sampled}),
            **({} if self.missing == OWN_VALUE else {"missing": self.missing}),
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Protection:
        """Read what :meth:`as_json` gives."""
        return cls(
            tuple(value["quasiIdentifiers"]),
            tuple(value["sensitive"]),
            value["person"],
            value["privacyUnit"],
            value["rowsIn"],
            value["rowsSuppressed"],
            value["coverage"],
            tuple(value["operations"]),
            value.get("sampled"),
            value.get("missing", OWN_VALUE),
        )


def telling_columns(protection: Protection, columns: Iterable[str]) -> tuple[str, ...]:
    """Return the released columns but pseudonyms of people, redacted texts and groups of values."""
    texts = {
        operation["column"]
        for operation in protection.operations
        if "redaction" in operation["technique"] or "anatomization" in operation["technique"]
    }
    return tuple(c for c in columns if c != protection.person and c not in texts)


def protection_of(inputs: Inputs) -> Protection:
    """Return the protection report among the inputs."""
    return Protection.from_json(json.loads(inputs["protection"].path.read_bytes()))


def paths_of(inputs: Inputs) -> Paths:
    """Return each quasi-identifier's leaves with their values on every level."""
    body = json.loads(inputs["paths"].path.read_bytes())
    return {
        column: {leaf: tuple(path) for leaf, path in leaves.items()}
        for column, leaves in body.items()
    }
