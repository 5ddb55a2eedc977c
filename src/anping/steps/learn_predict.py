"""learn.predict: a table scored by a model."""

from __future__ import annotations

from anping.core.text import Text
from anping.steps.compose.flowing import flow_gate
from anping.steps.compose.pausing import paused_gate
from anping.steps.compose.predicting_ports import predicted_columns, predicting_ports
from anping.workspace.step import Context, Inputs, Outcome, Parameters, Step, parameter


class LearnPredict(Parameters):
    """What to score, and what to say beside the prediction."""

    table: str = parameter(
        "要評分的資料表，如 applicants 或 customers.protected",
        "the table to score, such as applicants or customers.protected",
    )
    coverage: float | None = parameter(
        "也給出此涵蓋率的區間或集合：0.8、0.9、0.95",
        "intervals or sets of this coverage as well: 0.8, 0.9 or 0.95",
        None, gt=0, lt=1,
    )  # fmt: skip
    carry: list[str] = parameter(
        "一併帶過來的欄位，如編號", "columns to carry along, such as a number of the row", []
    )


def run(context: Context, given: LearnPredict, inputs: Inputs) -> Outcome:
    """Score the table in batches, in its order."""
    from anping.steps.compose.predicting import predicted

    return predicted(context, given, inputs)


_TAKES, _GIVES = predicting_ports(None)

LEARN_PREDICT = Step(
    id="learn.predict",
    command="predict",
    title=Text("以模型評分資料表", "Score a table with a model"),
    takes=_TAKES,
    gives=_GIVES,
    ports=predicting_ports,
    parameters=LearnPredict,
    run=run,
    lineage=predicted_columns,
    gates=(flow_gate, paused_gate),
    positional=("table",),
    spelled={".model": {}},
    example={"table": "customers", "coverage": 0.9},
)
