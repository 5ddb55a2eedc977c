"""The sketch that a scan keeps of its table, for telling later which tables are alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anping.core.digest import canonical_json
from anping.core.text import Text
from anping.workspace.step import Context, Input, Port, Produced

if TYPE_CHECKING:
    from anping.engine.table import Table

SKETCH = Port("sketch", "report", "{subject}.sketch")
FORMAT = "anping.table-sketch/1"
#: The workspace's key that sketches are made with.
KEY = "sketch"


#: A sketch looks at every cell: of more rows one is made when somebody asks what the table is like.
MOST_ROWS = 5_000_000
LATER = Text(
    f"表超過 {MOST_ROWS:,} 列：掃描沒有做比對用的草圖；需要時 anping similar 會做。",
    f"The table has over {MOST_ROWS:,} rows: the scan made no sketch of it for comparison; anping similar "
    "makes one when it is asked.",
)


def sketched(context: Context, given: Input, table: Table) -> tuple[Produced, ...]:
    """Sketch a step's table; the sketch is as confidential as the table. None of a very long table."""
    if table.rows > MOST_ROWS:
        return ()
    from anping.know.sketch import sketch

    path = context.path("sketch.json")
    made = sketch(table, context.keys.secret(KEY), progress=context.progress)
    body = {"format": FORMAT, "table": given.asset.reference, "sketch": made.as_json()}
    path.write_bytes(canonical_json(body))
    return (Produced("sketch", path, "application/json", given.asset.labels, confidential=True),)
