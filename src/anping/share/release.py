"""A release described: the one value from which the card and every machine format are made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from anping.core.columns import Role
from anping.core.labels import Tier
from anping.core.measure import Measure
from anping.core.text import Text
from anping.core.verdict import Verdict
from anping.share.licence import Licence

#: What is said of a column that was not changed.
KEPT = Text("原樣保留", "kept as it was")


@dataclass(frozen=True, slots=True)
class Column:
    """One released column.

    ``type`` is its Arrow type in words. ``technique`` is an ISO/IEC 20889 name (several
    joined by " + "), empty or ``none`` when the column was kept; ``what`` says it in words. ``masking`` is whether the technique hides the
    original value. ``examples`` are members of its generalised domain (``30–39``), never values
    of a person. ``sources`` are the raw columns it was made from; ``missing`` counts its empty cells
    in the released table.
    """

    name: str
    type: str
    role: Role
    semantic_type: str
    technique: str = ""
    what: Text = KEPT
    masking: bool = False
    examples: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    missing: int | None = None

    @property
    def treated(self) -> bool:
        """Whether a technique changed the column."""
        return self.technique not in {"", "none"}


@dataclass(frozen=True, slots=True)
class PolicyReference:
    """The policy that decided, by name and digest (SHA-256, hex)."""

    name: str
    version: int
    digest: str
    owner: Text


@dataclass(frozen=True, slots=True)
class ContentFile:
    """One file of the release: path relative to the folder, SHA-256 in hex, and size in bytes."""

    path: str
    sha256: str
    size: int
    media_type: str


@dataclass(frozen=True, slots=True)
class Release:
    """What is released, to whom, under what, and how well it was protected.

    ``dropped`` names raw columns that are not in the release. ``limits`` say what the release and
    its evidence do not show. ``purposes`` are those granted. ``tool`` is the version of Anping.
    """

    name: str
    version: int
    title: Text
    description: Text
    released: datetime
    owner: Text
    tier: Tier
    rows: int
    columns: tuple[Column, ...]
    licence: Licence
    policy: PolicyReference
    verdict: Verdict
    measures: tuple[Measure, ...]
    purposes: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    limits: tuple[Text, ...] = ()
    recipient: str = ""
    keywords: tuple[str, ...] = ()
    tool: str = ""

    @property
    def version_name(self) -> str:
        """The version as semantic versioning writes it: ``3.0.0``."""
        return f"{self.version}.0.0"
