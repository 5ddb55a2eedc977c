"""protect.redact: what names people in documents is replaced, and the result is looked through."""

from __future__ import annotations

from typing import Literal

from anping.core.text import Text
from anping.steps.compose.entities import EntityParameters, entity_files
from anping.steps.compose.flowing import flow_gate
from anping.workspace.step import Context, Inputs, Outcome, Port, Step, parameter


class RedactParameters(EntityParameters):
    """What stands in place of a mention, and how much is taken for one."""

    operator: Literal["tag", "mask", "format", "surrogate"] = parameter(
        "以什麼取代：類型標籤、逐字遮住、同格式、擬真替代值",
        "what stands in place: the type's tag, a mask, the same format, a realistic surrogate",
        "tag",
    )
    key: str = parameter(
        "format 與 surrogate 的金鑰名稱：同一把金鑰，同一值得到同一替代值",
        "the key's name for format and surrogate: one value gets one surrogate under one key",
        "redaction",
        pattern=r"[a-z][a-z0-9_-]{0,40}",
    )
    max_days: int = parameter(
        "替代值的日期最多移動幾天",
        "how many days surrogates move dates at most",
        182,
        ge=1,
        le=3660,
    )
    recall: bool = parameter(
        "寧可多遮，不可漏遮", "rather hide too much than miss something", default=True
    )


def run(context: Context, given: RedactParameters, inputs: Inputs) -> Outcome:
    """Redact every document of the corpus."""
    from anping.steps.compose.documents import documents_redacted

    return documents_redacted(context, given, inputs)


REDACT = Step(
    id="protect.redact",
    command="redact",
    title=Text("遮蔽文件集", "Redact a corpus of documents"),
    takes=(Port("corpus", "corpus", "{subject}"),),
    gives=(
        Port("redacted", "corpus", "{subject}.redacted"),
        Port("redaction", "report", "{subject}.redaction"),
    ),
    parameters=RedactParameters,
    run=run,
    gates=(flow_gate,),
    reads=entity_files,
    example={"operator": "tag"},
)
