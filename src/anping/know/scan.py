"""A scan joins what is known about a table: findings, profile, quality measures, proposed labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from anping.core.columns import ColumnFinding
from anping.core.labels import Labels
from anping.core.measure import Measure
from anping.core.progress import Progress, silent
from anping.engine.table import Table, missing_column
from anping.know.discover.columns import find_columns
from anping.know.discover.table_values import table_values
from anping.know.labels import propose_labels
from anping.know.profile import Profile, profile
from anping.know.quality import measure_quality

FORMAT = "anping.scan/1"


@dataclass(frozen=True, slots=True)
class Scan:
    """What a scan found; it holds no value of a person and can be shown and stored."""

    findings: tuple[ColumnFinding, ...]
    profile: Profile
    measures: tuple[Measure, ...]
    labels: Labels

    def finding(self, column: str) -> ColumnFinding:
        """Return one column's finding; raises SchemaError if there is no such column."""
        for finding in self.findings:
            if finding.column == column:
                return finding
        raise missing_column(column, [finding.column for finding in self.findings])

    @property
    def undecided(self) -> tuple[str, ...]:
        """The columns that no person has confirmed or changed yet."""
        return tuple(finding.column for finding in self.findings if finding.decision is None)

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "format": FORMAT,
            "findings": [finding.as_json() for finding in self.findings],
            "profile": self.profile.as_json(),
            "measures": [measure.as_json() for measure in self.measures],
            "labels": self.labels.as_json(),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Scan:
        """Read a scan from the plain values of :meth:`as_json`."""
        return cls(
            findings=tuple(ColumnFinding.from_json(finding) for finding in value["findings"]),
            profile=Profile.from_json(value["profile"]),
            measures=tuple(Measure.from_json(measure) for measure in value["measures"]),
            labels=Labels.from_json(value["labels"]),
        )


def scan(table: Table, *, progress: Progress = silent, small_count: int = 5) -> Scan:
    """Return what is known about a table: roles, distributions, quality, and proposed labels."""
    values = table_values(table, progress=progress)
    findings = find_columns(table, progress=progress, values=values)
    return Scan(
        findings=findings,
        profile=profile(
            table, findings=findings, small_count=small_count, progress=progress, values=values
        ),
        measures=measure_quality(table, findings, values=values),
        labels=propose_labels(findings),
    )
