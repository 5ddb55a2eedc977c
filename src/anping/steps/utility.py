"""judge.utility: distances of distributions, and a model of protected rows against one of raw."""

from __future__ import annotations

from anping.core.digest import canonical_json
from anping.core.text import Text
from anping.steps.compose.flowing import flow_gate
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


class UtilityParameters(Parameters):
    """What to predict."""

    target: str | None = parameter(
        "要預測的欄位；不給就只比較分布",
        "the column to predict; without one only distributions are compared",
        None,
    )
    rows: int = parameter("至多使用多少列", "how many rows to use at most", 200_000, ge=1_000)
    seed: int = parameter("亂數種子", "the seed", 20260101)


def run(context: Context, given: UtilityParameters, inputs: Inputs) -> Outcome:
    """Compare distributions; train two models and test both on raw rows that neither has seen."""
    from anping.steps.compose.comparing import compared

    measures = compared(given, inputs)
    path = context.path("utility.json")
    path.write_bytes(canonical_json([measure.as_json() for measure in measures]))
    return Outcome((Produced("utility", path, "application/json"),), measures)


UTILITY = Step(
    id="judge.utility",
    command="utility",
    title=Text(
        "比較保護前後的分布與模型", "Compare distributions and models before and after protection"
    ),
    takes=(
        Port("table", "table", "{subject}"),
        Port("leaves", "table", "{subject}.leaves"),
        Port("scan", "report", "{subject}.scan"),
        Port("findings", "report", "{subject}.findings", optional=True),
        Port("protected", "table", "{subject}.protected"),
        Port("links", "table", "{subject}.links"),
        Port("protection", "report", "{subject}.protection"),
        Port("paths", "report", "{subject}.paths"),
    ),
    gives=(Port("utility", "report", "{subject}.utility"),),
    parameters=UtilityParameters,
    run=run,
    gates=(flow_gate,),
    example={"target": "違約"},
)
