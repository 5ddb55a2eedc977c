"""govern.principles: what the ledger holds of a model for each of a regulator's principles."""

from __future__ import annotations

from pathlib import Path

from anping.core.text import Text
from anping.steps.compose.flowing import flow_gate
from anping.steps.compose.principles import principles_files, principles_gate
from anping.workspace.step import Context, Inputs, Outcome, Parameters, Port, Step, parameter


class PrinciplesParameters(Parameters):
    """Which principles, what people state, and whether a gap is refused."""

    principles: Path = parameter(
        "原則的名稱或檔案", "the principles, by name or as a file", Path("fsc-financial-ai")
    )
    stated: list[str] = parameter(
        "只有人能說明的，如 oversight=兩人覆核",
        "what only people can state, such as oversight=…",
        [],
    )
    strict: bool = parameter("缺一項就拒絕", "refuse where evidence is missing", default=False)


def run(context: Context, given: PrinciplesParameters, inputs: Inputs) -> Outcome:
    """Report, principle by principle, which evidence is there and what to do for the rest."""
    from anping.steps.compose.principles import compared

    return compared(context, given, inputs)


PRINCIPLES = Step(
    id="govern.principles",
    command="principles",
    title=Text("對照監理機關的 AI 原則", "Hold a model against a regulator's principles"),
    takes=(
        Port("model", "model", "{subject}.model"),
        Port("judgement", "report", "{subject}.judgement", optional=True),
        Port("monitoring", "report", "{subject}.monitoring", optional=True),
    ),
    gives=(
        Port("principles", "report", "{subject}.principles"),
        Port("page", "report", "{subject}.principles.page"),
    ),
    parameters=PrinciplesParameters,
    run=run,
    reads=principles_files,
    gates=(flow_gate, principles_gate),
    spelled={".model": {}},
    example={"stated": ["oversight=officers review every refusal"]},
    # What the ledger holds of the model grows.
    reproducible=False,
)
