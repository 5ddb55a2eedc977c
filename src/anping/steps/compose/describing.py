"""Describing a release: the one value from which share makes the card and every machine format."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from anping.core.asset import Field
from anping.core.columns import ColumnFinding, Role
from anping.core.description import Description
from anping.core.digest import canonical_json, sha256
from anping.core.labels import Tier
from anping.core.measure import Measure
from anping.core.text import Text
from anping.core.verdict import Verdict
from anping.engine.aggregate import null_counts
from anping.engine.table import Table
from anping.evidence.statement import StepRecord
from anping.share.card import ChainStep
from anping.share.licence import Licence
from anping.share.openlineage import ColumnLineage, Dataset, InputColumn, StepRun
from anping.share.release import Column, PolicyReference, Release
from anping.steps.compose.assets import Protection
from anping.workspace.step import Context, Input, Record
from anping.workspace.version import VERSION

_KEPT = "none"
_EXAMPLES = 3


def columns_of(
    protected: Input, findings: tuple[ColumnFinding, ...], protection: Protection
) -> tuple[Column, ...]:
    """Return the released columns; examples are only generalised values that hide others."""
    missing = {count.column: count.nulls for count in null_counts(Table.open(protected.path))}
    known = {finding.column: finding for finding in findings}
    done = {operation["column"]: operation for operation in protection.operations}
    return tuple(
        Column(
            name=field.name,
            type=field.type,
            role=known[field.name].role if field.name in known else Role.NONE,
            semantic_type=known[field.name].semantic_type if field.name in known else "NONE",
            technique=""
            if done[field.name]["technique"] == _KEPT
            else done[field.name]["technique"],
            what=Text(**done[field.name]["what"]),
            masking=done[field.name]["masking"],
            examples=_examples(protection.coverage.get(field.name, {})),
            sources=(field.name,),
            missing=missing[field.name],
        )
        for field in protected.asset.schema
    )


def _examples(coverage: dict[str, float]) -> tuple[str, ...]:
    hiding = [value for value, share in sorted(coverage.items()) if 0 < share < 1]
    return tuple(hiding[:: max(1, len(hiding) // _EXAMPLES)][:_EXAMPLES])


def release_of(
    context: Context,
    given: Any,
    *,
    described: tuple[Input, tuple[Column, ...], Protection],
    measures: tuple[Measure, ...],
    terms: tuple[Licence, PolicyReference],
    named: Description,
) -> Release:
    """Return the release's description from the step's parameters and the evidence so far.

    ``named`` is what a person confirmed of the subject's own description; the parameters come first.
    """
    protected, columns, protection = described
    verdict = context.verdict
    assert isinstance(verdict, Verdict)
    licence, policy = terms
    raw = {operation["column"] for operation in protection.operations}
    limits = [
        Text(**limit) for record in context.history for limit in record["predicate"]["limits"]
    ]
    return Release(
        name=context.subject,
        version=protected.asset.version,
        title=Text(
            given.title_zh or named.title.zh or context.subject,
            given.title_en or named.title.en or context.subject,
        ),
        description=Text(
            given.description_zh or named.description.zh,
            given.description_en or named.description.en,
        ),
        keywords=named.tags,
        released=context.clock().replace(microsecond=0),
        owner=Text(given.owner_zh, given.owner_en),
        tier=Tier(given.tier),
        rows=protected.asset.rows or 0,
        columns=columns,
        licence=licence,
        policy=policy,
        verdict=verdict,
        measures=measures,
        purposes=tuple(sorted(given.purposes)),
        dropped=tuple(sorted(raw - {column.name for column in columns})),
        limits=tuple(dict.fromkeys(limits)),
        recipient=given.recipient or "",
        tool=VERSION,
    )


def chain_of(context: Context) -> tuple[ChainStep, ...]:
    """Return the steps that the release rests on."""
    return tuple(
        ChainStep(
            index=place,
            step=record["predicate"]["step"]["id"],
            title=Text(**record["predicate"]["step"]["title"]),
            finished=record["predicate"]["finishedOn"],
            agent=record["predicate"]["agent"]["id"],
            digest=_digest(record),
            outcome=_worth_telling(record["predicate"]["decision"]),
        )
        for place, record in zip(context.places, context.history, strict=True)
    )


def _worth_telling(decision: Mapping[str, Any] | None) -> str:
    """Return a gate's answer unless it simply let the step run, which says nothing of a release."""
    outcome = "" if decision is None else str(decision["outcome"])
    return "" if outcome == "allow" else outcome


def runs_of(context: Context, columns: tuple[Column, ...], protected: str) -> tuple[StepRun, ...]:
    """Return the steps as lineage; the protecting step tells where each column came from."""
    return tuple(_run(record, columns, protected) for record in context.history)


def _run(record: Record, columns: tuple[Column, ...], protected: str) -> StepRun:
    predicate = record["predicate"]
    # Of several tables made together, each came from its own.
    ports = {made["name"]: made["annotations"]["port"] for made in record["subject"]}
    table = "table" + ports.get(protected, "").removeprefix("protected")
    tables = [m["name"] for m in predicate["materials"] if m["annotations"]["port"] == table]
    lineage = tuple(
        ColumnLineage(
            column.name,
            tuple(InputColumn(table, source) for table in tables for source in column.sources),
            column.technique,
            column.what,
            column.masking,
        )
        for column in columns
    )
    return StepRun(
        step=predicate["step"]["id"],
        title=Text(**predicate["step"]["title"]),
        digest=_digest(record),
        started=predicate["startedOn"],
        finished=predicate["finishedOn"],
        inputs=tuple(_dataset(material) for material in predicate["materials"]),
        outputs=tuple(
            _dataset(subject, lineage if subject["name"] == protected else ())
            for subject in record["subject"]
        ),
        decision=StepRecord.from_json(dict(record)).decision,
        measures=tuple(Measure.from_json(value) for value in predicate["measurements"]),
    )


def _dataset(resource: Mapping[str, Any], columns: tuple[ColumnLineage, ...] = ()) -> Dataset:
    fields = tuple(Field(**field) for field in resource["annotations"]["schema"])
    return Dataset(resource["name"], fields, columns)


def _digest(record: Record) -> str:
    return sha256(canonical_json(record))
