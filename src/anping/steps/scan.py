"""know.scan: what each column is, how good the data is, and which labels it should carry."""

from __future__ import annotations

from anping.core.text import Text
from anping.steps.compose.confirming import like_port
from anping.steps.compose.documents import SCAN_PAGE, documents_scanned
from anping.steps.compose.entities import EntityParameters, entity_files
from anping.steps.compose.flowing import flow_gate
from anping.steps.compose.scanning import table_scanned
from anping.steps.compose.sketching import SKETCH
from anping.workspace.step import Context, Inputs, Outcome, Port, Step, parameter


class Scan(EntityParameters):
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
    """Scan the table, or the documents; the report on a table holds no value of a person."""
    if inputs["table"].asset.kind == "corpus":
        return documents_scanned(context, given, inputs)
    return table_scanned(context, given, inputs)


_TAKES = (
    Port("table", "table", "{subject}", others=("corpus",)),
    Port("earlier", "report", "{subject}.findings", optional=True, remembered=True),
)
_GIVES = (Port("scan", "report", "{subject}.scan"), SCAN_PAGE, SKETCH)

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
    reads=entity_files,
    example={"full": True},
)
