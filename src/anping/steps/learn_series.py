"""learn.series: forecasts of one or many time series, with the errors and intervals they have."""

from __future__ import annotations

from typing import Literal

from anping.core.text import Text
from anping.steps.compose.forecasting import forecast_columns, forecasting_ports
from anping.steps.compose.learning_ports import training_gate
from anping.workspace.step import Context, Inputs, Outcome, Parameters, Step, parameter


class LearnSeries(Parameters):
    """Which columns tell the time, the value and the series, and how far to look ahead."""

    time: str = parameter("時間欄", "the column of the time")
    value: str = parameter("要預測的數值欄", "the column of the value to forecast")
    id: str | None = parameter("區分序列的欄位", "the column that tells series apart", None)
    horizon: int = parameter("預測幾步", "how many steps ahead", 12, ge=1, le=10_000)
    protected: bool = parameter("由保護後的表學習", "learn from the protected table", default=False)
    every: Literal["hour", "day", "week", "month", "quarter", "year"] | None = parameter(
        "彙總成多長的步；不給則由時間判定", "gather rows into such steps; told from the times", None
    )
    repeated: Literal["mean", "sum"] = parameter(
        "同一步有數列時取平均或總和", "what becomes of several rows in a step", "mean"
    )
    known: list[str] = parameter(
        "事先已知的欄位，如促銷", "columns known ahead, such as prices", []
    )
    groups: list[str] = parameter(
        "序列所屬的群組，由大到小", "groups of series, coarsest first", []
    )
    hierarchy: bool = parameter(
        "也預測各群組的總和", "forecast sums over the groups", default=False
    )
    season: int | None = parameter("一季有幾步", "steps of a season", None, ge=1, le=100_000)
    calendar: Literal["taiwan", "plain", "none"] = parameter(
        "臺灣假日（含農曆）、只有週月、或不用",
        "Taiwan's holidays, weekdays and months, or none",
        "taiwan",
    )
    origins: int = parameter(
        "以過去檢驗幾次", "how many times the past is forecast", 3, ge=1, le=50
    )
    statistical: Literal["auto", "always", "never"] = parameter(
        "是否試 ETS、ARIMA、Theta", "whether ETS, ARIMA and Theta are tried", "auto"
    )
    seconds: float = parameter("名目 CPU 秒數", "nominal CPU seconds", 60.0, gt=0)
    seed: int = parameter("亂數種子", "the seed", 20260101)


def run(context: Context, given: LearnSeries, inputs: Inputs) -> Outcome:
    """Learn and forecast."""
    from anping.steps.compose.forecasting import forecast

    return forecast(context, given, inputs)


_TAKES, _GIVES = forecasting_ports(None)

LEARN_SERIES = Step(
    id="learn.series",
    command="learn series",
    title=Text("預測時間序列", "Forecast time series"),
    takes=_TAKES,
    gives=_GIVES,
    ports=forecasting_ports,
    parameters=LearnSeries,
    run=run,
    lineage=forecast_columns,
    gates=(training_gate,),
    lowers=("categories",),
    spelled={".protected": {"protected": True}},
    example={"time": "申請日期", "value": "年收入", "every": "month", "horizon": 6, "seconds": 0.1},
)
