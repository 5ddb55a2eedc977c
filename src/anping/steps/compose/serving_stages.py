"""The stages of a served model as an asset: what a change takes, and what it writes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from anping.core.digest import canonical_json
from anping.core.text import Text
from anping.steps.compose.confirming import check_reason
from anping.workspace.step import Context, Inputs, Outcome, Port, Produced

if TYPE_CHECKING:
    from anping.run.serving.stages import Stages

STAGES = Port("stages", "report", "{subject}.stages", optional=True)


def stage_ports(given: Any) -> tuple[tuple[Port, ...], tuple[Port, ...]]:
    """Return the ports of a change: the version that it names is one of its inputs."""
    if given.version is None:
        return (STAGES,), (STAGES,)
    model = Port("model", "model", f"{{subject}}.model@{given.version}")
    return (STAGES, model), (STAGES,)


def staged(context: Context, given: Any, inputs: Inputs) -> Outcome:
    """Write the stages after a change; the version must be one that can be opened."""
    from anping.know.discover.text import Scanner
    from anping.run.serving.stages import changed
    from anping.steps.compose.models import model_of

    check_reason(given.why, Scanner().find)
    if "model" in inputs:
        model_of(inputs)
    after = changed(
        stages_of(inputs), given.do, version=given.version, share=given.share, why=given.why
    )
    return Outcome((stages_output(context, after),), notes=(stages_note(after),))


def stages_of(inputs: Inputs) -> Stages | None:
    """Return the stages among a step's inputs, or None where nothing was promoted yet."""
    from anping.run.serving.stages import Stages

    if "stages" not in inputs:
        return None
    return Stages.from_json(json.loads(inputs["stages"].path.read_bytes()))


def paused_stages(before: Stages | None, *, version: int, why: str) -> Stages:
    """Return the stages with the model paused; ``version`` is its champion where there are none."""
    from anping.run.serving.stages import Stages, changed

    stages = before or Stages(version)
    return changed(stages, "pause", version=None, share=0.0, why=why)


def stages_output(context: Context, stages: Stages) -> Produced:
    """Write stages as the output of a step whose port is :data:`STAGES`."""
    path = context.path("stages.json")
    path.write_bytes(canonical_json(stages.as_json()))
    return Produced("stages", path, "application/json")


def stages_note(stages: Stages) -> Text:
    """Return in words how the versions stand."""
    zh, en = f"冠軍：第 {stages.champion} 版", f"champion: version {stages.champion}"
    if stages.challenger is not None:
        share = f"{stages.share:.0%}"
        zh += f"；挑戰者：第 {stages.challenger} 版，份額 {share}"
        en += f"; challenger: version {stages.challenger}, a share of {share}"
    if stages.paused:
        zh, en = f"{zh}；已暫停", f"{en}; paused"
    return Text(zh, en)
