"""Upright columns over ordered bins, and lines through ordered points."""

from __future__ import annotations

from anping.share.charts.canvas import MARGIN, SMALL, WIDTH, Canvas
from anping.share.charts.chart import Chart
from anping.share.charts.scale import Scale, linear, text_width, written

_HEIGHT = 190.0
#: Between the title of the value axis and the highest column, for the value over it.
_VALUE_ROOM = 14.0


def draw_columns(canvas: Canvas[Chart]) -> float:
    """Draw the chart and return its height in pixels."""
    chart = canvas.chart
    extent = chart.extent()
    ticks = linear(extent, 0, 1).ticks
    widest = max(text_width(written(tick, chart.value.form), SMALL) for tick in ticks)
    left, right = MARGIN + widest + 10, float(WIDTH - MARGIN)
    canvas.text((MARGIN, canvas.top + 11), canvas.say(chart.value.title), "soft", "start")
    top = canvas.top + 26 + _VALUE_ROOM
    bottom = top + _HEIGHT
    scale = linear(extent, bottom, top)
    for tick in scale.ticks:
        y = scale(tick)
        canvas.line((left, y), (right, y), "axis" if tick == 0 else "rule")
        canvas.text((left - 8, y + 4), written(tick, chart.value.form), "soft", "end")
    step = (right - left) / len(chart.categories)
    if chart.kind == "line":
        _lines(canvas, scale, left, step)
    else:
        _boxes(canvas, scale, left, step)
    _references(canvas, scale, left, right)
    _categories(canvas, left, step, bottom)
    title = canvas.say(chart.category.title)
    canvas.text(((left + right) / 2, bottom + 38), title, "soft", "middle")
    return bottom + 50


def _boxes(canvas: Canvas[Chart], scale: Scale, left: float, step: float) -> None:
    count = len(canvas.chart.series)
    wide = min(46.0, step * 0.78 / count)
    for column in range(len(canvas.chart.categories)):
        start = left + step * (column + 0.5) - wide * count / 2
        for index, one in enumerate(canvas.chart.series):
            value, x = one.values[column], start + wide * index
            if value is None:
                canvas.text((x + wide / 2 - 1, scale(0.0) - 4), "—", "soft", "middle")
                continue
            y, zero = scale(value), scale(0.0)
            canvas.box((x, min(y, zero)), (wide - 2, abs(zero - y)), canvas.series_style(index))
            if wide >= 21:
                words = written(value, canvas.chart.value.form, digits=0)
                canvas.text((x + wide / 2 - 1, min(y, zero) - 4), words, "soft", "middle")


def _lines(canvas: Canvas[Chart], scale: Scale, left: float, step: float) -> None:
    for index, one in enumerate(canvas.chart.series):
        points = [
            None if value is None else (left + step * (column + 0.5), scale(value))
            for column, value in enumerate(one.values)
        ]
        style = canvas.series_style(index, letter="l")
        canvas.path(points, f"{style} {canvas.series_style(index)}")


def _references(canvas: Canvas[Chart], scale: Scale, left: float, right: float) -> None:
    for line in canvas.chart.references:
        y = scale(line.value)
        canvas.line((left, y), (right, y), "mark")
        canvas.text((right, y - 4), canvas.say(line.label), "marked", "end")


def _categories(canvas: Canvas[Chart], left: float, step: float, bottom: float) -> None:
    """Write the category labels, leaving out those that would touch the one before."""
    free = -1.0
    for index, category in enumerate(canvas.chart.categories):
        label, x = canvas.say(category), left + step * (index + 0.5)
        half = text_width(label, SMALL) * 0.46
        if x - half < free:
            continue
        canvas.text((min(x, WIDTH - half), bottom + 18), label, "soft", "middle")
        free = x + half + 4
