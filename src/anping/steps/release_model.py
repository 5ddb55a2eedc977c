"""share.model: decide under the policy whether a model may leave, and freeze what goes with it."""

from __future__ import annotations

from anping.core.text import Text
from anping.steps.compose.flowing import flow_gate
from anping.steps.compose.flows import released_model
from anping.steps.compose.model_ports import model_gate, model_ports
from anping.steps.compose.releasing import licence_files
from anping.steps.release import ReleaseParameters
from anping.workspace.step import Context, Inputs, Outcome, Step, parameter


class ReleaseModel(ReleaseParameters):
    """To whom, for what and under which terms; and predictions that go with the model."""

    predictions: str | None = parameter(
        "也附上這張表的預測，如 customers.protected",
        "give the predictions of this table as well, such as customers.protected",
        None,
    )


def run(context: Context, given: ReleaseModel, inputs: Inputs) -> Outcome:
    """Freeze the model with the report of its learning and of its examination."""
    from anping.steps.compose.model_releasing import model_released

    return model_released(context, given, inputs)


_TAKES, _GIVES = model_ports(None)

RELEASE_MODEL = Step(
    id="share.model",
    command="release-model",
    title=Text("審查並釋出模型", "Decide and release a model"),
    takes=_TAKES,
    gives=_GIVES,
    ports=model_ports,
    parameters=ReleaseModel,
    run=run,
    reads=licence_files,
    lineage=released_model,
    gates=(flow_gate, model_gate),
    lowers=("tier",),
    spelled={".model": {}},
    example={"tier": "internal", "purposes": ["TRAIN"]},
)
