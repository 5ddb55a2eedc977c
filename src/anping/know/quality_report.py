"""The quality of one version: measures, expectations kept or broken, drift, and what is not shown.

::

    from anping.know.quality_report import report_on
    report = report_on(new, measures=measures, earlier=history.versions)
    Path("quality.html").write_text(quality_page({"customers": report}), "utf-8")
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from anping.core.measure import Measure
from anping.core.text import Text
from anping.know.drift import ColumnDrift, drift
from anping.know.expectation_words import BINNED, INDEPENDENT, NO_HISTORY, ONE_VERSION
from anping.know.expectations import LEVEL, Judged, judge
from anping.know.summary import Summary

FORMAT = "anping.quality/1"
#: Columns whose drift enters a statement one by one; all stand in the report.
_TOLD = 50
_COUNTS = {
    "expectations": Text("檢查的期望數", "Expectations judged"),
    "broken": Text("違反的期望數", "Expectations broken"),
    "watch": Text("需留意的期望數", "Expectations to look at"),
}
_DRIFTED = Text("分布偏移超過往常的欄位數", "Columns that drifted more than usual")


@dataclass(frozen=True, slots=True)
class QualityReport:
    """What is known of the quality of a version, beside the versions it was compared with."""

    summary: Summary
    versions: tuple[int, ...]
    measures: tuple[Measure, ...]
    judged: tuple[Judged, ...]
    drift: tuple[ColumnDrift, ...]
    level: float = LEVEL

    @property
    def broken(self) -> tuple[Judged, ...]:
        """The expectations that the version breaks."""
        return tuple(each for each in self.judged if each.status == "broken")

    @property
    def watched(self) -> tuple[Judged, ...]:
        """The expectations that a person should look at."""
        return tuple(each for each in self.judged if each.status == "watch")

    @property
    def drifted(self) -> tuple[ColumnDrift, ...]:
        """The columns that drifted more than is usual, or by more than the customary bands."""
        return tuple(each for each in self.drift if each.status in {"drifted", "watch"})

    @property
    def limits(self) -> tuple[Text, ...]:
        """What the report does not show."""
        if not self.versions:
            return (NO_HISTORY,)
        few = (ONE_VERSION,) if len(self.versions) == 1 else ()
        return (*few, INDEPENDENT, BINNED)

    def told(self) -> tuple[Measure, ...]:
        """Return the measures that a statement holds: all of the table, and of what stands out."""
        rows = self.summary.rows
        counts = {
            "expectations": len(self.judged),
            "broken": len(self.broken),
            "watch": len(self.watched),
        }
        if not self.versions:
            return self.measures
        whole = (
            *(
                Measure(f"quality.{name}", float(n), "expectations", rows, _COUNTS[name], method="count")
                for name, n in counts.items()
            ),
            Measure(
                "drift.columns", float(len(self.drifted)), "columns", len(self.drift), _DRIFTED,
                method="count",
            ),
        )  # fmt: skip
        standing_out = (*self.broken, *self.watched)[:_TOLD]
        drifted = sorted(self.drifted, key=lambda each: -each.distances.stability)[:_TOLD]
        return (
            *self.measures,
            *whole,
            *(each.measure() for each in standing_out),
            *(measure for each in drifted for measure in each.measures()),
        )

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "format": FORMAT,
            "version": self.summary.version,
            "arrived": self.summary.arrived,
            "rows": self.summary.rows,
            "level": self.level,
            "learnedFrom": list(self.versions),
            "correction": {"expectations": "holm", "drift": "benjamini-hochberg"},
            "measures": [measure.as_json() for measure in self.measures],
            "expectations": [_as_json(each, self.level) for each in self.judged],
            "drift": [each.as_json() for each in self.drift],
            "limits": [text.as_json() for text in self.limits],
        }


def report_on(
    new: Summary,
    *,
    measures: Sequence[Measure] = (),
    earlier: Sequence[Summary] = (),
    level: float = LEVEL,
) -> QualityReport:
    """Return the report on a version; ``measures`` are those of its quality.

    ``new`` must have been summarised after ``earlier``
    (:func:`~anping.know.summarising.summarise`).
    """
    return QualityReport(
        summary=new,
        versions=tuple(sorted(each.version for each in earlier)),
        measures=tuple(measures),
        judged=judge(earlier, new, level=level),
        drift=drift(earlier, new, alpha=1 - level),
        level=level,
    )


def _as_json(judged: Judged, level: float) -> dict[str, Any]:
    return {
        "kind": judged.kind,
        "subject": judged.subject,
        "title": judged.title.as_json(),
        "status": judged.status,
        "measure": judged.measure().as_json(),
        "expected": {
            "low": judged.low,
            "high": judged.high,
            "between": None if judged.between is None else list(judged.between),
            "level": level,
            "method": judged.method,
        },
        "learnedFrom": {"versions": list(judged.versions), "n": judged.learned_n},
        "adjustedP": judged.p,
    }
