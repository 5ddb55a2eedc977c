"""learn.scorecard: a scorecard beside a boosted model, with what lending asks of both."""

from __future__ import annotations

from typing import Literal

from anping.core.text import Text
from anping.steps.compose.learning_ports import training_gate
from anping.steps.compose.scorecard_ports import card_columns, card_ports
from anping.workspace.step import Context, Inputs, Outcome, Parameters, Step, parameter


class LearnScorecard(Parameters):
    """What to predict, who is protected, and the scale of the points."""

    target: str = parameter("要預測的欄位：好或壞", "the column to predict: good or bad")
    event: str | None = parameter("表示壞的值", "the target's value that means bad", None)
    protected: bool = parameter("由保護後的表學習", "learn from the protected table", default=False)
    groups: list[str] = parameter(
        "受保護屬性：不入卡、不作理由，並列比較",
        "protected attributes: not in the card, no reason, compared with and without", [],
    )  # fmt: skip
    when: str | None = parameter(
        "申請日期：以較晚的檢驗，逐月比較", "date of application: tests are on later ones", None
    )
    person: str | None = parameter(
        "說明列屬於誰的欄位", "the column that says whose row it is", None
    )
    refused: bool = parameter(
        "沒有結果的列是被拒的申請人", "rows without an outcome are refused applicants",
        default=False,
    )  # fmt: skip
    trend: Literal["monotone", "any", "free"] = parameter(
        "壞帳率可以怎麼走", "how bad rates may go: one way, with one turn, anyhow", "monotone"
    )
    fit: Literal["joint", "weights"] = parameter(
        "各箱一起配適，或每欄一個斜率", "fit all bins together, or a slope for each column", "joint"
    )
    specials: list[float] = parameter("是代碼不是數值的數", "numbers that are codes", [])
    exclude: list[str] = parameter("不用的欄位", "columns not to learn from", [])
    keep: list[str] = parameter("無論如何都用的欄位", "columns to learn from in any case", [])
    double: float = parameter("好壞比加倍的分數", "points that double the odds", 20, gt=0)
    score: float = parameter("基準分數", "the score at the odds that are named", 600)
    odds: float = parameter("基準分數的好壞比", "good to one bad at that score", 50, gt=0)
    gain: float = parameter("好客戶賺多少", "what a good loan earns", 1, ge=0)
    loss: float = parameter("壞客戶賠多少", "what a bad loan loses", 6, ge=0)
    rate: float = parameter("比較群體時的核准率", "approval rate at which groups are compared", 0.7, gt=0, lt=1)  # fmt: skip
    held_out: float = parameter("保留作檢驗的比例", "the share of rows kept", 0.2, gt=0, lt=0.9)
    seed: int = parameter("亂數種子", "the seed", 20260101)


def run(context: Context, given: LearnScorecard, inputs: Inputs) -> Outcome:
    """Learn the card, and compare it with the boosted model if there is one of the same table."""
    from anping.steps.compose.scorecards import scored

    return scored(context, given, inputs)


_TAKES, _GIVES = card_ports(None)

LEARN_SCORECARD = Step(
    id="learn.scorecard",
    command="learn scorecard",
    title=Text("由資料表學習信用評分卡", "Learn a credit scorecard of a table"),
    takes=_TAKES,
    gives=_GIVES,
    ports=card_ports,
    parameters=LearnScorecard,
    run=run,
    lineage=card_columns,
    gates=(training_gate,),
    lowers=("categories",),
    spelled={".protected": {"protected": True}},
    example={"target": "違約", "groups": ["性別"]},
)
