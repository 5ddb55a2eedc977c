"""know.scan: what each column is, how good the data is, and which labels it should carry."""

from __future__ import annotations

from anping.core.digest import canonical_json
from anping.core.labels import join
from anping.core.text import Text
from anping.steps.compose.assets import finding_note
from anping.steps.compose.flowing import flow_gate
from anping.workspace.step import Context, Inputs, Outcome, Parameters, Port, Produced, Step


class Scan(Parameters):
    """The scan needs no parameters."""


def run(context: Context, given: Scan, inputs: Inputs) -> Outcome:
    """Scan the table; the report holds no value of a person."""
    from anping.engine.table import Table
    from anping.know.scan import scan

    del given
    table = inputs["table"]
    found = scan(Table.open(table.path), progress=context.progress)
    path = context.path("scan.json")
    path.write_bytes(canonical_json(found.as_json()))
    report = Produced(
        "scan",
        path,
        "application/json",
        join(table.asset.labels, found.labels),
        confidential=True,
    )
    return Outcome((report,), found.measures, notes=tuple(map(finding_note, found.findings)))


SCAN = Step(
    id="know.scan",
    command="scan",
    title=Text("掃描：欄位、品質與標籤", "Scan: columns, quality and labels"),
    takes=(Port("table", "table", "{subject}"),),
    gives=(Port("scan", "report", "{subject}.scan"),),
    parameters=Scan,
    run=run,
    gates=(flow_gate,),
)
