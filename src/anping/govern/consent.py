"""A register of consents: who gave or withdrew which purpose, and when; the latest decision counts.

People stand in it as keyed pseudonyms alone (HMAC-SHA-256, RFC 2104): whoever has the table and the
key can tell whose rows are whose, nobody else can, and without the key nobody ever can again.
"""

from __future__ import annotations

import hmac
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from anping.core.cells import trimmed_text

#: The purpose of a decision that is about every purpose.
EVERY = "*"
#: Hex digits of a pseudonym: 128 bits, so that no two people share one.
_DIGITS = 32


@dataclass(frozen=True, slots=True, order=True)
class Decision:
    """What one person decided for a purpose (or :data:`EVERY`), at a moment in UTC."""

    when: datetime
    purpose: str
    given: bool

    def as_json(self) -> list[str | bool]:
        """Return plain values."""
        return [self.when.isoformat(), self.purpose, self.given]

    @classmethod
    def from_json(cls, value: list[Any]) -> Decision:
        """Read a decision from the plain values of :meth:`as_json`."""
        return cls(datetime.fromisoformat(value[0]), str(value[1]), bool(value[2]))


@dataclass(frozen=True)
class Register:
    """Decisions by pseudonym; ``column`` names the column of the table that says whose row it is."""

    column: str
    people: Mapping[str, frozenset[Decision]]

    def standing(self, pseudonym: str, purpose: str) -> bool | None:
        """Return whether a person's consent to ``purpose`` stands: True, False, None if never asked.

        Of two decisions of the same moment the withdrawal counts.
        """
        told = [
            (each.when, not each.given)
            for each in self.people.get(pseudonym, ())
            if each.purpose in (purpose, EVERY)
        ]
        return not max(told)[1] if told else None

    def withdrawn(self, purpose: str) -> frozenset[str]:
        """Return the pseudonyms of those whose latest decision withdrew ``purpose``."""
        return frozenset(one for one in self.people if self.standing(one, purpose) is False)

    def joined(self, other: Register) -> Register:
        """Return the decisions of both, under the column of this one."""
        names = {**self.people, **other.people}
        people = {
            one: self.people.get(one, frozenset()) | other.people.get(one, frozenset())
            for one in names
        }
        return Register(self.column, people)

    def as_json(self) -> dict[str, Any]:
        """Return plain values, sorted, so that equal registers give equal bytes."""
        return {
            "column": self.column,
            "pseudonyms": "HMAC-SHA-256",
            "people": {
                one: [each.as_json() for each in sorted(self.people[one])]
                for one in sorted(self.people)
            },
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Register:
        """Read a register from the plain values of :meth:`as_json`."""
        people = {
            one: frozenset(map(Decision.from_json, decisions))
            for one, decisions in value["people"].items()
        }
        return cls(value["column"], people)


def person_text(cell: Any) -> str:
    """Return how a cell names a person: trimmed and in compatibility form, ``""`` for nobody.

    A number is the same with and without zeros in front, as a table of numbers has lost them.
    """
    text = unicodedata.normalize("NFKC", trimmed_text(cell)).strip()
    return (text.lstrip("0") or "0") if text.isdecimal() else text


def pseudonyms(cells: Iterable[Any], key: bytes) -> list[str]:
    """Return the pseudonym of each cell's person, ``""`` for nobody."""
    found = []
    start = hmac.new(key, digestmod=sha256)
    for cell in cells:
        text = person_text(cell)
        mac = start.copy()
        mac.update(text.encode())
        found.append(mac.hexdigest()[:_DIGITS] if text else "")
    return found


def register_of(column: str, told: Iterable[tuple[str, Decision]]) -> Register:
    """Return the register of decisions told as (pseudonym, decision)."""
    people: dict[str, set[Decision]] = {}
    for person, decision in told:
        people.setdefault(person, set()).add(decision)
    return Register(column, {one: frozenset(each) for one, each in people.items()})


def utc(moment: datetime) -> datetime:
    """Return a moment that names its zone in UTC."""
    return moment.astimezone(UTC)
