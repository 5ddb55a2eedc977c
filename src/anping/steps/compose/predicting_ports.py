"""What scoring takes and gives, and its lineage; nothing heavy is imported."""

from __future__ import annotations

from typing import Any

from anping.core.lineage import Flow, Place, Told
from anping.core.text import Text
from anping.steps.compose.serving_stages import STAGES
from anping.workspace.parameters import check_subject
from anping.workspace.step import Port

_SAYS = Text("模型由此欄預測", "the model predicts from it")
_BY = Text("由這個模型預測", "predicted by this model")
_KEPT = Text("原樣帶過來", "carried along as it is")


def predicting_ports(given: Any) -> tuple[tuple[Port, ...], tuple[Port, ...]]:
    """Return what is taken and given: a model, the table to score, and its predictions.

    Raises ParameterError for a table's name that cannot be one.
    """
    named = "{subject}" if given is None else _checked(given.table)
    takes = (
        Port("model", "model", "{subject}.model"),
        Port("learning", "report", "{subject}.learning", optional=True),
        Port("table", "table", named),
        STAGES,
    )
    return takes, (Port("predictions", "table", f"{named}.predictions"),)


def _checked(table: str) -> str:
    check_subject(table.removesuffix(".protected"))
    return table


def predicted_columns(told: Told) -> tuple[Flow, ...]:
    """Return that each prediction comes from the model, and from the columns that it reads."""
    made = told.given("predictions")
    if made is None:
        return ()
    carried = set(told.parameters["carry"])
    reports = told.taken("learning")
    report = told.read(reports[0].name) if reports else None
    flows: list[Flow] = []
    for table in told.taken("table"):
        read = table.columns if report is None else tuple(report["columns"])
        for column in made.columns:
            into = Place(made.name, column)
            if column in carried:
                flows.append(Flow(into, Place(table.name, column), what=_KEPT))
                continue
            flows += [
                Flow(into, Place(table.name, one), "DIRECT", "TRANSFORMATION", True, "", _SAYS)
                for one in read
            ]
            flows += [
                Flow(into, Place(model.name), "INDIRECT", "CONDITIONAL", what=_BY)
                for model in told.taken("model")
            ]
    return tuple(flows)
