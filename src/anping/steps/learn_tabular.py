"""learn.tabular: a model of one column of a table, examined, searched, calibrated."""

from __future__ import annotations

from typing import Literal

from anping.core.text import Text
from anping.steps.compose.learning_ports import learning_ports, learnt_columns, training_gate
from anping.workspace.step import Context, Inputs, Outcome, Parameters, Step, parameter


class LearnTabular(Parameters):
    """What to predict, from what, and how hard to try."""

    target: str = parameter("要預測的欄位", "the column to predict")
    protected: bool = parameter("由保護後的表學習", "learn from the protected table", default=False)
    task: Literal["binary", "classes", "number"] | None = parameter(
        "二類、多類或數字；不給則由值判定", "two classes, several or a number; told from the values",
        None,
    )  # fmt: skip
    person: str | None = parameter(
        "說明列屬於誰的欄位：同一人只在檢驗的一邊",
        "the column that says whose row it is: a person stays on one side of a test",
        None,
    )
    when: str | None = parameter(
        "預測時點的欄位：以較晚的檢驗", "the moment of prediction: tests are on what came later",
        None,
    )  # fmt: skip
    exclude: list[str] = parameter("不用的欄位", "columns not to learn from", [])
    keep: list[str] = parameter("無論如何都用的欄位", "columns to learn from in any case", [])
    monotone: list[str] = parameter(
        "單調限制，如 收入:-1（愈高則預測愈低）", "bounds such as income:-1 (falls with income)", []
    )
    held_out: float = parameter(
        "保留作檢驗的比例", "the share of rows kept for the examination", 0.2, ge=0, lt=0.9
    )
    seconds: float = parameter("名目 CPU 秒數", "nominal CPU seconds", 60.0, gt=0)
    only: Literal["linear", "boosted-terms", "lightgbm"] | None = parameter(
        "只用一種模型", "one kind of model alone", None
    )
    ray: str | None = parameter(
        "在這個位址的 Ray 叢集上學習：local、auto 或 主機:埠",
        "learn on the Ray cluster at this address: local, auto or HOST:PORT",
        None,
    )
    seed: int = parameter("亂數種子", "the seed", 20260101)


def run(context: Context, given: LearnTabular, inputs: Inputs) -> Outcome:
    """Learn; what an interrupted run finished is not learnt again."""
    from anping.steps.compose.learning import learnt

    return learnt(context, given, inputs)


_TAKES, _GIVES = learning_ports(None)

LEARN_TABULAR = Step(
    id="learn.tabular",
    command="learn tabular",
    title=Text("由資料表學習模型", "Learn a model of a table"),
    takes=_TAKES,
    gives=_GIVES,
    ports=learning_ports,
    parameters=LearnTabular,
    run=run,
    lineage=learnt_columns,
    gates=(training_gate,),
    lowers=("categories",),
    spelled={".protected": {"protected": True}},
    example={"target": "違約", "only": "lightgbm", "seconds": 0.1},
)
