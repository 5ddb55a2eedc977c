"""protect.risk: re-identification risk before and after, and a linkage attack that really runs."""

from __future__ import annotations

from anping.core.digest import canonical_json
from anping.core.text import Text
from anping.steps.compose.assets import protection_of
from anping.steps.compose.effort import Control, Effort, told_of
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


class RiskParameters(Parameters):
    """How hard to attack."""

    threshold: float = parameter("風險門檻", "the risk threshold", 0.2, gt=0, le=1)
    targets: int = parameter("攻擊目標人數上限", "how many people to attack at most", 2000, ge=1)
    attacks: Effort = parameter("要做的攻擊", "which attacks to run", "auto")
    control: Control = parameter("攻擊的對照組", "whom attacks are compared with", "auto")
    seed: int = parameter("亂數種子", "the seed", 20260101)
    population: int | None = parameter(
        "母體人數：表中的人從多少人中抽出", "how many people the table was drawn from", None, ge=1
    )
    sampling_fraction: float | None = parameter(
        "抽樣比例，代替母體人數", "the sampling fraction, instead of the population", None,
        gt=0, le=1,
    )  # fmt: skip


def run(context: Context, given: RiskParameters, inputs: Inputs) -> Outcome:
    """Measure the raw table, the protected table, and attack one with the other."""
    from anping.steps.compose.holding_out import held_out_attacks
    from anping.steps.compose.measuring import measured

    context.progress(Text("量測風險並攻擊", "Measuring risk and attacking"), 0, None)
    path = context.path("risk.json")
    report = Produced("risk", path, "application/json")
    if not protection_of(inputs).quasi_identifiers:
        path.write_bytes(canonical_json({"before": [], "after": []}))
        return Outcome((report,))
    measures, bands = measured(given, inputs)
    path.write_bytes(canonical_json(bands))
    rows = inputs["protected"].asset.rows or 0
    held = held_out_attacks(context, given, inputs)
    told = (*told_of(given.attacks, rows), *held.told)
    return Outcome((report,), (*measures, *held.measures), limits=told, notes=told)


RISK = Step(
    id="protect.risk",
    command="risk",
    title=Text("量測重新識別風險並實際攻擊", "Measure re-identification risk and attack"),
    takes=(
        Port("table", "table", "{subject}"),
        Port("leaves", "table", "{subject}.leaves"),
        Port("protected", "table", "{subject}.protected"),
        Port("links", "table", "{subject}.links"),
        Port("protection", "report", "{subject}.protection"),
        Port("paths", "report", "{subject}.paths"),
        Port("plan", "plan", "{subject}.plan", optional=True),
        Port("hierarchies", "report", "{subject}.hierarchies", optional=True),
    ),
    gives=(Port("risk", "report", "{subject}.risk"),),
    parameters=RiskParameters,
    run=run,
    gates=(flow_gate,),
    example={"targets": 500},
)
