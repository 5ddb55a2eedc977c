"""What the scorecard step takes and gives, and what it tells of columns: light enough for every start."""

from __future__ import annotations

from typing import Any

from anping.core.lineage import Flow, Place, Told
from anping.core.text import Text
from anping.steps.compose.learning_ports import learning_ports, learnt_columns
from anping.workspace.step import Port

_POINTS = Text("由此欄的點數相加", "added up from the points of this column")
_BOOSTED = (
    Port("boosted", "model", "{subject}.model", optional=True),
    Port("boosting", "report", "{subject}.learning", optional=True),
)
GIVES = (
    Port("model", "model", "{subject}-scorecard.model"),
    Port("learning", "report", "{subject}-scorecard.learning"),
    Port("report", "report", "{subject}-scorecard.report"),
    Port("page", "report", "{subject}-scorecard.page"),
    Port("scores", "table", "{subject}-scorecard.scores"),
)


def card_ports(given: Any) -> tuple[tuple[Port, ...], tuple[Port, ...]]:
    """Return what is taken and given: a boosted model of the table is taken if there is one."""
    takes, _ = learning_ports(given)
    return (*takes, *_BOOSTED), GIVES


def card_columns(told: Told) -> tuple[Flow, ...]:
    """Return which columns the card and the scores were made of, as the learning report says."""
    return (*learnt_columns(told), *_scored_columns(told))


def _scored_columns(told: Told) -> tuple[Flow, ...]:
    made, report = told.given("scores"), told.given("learning")
    body = None if report is None else told.read(report.name)
    if made is None or body is None:
        return ()
    return tuple(
        Flow(Place(made.name, column), Place(table.name, one), "DIRECT", "TRANSFORMATION", True, "", _POINTS)
        for table in told.taken("table")
        for column in made.columns
        for one in body["columns"]
    )  # fmt: skip
