"""know.contract: a data contract proposed from what the versions of a table have in common."""

from __future__ import annotations

from anping.core.text import Text
from anping.steps.compose.flowing import flow_gate
from anping.workspace.step import Context, Inputs, Outcome, Parameters, Port, Step, parameter


class ContractParameters(Parameters):
    """Which versions to learn from."""

    without: list[int] = parameter("不學這些版本", "versions not to learn from", [])


def run(context: Context, given: ContractParameters, inputs: Inputs) -> Outcome:
    """Propose the contract that every version kept; a person puts it in force."""
    from anping.steps.compose.watching import contract_proposed

    return contract_proposed(context, given, inputs)


CONTRACT = Step(
    id="know.contract",
    command="contract propose",
    title=Text("依歷史提出資料契約", "Propose a data contract from the history"),
    takes=(
        Port("table", "table", "{subject}"),
        Port("history", "report", "{subject}.history"),
        Port("scan", "report", "{subject}.scan"),
        Port("findings", "report", "{subject}.findings", optional=True),
    ),
    gives=(Port("contract", "report", "{subject}.contract"),),
    parameters=ContractParameters,
    run=run,
    gates=(flow_gate,),
    example={"without": [7]},
)
