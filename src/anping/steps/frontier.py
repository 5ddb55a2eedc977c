"""judge.frontier: a family of plans tried on the table; a steward picks a point, not a k."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from anping.core.text import Text
from anping.steps.compose.flowing import flow_gate
from anping.steps.compose.frontier_files import plans_read
from anping.steps.compose.populations import PopulationParameters, with_population
from anping.workspace.step import Context, Inputs, Outcome, Port, Step, parameter


class FrontierParameters(PopulationParameters):
    """Which plans to try, and what to measure of each."""

    k: list[int] = parameter("要試的 k", "the k to try", [2, 3, 5, 11, 20, 50])
    recoding: list[Literal["local", "numeric", "full_domain", "both"]] = parameter(
        "要試的重編碼方式", "the ways of recoding to try",
        ["local", "numeric", "full_domain", "both"],
    )  # fmt: skip
    suppression: list[float] = parameter(
        "全域概化可抑制的比例",
        "shares of rows that a full-domain search may remove",
        [0, 0.02, 0.1],
    )
    l: list[int] = parameter("要試的 l（1：不要求）", "the l to try (1: none)", [])  # noqa: E741 - the field's own letter
    t: list[float] = parameter("要試的 t", "the t to try", [])
    target: str | None = parameter("要預測的欄位", "a column to predict", None)
    risk: Literal["maximum", "average", "linkage"] = parameter(
        "圖上的風險", "the risk that is drawn", "average"
    )
    cost: Literal["loss", "columns", "pairs", "model"] = parameter(
        "圖上的代價", "the cost that is drawn", "loss"
    )
    file: Path | None = parameter("改用這份計畫", "vary this plan instead", None)
    also: Path | None = parameter("另外也試這份計畫", "try this plan as well, as it is", None)
    targets: int = parameter("攻擊目標人數上限", "how many people to attack at most", 500, ge=1)
    rows: int = parameter(
        "至多比較與學習多少列", "how many rows to compare at most", 20_000, ge=100
    )
    seed: int = parameter("亂數種子", "the seed", 20260101)


def run(context: Context, given: FrontierParameters, inputs: Inputs) -> Outcome:
    """Try the plans; points that an earlier, interrupted or other run finished are kept."""
    from anping.steps.compose.frontier_run import tried

    return tried(context, given, inputs)


_TAKES = (
    Port("table", "table", "{subject}"),
    Port("scan", "report", "{subject}.scan"),
    Port("findings", "report", "{subject}.findings", optional=True),
    Port("plan", "plan", "{subject}.plan", optional=True),
    Port("hierarchies", "report", "{subject}.hierarchies", optional=True),
    Port("earlier", "report", "{subject}.frontier", optional=True, remembered=True),
)
_GIVES = (Port("frontier", "report", "{subject}.frontier"),)

FRONTIER = Step(
    id="judge.frontier",
    command="frontier",
    title=Text("試算一族計畫的風險與可用性", "Try a family of plans: risk against utility"),
    takes=_TAKES,
    gives=_GIVES,
    ports=with_population(_TAKES, _GIVES),
    parameters=FrontierParameters,
    run=run,
    gates=(flow_gate,),
    reads=plans_read,
    example={"k": [3, 10], "recoding": ["local"], "targets": 50, "rows": 500},
    # A protection that is tried draws from the operating system where a plan's does.
    reproducible=False,
)
