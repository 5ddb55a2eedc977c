"""The chain of steps as OpenLineage events: one START and one COMPLETE line for each step.

Format: OpenLineage 2-0-2 run events; facets schema 1-2-0, columnLineage 1-2-0 (with the masking
flag) and dataQualityAssertions 1-1-0. A file of events: no server is needed or spoken to.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from anping.core.asset import Field
from anping.core.digest import canonical_json
from anping.core.measure import Measure
from anping.core.text import Text
from anping.core.verdict import Verdict
from anping.share.bilingual import both

NAMESPACE = "anping"
_SPEC = "https://openlineage.io/spec"
_NO_WORDS = Text("", "")


@dataclass(frozen=True, slots=True)
class InputColumn:
    """A column of an input that an output column depends on."""

    dataset: str
    column: str


@dataclass(frozen=True, slots=True)
class ColumnLineage:
    """Where an output column comes from and what was done to it.

    ``kind`` is DIRECT (its values come from there) or INDIRECT (they only influenced it).
    ``technique`` is an ISO/IEC 20889 name, empty or ``none`` when the values were kept. ``masking`` is whether
    the original value can no longer be read.
    """

    column: str
    sources: tuple[InputColumn, ...]
    technique: str = ""
    what: Text = _NO_WORDS
    masking: bool = False
    kind: Literal["DIRECT", "INDIRECT"] = "DIRECT"
    #: The subtype, where it is another than kind and technique tell.
    special: str = ""

    @property
    def subtype(self) -> str:
        """The OpenLineage subtype."""
        if self.special:
            return self.special
        if self.kind == "INDIRECT":
            return "CONDITIONAL"
        return "IDENTITY" if self.technique in {"", "none"} else "TRANSFORMATION"


@dataclass(frozen=True, slots=True)
class Dataset:
    """An asset that a step took or gave: ``customers.protected@1``.

    ``columns`` may name a column several times, for what influenced it in several ways; ``whole`` is
    what bears on which rows there are (its column is empty).
    """

    name: str
    fields: tuple[Field, ...] = ()
    columns: tuple[ColumnLineage, ...] = ()
    whole: tuple[ColumnLineage, ...] = ()


@dataclass(frozen=True, slots=True)
class StepRun:
    """One performed step as lineage sees it.

    ``digest`` is the SHA-256 of its signed statement: the run's identity comes from it. Times are
    RFC 3339.
    """

    step: str
    title: Text
    digest: str
    started: str
    finished: str
    inputs: tuple[Dataset, ...] = ()
    outputs: tuple[Dataset, ...] = ()
    measures: tuple[Measure, ...] = ()
    decision: Verdict | None = None


def run_id(digest: str) -> str:
    """Return the run's UUID: the same for the same statement."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"urn:anping:statement:sha256:{digest}"))


def events(runs: Iterable[StepRun], *, tool: str) -> tuple[dict[str, Any], ...]:
    """Return a START and a COMPLETE (or FAIL, for a refusal) event for each step, in order.

    ``tool`` is the version of Anping, named as the producer.
    """
    producer = f"https://anping.dev/anping/{tool}"
    found: list[dict[str, Any]] = []
    for run in runs:
        refused = run.decision is not None and run.decision.refused
        found.append(_event(run, producer, "START", run.started))
        found.append(_event(run, producer, "FAIL" if refused else "COMPLETE", run.finished))
    return tuple(found)


def json_lines(runs: Iterable[StepRun], *, tool: str) -> bytes:
    """Return the events as JSON Lines, equal for equal runs."""
    return b"".join(canonical_json(event) + b"\n" for event in events(runs, tool=tool))


def _event(run: StepRun, producer: str, kind: str, moment: str) -> dict[str, Any]:
    done = kind != "START"
    return {
        "eventType": kind,
        "eventTime": moment,
        "producer": producer,
        "schemaURL": f"{_SPEC}/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "run": {
            "runId": run_id(run.digest),
            "facets": {
                "anping_statement": {
                    "_producer": producer,
                    "_schemaURL": "https://anping.dev/openlineage/StatementRunFacet-1.json",
                    "sha256": run.digest,
                }
            },
        },
        "job": {
            "namespace": NAMESPACE,
            "name": run.step,
            "facets": {"documentation": _documentation(run.title, producer)},
        },
        "inputs": [_input(dataset, run, producer, done=done) for dataset in run.inputs],
        "outputs": [_output(dataset, producer) for dataset in run.outputs] if done else [],
    }


def _facet(producer: str, name: str, version: str) -> dict[str, str]:
    url = f"{_SPEC}/facets/{version}/{name}.json#/$defs/{name}"
    return {"_producer": producer, "_schemaURL": url}


def _documentation(title: Text, producer: str) -> dict[str, str]:
    facet = _facet(producer, "DocumentationJobFacet", "1-1-0")
    return {**facet, "description": both(title)}


def _schema(dataset: Dataset, producer: str) -> dict[str, Any]:
    fields = [
        {"name": field.name, "type": field.type, "ordinal_position": place}
        for place, field in enumerate(dataset.fields, start=1)
    ]
    return {"schema": {**_facet(producer, "SchemaDatasetFacet", "1-2-0"), "fields": fields}}


def _input(dataset: Dataset, run: StepRun, producer: str, *, done: bool) -> dict[str, Any]:
    found: dict[str, Any] = {
        "namespace": NAMESPACE,
        "name": dataset.name,
        "facets": _schema(dataset, producer) if dataset.fields else {},
    }
    assertions = _assertions(run) if done else []
    if assertions and dataset.fields:
        facet = _facet(producer, "DataQualityAssertionsDatasetFacet", "1-1-0")
        found["inputFacets"] = {"dataQualityAssertions": {**facet, "assertions": assertions}}
    return found


def _assertions(run: StepRun) -> list[dict[str, Any]]:
    """Return the gate's rules as assertions; the words name rules and measures, never values."""
    if run.decision is None:
        return []
    return [
        {
            "assertion": reason.code,
            "success": reason.holds,
            "severity": "error",
            "description": both(reason.why),
        }
        for reason in run.decision.reasons
    ]


def _output(dataset: Dataset, producer: str) -> dict[str, Any]:
    facets: dict[str, Any] = _schema(dataset, producer) if dataset.fields else {}
    if dataset.columns or dataset.whole:
        facets["columnLineage"] = {
            **_facet(producer, "ColumnLineageDatasetFacet", "1-2-0"),
            "fields": _lineage(dataset.columns),
        }
        if dataset.whole:
            facets["columnLineage"]["dataset"] = _inputs(dataset.whole)
    return {"namespace": NAMESPACE, "name": dataset.name, "facets": facets}


def _lineage(columns: Sequence[ColumnLineage]) -> dict[str, Any]:
    told: dict[str, list[ColumnLineage]] = {}
    for column in columns:
        told.setdefault(column.column, []).append(column)
    return {name: {"inputFields": _inputs(some)} for name, some in told.items()}


def _inputs(told: Sequence[ColumnLineage]) -> list[dict[str, Any]]:
    """Return each input column once, with all that it did."""
    done: dict[InputColumn, list[dict[str, Any]]] = {}
    for column in told:
        for source in column.sources:
            done.setdefault(source, []).append(_transformation(column))
    return [
        {
            "namespace": NAMESPACE,
            "name": source.dataset,
            "field": source.column,
            "transformations": transformations,
        }
        for source, transformations in done.items()
    ]


def _transformation(column: ColumnLineage) -> dict[str, Any]:
    words = " / ".join(part for part in (column.technique, both(column.what)) if part)
    return {
        "type": column.kind,
        "subtype": column.subtype,
        "description": words,
        "masking": column.masking,
    }
