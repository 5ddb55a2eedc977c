"""An asset is a piece of content with a name, a version, a digest and labels; it never changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from anping.core.labels import Labels

Kind = Literal[
    "table", "corpus", "images", "model", "benchmark", "report", "plan", "policy", "release"
]


@dataclass(frozen=True, slots=True)
class Field:
    """One column of a table: its name and its Arrow type in words (``int64``, ``string``)."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Asset:
    """One immutable, content-addressed version of a named piece of content.

    ``digest`` is the SHA-256 of the stored bytes, in hex. ``rows`` and ``schema`` are filled for
    tables. ``confidential`` content (anything that still holds people) is named in evidence by a
    keyed digest, so that nobody can confirm a guess of a small input.
    """

    kind: Kind
    name: str
    version: int
    digest: str
    media_type: str
    labels: Labels
    schema: tuple[Field, ...] = ()
    rows: int | None = None
    confidential: bool = False

    @property
    def reference(self) -> str:
        """``name@version``."""
        return f"{self.name}@{self.version}"

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "kind": self.kind,
            "name": self.name,
            "version": self.version,
            "digest": self.digest,
            "mediaType": self.media_type,
            "labels": self.labels.as_json(),
            "schema": [{"name": field.name, "type": field.type} for field in self.schema],
            "rows": self.rows,
            "confidential": self.confidential,
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Asset:
        """Read an asset from the plain values of :meth:`as_json`."""
        return cls(
            kind=value["kind"],
            name=value["name"],
            version=value["version"],
            digest=value["digest"],
            media_type=value["mediaType"],
            labels=Labels.from_json(value["labels"]),
            schema=tuple(Field(**field) for field in value["schema"]),
            rows=value["rows"],
            confidential=value["confidential"],
        )
