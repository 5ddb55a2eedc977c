"""know.confirm: a person confirms or changes what the scan proposes, with a reason."""

from __future__ import annotations

from anping.core.clock import rfc3339
from anping.core.columns import Decision
from anping.core.digest import canonical_json
from anping.core.labels import join
from anping.core.text import Text
from anping.steps.compose.confirming import check_reason, resumed, stands, wanted_changes
from anping.steps.compose.flowing import flow_gate
from anping.workspace.step import (
    Context,
    Inputs,
    Outcome,
    Parameters,
    Port,
    Produced,
    Step,
    joined_labels,
    parameter,
)


class Confirm(Parameters):
    """Which proposals a person confirms, which he changes, and why."""

    why: str = parameter("理由", "the reason", min_length=1, max_length=500)
    columns: list[str] = parameter("確認這些欄位的提案", "columns confirmed as proposed", [])
    every: bool = parameter("確認其餘所有提案", "confirm all other proposals", default=False)
    change: list[str] = parameter(
        "變更，如 職業=sensitive 或 備註=free_text:FREE_TEXT",
        "changes such as job=sensitive or memo=free_text:FREE_TEXT",
        [],
    )


def run(context: Context, given: Confirm, inputs: Inputs) -> Outcome:
    """Write the decisions into the findings; a decision already made stands with its date."""
    from anping.know.confirm import confirm
    from anping.know.discover.text import Scanner

    scan = resumed(inputs)
    check_reason(given.why, Scanner(rules=scan.rules).find)
    word = Decision(context.agent, rfc3339(context.clock()), given.why)
    for column, role, semantic_type in wanted_changes(given, scan):
        if not stands(scan, (column, role, semantic_type), word):
            scan = confirm(
                scan, column=column, role=role, semantic_type=semantic_type, decision=word
            )
    path = context.path("findings.json")
    path.write_bytes(canonical_json(scan.as_json()))
    labels = join(joined_labels(inputs), scan.labels)
    report = Produced("findings", path, "application/json", labels, confidential=True)
    done = sum(finding.decision is not None for finding in scan.findings)
    note = Text(
        f"{done}/{len(scan.findings)} 欄已由人決定",
        f"{done} of {len(scan.findings)} columns decided",
    )
    return Outcome((report,), notes=(note,))


CONFIRM = Step(
    id="know.confirm",
    command="confirm",
    title=Text("由人確認掃描結果", "Confirm the scan, by a person"),
    takes=(
        Port("scan", "report", "{subject}.scan"),
        Port("earlier", "report", "{subject}.findings", optional=True),
    ),
    gives=(Port("findings", "report", "{subject}.findings"),),
    parameters=Confirm,
    run=run,
    gates=(flow_gate,),
    example={"every": True, "why": "checked against the data dictionary"},
)
