"""Horizontal bars: a row for each category, a bar for each series, its value written at its end."""

from __future__ import annotations

from anping.core.measure import Interval
from anping.share.charts.canvas import MARGIN, SMALL, TEXT, WIDTH, Canvas
from anping.share.charts.chart import Chart
from anping.share.charts.scale import Scale, linear, shortened, text_width, written

_BAR = 14.0
_GAP = 3.0
_BETWEEN = 12.0
_VALUE_ROOM = 46.0


def draw_bars(canvas: Canvas[Chart]) -> float:
    """Draw the chart and return its height in pixels."""
    chart = canvas.chart
    labels = [canvas.say(category) for category in chart.categories]
    gutter = min(160.0, max(text_width(label, TEXT) for label in labels) + 10)
    left, right = MARGIN + gutter, WIDTH - MARGIN - _VALUE_ROOM
    scale = linear(chart.extent(), left, right)
    canvas.references_above([scale(line.value) for line in chart.references], (left, float(WIDTH)))
    group = len(chart.series) * (_BAR + _GAP) - _GAP
    top = canvas.top + 6
    bottom = top + len(labels) * (group + _BETWEEN)
    _grid(canvas, scale, top, bottom)
    for row, label in enumerate(labels):
        y = top + row * (group + _BETWEEN) + _BETWEEN / 2
        words = shortened(label, TEXT, gutter - 8)
        canvas.text((left - 8, y + group / 2 + 4.5), words, "", "end")
        _group(canvas, scale, row, y)
    for line in chart.references:
        x = scale(line.value)
        canvas.line((x, top - 4), (x, bottom), "mark")
    canvas.text(((left + right) / 2, bottom + 36), canvas.say(chart.value.title), "soft", "middle")
    return bottom + 48


def _grid(canvas: Canvas[Chart], scale: Scale, top: float, bottom: float) -> None:
    for tick in scale.ticks:
        x = scale(tick)
        canvas.line((x, top), (x, bottom), "axis" if tick == 0 else "rule")
        canvas.text((x, bottom + 17), written(tick, canvas.chart.value.form), "soft", "middle")


def _group(canvas: Canvas[Chart], scale: Scale, row: int, y: float) -> None:
    """Draw the bars of one category."""
    for index, one in enumerate(canvas.chart.series):
        value = one.values[row]
        top = y + index * (_BAR + _GAP)
        zero = scale(0.0)
        if value is None:
            canvas.text((zero + 6, top + 11), "—", "soft", "start")
            continue
        end = scale(value)
        place, size = (min(zero, end), top), (max(abs(end - zero), 1.0), _BAR)
        canvas.box(place, size, canvas.series_style(index))
        interval = one.interval(row)
        furthest = max(end, zero)
        if interval is not None:
            furthest = max(furthest, _whisker(canvas, scale, interval, top + _BAR / 2))
        words = written(value, canvas.chart.value.form)
        x = _clear(canvas, scale, furthest + 6, text_width(words, SMALL))
        canvas.text((x, top + SMALL - 0.5), words, "soft", "start")


def _clear(canvas: Canvas[Chart], scale: Scale, x: float, wide: float) -> float:
    """Return where words may start at or after ``x`` so that no reference line runs through them."""
    for line in sorted(scale(line.value) for line in canvas.chart.references):
        if x - 3 < line < x + wide + 3:
            x = line + 5
    return x


def _whisker(canvas: Canvas[Chart], scale: Scale, interval: Interval, y: float) -> float:
    low, high = scale(interval.low), scale(interval.high)
    canvas.line((low, y), (high, y), "whisker")
    for x in (low, high):
        canvas.line((x, y - 4), (x, y + 4), "whisker")
    return high
