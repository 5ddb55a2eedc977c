"""Performed steps as lineage sees them: read from statements, with what the steps say of columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from anping.core.asset import Field
from anping.core.digest import canonical_json, sha256
from anping.core.errors import ParameterError
from anping.core.lineage import Dataset, Flow, Told
from anping.core.measure import Measure
from anping.core.text import Text
from anping.evidence.statement import StepRecord
from anping.know.lineage import Run
from anping.share import openlineage
from anping.workspace.step import Record

#: Gives the JSON of a dataset by its name, or None where it cannot be read.
Reader = Callable[[str], Any]


def run_of(
    record: Record, index: int, read: Reader, *, outputs: tuple[Dataset, ...] | None = None
) -> Run:
    """Return a performed step with its flows; ``outputs`` are those that the statement names."""
    predicate = record["predicate"]
    inputs = tuple(map(dataset_of, predicate["materials"]))
    given = tuple(map(dataset_of, record["subject"])) if outputs is None else outputs
    identifier = predicate["step"]["id"]
    told = Told(inputs, given, predicate["invocation"]["parameters"], read)
    return Run(
        index=index,
        step=identifier,
        title=Text(**predicate["step"]["title"]),
        digest=sha256(canonical_json(record)),
        started=predicate["startedOn"],
        finished=predicate["finishedOn"],
        inputs=inputs,
        outputs=given,
        flows=_flows(identifier, told),
    )


def _flows(identifier: str, told: Told) -> tuple[Flow, ...]:
    """Return what the step says it did to columns; of a step that is no more, nothing is known."""
    from anping.steps.catalogue import step

    try:
        teller = step(identifier).lineage
        return () if teller is None else teller(told)
    except (ParameterError, LookupError, TypeError):
        # Statements of an earlier version may lack what today's step reads.
        return ()


def dataset_of(resource: Any) -> Dataset:
    """Return a statement's resource as a dataset."""
    notes = resource["annotations"]
    columns, types = (tuple(field[what] for field in notes["schema"]) for what in ("name", "type"))
    return Dataset(resource["name"], notes["port"], notes["kind"] or "", columns, types)


def step_run(run: Run, record: Record | None = None) -> openlineage.StepRun:
    """Return a performed step as share writes it, with the record's decision and measures."""
    predicate = {} if record is None else record["predicate"]
    return openlineage.StepRun(
        step=run.step,
        title=run.title,
        digest=run.digest,
        started=run.started,
        finished=run.finished,
        inputs=tuple(_told(one, ()) for one in run.inputs),
        outputs=tuple(_told(one, run.flows) for one in run.outputs),
        measures=tuple(map(Measure.from_json, predicate.get("measurements", ()))),
        decision=None if record is None else StepRecord.from_json(dict(record)).decision,
    )


def _told(dataset: Dataset, flows: Iterable[Flow]) -> openlineage.Dataset:
    into = [flow for flow in flows if flow.into.dataset == dataset.name]
    return openlineage.Dataset(
        dataset.name,
        tuple(map(Field, dataset.columns, dataset.types)),
        tuple(_column(flow) for flow in into if flow.into.column is not None),
        tuple(_column(flow) for flow in into if flow.into.column is None),
    )


def _column(flow: Flow) -> openlineage.ColumnLineage:
    source = openlineage.InputColumn(flow.source.dataset, flow.source.column or "")
    return openlineage.ColumnLineage(
        flow.into.column or "",
        (source,),
        flow.technique,
        flow.what,
        flow.masking,
        flow.kind,
        flow.subtype,
    )
