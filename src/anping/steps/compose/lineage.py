"""The lineage of a workspace's assets: what the ledger and the steps' reports tell of columns."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anping.core.asset import Asset
from anping.core.errors import AnpingError, ParameterError
from anping.core.files import folder_aside
from anping.core.lineage import Dataset, Place
from anping.core.text import LANGUAGES, Language, Text
from anping.know.lineage import Run, Trace, trace
from anping.share import openlineage
from anping.share.lineage_page import (
    LEFT,
    YES_NO,
    DrawnFlow,
    lineage_page,
    lineage_svg,
    words_of,
)
from anping.steps.compose.performed_runs import run_of, step_run
from anping.workspace import catalogue
from anping.workspace.database import reading
from anping.workspace.ledger import Entry
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
    def read(name: str) -> Any:
        try:
            return json.loads(workspace.path(workspace.need(name)).read_bytes())
        except (AnpingError, OSError, ValueError):
            return None

    return run_of(entry.record, entry.index, read, outputs=_outputs(workspace, entry))


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


@dataclass(frozen=True, slots=True)
class Said:
    """A trace in words: into, from, step, what was done and whether it hides; steps; what is left."""

    flows: tuple[tuple[str, str, str, str, str], ...]
    steps: tuple[str, ...]
    left: tuple[tuple[str, str], ...]


def said(found: Trace, language: Language) -> Said:
    """Return a trace in the words of one language."""
    return Said(
        flows=tuple(
            (
                str(way.flow.into),
                str(way.flow.source),
                f"#{way.run.index} {way.run.title.to(language)}",
                words_of(way.flow, language),
                YES_NO[way.flow.masking].to(language),
            )
            for way in found.ways
        ),
        steps=tuple(f"#{run.index} {run.title.to(language)} ({run.step})" for run in found.runs),
        left=tuple((str(place), LEFT[left].to(language)) for place, left in found.ends),
    )
