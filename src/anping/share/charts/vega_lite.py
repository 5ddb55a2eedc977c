"""A chart as a Vega-Lite 6 specification: the data are inline and nothing is fetched."""

from __future__ import annotations

from typing import Any

from anping.core.text import Language
from anping.share.charts.chart import Axis, Chart

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
_COLOURS = ["#8b97a6", "#0b6e75", "#b3541e"]


def vega_lite(chart: Chart, language: Language) -> dict[str, Any]:
    """Return the specification with the chart's words in one language."""
    layers = [_marks(chart, language)]
    if any(interval is not None for one in chart.series for interval in one.intervals):
        layers.append(_whiskers(chart))
    if chart.references:
        layers.append(_references(chart, language))
    return {
        "$schema": SCHEMA,
        "title": chart.title.to(language),
        "description": chart.description.to(language),
        "width": 520,
        "data": {"name": "rows", "values": _rows(chart, language)},
        "layer": layers,
    }


def _rows(chart: Chart, language: Language) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for one in chart.series:
        for index, category in enumerate(chart.categories):
            interval = one.interval(index)
            rows.append(
                {
                    "category": category.to(language),
                    "series": one.name.to(language),
                    "value": one.values[index],
                    "low": None if interval is None else interval.low,
                    "high": None if interval is None else interval.high,
                }
            )
    return rows


def _names(chart: Chart) -> tuple[str, str, str]:
    """Return the channels of category, value and series offset."""
    return ("y", "x", "yOffset") if chart.kind == "bar" else ("x", "y", "xOffset")


def _axis(axis: Axis, language: Language) -> dict[str, Any]:
    shown: dict[str, Any] = {"title": axis.title.to(language)}
    if axis.form == "percent":
        shown["axis"] = {"format": ".0%"}
    return shown


def _value(chart: Chart, language: Language, field: str = "value") -> dict[str, Any]:
    channel = {"field": field, "type": "quantitative", **_axis(chart.value, language)}
    if chart.domain is not None:
        channel["scale"] = {"domain": list(chart.domain)}
    return channel


def _marks(chart: Chart, language: Language) -> dict[str, Any]:
    category, value, offset = _names(chart)
    names = [one.name.to(language) for one in chart.series]
    colours = _COLOURS if len(names) > 1 else _COLOURS[1:2]
    encoding: dict[str, Any] = {
        category: {
            "field": "category",
            "type": "nominal",
            "sort": None,
            "title": chart.category.title.to(language),
        },
        value: _value(chart, language),
        "color": {
            "field": "series",
            "type": "nominal",
            "scale": {"domain": names, "range": colours[: len(names)]},
            "title": None,
            "legend": {"orient": "top"} if len(names) > 1 else None,
        },
        "tooltip": [
            {"field": "category", "type": "nominal"},
            {"field": "series", "type": "nominal"},
            {"field": "value", "type": "quantitative"},
        ],
    }
    if chart.kind == "line":
        return {"mark": {"type": "line", "point": True}, "encoding": encoding}
    if len(names) > 1:
        encoding[offset] = {"field": "series", "type": "nominal", "sort": names}
    return {"mark": {"type": "bar"}, "encoding": encoding}


def _whiskers(chart: Chart) -> dict[str, Any]:
    category, value, offset = _names(chart)
    encoding: dict[str, Any] = {
        category: {"field": "category", "type": "nominal", "sort": None},
        value: {"field": "low", "type": "quantitative"},
        f"{value}2": {"field": "high"},
    }
    if len(chart.series) > 1 and chart.kind != "line":
        encoding[offset] = {"field": "series", "type": "nominal"}
    return {"mark": {"type": "rule", "color": "#1d2733"}, "encoding": encoding}


def _references(chart: Chart, language: Language) -> dict[str, Any]:
    value = _names(chart)[1]
    rows = [
        {"reference": line.value, "label": line.label.to(language)} for line in chart.references
    ]
    return {
        "data": {"values": rows},
        "mark": {"type": "rule", "color": "#a3243b", "strokeDash": [5, 4]},
        "encoding": {
            value: {"field": "reference", "type": "quantitative"},
            "tooltip": [{"field": "label", "type": "nominal"}],
        },
    }
