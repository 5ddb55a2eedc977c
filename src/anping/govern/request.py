"""A release request: everything that the release gate looks at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from anping.core.columns import ColumnFinding
from anping.core.labels import Labels, Tier
from anping.core.measure import Measure


@dataclass(frozen=True, slots=True)
class ReleaseRequest:
    """Everything the release gate looks at.

    ``labels`` are those of the protected table; ``findings`` those of the raw table; ``columns``
    the names in the release. ``treated`` maps a released column to the ISO/IEC 20889 technique that
    changed it; a column that was kept as it was is absent or ``none``. ``licence_purposes`` None means that the
    licence permits any purpose; ``licence_redistribution`` that recipients may pass the data on.
    ``adaptable_licences`` are those among the sources' licences that let adapted data be offered
    under other terms.
    ``agent`` is the role that asks (``steward`` or ``steward:name``);
    ``producer`` the one that protected the data; ``approver`` a second person, if there is one.
    """

    tier: Tier
    today: date
    labels: Labels
    measures: tuple[Measure, ...]
    findings: tuple[ColumnFinding, ...]
    columns: tuple[str, ...]
    agent: str
    licence: str
    treated: Mapping[str, str] = field(default_factory=dict)
    purposes: frozenset[str] = frozenset()
    licence_purposes: frozenset[str] | None = None
    licence_redistribution: bool = False
    adaptable_licences: frozenset[str] = frozenset()
    producer: str = ""
    approver: str = ""
    recipient: str = ""
