"""What was put right in the table, and what forecasts do not show, in words."""

from __future__ import annotations

from collections.abc import Callable

from anping.core.text import Text
from anping.learn.series.asked import SeriesAsked
from anping.learn.series.examination import Examined
from anping.learn.series.panel import Panel
from anping.learn.series.reading import Found

_FINDINGS: tuple[tuple[str, Callable[[str, str], Text]], ...] = (
    ("no_time", lambda zh, en: Text(f"{zh} 列沒有可讀的時間，未使用。", f"{en} rows have no time that can be read; they were left out.")),
    ("no_value", lambda zh, en: Text(f"{zh} 列沒有可讀的數值：未使用，除非它說明未來已知的事。", f"{en} rows have no value that can be read; they count only for what is known ahead.")),
    ("repeated", lambda zh, en: Text(f"{zh} 列與同一序列的別列時間相同，取其平均。", f"{en} rows share their time with another row of their series; the mean was taken.")),
    ("off_grid", lambda zh, en: Text(f"{zh} 列的時間不在等距的格上，移到最近的一格。", f"{en} rows do not lie on even steps; each was moved to the nearest.")),
    ("gaps", lambda zh, en: Text(f"{zh} 步沒有值，以前後兩值間的直線補上；檢驗時不計。", f"{en} steps without a value were filled on the line between their neighbours; tests leave them out.")),
    ("other_pace", lambda zh, en: Text(f"{zh} 條序列的時間間隔與其他不同，未使用。", f"{en} series have other steps than the rest; they were left out.")),
    ("partial", lambda zh, en: Text(f"{zh} 列屬於還沒結束的最後一步，未使用。", f"{en} rows are of a last step that is not over; they were left out.")),
    ("constant", lambda zh, en: Text(f"{zh} 條序列的值從不改變：預測同一值，沒有縮放誤差，也沒有區間。", f"{en} series never change: the same value is forecast, without a scaled error or interval.")),
    ("short", lambda zh, en: Text(f"{zh} 條序列短於一個季節加預測期，難以檢驗。", f"{en} series are shorter than a season and the horizon together, and can hardly be tested.")),
    ("ends_early", lambda zh, en: Text(f"{zh} 條序列較早結束：它們的預測從自己的最後一步開始。", f"{en} series end earlier than others; their forecasts begin after their own last step.")),
)  # fmt: skip
_FEW_ERRORS, _FEW = 40, 5


def warnings_of(found: Found, panel: Panel, asked: SeriesAsked) -> tuple[Text, ...]:
    """Return what was found in the table, as far as there is something to tell."""
    told = [say(*_counted(getattr(found, name))) for name, say in _FINDINGS if getattr(found, name)]
    if panel.season == 1:
        told.append(
            Text(
                "沒有假設任何季節；若有，請給 season（一季有幾步）。",
                "No season is assumed; if there is one, give its number of steps as season.",
            )
        )
    if found.no_zone and asked.calendar != "none":
        told.append(
            Text(
                "時間沒有時區，當作當地牆上的時鐘。",
                "Times have no time zone; they are taken as the clock on the wall.",
            )
        )
    return tuple(told)


def _counted(count: int) -> tuple[str, str]:
    """Return a count in words: few rows could point at somebody."""
    if count < _FEW:
        return f"少於 {_FEW}", f"Fewer than {_FEW}"
    return f"{count:,}", f"{count:,}"


def limits_of(
    panel: Panel, asked: SeriesAsked, origins: int, test: Examined | None
) -> tuple[Text, ...]:
    """Return what the forecasts and their measures do not show."""
    limits = [
        Text(
            "預測假設未來像過去；制度、疫情或價格突然改變時，誤差與區間都不再成立。",
            "Forecasts assume that the future resembles the past; after a sudden change neither the "
            "errors nor the intervals hold.",
        ),
        Text(
            "模型檔保留每條序列的名稱與最後幾步的值：原表若含個資，模型檔也含個資。",
            "The model file keeps each series' name and last values: where the table is personal data, "
            "so is the file.",
        ),
    ]
    if test is None:
        limits.append(
            Text(
                "歷史太短，無法以過去檢驗：預測是天真預測，沒有誤差也沒有區間。",
                "The history is too short to be tested: forecasts are naive, without errors or intervals.",
            )
        )
    elif not test.honest:
        limits.append(
            Text(
                "只有一個檢驗起點：權重與區間出自同一起點，誤差偏樂觀。",
                "There is one origin: weights and intervals are of the same one, and errors optimistic.",
            )
        )
    if test is not None and origins * panel.count < _FEW_ERRORS:
        limits.append(
            Text(
                f"每一步只有 {origins * panel.count} 個誤差：區間由各步共用，涵蓋率不確定。",
                f"There are {origins * panel.count} errors for each step: intervals share those of all "
                "steps, and their coverage is uncertain.",
            )
        )
    if asked.known:
        limits.append(
            Text(
                "檢驗時用了事先已知欄位的真值；若未來的值只是計畫，誤差會更大。",
                "Tests used the true values of what is known ahead; where the future ones are plans, "
                "errors are larger.",
            )
        )
    if panel.days is not None and panel.days.kinds.size:
        limits.append(
            Text(
                "假日曆含農曆節日；彈性放假與補行上班只到該曆已公布的年度。",
                "The calendar has the lunar holidays; bridging days off and make-up working days only "
                "for the years decreed so far.",
            )
        )
    return tuple(limits)
