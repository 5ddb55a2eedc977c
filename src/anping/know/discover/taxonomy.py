"""The semantic types: what each is called, what it can do to a person, and its data categories."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from anping.core.columns import Role
from anping.core.text import Text
from anping.know.discover.lexicon import load


@dataclass(frozen=True, slots=True)
class SemanticType:
    """One type: ``id``, its title, the role proposed for it, and its data categories."""

    id: str
    title: Text
    role: Role
    categories: tuple[str, ...]


@cache
def taxonomy() -> dict[str, SemanticType]:
    """Return every semantic type by its id."""
    return {
        name: SemanticType(
            name, Text(body["zh"], body["en"]), Role(body["role"]), tuple(body["categories"])
        )
        for name, body in load("taxonomy").items()
    }


def own_types(entries: Iterable[Mapping[str, Any]]) -> dict[str, SemanticType]:
    """Return the types that a user's entries of entities bring, by id.

    A type without a role names a person alone, one without a title is called by its id. The first
    entry of a type that says its role, title or categories speaks for it; shipped types stay.
    """
    said: dict[str, dict[str, Any]] = {}
    for entry in entries:
        kind = str(entry["type"])
        if kind not in taxonomy():
            for key in ("role", "title", "categories"):
                if key in entry:
                    said.setdefault(kind, {}).setdefault(key, entry[key])
            said.setdefault(kind, {})
    return {kind: _own(kind, body) for kind, body in said.items()}


def _own(kind: str, body: Mapping[str, Any]) -> SemanticType:
    role = Role(body.get("role", Role.DIRECT_IDENTIFIER))
    plain = ("pdpa:art2:identifier",) if role in IDENTIFYING else ()
    title = body.get("title", {"zh": kind, "en": kind})
    return SemanticType(
        kind, Text(title["zh"], title["en"]), role, tuple(body.get("categories", plain))
    )


def type_of(kind: str, known: Mapping[str, SemanticType]) -> SemanticType:
    """Return a type by its id; one that nothing is known of is taken for a direct identifier."""
    return known.get(kind) or _own(kind, {})


#: Types of values that name a person or a thing of theirs, found inside texts.
IDENTIFYING = frozenset({Role.DIRECT_IDENTIFIER, Role.QUASI_IDENTIFIER})


def identifying_types(known: Mapping[str, SemanticType]) -> frozenset[str]:
    """Return the ids of the types whose role is direct identifier."""
    return frozenset(one.id for one in known.values() if one.role is Role.DIRECT_IDENTIFIER)
