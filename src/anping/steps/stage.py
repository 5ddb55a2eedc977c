"""run.stage: which version of a model answers, and which one is tried beside it."""

from __future__ import annotations

from typing import Literal

from anping.core.text import Text
from anping.steps.compose.flowing import flow_gate
from anping.steps.compose.serving_stages import STAGES, stage_ports, staged
from anping.workspace.step import Context, Inputs, Outcome, Parameters, Step, parameter


class StageParameters(Parameters):
    """The change, and why."""

    do: Literal["promote", "try", "alone", "rollback", "pause", "resume"] = parameter(
        "promote 換上、try 試用（份額 0 為影子）、alone 停止試用、rollback 退回、pause 暫停、resume 恢復",
        "promote a version, try one beside it (with a share of 0 as a shadow), let the champion "
        "answer alone, roll back, pause, resume",
    )
    version: int | None = parameter("模型的版本", "the model's version", None, ge=1)
    share: float = parameter(
        "由試用版本回答的份額", "the share that a tried version answers", 0.0, ge=0, le=1
    )
    why: str = parameter("理由", "the reason", min_length=1, max_length=500)


def run(context: Context, given: StageParameters, inputs: Inputs) -> Outcome:
    """Write the stages after the change."""
    return staged(context, given, inputs)


STAGE = Step(
    id="run.stage",
    command="stage",
    title=Text("更換提供服務的模型版本", "Change which version of a model is served"),
    takes=(STAGES,),
    gives=(STAGES,),
    ports=stage_ports,
    parameters=StageParameters,
    run=run,
    gates=(flow_gate,),
    positional=("do",),
    spelled={".model": {}},
    example={"do": "promote", "version": 1, "why": "the first model"},
)
