"""judge.model: the report on a model, measured on rows that it has not seen."""

from __future__ import annotations

from typing import Literal

from anping.core.text import Text
from anping.steps.compose.flowing import flow_gate
from anping.steps.compose.judging_ports import judging_ports
from anping.workspace.step import Context, Inputs, Outcome, Parameters, Step, parameter


class JudgeModel(Parameters):
    """On which rows, for which groups, and what is at stake."""

    table: str | None = parameter("改用這張表檢驗；不給就用學習時保留的列", "judge on this table; by default on the rows that learning held out", None)  # fmt: skip
    protected: bool = parameter("保留的列在保護後的表", "the rows held out are of the protected table", default=False)  # fmt: skip
    group: list[str] = parameter("依此欄分群，如 性別 或 年齡:25,40,65", "tell results by this column: sex, or age:25,40,65", [])  # fmt: skip
    person: str | None = parameter("說明列屬於誰的欄位；不給則同學習時", "the column that says whose row it is; by default as in learning", None)  # fmt: skip
    threshold: float | None = parameter("判定的門檻", "the threshold of decisions", None, gt=0, lt=1)  # fmt: skip
    cost_false_positive: float | None = parameter("偽陽性的成本", "what a false positive costs", None)  # fmt: skip
    cost_false_negative: float | None = parameter("偽陰性的成本", "what a false negative costs", None)  # fmt: skip
    coverage: float = parameter("檢驗此涵蓋率的區間", "check intervals of this coverage", 0.9, gt=0, lt=1)  # fmt: skip
    favourable: str | None = parameter("對人有利的類別", "the class that is favourable to people", None)  # fmt: skip
    priority: Literal["benefit", "harm"] | None = parameter("公平樹：重在分享利益或避免傷害", "fairness tree: to share a benefit or to avoid a harm", None)  # fmt: skip
    impact: Literal["normal", "significant", "selective"] = parameter("公平樹：一般、影響重大或只選少數", "fairness tree: ordinary, significant or a selected few", "normal")  # fmt: skip
    concern: Literal["eligible", "inclusive", "both"] = parameter("公平樹：應得者、不應得者或兩者", "fairness tree: the eligible, others included wrongly, or both", "eligible")  # fmt: skip
    truth: Literal["trusted", "doubtful"] = parameter("公平樹：記錄的結果是否可信", "fairness tree: whether recorded outcomes can be trusted", "trusted")  # fmt: skip
    limit: float | None = parameter("公平的限值，代替慣例", "a limit of fairness, instead of the convention", None, gt=0)  # fmt: skip
    proxies: bool = parameter("找受保護屬性的代理", "look for proxies of the groups", default=True)
    only: list[str] = parameter("只做這些檢驗，如 accuracy、groups", "only these examinations, such as accuracy, groups", [])  # fmt: skip
    again: bool = parameter("重新學習以檢驗穩定", "learn again to see whether it is stable", default=True)  # fmt: skip
    rows: int = parameter("至多使用多少列", "how many rows to use at most", 50_000, ge=1_000)
    seed: int = parameter("亂數種子", "the seed", 20260101)


def run(context: Context, given: JudgeModel, inputs: Inputs) -> Outcome:
    """Examine the model and write the report."""
    from anping.steps.compose.judging import judged

    return judged(context, given, inputs)


_TAKES, _GIVES = judging_ports(None)

JUDGE_MODEL = Step(
    id="judge.model",
    command="judge",
    title=Text("檢驗模型：準確、校準、公平", "Judge a model: accuracy, calibration, fairness"),
    takes=_TAKES,
    gives=_GIVES,
    ports=judging_ports,
    parameters=JudgeModel,
    run=run,
    gates=(flow_gate,),
    lowers=("categories",),
    spelled={".model": {}},
    example={
        "group": ["性別"],
        "favourable": "0",
        "priority": "harm",
        "again": False,
        "only": ["accuracy", "groups", "fairness"],
    },
)
