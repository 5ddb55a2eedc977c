"""protect.risk: re-identification risk before and after, and a linkage attack that really runs."""

from __future__ import annotations

from anping.core.digest import canonical_json
from anping.core.text import Text
from anping.steps.compose.assets import protection_of
from anping.steps.compose.effort import Control, Effort, told_of
from anping.steps.compose.flowing import flow_gate
from anping.steps.compose.joined_attack import GIVES, TAKES, joined_attack, risk_ports
from anping.workspace.step import (
    Context,
    Inputs,
    Outcome,
    Parameters,
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
    linked: list[str] = parameter(
        "關於同一批人、一起釋出的其他資料：以合併後的樣貌攻擊",
        "other tables about the same people, released together: attack by joined profiles", [],
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
    joined = joined_attack(given, inputs)
    return Outcome((report,), (*measures, *held.measures, *joined), limits=told, notes=told)


RISK = Step(
    id="protect.risk",
    command="risk",
    title=Text("量測重新識別風險並實際攻擊", "Measure re-identification risk and attack"),
    takes=TAKES,
    gives=GIVES,
    ports=risk_ports,
    parameters=RiskParameters,
    run=run,
    gates=(flow_gate,),
    example={"targets": 500},
)
