"""protect.plan: propose a protection plan from the findings, or take in one that a person edited."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from anping.core.text import Text
from anping.steps.compose.assets import findings_of, plan_note
from anping.steps.compose.flowing import flow_gate
from anping.steps.compose.hierarchies import packed, plan_files
from anping.steps.compose.singling import open_sets
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


class PlanParameters(Parameters):
    """Which risk profile to plan for, or the edited plan to use."""

    profile: Literal["internal", "restricted", "public", "strict"] = parameter(
        "風險輪廓：k=3、5、11、20", "the risk profile: k=3, 5, 11 or 20", "restricted"
    )
    target: str | None = parameter(
        "要預測的欄位，不可更動", "the column to predict, kept as it is", None
    )
    full_domain: bool = parameter(
        "先求每欄一個層級的最佳全域概化", "search one level for each column first", default=False
    )
    file: Path | None = parameter("改用這份編輯過的計畫", "use this edited plan instead", None)


def run(context: Context, given: PlanParameters, inputs: Inputs) -> Outcome:
    """Write the plan as YAML; it must fit the table."""
    from anping.engine.table import Table
    from anping.protect import PROFILES, dump_plan, propose, read_plan

    table = Table.open(inputs["table"].path)
    plan = read_plan(given.file) if given.file is not None else propose(
        findings_of(inputs), table, profile=PROFILES[given.profile], target=given.target,
        name=context.subject, full_domain=given.full_domain,
    )  # fmt: skip
    plan.check(table)
    path = context.path("plan.yaml")
    path.write_bytes(dump_plan(plan))
    produced = (Produced("plan", path, "application/yaml"), *packed(context, given.file, plan))
    touched = [name for name, entries in plan.columns.items() if entries[0].do != "keep"]
    note = plan_note(context.subject, plan.quasi_identifiers)
    return Outcome(produced, notes=(note, *open_sets(inputs, touched)))


PLAN = Step(
    id="protect.plan",
    command="plan",
    title=Text("提出或採用保護計畫", "Propose or adopt a protection plan"),
    takes=(
        Port("table", "table", "{subject}"),
        Port("scan", "report", "{subject}.scan"),
        Port("findings", "report", "{subject}.findings", optional=True),
    ),
    gives=(
        Port("plan", "plan", "{subject}.plan"),
        Port("hierarchies", "report", "{subject}.hierarchies", optional=True),
    ),
    parameters=PlanParameters,
    run=run,
    gates=(flow_gate,),
    reads=plan_files,
    example={"profile": "restricted"},
)
