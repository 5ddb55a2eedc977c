"""The gate before a model answers: a paused one does not, until a person resumes it."""

from __future__ import annotations

from anping.core.text import Text
from anping.core.verdict import Reason, Verdict
from anping.steps.compose.serving_stages import stages_of
from anping.workspace.step import Request

GATE = "run.paused"
_ANSWERS = Text("模型沒有被暫停。", "The model is not paused.")
_NEXT = Text(
    "查明原因後，由有權的人執行 anping stage 模型 resume --why 理由。",
    "When the cause is found, somebody entitled runs anping stage MODEL resume --why REASON.",
)


def paused_gate(request: Request) -> Verdict:
    """Refuse while the model's stages say that it is paused."""
    stages = stages_of(request.inputs)
    if stages is None or not stages.paused:
        return Verdict(GATE, "allow", (Reason(GATE, holds=True, why=_ANSWERS),))
    why = Text(f"模型已暫停：{stages.paused}", f"The model is paused: {stages.paused}")
    return Verdict(GATE, "refuse", (Reason(GATE, holds=False, why=why, next_step=_NEXT),))
