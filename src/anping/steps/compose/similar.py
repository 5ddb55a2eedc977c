"""Tables that are alike: the keyed sketches that scans keep of their tables are compared."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from anping.core.asset import Asset
from anping.core.errors import ParameterError, WorkspaceError
from anping.core.progress import Progress, silent
from anping.core.text import Text
from anping.engine.table import Table
from anping.know.similar import RELATIONS, Similar, similar
from anping.know.sketch import Sketch, sketch
from anping.steps.compose.sketching import FORMAT, KEY
from anping.workspace.workspace import Workspace

_END = ".sketch"


@dataclass(frozen=True, slots=True)
class Alikeness:
    """Which tables are like the asked one, how many were compared, and which have no sketch."""

    table: str
    found: tuple[Similar, ...]
    compared: int
    without: tuple[str, ...]

    def said(self, one: Similar) -> Text:
        """Return how a table stands to the asked one, in words."""
        return RELATIONS[one.relation]


def alike(
    workspace: Workspace, name: str, *, every: bool = False, progress: Progress = silent
) -> Alikeness:
    """Return the tables, and versions of them, that are like ``name`` (or ``name@version``).

    A table is known by the sketch that its scan made; the asked one is sketched now if it has none,
    with ``every`` all others too. Raises WorkspaceError for a table that is not there.
    """
    asset = workspace.need(name)
    if asset.kind != "table":
        raise _no_table(asset)
    assets = [one for one in workspace.assets() if one.kind == "table"]
    known = _kept(workspace)

    def made(one: Asset) -> Sketch:
        return sketch(Table.open(workspace.path(one)), workspace.secret(KEY), progress=progress)

    asked = known.get(asset.reference) or made(asset)
    others: dict[str, Sketch] = {}
    without: list[str] = []
    newest = {one.name: one for one in assets}
    for one in assets:
        if one.reference == asset.reference:
            continue
        if one.reference in known:
            others[one.reference] = known[one.reference]
        elif every and newest[one.name] == one:
            others[one.reference] = made(one)
        elif newest[one.name] == one:
            without.append(one.reference)
    return Alikeness(asset.reference, similar(asked, others), len(others), tuple(without))


def _kept(workspace: Workspace) -> Mapping[str, Sketch]:
    """Return the sketches of the workspace by the table that each is of; the newest of each."""
    found: dict[str, Sketch] = {}
    for asset in workspace.assets():
        if asset.kind == "report" and asset.name.endswith(_END):
            try:
                body = json.loads(workspace.path(asset).read_bytes())
            except (WorkspaceError, ValueError):
                # The doctor tells what is lost; what cannot be compared is said to have no sketch.
                continue
            if isinstance(body, dict) and body.get("format") == FORMAT:
                found[body["table"]] = Sketch.from_json(body["sketch"])
    return found


def write_similar(found: Alikeness) -> str:
    """Return what was found as JSON."""
    return json.dumps(
        {
            "table": found.table,
            "compared": found.compared,
            "withoutSketch": list(found.without),
            "similar": [one.as_json() for one in found.found],
        },
        ensure_ascii=False,
    )


def _no_table(asset: Asset) -> ParameterError:
    return ParameterError(
        "similar.no-table",
        Text(
            f"「{asset.reference}」不是資料表，是 {asset.kind}。",
            f"“{asset.reference}” is no table but a {asset.kind}.",
        ),
        hint=Text(
            "anping search kind:table 會列出資料表。", "anping search kind:table lists tables."
        ),
    )
