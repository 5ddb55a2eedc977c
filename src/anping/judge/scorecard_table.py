"""The points of a scorecard as a section of its report, and which reasons refused applicants get."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from anping.core.measure import Measure
from anping.core.text import Text
from anping.judge.section import Grid, GridRow, Section
from anping.stats.intervals import wilson

_TRENDS = {
    "ascending": Text("愈高愈壞", "worse as it rises"),
    "descending": Text("愈高愈好", "better as it rises"),
    "peak": Text("中間最壞", "worst in the middle"),
    "valley": Text("中間最好", "best in the middle"),
    "free": Text("依壞帳率分組", "grouped by bad rate"),
}
_HEAD = (
    Text("屬性", "Attribute"),
    Text("點數", "Points"),
    Text("占學習列數", "Share of rows learnt from"),
    Text("壞帳率", "Bad rate"),
    Text("證據權重", "Weight of evidence"),
)
#: A reason that fewer applicants get is not told.
_FEWEST = 10


def card_section(
    table: Sequence[Mapping[str, Any]],
    *,
    base: int,
    scale: Mapping[str, float],
    measures: tuple[Measure, ...],
    dropped: Sequence[tuple[str, Text]],
) -> Section:
    """Return the points table: one grid for each characteristic, as plain values of the card."""
    double, score, odds = (f"{scale[key]:g}" for key in ("double", "score", "odds"))
    return Section(
        "card",
        Text("評分卡", "The scorecard"),
        Text(
            f"總分＝基本分 {base}＋各欄位的點數。{score} 分代表好壞比 {odds}：1，每多 {double} 分好壞比加倍。",
            f"A score is the base of {base} points and the points of each column. {score} points are odds "
            f"of {odds} good to 1 bad; every {double} points more double them.",
        ),
        measures,
        tuple(_grid(one) for one in table),
        notes=tuple(
            Text(f"不用「{name}」：{why.zh}", f"Left out “{name}”: {why.en}")
            for name, why in dropped
        ),
    )


def _grid(one: Mapping[str, Any]) -> Grid:
    trend = _TRENDS[one["trend"]]
    value = f"{one['information']:.3f}"
    met = [each for each in one["attributes"] if each["share"]]
    rows = tuple(map(_row, (*met, *_unmet(one["attributes"]))))
    title = Text(
        f"{one['column']}（{trend.zh}，資訊值 {value}）",
        f"{one['column']} ({trend.en}; information value {value})",
    )
    return Grid(title, _HEAD, rows)


def _unmet(attributes: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return attributes that few rows or none had, those of equal points and weight as one."""
    found: dict[tuple[int, float], list[Mapping[str, Any]]] = {}
    for each in attributes:
        if not each["share"]:
            found.setdefault((each["points"], each["weight"]), []).append(each)
    return [
        {
            **same[0],
            "title": {
                "zh": "、".join(each["title"]["zh"] for each in same),
                "en": ", ".join(each["title"]["en"] for each in same),
            },
        }
        for same in found.values()
    ]


def _row(each: Mapping[str, Any]) -> GridRow:
    rate = each["eventRate"]
    told = Text("少於 10 列", "fewer than 10 rows")
    share = Text(*[f"{100 * each['share']:.1f}%"] * 2) if each["share"] else told
    cells = (
        Text(*[str(each["points"])] * 2),
        share,
        told if rate is None else Text(*[f"{100 * rate:.1f}%"] * 2),
        Text(*[f"{each['weight']:.2f}"] * 2),
    )
    return GridRow(Text(**each["title"]), cells)


def reasons_section(
    first: Sequence[Text | None], *, cutoff: str, protected: Sequence[str]
) -> Section | None:
    """Return which reason is given first, of applicants below the cut-off; None where there are few.

    ``first`` (n,) is the first reason of each of them.
    """
    counts = Counter(reason for reason in first if reason is not None)
    told = [(reason, count) for reason, count in counts.most_common() if count >= _FEWEST]
    if not told:
        return None
    n = len(first)
    rows, measures = [], []
    for reason, count in told:
        measure = Measure("judge.credit.first_reason", count / n, "share", n, Text("第一個理由", "First reason"), reason.en, wilson(count, n), "held-out")  # fmt: skip
        rows.append(GridRow(reason, (measure,)))
        measures.append(measure)
    never = "、".join(protected), ", ".join(protected)
    return Section(
        "reasons",
        Text("婉拒理由", "Adverse-action reasons"),
        Text(
            f"分數低於 {cutoff} 分者的第一個理由：失分最多的欄位（與該欄最好的屬性相比）。",
            f"The first reason of those below {cutoff} points: the column that cost most points against "
            "its best attribute.",
        ),
        tuple(measures),
        (Grid(Text("最常見的第一個理由", "Commonest first reasons"),
              (Text("欄位", "Column"), Text("占比", "Share")), tuple(rows)),),
        notes=() if not protected else (
            Text(f"受保護屬性不作理由：{never[0]}", f"Protected attributes are never a reason: {never[1]}"),
        ),
        limits=(
            Text("理由說明模型如何計分，不是原因，也不保證改變後會核准。",
                 "A reason says how the model counts; it is no cause and no promise of approval."),
        ),
    )  # fmt: skip
