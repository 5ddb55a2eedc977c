"""The sketch that a scan keeps of its table, for telling later which tables are alike."""

from __future__ import annotations

from anping.core.digest import canonical_json
from anping.workspace.step import Context, Input, Port, Produced

SKETCH = Port("sketch", "report", "{subject}.sketch")
FORMAT = "anping.table-sketch/1"
#: The workspace's key that sketches are made with.
KEY = "sketch"


def sketched(context: Context, table: Input) -> Produced:
    """Sketch a step's table; the sketch is as confidential as the table."""
    from anping.engine.table import Table
    from anping.know.sketch import sketch

    path = context.path("sketch.json")
    made = sketch(Table.open(table.path), context.keys.secret(KEY), progress=context.progress)
    body = {"format": FORMAT, "table": table.asset.reference, "sketch": made.as_json()}
    path.write_bytes(canonical_json(body))
    return Produced("sketch", path, "application/json", table.asset.labels, confidential=True)
