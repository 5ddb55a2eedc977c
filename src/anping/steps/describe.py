"""know.describe: a title, a description and tags, proposed by evidence and confirmed by a person."""

from __future__ import annotations

from anping.core.text import Text
from anping.steps.compose.flowing import flow_gate
from anping.workspace.step import Context, Inputs, Outcome, Parameters, Port, Step, parameter


class DescribeParameters(Parameters):
    """What a person confirms as proposed, or writes."""

    accept: bool = parameter("確認其餘提案", "confirm what is proposed", default=False)
    title: str | None = parameter(
        "標題（兩種語言相同）", "the title, the same in both languages", None, max_length=200
    )
    title_zh: str | None = parameter("中文標題", "the title in Chinese", None, max_length=200)
    title_en: str | None = parameter("英文標題", "the title in English", None, max_length=200)
    description: str | None = parameter(
        "說明（兩種語言相同）", "the description, the same in both languages", None, max_length=4000
    )
    description_zh: str | None = parameter(
        "中文說明", "the description in Chinese", None, max_length=4000
    )
    description_en: str | None = parameter(
        "英文說明", "the description in English", None, max_length=4000
    )
    tags: list[str] = parameter("標籤，取代提出的", "tags, instead of those proposed", [])
    why: str = parameter("理由", "the reason", "", max_length=500)


def run(context: Context, given: DescribeParameters, inputs: Inputs) -> Outcome:
    """Propose, confirm or write; a release uses only what a person confirmed."""
    from anping.steps.compose.naming import described

    return described(context, given, inputs)


DESCRIBE = Step(
    id="know.describe",
    command="describe",
    title=Text("標題、說明與標籤", "Title, description and tags"),
    takes=(
        Port("table", "table", "{subject}"),
        Port("scan", "report", "{subject}.scan"),
        Port("findings", "report", "{subject}.findings", optional=True),
        Port("earlier", "report", "{subject}.description", optional=True),
    ),
    gives=(Port("description", "report", "{subject}.description"),),
    parameters=DescribeParameters,
    run=run,
    gates=(flow_gate,),
    example={"accept": True, "why": "read by the data owner"},
)
