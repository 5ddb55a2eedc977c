"""share.release: decide under the policy and, if allowed, freeze everything a recipient needs."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from anping.core.text import Text
from anping.steps.compose.flowing import flow_gate
from anping.steps.compose.flows import released_columns
from anping.steps.compose.releasing import licence_files, release_gate
from anping.workspace.step import Context, Inputs, Outcome, Parameters, Port, Step, parameter


class ReleaseParameters(Parameters):
    """To whom, for what and under which terms."""

    tier: Literal["open", "registered", "controlled", "internal"] = parameter(
        "釋出層級", "the access tier"
    )
    licence: Path = parameter(
        "授權條款名稱或檔案", "a licence's name or file", Path("controlled-research")
    )
    purposes: list[str] = parameter("用途，如 TRAIN", "purposes such as TRAIN", [])
    recipient: str | None = parameter("接收者", "the recipient", None)
    approver: str | None = parameter("核可者（另一人）", "who approves, another person", None)
    title_zh: str | None = parameter("中文標題", "the title in Chinese", None)
    title_en: str | None = parameter("英文標題", "the title in English", None)
    description_zh: str = parameter("中文說明", "the description in Chinese", "")
    description_en: str = parameter("英文說明", "the description in English", "")
    owner_zh: str = parameter("資料方（中文）", "the owner's name in Chinese", "資料擁有者")
    owner_en: str = parameter("資料方（英文）", "the owner's name in English", "the data owner")


def run(context: Context, given: ReleaseParameters, inputs: Inputs) -> Outcome:
    """Freeze the release; the verdict that allows it justifies the lower tier."""
    from anping.steps.compose.packing import released

    return released(context, given, inputs)


RELEASE = Step(
    id="share.release",
    command="release",
    title=Text("審查並釋出", "Decide and release"),
    takes=(
        Port("protected", "table", "{subject}.protected"),
        Port("values", "table", "{subject}.values", optional=True),
        Port("counts", "table", "{subject}.counts", optional=True),
        Port("protection", "report", "{subject}.protection"),
        Port("plan", "plan", "{subject}.plan"),
        Port("scan", "report", "{subject}.scan"),
        Port("findings", "report", "{subject}.findings", optional=True),
        Port("risk", "report", "{subject}.risk"),
        Port("utility", "report", "{subject}.utility", optional=True),
        Port("detection", "report", "{subject}.detection", optional=True),
        Port("description", "report", "{subject}.description", optional=True),
        Port("policy", "policy", "policy"),
        Port("signature", "report", "policy.signature"),
    ),
    gives=(Port("content", "release", "{subject}.release"),),
    parameters=ReleaseParameters, run=run, reads=licence_files, lineage=released_columns,
    gates=(flow_gate, release_gate),
    lowers=("tier", "categories"),
    example={"tier": "controlled", "purposes": ["TRAIN"], "recipient": "university-lab"},
)  # fmt: skip
