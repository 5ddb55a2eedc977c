"""A resource names content in a statement: an in-toto ResourceDescriptor with our annotations.

in-toto attestation framework v1, ``spec/v1/resource_descriptor.md``. Content that holds people is
named by a keyed digest (``hmac-sha256``), so that nobody can confirm a guess of a small input.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

from anping.core.asset import Asset, Field
from anping.core.digest import keyed
from anping.core.labels import Labels
from anping.evidence.strict_json import Optional, conform

Algorithm = Literal["sha256", "hmac-sha256"]

#: The port (and kind) of a file from outside: where an ancestry begins.
SOURCE = "source"

_HEX = re.compile(r"[0-9a-f]{64}")
_LABELS = {
    "tier": str,
    "categories": [str],
    "purposes": Optional([str]),
    "licences": [str],
    "legalBases": [str],
    "residency": Optional([str]),
    "retainUntil": Optional(str),
}
RESOURCE_SHAPE = {
    "name": str,
    "digest": dict,
    "mediaType": str,
    "annotations": {
        "port": str,
        "kind": Optional(str),
        "rows": Optional(int),
        "labels": Optional(_LABELS),
        "schema": [{"name": str, "type": str}],
    },
}


@dataclass(frozen=True, slots=True)
class Digest:
    """A digest in hex and how it was made."""

    algorithm: Algorithm
    value: str

    def __str__(self) -> str:
        return f"{self.algorithm}:{self.value}"


@dataclass(frozen=True, slots=True)
class Resource:
    """Content that a statement is about (a subject) or rests on (a material).

    ``port`` is the step's port name, or ``source`` for an original file from outside. ``labels``
    is None only for sources.
    """

    name: str
    digest: Digest
    media_type: str
    port: str
    kind: str | None = None
    rows: int | None = None
    labels: Labels | None = None
    schema: tuple[Field, ...] = ()

    @property
    def is_source(self) -> bool:
        """Whether this is an original file from outside."""
        return self.port == SOURCE

    def as_json(self) -> dict[str, Any]:
        """Return the ResourceDescriptor."""
        return {
            "name": self.name,
            "digest": {self.digest.algorithm: self.digest.value},
            "mediaType": self.media_type,
            "annotations": {
                "port": self.port,
                "kind": self.kind,
                "rows": self.rows,
                "labels": None if self.labels is None else self.labels.as_json(),
                "schema": [{"name": field.name, "type": field.type} for field in self.schema],
            },
        }

    @classmethod
    def from_json(cls, value: Any) -> Resource:
        """Read a resource. Raises ValueError unless it is exactly what :meth:`as_json` writes."""
        conform(value, RESOURCE_SHAPE)
        notes = value["annotations"]
        return cls(
            name=value["name"],
            digest=_digest(value["digest"]),
            media_type=value["mediaType"],
            port=notes["port"],
            kind=notes["kind"],
            rows=notes["rows"],
            labels=None if notes["labels"] is None else Labels.from_json(notes["labels"]),
            schema=tuple(Field(item["name"], item["type"]) for item in notes["schema"]),
        )


def _digest(value: dict[str, Any]) -> Digest:
    if len(value) != 1:
        raise ValueError("digest")
    [(algorithm, text)] = value.items()
    if not isinstance(text, str) or not _HEX.fullmatch(text):
        raise ValueError("digest")
    if algorithm == "sha256":
        return Digest("sha256", text)
    if algorithm == "hmac-sha256":
        return Digest("hmac-sha256", text)
    raise ValueError("digest algorithm")


def asset_resource(asset: Asset, *, port: str, digest_key: bytes | None = None) -> Resource:
    """Return the resource that names ``asset`` at ``port``.

    Raises ValueError if the asset is confidential and no ``digest_key`` is given.
    """
    return Resource(
        name=asset.reference,
        digest=_named_by(asset.digest, confidential=asset.confidential, digest_key=digest_key),
        media_type=asset.media_type,
        port=port,
        kind=asset.kind,
        rows=asset.rows,
        labels=asset.labels,
        schema=asset.schema,
    )


def source_resource(name: str, digest: str, *, media_type: str, digest_key: bytes) -> Resource:
    """Return the resource of an original file from outside; its SHA-256 (hex) is always keyed."""
    return Resource(
        name=name,
        digest=_named_by(digest, confidential=True, digest_key=digest_key),
        media_type=media_type,
        port=SOURCE,
        kind=SOURCE,
    )


def _named_by(digest: str, *, confidential: bool, digest_key: bytes | None) -> Digest:
    if not confidential:
        return Digest("sha256", digest)
    if digest_key is None:
        raise ValueError("confidential content needs the digest key")
    return Digest("hmac-sha256", keyed(digest_key, digest))
