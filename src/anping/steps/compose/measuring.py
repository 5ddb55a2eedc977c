"""Measuring risk before and after protection, and attacking one table with the other."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from anping.core.measure import Measure
from anping.engine.links import raw_rows
from anping.engine.table import Table
from anping.protect.risk.bands import class_size_bands
from anping.protect.risk.classes import (
    Grouped,
    equivalence_classes,
    group_rows,
    require_rows,
    sized,
)
from anping.protect.risk.compatible import Compatible
from anping.protect.risk.linkage import LinkageOptions, link
from anping.protect.risk.people import People, people_of
from anping.protect.risk.reidentification import measure_classes, measure_diversity
from anping.protect.risk.uniqueness import measure_uniqueness
from anping.steps.compose.assets import Protection, paths_of, protection_of, telling_columns
from anping.steps.compose.attacking import more_attacks
from anping.steps.compose.populating import Sampling, measured_beyond, measured_wildcards
from anping.workspace.step import Inputs

Bands = dict[str, list[dict[str, Any]]]


def people_before(inputs: Inputs) -> People | None:
    """Return who each raw row is about, or None where the plan names no person column."""
    return people_of(protection_of(inputs).privacy_unit, Table.open(inputs["table"].path))


def people_after(inputs: Inputs, before: People | None) -> People | None:
    """Return who each released row is about: the released pseudonym, else the owner's links.

    Counting rows instead would understate the risk of people with several rows.
    """
    person = protection_of(inputs).person
    if person is not None or before is None:
        return people_of(person, Table.open(inputs["protected"].path))
    links = Table.open(inputs["links"].path)
    return before.at(raw_rows(links, protected=links.rows, raw=before.codes.size))


def measured(given: Any, inputs: Inputs) -> tuple[tuple[Measure, ...], Bands]:
    """Return every measure of risk, and how class sizes spread before and after.

    The raw table and the protected one are looked at side by side.
    """
    names = protection_of(inputs).quasi_identifiers
    with ThreadPoolExecutor(2) as beside:
        people = beside.submit(people_before, inputs)
        grouped = group_rows(Table.open(inputs["protected"].path), names)
        before = people.result()
        raw = beside.submit(_risk_before, given, inputs, before)
        attack = beside.submit(_attack, given, inputs, before, grouped)
        after, bands_after = _risk_after(given, inputs, people_after(inputs, before), grouped)
        attacks = (*attack.result(), *more_attacks(given, inputs, before, grouped))
        measures, bands = raw.result()
    return (*measures, *after, *attacks), {"before": bands, "after": bands_after}


def _risk_before(
    given: Any, inputs: Inputs, people: People | None
) -> tuple[tuple[Measure, ...], list[dict[str, Any]]]:
    table = Table.open(inputs["table"].path)
    names = protection_of(inputs).quasi_identifiers
    classes = equivalence_classes(table, names, person=people)
    measures = (
        *measure_classes(classes, threshold=given.threshold, subject="before"),
        *measured_beyond(
            table, names, classes, sampling=Sampling.of(given.model_dump()), subject="before"
        ),
    )
    return measures, [band.as_json() for band in class_size_bands(classes)]


def _risk_after(
    given: Any, inputs: Inputs, people: People | None, grouped: Grouped
) -> tuple[tuple[Measure, ...], list[dict[str, Any]]]:
    """Return the protected table's risk, its diversity, and who is unique on all of it."""
    found = protection_of(inputs)
    table = Table.open(inputs["protected"].path)
    require_rows(table)
    classes = sized(grouped.of_row, grouped.count, people)
    sampling = Sampling.of(given.model_dump()).drawn(found.sampled)
    bands = [band.as_json() for band in class_size_bands(classes)]
    names, sensitive = found.quasi_identifiers, sensitive_of(found, table)
    measures = (
        *measure_classes(classes, threshold=given.threshold, subject="after"),
        *measure_diversity(table, names, sensitive, classes=classes, subject="after"),
        *measured_beyond(table, names, classes, sampling=sampling, subject="after"),
        *measured_wildcards(table, found, classes, threshold=given.threshold),
    )
    telling = telling_columns(found, table.columns)
    return (*measures, *measure_uniqueness(table, telling, person=people, subject="after")), bands


def _attack(
    given: Any, inputs: Inputs, before: People | None, grouped: Grouped
) -> tuple[Measure, ...]:
    """Return how the attack on the protected table went that starts from the raw leaves."""
    found = protection_of(inputs)
    protected = Table.open(inputs["protected"].path)
    return link(
        Table.open(inputs["table"].path),
        protected,
        links=Table.open(inputs["links"].path),
        quasi_identifiers=found.quasi_identifiers,
        compatible=Compatible(paths_of(inputs), leaf_table=Table.open(inputs["leaves"].path)),
        options=LinkageOptions(
            given.seed, given.targets, before, sensitive_of(found, protected), grouped
        ),
    )


def sensitive_of(protection: Protection, protected: Table) -> tuple[str, ...]:
    """Return the sensitive columns that were released."""
    return tuple(column for column in protection.sensitive if column in protected.columns)
