"""The lineage of a workspace's assets: what the ledger and the steps' reports tell of columns."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from anping.core.asset import Asset, Field
from anping.core.digest import canonical_json, sha256
from anping.core.errors import AnpingError, ParameterError
from anping.core.files import folder_aside
from anping.core.lineage import Dataset, Flow, Place, Told
from anping.core.text import LANGUAGES, Language, Text
from anping.know.lineage import Run, Trace, trace
from anping.share import openlineage
from anping.share.lineage_page import DrawnFlow, lineage_page, lineage_svg, told
from anping.workspace import catalogue
from anping.workspace.database import reading
from anping.workspace.ledger import Entry
from anping.workspace.step import Step
from anping.workspace.version import VERSION
from anping.workspace.workspace import Workspace

EVENTS = "openlineage.jsonl"


def lineage(workspace: Workspace, place: str, *, down: bool = False) -> Trace:
    """Return the lineage of ``ASSET`` or ``ASSET:COLUMN``: where it came from, or what came of it.

    Raises WorkspaceError for an asset, ParameterError for a column that is not there.
    """
    reference, _, column = place.partition(":")
    asset = workspace.need(reference)
    names = [field.name for field in asset.schema]
    runs = tuple(_runs(workspace, asset, down=down))
    if column and column not in names and not _gives(runs, asset, column):
        raise _no_column(asset, column, names)
    return trace(runs, Place(asset.reference, column or None), down=down)


def events_of(found: Trace) -> bytes:
    """Return the steps of a trace as OpenLineage run events, one JSON line each."""
    return openlineage.json_lines(map(step_run, found.runs), tool=VERSION)


def write_lineage(found: Trace, folder: Path) -> tuple[Path, ...]:
    """Write a trace into a new folder: run events, and a page and a drawing in each language.

    Raises ParameterError if the folder exists already.
    """
    if folder.exists():
        raise _taken(folder)
    with folder_aside(folder) as aside:
        (aside / EVENTS).write_bytes(events_of(found))
        drawn = drawn_flows(found)
        for language in LANGUAGES:
            page = lineage_page(found.target, drawn, found.ends, language)
            (aside / f"lineage.{language}.html").write_text(page, "utf-8", newline="\n")
            drawing = lineage_svg(found.target, drawn, language)
            (aside / f"lineage.{language}.svg").write_text(drawing + "\n", "utf-8", newline="\n")
    return tuple(sorted(folder.iterdir()))


def drawn_flows(found: Trace) -> tuple[DrawnFlow, ...]:
    """Return the flows of a trace with what a page says of their steps."""
    return tuple(DrawnFlow(way.run.index, way.run.title, way.flow) for way in found.ways)


def _runs(workspace: Workspace, asset: Asset, *, down: bool) -> Iterator[Run]:
    """Yield the performed steps that lead to an asset, or that it led to, in the ledger's order."""
    if not down:
        for entry in workspace.ledger.ancestors([asset.reference]):
            yield _run(workspace, entry)
        return
    reached = {asset.reference}
    for entry in workspace.ledger.entries():
        materials = {one["name"] for one in entry.record["predicate"]["materials"]}
        if materials & reached:
            run = _run(workspace, entry)
            reached |= {one.name for one in run.outputs}
            yield run


def _run(workspace: Workspace, entry: Entry) -> Run:
    predicate = entry.record["predicate"]
    inputs = tuple(map(_dataset, predicate["materials"]))
    outputs = _outputs(workspace, entry)

    def read(name: str) -> Any:
        try:
            return json.loads(workspace.path(workspace.need(name)).read_bytes())
        except (AnpingError, OSError, ValueError):
            return None

    said = Told(inputs, outputs, predicate["invocation"]["parameters"], read)
    return Run(
        index=entry.index,
        step=predicate["step"]["id"],
        title=Text(**predicate["step"]["title"]),
        digest=sha256(canonical_json(entry.record)),
        started=predicate["startedOn"],
        finished=predicate["finishedOn"],
        inputs=inputs,
        outputs=outputs,
        flows=_flows(predicate["step"]["id"], said),
    )


def _flows(identifier: str, said: Told) -> tuple[Flow, ...]:
    """Return what the step says it did to columns; of a step that is no more, nothing is known."""
    from anping.steps.catalogue import step

    try:
        found: Step = step(identifier)
        return () if found.lineage is None else found.lineage(said)
    except (ParameterError, LookupError, TypeError):
        # Statements of an earlier version may lack what today's step reads.
        return ()


def _outputs(workspace: Workspace, entry: Entry) -> tuple[Dataset, ...]:
    """Return what a statement made: of a release the asset, not each of its files."""
    ports = {one["name"]: str(one["annotations"]["port"]) for one in entry.record["subject"]}
    with reading(workspace.database) as connection:
        made = catalogue.made_by(connection, entry.index)
    return tuple(
        Dataset(
            asset.reference,
            ports.get(asset.reference, "content" if asset.kind == "release" else ""),
            asset.kind,
            tuple(field.name for field in asset.schema),
            tuple(field.type for field in asset.schema),
        )
        for asset in made
    )


def _dataset(resource: Any) -> Dataset:
    notes = resource["annotations"]
    columns, types = (tuple(field[what] for field in notes["schema"]) for what in ("name", "type"))
    return Dataset(resource["name"], notes["port"], notes["kind"] or "", columns, types)


def step_run(run: Run) -> openlineage.StepRun:
    """Return a performed step as share writes it."""
    return openlineage.StepRun(
        step=run.step,
        title=run.title,
        digest=run.digest,
        started=run.started,
        finished=run.finished,
        inputs=tuple(_told(one, ()) for one in run.inputs),
        outputs=tuple(_told(one, run.flows) for one in run.outputs),
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


def _gives(runs: Iterable[Run], asset: Asset, column: str) -> bool:
    """Return whether flows name a column of an asset that has no columns of its own (a release)."""
    place = Place(asset.reference, column)
    return any(place in {flow.into, flow.source} for run in runs for flow in run.flows)


def _no_column(asset: Asset, column: str, names: list[str]) -> ParameterError:
    listed = ", ".join(names[:12]) or "-"
    return ParameterError(
        "lineage.no-column",
        Text(
            f"「{asset.reference}」沒有欄位「{column}」。",
            f"“{asset.reference}” has no column “{column}”.",
        ),
        hint=Text(f"它的欄位有：{listed}", f"Its columns are: {listed}"),
    )


def _taken(folder: Path) -> ParameterError:
    return ParameterError(
        "lineage.exists",
        Text("這個位置已有檔案，不會覆寫。", "Something is there already; it is not overwritten."),
        hint=Text(f"請換一個新的資料夾：{folder.name}", f"Choose a new folder: {folder.name}"),
    )


def words_of(flow: Flow, language: Language) -> str:
    """Return what a flow did, in words."""
    return told(flow, language)
