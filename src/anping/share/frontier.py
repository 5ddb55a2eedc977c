"""A risk-utility frontier for people: one picture and one table."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO

from anping.core.frontier import COSTS, RISKS, Cost, Frontier, Point, Risk
from anping.core.measure import Measure
from anping.core.text import Language, Text
from anping.share.charts.chart import Axis, ReferenceLine
from anping.share.charts.scale import form_of, written
from anping.share.charts.scatter import Cloud, Dot, Scatter

_RISK_TITLES: dict[Risk, Text] = {
    "maximum": Text("最高風險（檢察官）", "Highest risk (prosecutor)"),
    "average": Text("平均風險（檢察官）", "Average risk (prosecutor)"),
    "linkage": Text("連結攻擊實測成功率", "Measured success of the linkage attack"),
}
_COST_TITLES: dict[Cost, Text] = {
    "loss": Text("資訊損失", "Information loss"),
    "columns": Text("各欄分布的平均差距", "Mean distance of a column's distribution"),
    "pairs": Text("兩欄聯合分布的平均差距", "Mean distance of a pair's joint distribution"),
    "model": Text("模型損失的品質", "Model quality lost"),
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the table: its title, and the measures that fill it, the first that was taken."""

    title: Text
    names: tuple[str, ...]


COLUMNS = (
    Column(Text("最高風險", "highest risk"), RISKS["maximum"]),
    Column(Text("平均風險", "average risk"), RISKS["average"]),
    Column(Text("行銷者風險", "marketer risk"), ("risk.marketer",)),
    Column(Text("連結成功", "linked"), RISKS["linkage"]),
    Column(Text("抑制列", "suppressed"), ("deid.rows.suppressed",)),
    Column(Text("資訊損失", "loss"), COSTS["loss"]),
    Column(Text("單欄分布差距", "column distance"), COSTS["columns"]),
    Column(Text("兩欄分布差距", "pair distance"), COSTS["pairs"]),
    Column(Text("模型損失", "model loses"), COSTS["model"]),
)


def frontier_figure(frontier: Frontier, *, limits: Sequence[ReferenceLine] = ()) -> Scatter | None:
    """Return the picture of risk against cost, None where no point has both.

    ``limits`` are thresholds of the risk that is shown.
    """
    risk, cost = RISKS[frontier.risk], COSTS[frontier.cost]
    kinds: dict[Text, list[Dot]] = {}
    places: dict[str, tuple[Measure, Measure]] = {}
    for point in frontier.points:
        x, y = point.measure(cost), point.measure(risk)
        if x is None or y is None:
            continue
        places[point.id] = x, y
        best = point.id in frontier.front
        dot = Dot(x.value, y.value, point.id, best, x.interval, y.interval)
        kinds.setdefault(point.kind, []).append(dot)
    if not places:
        return None
    x_unit, y_unit = (measure.unit for measure in next(iter(places.values())))
    y_title = _RISK_TITLES[frontier.risk]
    return Scatter(
        id="frontier",
        title=Text("風險與可用性的前緣", "The risk-utility frontier"),
        description=_described(frontier, places),
        x=Axis(_x_title(frontier), form_of(x_unit)),
        y=Axis(Text(f"{y_title.zh}；愈低愈好", f"{y_title.en}; lower is better"), form_of(y_unit)),
        series=tuple(Cloud(kind, tuple(dots)) for kind, dots in kinds.items()),
        references=tuple(limits),
        steep=frontier.risk != "linkage",
    )


def _x_title(frontier: Frontier) -> Text:
    title = _COST_TITLES[frontier.cost]
    return Text(f"{title.zh}；愈左愈好", f"{title.en}; further left is better")


def _described(frontier: Frontier, places: dict[str, tuple[Measure, Measure]]) -> Text:
    """Return the picture in words, for a reader who cannot see it."""
    risk, cost = _RISK_TITLES[frontier.risk], _COST_TITLES[frontier.cost]
    best = [(name, *places[name]) for name in frontier.front]
    said = [(name, _short(y), _short(x)) for name, x, y in best]
    zh = "；".join(f"{name}：{risk.zh} {y}、{cost.zh} {x}" for name, y, x in said)
    en = "; ".join(f"{name}: {risk.en.lower()} {y}, {cost.en.lower()} {x}" for name, y, x in said)
    tried = len(places)
    return Text(
        f"試了 {tried} 個計畫，其中 {len(best)} 個沒有別的計畫在兩方面都勝過它。{zh}。",
        f"{tried} plans were tried; {len(best)} of them no other plan beats on both axes. {en}.",
    )


def _short(measure: Measure) -> str:
    # The safest plans differ in the second digit of a per cent.
    return written(measure.value, form_of(measure.unit), digits=2 if measure.value < 0.01 else 1)


def columns_of(frontier: Frontier) -> tuple[Column, ...]:
    """Return the columns that any point fills."""
    return tuple(
        column
        for column in COLUMNS
        if any(point.measure(column.names) is not None for point in frontier.points)
    )


def headers_of(frontier: Frontier) -> tuple[Text, ...]:
    """Return the table's headers: the point, what it is, and what it came to."""
    first = (Text("點", "point"), Text("前緣", "front"), Text("計畫", "plan"))
    return (*first, *(column.title for column in columns_of(frontier)))


def rows_of(frontier: Frontier, language: Language) -> list[tuple[str, ...]]:
    """Return a row for each point, those of the front first, by falling risk."""
    order = [frontier.pick(name) for name in frontier.front]
    order += [point for point in frontier.points if point.id not in frontier.front]
    columns = columns_of(frontier)
    return [
        (
            point.id,
            "●" if point.id in frontier.front else "",
            _what(point).to(language),
            *(_cell(point.measure(column.names)) for column in columns),
        )
        for point in order
    ]


def _what(point: Point) -> Text:
    if point.why_not is None:
        return point.what
    return Text(f"{point.what.zh}：{point.why_not.zh}", f"{point.what.en}: {point.why_not.en}")


def _cell(measure: Measure | None) -> str:
    if measure is None:
        return "–"
    value, spread = _short(measure), measure.interval
    if spread is None:
        return value
    form = form_of(measure.unit)
    return f"{value} [{written(spread.low, form)}, {written(spread.high, form)}]"


def frontier_markdown(frontier: Frontier, language: Language) -> str:
    """Return the table as Markdown."""
    headers = [header.to(language) for header in headers_of(frontier)]
    lines = [
        "| " + " | ".join(headers) + " |",
        "|---|:---:|---|" + "---:|" * (len(headers) - 3),
    ]
    lines += [
        "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"
        for row in rows_of(frontier, language)
    ]
    return "\n".join(lines) + "\n"


def frontier_csv(frontier: Frontier) -> str:
    """Return every measure of every point as CSV, with units, n and intervals, one per line."""
    into = StringIO()
    lines = csv.writer(into, lineterminator="\n")
    lines.writerow(["point", "front", "measure", "subject", "value", "low", "high", "unit", "n"])
    for point in frontier.points:
        for each in point.measures:
            spread = each.interval
            ends = ("", "") if spread is None else (repr(spread.low), repr(spread.high))
            front = int(point.id in frontier.front)
            lines.writerow(
                [
                    point.id,
                    front,
                    each.name,
                    each.subject,
                    repr(each.value),
                    *ends,
                    each.unit,
                    each.n,
                ]
            )
    return into.getvalue()
