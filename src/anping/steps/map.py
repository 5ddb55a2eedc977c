"""know.map: one page on which types were found in which tables, and why."""

from __future__ import annotations

from anping.core.text import Text, counted
from anping.steps.compose.flowing import flow_gate
from anping.steps.compose.mapping import map_ports, scans_of
from anping.workspace.step import (
    Context,
    Inputs,
    Outcome,
    Parameters,
    Port,
    Produced,
    Step,
    parameter,
)


class Map(Parameters):
    """Which other tables stand on the page."""

    tables: list[str] = parameter("一併列出的其他表", "other tables on the same page", [])


def run(context: Context, given: Map, inputs: Inputs) -> Outcome:
    """Draw the page and its data from the scans, or from the confirmed findings where there are any."""
    from anping.core.digest import canonical_json
    from anping.know.page import heat_map, page

    scans = scans_of(context.subject, given.tables, inputs)
    drawn, data = context.path("map.html"), context.path("map.json")
    drawn.write_text(page(scans), "utf-8")
    found = heat_map(scans).as_json()
    data.write_bytes(canonical_json(found))
    kinds = {kind for types in found.values() for kind in types}
    note = Text(
        f"{len(scans)} 張表，{len(kinds)} 種與人有關的類型；頁面：anping show {context.subject}.map",
        f"{counted(len(scans), 'table')}, {counted(len(kinds), 'type')} of what says something about people; "
        f"the page: anping show {context.subject}.map",
    )
    produced = (
        Produced("map", drawn, "text/html", confidential=True),
        Produced("data", data, "application/json", confidential=True),
    )
    return Outcome(produced, notes=(note,))


_TAKES = (
    Port("scan", "report", "{subject}.scan"),
    Port("findings", "report", "{subject}.findings", optional=True),
)
_GIVES = (
    Port("map", "report", "{subject}.map"),
    Port("data", "report", "{subject}.map-data"),
)

MAP = Step(
    id="know.map",
    command="map",
    title=Text("分布圖：哪些資料在哪裡", "Map: what is where"),
    takes=_TAKES,
    gives=_GIVES,
    ports=map_ports(_TAKES, _GIVES),
    parameters=Map,
    run=run,
    gates=(flow_gate,),
    example={"tables": ["loans"]},
)
