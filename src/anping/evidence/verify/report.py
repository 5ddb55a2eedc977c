"""What verification found: one finding per thing looked at, in plain words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from anping.core.errors import AnpingError
from anping.core.text import Text
from anping.evidence.tree import is_invisible

#: ``warn`` does not fail the dossier but must be read; ``info`` says what was not looked at.
FindingOutcome = Literal["pass", "fail", "warn", "info"]


def _printable(text: str) -> str:
    """Return the text without control and direction characters, which a forger could put in names."""
    return "".join("\ufffd" if is_invisible(letter) else letter for letter in text)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: a stable code, how it came out, and where.

    Names quoted from a dossier cannot carry terminal codes: such characters are replaced.
    """

    code: str
    outcome: FindingOutcome
    what: Text
    where: str | None = None

    def __post_init__(self) -> None:
        clean = Text(_printable(self.what.zh), _printable(self.what.en))
        object.__setattr__(self, "what", clean)
        if self.where is not None:
            object.__setattr__(self, "where", _printable(self.where))

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "code": self.code,
            "outcome": self.outcome,
            "what": self.what.as_json(),
            "where": self.where,
        }


@dataclass(frozen=True, slots=True)
class Report:
    """All findings of one verification, in the order in which things were looked at."""

    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing failed. Warnings still need reading."""
        return not self.of("fail")

    def of(self, outcome: FindingOutcome) -> tuple[Finding, ...]:
        """Return the findings with one outcome."""
        return tuple(finding for finding in self.findings if finding.outcome == outcome)

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {"ok": self.ok, "findings": [finding.as_json() for finding in self.findings]}


def passed(code: str, zh: str, en: str, *, where: str | None = None) -> Finding:
    """Return a finding that something holds."""
    return Finding(code, "pass", Text(zh, en), where)


def failed(code: str, zh: str, en: str, *, where: str | None = None) -> Finding:
    """Return a finding that something does not hold."""
    return Finding(code, "fail", Text(zh, en), where)


def warned(code: str, zh: str, en: str, *, where: str | None = None) -> Finding:
    """Return a finding that must be read though nothing failed."""
    return Finding(code, "warn", Text(zh, en), where)


def told(code: str, zh: str, en: str, *, where: str | None = None) -> Finding:
    """Return a finding that only says something."""
    return Finding(code, "info", Text(zh, en), where)


def from_error(error: AnpingError, *, where: str | None = None) -> Finding:
    """Return the failure that a typed error describes."""
    return Finding(error.code, "fail", error.what, where or error.where.file)


def or_passed(found: Iterable[Finding], good: Finding) -> tuple[Finding, ...]:
    """Return ``found``, or ``good`` if nothing was found."""
    return tuple(found) or (good,)
