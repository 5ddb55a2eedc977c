"""What a table is called: a title, a description and tags, each proposed or confirmed by a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from anping.core.columns import Decision
from anping.core.text import Text

FORMAT = "anping.description/1"
Part = Literal["title", "description", "tags"]
PARTS: tuple[Part, ...] = ("title", "description", "tags")


@dataclass(frozen=True, slots=True)
class Description:
    """A table in words. ``tags`` are DCAT themes (``HEAL``) and keywords in both languages.

    ``evidence`` are short codes of what the proposal rests on (``type:DIAGNOSIS``, ``rows:2000``).
    ``decisions`` hold who confirmed each part; a part without one is a proposal.
    """

    title: Text
    description: Text
    tags: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    decisions: Mapping[Part, Decision] | None = None

    def confirmed(self, part: Part) -> bool:
        """Return whether a person confirmed or wrote the part."""
        return part in (self.decisions or {})

    def decided(self, parts: tuple[Part, ...], decision: Decision) -> Description:
        """Return the description with parts confirmed by a person."""
        return replace(self, decisions={**(self.decisions or {}), **dict.fromkeys(parts, decision)})

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "format": FORMAT,
            "title": self.title.as_json(),
            "description": self.description.as_json(),
            "tags": list(self.tags),
            "evidence": list(self.evidence),
            "decisions": {
                part: {"who": one.who, "when": one.when, "why": one.why}
                for part, one in (self.decisions or {}).items()
            },
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Description:
        """Read what :meth:`as_json` gives."""
        return cls(
            title=Text(**value["title"]),
            description=Text(**value["description"]),
            tags=tuple(value["tags"]),
            evidence=tuple(value["evidence"]),
            decisions={part: Decision(**one) for part, one in value["decisions"].items()},
        )
