"""The pictures of a report on a model, as SVG that stands in the page: no script, nothing loaded.

Each has its words for who cannot see it; the numbers stand in a table beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from html import escape
from itertools import pairwise
from math import floor, isfinite, log10

from anping.core.text import Language
from anping.judge.section import Line, Picture, Plot, Spots

_WIDE, _HIGH = 440, 280
_LEFT, _BOTTOM, _TOP, _RIGHT = 58, 40, 14, 12
_ROW = 24
#: A longer number leaves room for few others beside it.
_LONG = 7
_LETTER = 7.0
_MOST_LABEL = 220


def draw(picture: Picture, language: Language) -> str:
    """Return a picture as an SVG element in a language."""
    return _plot(picture, language) if isinstance(picture, Plot) else _spots(picture, language)


def ticks(low: float, high: float, *, count: int = 5) -> list[float]:
    """Return round numbers from ``low`` to ``high``, about ``count`` of them."""
    span = high - low
    if not span > 0 or not isfinite(span):
        return [low]
    rough = span / count
    base = 10.0 ** floor(log10(rough))
    step = next(base * times for times in (1, 2, 2.5, 5, 10) if base * times >= rough)
    first = int(-(-low // step))
    return [
        round(place * step, 12)
        for place in range(first, first + 2 * count + 2)
        if place * step <= high + step / 1e6
    ]


def _across(ends: tuple[float, float]) -> list[float]:
    """Return ticks below a picture: fewer where their numbers are long."""
    found = ticks(*ends)
    return found if max(len(written(tick)) for tick in found) <= _LONG else ticks(*ends, count=3)


def written(value: float) -> str:
    """Return a tick's number as people read it."""
    if value == 0:
        return "0"
    return f"{value:,.4g}" if abs(value) < 1e4 else f"{value:,.0f}"


def _plot(plot: Plot, language: Language) -> str:
    x_range = plot.x_range or _range(point[0] for line in plot.lines for point in line.points)
    y_range = plot.y_range or _range(
        end
        for line in plot.lines
        for end in (*(point[1] for point in line.points), *line.low, *line.high)
    )
    parts: list[str] = []

    def across(value: float) -> float:
        return _LEFT + (value - x_range[0]) / _span(x_range) * (_WIDE - _LEFT - _RIGHT)

    def up(value: float) -> float:
        inside = min(max(value, y_range[0]), y_range[1])
        return _HIGH - _BOTTOM - (inside - y_range[0]) / _span(y_range) * (_HIGH - _BOTTOM - _TOP)

    for tick in ticks(*y_range):
        parts.append(f'<path class="rule" d="M{_LEFT} {up(tick):.1f}H{_WIDE - _RIGHT}"/>')
        parts.append(_text(_LEFT - 6, up(tick) + 4, written(tick), "end"))
    floor_at = _HIGH - _BOTTOM
    named = [(tick.value, tick.label.to(language)) for tick in plot.ticks]
    parts += [
        _tick(across(tick), floor_at + 16, name)
        for tick, name in named or [(tick, written(tick)) for tick in _across(x_range)]
    ]
    for mark in plot.marks:
        at = across(mark.value)
        parts.append(f'<path class="mark" d="M{at:.1f} {_TOP}V{floor_at}"/>')
        side = "end" if at > _WIDE / 2 else "start"
        parts.append(
            _text(at - 5 if side == "end" else at + 5, _TOP + 10, mark.label.to(language), side)
        )
    for line in plot.lines:
        parts += _line(line, across, up)
    parts.append(
        _text((_LEFT + _WIDE - _RIGHT) / 2, _HIGH - 6, plot.x.to(language), "middle", style="axis")
    )
    y_name = escape(plot.y.to(language))
    parts.append(
        f'<text class="axis" transform="translate(12 {(_TOP + floor_at) / 2:.0f}) rotate(-90)" text-anchor="middle">{y_name}</text>'
    )
    names = [line.name.to(language) for line in plot.lines if line.tone != "reference"]
    key = _key(plot, language) if len(names) > 1 else ""
    return _svg(_HIGH, plot.said.to(language), parts) + key


def _key(plot: Plot, language: Language) -> str:
    shown = [
        f'<span class="key {line.tone}">{escape(line.name.to(language))}</span>'
        for line in plot.lines
    ]
    return f'<p class="keys">{" ".join(shown)}</p>'


def _line(line: Line, across: Callable[[float], float], up: Callable[[float], float]) -> list[str]:
    points = [(across(x), up(y)) for x, y in line.points]
    parts = []
    if line.low and line.high:
        above = [(across(x), up(high)) for (x, _), high in zip(line.points, line.high, strict=True)]
        below = [(across(x), up(low)) for (x, _), low in zip(line.points, line.low, strict=True)]
        ring = " ".join(f"{x:.1f},{y:.1f}" for x, y in (*above, *reversed(below)))
        parts.append(f'<polygon class="band {line.tone}" points="{ring}"/>')
    for (x, y), (to_x, to_y) in pairwise(points):
        parts.append(f'<path class="line {line.tone}" d="M{x:.1f} {y:.1f}L{to_x:.1f} {to_y:.1f}"/>')
    if line.tone != "reference" and len(points) <= 40:
        parts += [
            f'<circle class="dot {line.tone}" cx="{x:.1f}" cy="{y:.1f}" r="3"/>' for x, y in points
        ]
    return parts


def _spots(spots: Spots, language: Language) -> str:
    ends = [end for one in spots.spots for end in (one.value, one.low, one.high) if end is not None]
    x_range = spots.x_range or _range([*ends, *(mark.value for mark in spots.marks)])
    x_range = (min(x_range[0], *ends), max(x_range[1], *ends)) if ends else x_range
    names = [one.label.to(language) for one in spots.spots]
    left = min(max((_width(name) for name in names), default=0) + 12, _MOST_LABEL)
    top = 18 if spots.marks else 4
    high = top + _ROW * len(names) + 40
    parts: list[str] = []

    def across(value: float) -> float:
        return left + (value - x_range[0]) / _span(x_range) * (_WIDE - left - _RIGHT)

    base = top + _ROW * len(names)
    for tick in _across(x_range):
        parts.append(f'<path class="rule" d="M{across(tick):.1f} {top}V{base}"/>')
        parts.append(_tick(across(tick), base + 16, written(tick)))
    for mark in spots.marks:
        at = across(mark.value)
        parts.append(f'<path class="mark" d="M{at:.1f} {top}V{base}"/>')
        parts.append(_text(min(at, _WIDE - 40), 12, mark.label.to(language), "middle"))
    for place, one in enumerate(spots.spots):
        y = top + _ROW * (place + 0.5)
        parts.append(_text(left - 8, y + 4, _cut(names[place], left - 12), "end"))
        if one.low is not None and one.high is not None:
            parts.append(
                f'<path class="line {one.tone}" d="M{across(one.low):.1f} {y:.1f}H{across(one.high):.1f}"/>'
            )
        parts.append(
            f'<circle class="dot {one.tone}" cx="{across(one.value):.1f}" cy="{y:.1f}" r="4"/>'
        )
    parts.append(
        _text((left + _WIDE - _RIGHT) / 2, base + 34, spots.x.to(language), "middle", style="axis")
    )
    return _svg(high, spots.said.to(language), parts)


def _range(values: Iterable[float]) -> tuple[float, float]:
    known = [value for value in values if isfinite(value)]
    if not known:
        return 0.0, 1.0
    low, high = min(known), max(known)
    room = (high - low) * 0.05 or abs(low) * 0.05 or 0.5
    return low - room, high + room


def _span(ends: tuple[float, float]) -> float:
    return ends[1] - ends[0] or 1.0


def _width(words: str) -> float:
    return sum(_LETTER if ord(letter) < 0x2E80 else 2 * _LETTER - 1 for letter in words)


def _cut(words: str, room: float) -> str:
    if _width(words) <= room:
        return words
    kept = words
    while kept and _width(kept + "…") > room:
        kept = kept[:-1]
    return kept + "…"


def _tick(x: float, y: float, words: str) -> str:
    """Draw a name under its place, or ending at the picture's edge where it would pass it."""
    if x + _width(words) / 2 > _WIDE:
        return _text(_WIDE, y, words, "end")
    return _text(x, y, words, "middle")


def _text(x: float, y: float, words: str, anchor: str, *, style: str = "") -> str:
    kind = f' class="{style}"' if style else ""
    return f'<text{kind} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{_safe(words)}</text>'


def _safe(words: str) -> str:
    return escape("".join(letter for letter in words if letter >= " "), quote=True)


def _svg(high: float, said: str, parts: list[str]) -> str:
    return (
        f'<svg role="img" viewBox="0 0 {_WIDE} {high:.0f}" xmlns="http://www.w3.org/2000/svg">'
        f"<title>{_safe(said)}</title>{''.join(parts)}</svg>"
    )
