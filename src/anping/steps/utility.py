"""judge.utility: a model trained on protected rows against one trained on raw rows."""

from __future__ import annotations

from anping.core.columns import Role
from anping.core.digest import canonical_json
from anping.core.text import Text
from anping.steps.compose.assets import findings_of, paths_of, protection_of
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

_UNUSABLE = (Role.DIRECT_IDENTIFIER, Role.FREE_TEXT)


class UtilityParameters(Parameters):
    """What to predict."""

    target: str = parameter("要預測的欄位", "the column to predict")
    rows: int = parameter("至多使用多少列", "how many rows to use at most", 200_000, ge=1_000)
    seed: int = parameter("亂數種子", "the seed", 20260101)


def run(context: Context, given: UtilityParameters, inputs: Inputs) -> Outcome:
    """Train both models and test both on raw rows of people that neither has seen."""
    from anping.engine.table import Table
    from anping.judge.reading import Reading
    from anping.judge.utility import UtilityOptions, measure_utility

    left_out = {f.column for f in findings_of(inputs) if f.role in _UNUSABLE}
    measures = measure_utility(
        Table.open(inputs["table"].path),
        Table.open(inputs["protected"].path),
        links=Table.open(inputs["links"].path),
        target=given.target,
        options=UtilityOptions(
            exclude=tuple(sorted(left_out - {given.target})),
            person=protection_of(inputs).privacy_unit,
            rows=given.rows,
            leaf_table=Table.open(inputs["leaves"].path),
            seed=given.seed,
            reading=Reading(paths_of(inputs)),
        ),
    )
    path = context.path("utility.json")
    path.write_bytes(canonical_json([measure.as_json() for measure in measures]))
    return Outcome((Produced("utility", path, "application/json"),), measures)


UTILITY = Step(
    id="judge.utility",
    command="utility",
    title=Text(
        "比較以原始與受保護資料訓練的模型", "Compare models trained on raw and protected data"
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
