"""A recorded frontier for people: its table, its picture in files, and the plan of a point."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from anping.core.digest import canonical_json
from anping.core.files import write
from anping.core.frontier import Frontier
from anping.core.text import LANGUAGES, Language, Text
from anping.steps.compose.hierarchies import plan_files

if TYPE_CHECKING:
    from anping.share.charts.chart import ReferenceLine
    from anping.workspace.workspace import Workspace

Table = tuple[tuple[Text, ...], list[tuple[str, ...]]]


def plans_read(given: Any) -> tuple[Path, ...]:
    """Return the plan files and the hierarchy files they name: their digests count as inputs."""
    found = plan_files(given)
    return found if given.also is None else (*found, given.also)


def recorded(workspace: Workspace, subject: str) -> Frontier:
    """Return the newest frontier of a subject. Raises WorkspaceError where there is none."""
    path = workspace.path(workspace.need(f"{subject}.frontier"))
    return Frontier.from_json(json.loads(path.read_bytes()))


def table_of(found: Frontier, language: Language) -> Table:
    """Return the headers and a row for each point, those on the front first."""
    from anping.share.frontier import headers_of, rows_of

    return headers_of(found), rows_of(found, language)


def write_plan(found: Frontier, point: str, into: Path) -> None:
    """Write the plan of a point as YAML. Raises ParameterError for a point that was not tried."""
    write(into, found.pick(point).plan.encode())


def write_frontier(found: Frontier, folder: Path) -> tuple[Path, ...]:
    """Write the picture (SVG) and the table (Markdown) in both languages, CSV and JSON; return all."""
    from anping.share.charts.svg import draw_svg
    from anping.share.frontier import frontier_csv, frontier_figure, frontier_markdown

    content = {
        "frontier.csv": frontier_csv(found),
        "frontier.json": canonical_json(found.as_json()).decode(),
    }
    figure = frontier_figure(found, limits=_limits(found))
    for language in LANGUAGES:
        content[f"frontier.{language}.md"] = frontier_markdown(found, language)
        if figure is not None:
            content[f"frontier.{language}.svg"] = draw_svg(figure, language)
    for name, text in content.items():
        write(folder / name, text.encode())
    return tuple(folder / name for name in sorted(content))


def _limits(found: Frontier) -> list[ReferenceLine]:
    """Return what the named risk profiles allow of the risk that is drawn."""
    from anping.govern.risk_profiles import risk_profiles
    from anping.share.charts.chart import ReferenceLine

    if found.risk == "linkage":
        return []
    return [
        ReferenceLine(
            profile.maximum if found.risk == "maximum" else profile.average, profile.title
        )
        for profile in risk_profiles().values()
    ]
