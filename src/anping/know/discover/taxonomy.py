"""The semantic types: what each is called, what it can do to a person, and its data categories."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

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


#: Types of values that name a person or a thing of theirs, found inside texts.
IDENTIFYING = frozenset({Role.DIRECT_IDENTIFIER, Role.QUASI_IDENTIFIER})


def identifying_types() -> frozenset[str]:
    """Return the ids of the types whose role is direct identifier."""
    return frozenset(
        known.id for known in taxonomy().values() if known.role is Role.DIRECT_IDENTIFIER
    )
