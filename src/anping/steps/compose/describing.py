"""Describing a release: the one value from which share makes the card and every machine format."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from anping.core.columns import ColumnFinding, Role
from anping.core.description import Description
from anping.core.digest import canonical_json, sha256
from anping.core.labels import Tier
from anping.core.lineage import Place
from anping.core.measure import Measure
from anping.core.text import Text
from anping.core.verdict import Verdict
from anping.engine.aggregate import null_counts
from anping.engine.table import Table
from anping.know.lineage import Run, trace
from anping.share.card import ChainStep
from anping.share.licence import Licence
from anping.share.lineage_page import DrawnFlow, Lineage
from anping.share.openlineage import StepRun
from anping.share.release import Column, PolicyReference, Release
from anping.steps.compose.assets import Protection
from anping.steps.compose.performed_runs import run_of, step_run
from anping.workspace.step import Context, Input, Inputs, Record
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


def runs_of(context: Context, inputs: Inputs) -> tuple[Run, ...]:
    """Return the steps that the release rests on, with what they did to each column."""
    report = inputs["protection"]

    def read(name: str) -> Any:
        if name != report.asset.reference:
            return None
        return json.loads(report.path.read_bytes())

    return tuple(
        run_of(record, place, read)
        for place, record in zip(context.places, context.history, strict=True)
    )


def step_runs(context: Context, runs: tuple[Run, ...]) -> tuple[StepRun, ...]:
    """Return the steps as share writes them, with their decisions and measures."""
    return tuple(map(step_run, runs, context.history))


def lineage_of(runs: tuple[Run, ...], protected: str) -> Lineage:
    """Return where each column of the released table came from, for its page in the dossier."""
    found = trace(runs, Place(protected))
    drawn = tuple(DrawnFlow(way.run.index, way.run.title, way.flow) for way in found.ways)
    return Lineage(found.target, drawn, found.ends)


def _digest(record: Record) -> str:
    return sha256(canonical_json(record))
