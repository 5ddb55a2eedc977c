"""run.monitor: whether a model still meets what it was examined on, and is still as good."""

from __future__ import annotations

from typing import Literal

from anping.core.text import Text
from anping.steps.compose.flowing import flow_gate
from anping.steps.compose.monitoring_ports import monitoring_ports, rules_files
from anping.workspace.step import Context, Inputs, Outcome, Parameters, Step, parameter


class Monitor(Parameters):
    """What to compare, by which groups and windows, and whether an alarm pauses the model."""

    table: str = parameter(
        "現在的資料表，如 applications", "the table of what comes in now, such as applications"
    )
    labels: str | None = parameter(
        "現在的表中實際結果的欄位；不給就用模型的目標欄位",
        "the column of true outcomes in that table; by default the model's target",
        None,
    )
    protected: bool = parameter(
        "模型學自保護後的表", "the model was learnt from the protected table", default=False
    )
    groups: list[str] = parameter("要看公平性的群體欄位", "columns of people's groups", [])
    when: str | None = parameter("日期欄位：分時段看", "a column of dates: window by window", None)
    period: Literal["day", "week", "month"] = parameter("時段", "the windows", "week")
    every: int = parameter("不以日期而以列數分段", "windows of so many rows instead", 0, ge=0)
    rows: int = parameter("至多比較多少列", "how many rows to compare at most", 200_000, ge=1_000)
    rules: str | None = parameter(
        "自己的監測規則檔（YAML）", "a file of one's own rules (YAML)", None
    )
    pause: bool = parameter(
        "有嚴重警報時暫停模型", "pause the model where an alarm of the rules says so", default=False
    )
    seed: int = parameter("亂數種子", "the seed", 20260101)


def run(context: Context, given: Monitor, inputs: Inputs) -> Outcome:
    """Compare the rows held out when learning with the rows that come in now."""
    from anping.steps.compose.monitoring import monitored

    return monitored(context, given, inputs)


_TAKES, _GIVES = monitoring_ports(None)

MONITOR = Step(
    id="run.monitor",
    command="monitor",
    title=Text("監測模型", "Monitor a model"),
    takes=_TAKES,
    gives=_GIVES,
    ports=monitoring_ports,
    parameters=Monitor,
    run=run,
    reads=rules_files,
    gates=(flow_gate,),
    positional=("table",),
    spelled={".model": {}},
    example={"table": "customers", "every": 200},
)
