"""An entry is one thing that can be found: an asset, a column of a table, or what was found in texts.

Its words come from names, titles and findings, never from a cell of a table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from anping.core.text import Text

#: Where a word can stand, in the order of their numbers in the index.
FIELDS = ("name", "title", "column", "type", "about")
Field = Literal["name", "title", "column", "type", "about"]

#: What a search can be narrowed by: ``kind:column``, ``type:TW_NATIONAL_ID``.
FILTERS = ("kind", "type", "role", "table", "tier", "category", "tag")


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing to be found.

    ``scope`` is what it was told with: all entries of a scope are replaced at once. ``title`` and
    ``about`` are shown to whoever finds it; ``words`` are searched besides them, by field, and
    ``filters`` are exact values.
    """

    scope: str
    kind: str
    asset: str
    title: Text
    about: Text = field(default_factory=lambda: Text("", ""))
    column: str | None = None
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def texts(self) -> dict[str, tuple[str, ...]]:
        """Return what is searched, by field; a text that stands twice counts once."""
        found = {
            "name": (self.asset,),
            "title": (self.title.zh, self.title.en),
            "about": (self.about.zh, self.about.en),
            "column": () if self.column is None else (self.column,),
        }
        for name, texts in self.words.items():
            found[name] = (*found.get(name, ()), *texts)
        return {name: tuple(dict.fromkeys(filter(None, texts))) for name, texts in found.items()}

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "scope": self.scope,
            "kind": self.kind,
            "asset": self.asset,
            "column": self.column,
            "title": self.title.as_json(),
            "about": self.about.as_json(),
            "words": {name: list(texts) for name, texts in self.words.items()},
            "filters": {name: list(values) for name, values in self.filters.items()},
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Entry:
        """Read what :meth:`as_json` gives."""
        return cls(
            scope=value["scope"],
            kind=value["kind"],
            asset=value["asset"],
            column=value["column"],
            title=Text(**value["title"]),
            about=Text(**value["about"]),
            words={name: tuple(texts) for name, texts in value["words"].items()},
            filters={name: tuple(values) for name, values in value["filters"].items()},
        )
