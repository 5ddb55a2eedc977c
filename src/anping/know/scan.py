"""A scan joins what is known about a table: findings, profile, quality measures, proposed labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from anping.core.columns import ColumnFinding
from anping.core.labels import Labels
from anping.core.measure import Measure
from anping.core.progress import Progress, silent
from anping.core.ratings import Ratings
from anping.engine.table import Table, missing_column
from anping.know.discover.column_values import ColumnValues
from anping.know.discover.columns import find_columns
from anping.know.discover.nested import types_inside, types_of
from anping.know.discover.recognisers.detection import Detection
from anping.know.discover.rules import Rules, rules_of, standard_rules
from anping.know.discover.table_values import table_values
from anping.know.inside import (
    FEW,
    Inside,
    found_inside,
    missable,
    with_all_texts,
    with_texts_again,
)
from anping.know.labels import propose_labels
from anping.know.memory import Form, Known, forms_of, recall
from anping.know.profile import Profile, profile
from anping.know.quality import measure_quality
from anping.know.singling_out import SinglingSet, singling_sets

FORMAT = "anping.scan/1"
NOTHING_KNOWN = Known()


@dataclass(frozen=True, slots=True)
class Scan:
    """What a scan found; it holds no value of a person and can be shown and stored."""

    findings: tuple[ColumnFinding, ...]
    profile: Profile
    measures: tuple[Measure, ...]
    labels: Labels
    #: What occurs inside columns of another type, and which sets of columns single rows out.
    inside: tuple[Inside, ...] = ()
    sets: tuple[SinglingSet, ...] = ()
    #: What the columns' values look like, for the next scan to tell whether they still do.
    forms: tuple[Form, ...] = ()
    #: The entries of the user's own entities that were looked for.
    entities: tuple[Mapping[str, Any], ...] = ()
    #: How well the types inside free texts are found; None where there are none.
    ratings: Ratings | None = None

    @property
    def rules(self) -> Rules:
        """The rules of the scan: the shipped ones, and the user's own entities."""
        return rules_of(self.entities)

    def finding(self, column: str) -> ColumnFinding:
        """Return one column's finding; raises SchemaError if there is no such column."""
        for finding in self.findings:
            if finding.column == column:
                return finding
        raise missing_column(column, [finding.column for finding in self.findings])

    @property
    def decided(self) -> tuple[tuple[ColumnFinding, Form], ...]:
        """The columns that a person decided about, with what their values look like."""
        forms = {form.column: form for form in self.forms}
        return tuple(
            (finding, forms[finding.column])
            for finding in self.findings
            if finding.decision is not None and finding.column in forms
        )

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
            "inside": [one.as_json() for one in self.inside],
            "singlingOut": [one.as_json() for one in self.sets],
            "forms": [form.as_json() for form in self.forms],
            **({"entities": list(self.entities)} if self.entities else {}),
            **({"ratings": self.ratings.as_json()} if self.ratings else {}),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Scan:
        """Read a scan from the plain values of :meth:`as_json`."""
        return cls(
            findings=tuple(ColumnFinding.from_json(finding) for finding in value["findings"]),
            profile=Profile.from_json(value["profile"]),
            measures=tuple(Measure.from_json(measure) for measure in value["measures"]),
            labels=Labels.from_json(value["labels"]),
            inside=tuple(Inside.from_json(one) for one in value.get("inside", ())),
            sets=tuple(SinglingSet.from_json(one) for one in value.get("singlingOut", ())),
            forms=tuple(Form.from_json(form) for form in value.get("forms", ())),
            entities=tuple(value.get("entities", ())),
            ratings=Ratings.from_json(value["ratings"]) if "ratings" in value else None,
        )


def scan(
    table: Table,
    *,
    full: bool = False,
    known: Known = NOTHING_KNOWN,
    progress: Progress = silent,
    small_count: int = 5,
    rules: Rules | Detection | None = None,
) -> Scan:
    """Return what is known about a table: roles, distributions, quality, and proposed labels.

    Types are judged by a sample of the rows of a large table, and ``discovery.missable`` says what
    that can miss; with ``full`` every cell is looked at for identifiers, and every free text read.
    ``known`` are columns that people decided about before, here or elsewhere. ``rules`` bring a
    user's own entities (:func:`~anping.know.discover.own_entities.rules_with`); a
    :class:`~anping.know.discover.recognisers.detection.Detection` brings models of names, too.
    """
    detection = rules if isinstance(rules, Detection) else Detection(rules or standard_rules())
    rules = detection.rules
    values = table_values(table, full=full, progress=progress, rules=rules)
    forms = forms_of(values)
    found = find_columns(table, progress=progress, values=values, rules=rules)
    findings = recall(found, forms, known)
    if full:
        findings = with_all_texts(
            table, findings, partial(types_of, rules=rules, names=detection.names)
        )
    elif detection.models:
        findings = with_texts_again(
            findings, values, partial(types_inside, rules=rules, names=detection.names)
        )
    inside = found_inside(findings, values, rules)
    sets = singling_sets(table, findings, values)
    return Scan(
        findings=findings,
        profile=profile(
            table, findings=findings, small_count=small_count, progress=progress, values=values
        ),
        measures=(
            *measure_quality(table, findings, values=values),
            *(one.measure() for one in inside if one.cells >= FEW),
            *(one.measure() for one in sets),
            *_missable(table, values, full=full),
        ),
        labels=propose_labels(findings, rules.known),
        inside=inside,
        sets=sets,
        forms=forms,
        entities=rules.entries,
        ratings=_ratings(inside, detection),
    )


def _ratings(inside: Sequence[Inside], detection: Detection) -> Ratings | None:
    """Return how well the types that stand inside free texts are found."""
    types = [one.type for one in inside if one.where == "texts"]
    return detection.ratings(types) if types or detection.models else None


def _missable(table: Table, values: Sequence[ColumnValues], *, full: bool) -> tuple[Measure, ...]:
    """Return what a sample may miss: nothing if every cell was looked at, or listed by value."""
    sampled = [column for column in values if column.every is None]
    cells = sampled[0].cells if sampled and not full else None
    found = None if cells is None else missable(table.rows, len(cells))
    return () if found is None else (found,)
