"""Measuring risk before and after protection, and attacking one table with the other."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from anping.core.measure import Measure
from anping.engine.links import raw_rows
from anping.engine.table import Table
from anping.protect.risk.bands import class_size_bands
from anping.protect.risk.classes import Person, equivalence_classes
from anping.protect.risk.compatible import Compatible
from anping.protect.risk.linkage import LinkageOptions, link
from anping.protect.risk.reidentification import measure_diversity, measure_risk
from anping.protect.risk.uniqueness import measure_uniqueness
from anping.steps.compose.assets import leaf_readers, paths_of, protection_of, telling_columns
from anping.workspace.step import Inputs


def people_before(inputs: Inputs) -> pa.ChunkedArray | None:
    """Return who each raw row is about, or None where the plan names no person column."""
    unit = protection_of(inputs).privacy_unit
    return None if unit is None else Table.open(inputs["table"].path).column(unit)


def people_after(inputs: Inputs) -> Person | None:
    """Return who each released row is about: the released pseudonym, else the owner's links.

    Counting rows instead would understate the risk of people with several rows.
    """
    found, before = protection_of(inputs), people_before(inputs)
    if found.person is not None or before is None:
        return found.person
    links = Table.open(inputs["links"].path).arrow()
    rows = raw_rows(links, protected=links.num_rows, raw=len(before))
    people: Person = before.take(pa.array(rows))
    return people


def risk_measures(given: Any, inputs: Inputs) -> tuple[Measure, ...]:
    """Return risk before and after, diversity after, and how the linkage attack went."""
    found = protection_of(inputs)
    names = found.quasi_identifiers
    raw, protected = Table.open(inputs["table"].path), Table.open(inputs["protected"].path)
    before = people_before(inputs)
    sensitive = tuple(column for column in found.sensitive if column in protected.columns)
    leaves = leaf_readers(raw, Table.open(inputs["leaves"].path), names)
    attack = link(
        raw,
        protected,
        links=Table.open(inputs["links"].path).arrow(),
        quasi_identifiers=names,
        compatible=Compatible(paths_of(inputs), leaves),
        options=LinkageOptions(given.seed, given.targets, before, sensitive),
    )
    threshold = given.threshold
    return (
        *measure_risk(raw, names, person=before, threshold=threshold, subject="before"),
        *measure_risk(
            protected, names, person=people_after(inputs), threshold=threshold, subject="after"
        ),
        *measure_diversity(protected, names, sensitive, subject="after"),
        *measure_uniqueness(
            protected,
            telling_columns(found, protected.columns),
            person=people_after(inputs),
            subject="after",
        ),
        *attack,
    )


def class_sizes(inputs: Inputs) -> dict[str, list[dict[str, Any]]]:
    """Return the distribution of class sizes before and after, small counts hidden."""
    names = protection_of(inputs).quasi_identifiers
    sides = {
        "before": (inputs["table"].path, people_before(inputs)),
        "after": (inputs["protected"].path, people_after(inputs)),
    }
    return {
        side: [
            band.as_json()
            for band in class_size_bands(
                equivalence_classes(Table.open(path), names, person=people)
            )
        ]
        for side, (path, people) in sides.items()
    }
