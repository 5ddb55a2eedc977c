"""know.scan: what each column is, how good the data is, and which labels it should carry."""

from __future__ import annotations

from anping.core.digest import canonical_json
from anping.core.labels import join
from anping.core.text import Text
from anping.steps.compose.assets import finding_note
from anping.steps.compose.confirming import known_before, like_port
from anping.steps.compose.documents import SCAN_PAGE, documents_scanned
from anping.steps.compose.flowing import flow_gate
from anping.workspace.step import (
    Context,
    Inputs,
    Outcome,
    Parameters,
    Port,
    Produced,
    Step,
    joined_labels,
    parameter,
)


class Scan(Parameters):
    """How closely to look, and whose decisions to go by."""

    full: bool = parameter("檢查每一列，不抽樣", "look at every row", default=False)
    like: list[str] = parameter(
        "這些表的決定也用於同名且值相似的欄位",
        "tables whose decisions hold for columns of the same name and like values",
        [],
    )


def ports(given: Scan | None) -> tuple[tuple[Port, ...], tuple[Port, ...]]:
    """Return the ports: the findings of other tables too, where they are named."""
    others = [] if given is None else given.like
    like = (Port(like_port(name), "report", f"{name}.findings") for name in others)
    return (*_TAKES, *like), _GIVES


def run(context: Context, given: Scan, inputs: Inputs) -> Outcome:
    """Scan the table; the report holds no value of a person."""
    from anping.engine.table import Table
    from anping.know.scan import scan

    if inputs["table"].asset.kind == "corpus":
        return documents_scanned(context, inputs)
    table, known = inputs["table"], known_before(inputs, given.like)
    found = scan(Table.open(table.path), full=given.full, known=known, progress=context.progress)
    path = context.path("scan.json")
    path.write_bytes(canonical_json(found.as_json()))
    unused = frozenset() if known.before else frozenset({"earlier"})
    used = {name: one for name, one in inputs.items() if name not in unused}
    labels = join(joined_labels(used), found.labels)
    report = Produced("scan", path, "application/json", labels, confidential=True)
    notes = tuple(map(finding_note, found.findings))
    return Outcome((report,), found.measures, notes=notes, unused=unused)


_TAKES = (
    Port("table", "table", "{subject}", others=("corpus",)),
    Port("earlier", "report", "{subject}.findings", optional=True, remembered=True),
)
_GIVES = (Port("scan", "report", "{subject}.scan"), SCAN_PAGE)

SCAN = Step(
    id="know.scan",
    command="scan",
    title=Text("掃描：欄位、品質與標籤", "Scan: columns, quality and labels"),
    takes=_TAKES,
    gives=_GIVES,
    ports=ports,
    parameters=Scan,
    run=run,
    gates=(flow_gate,),
    example={"full": True},
)
