"""What a step that protects tables takes and gives, for each of its tables."""

from __future__ import annotations

from anping.workspace.step import Port

TABLE = Port("table", "table", "{subject}")
PLAN = Port("plan", "plan", "{subject}.plan")
SCAN = Port("scan", "report", "{subject}.scan")
FINDINGS = Port("findings", "report", "{subject}.findings", optional=True)
HIERARCHIES = Port("hierarchies", "report", "{subject}.hierarchies", optional=True)
#: The protected table and what is kept beside it.
GIVES = (
    Port("protected", "table", "{subject}.protected"),
    Port("links", "table", "{subject}.links"),
    Port("leaves", "table", "{subject}.leaves"),
    Port("protection", "report", "{subject}.protection"),
    Port("paths", "report", "{subject}.paths"),
    Port("values", "table", "{subject}.values", optional=True),
)
