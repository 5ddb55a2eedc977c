"""Small pictures for the page: distributions now and before, and measures window by window.

Each picture stands alone (SVG in the page, no script), is told in words, and has its numbers in a table.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

from anping.core.measure import Interval
from anping.core.text import Language, Text
from anping.run.monitoring.input_drift import FeatureDrift
from anping.run.monitoring.monitor import Window
from anping.run.monitoring.performance import TITLES, Figure
from anping.run.monitoring.words import WORDS

Level = Callable[[float], float]
_WIDE, _HIGH = 260, 92
_LONG, _TALL = 720, 150
_SAID = Text(
    "{column}：長條為現在各組的比率，線為參考期；PSI {psi:.3f}。",
    "{column}: bars are each group's share now, the line the reference; PSI {psi:.3f}.",
)
_TIMELINE = Text(
    "{measure}：{n} 個時段，從 {first} 到 {last}。",
    "{measure}: {n} windows, from {first} to {last}.",
)


def group_names(found: FeatureDrift, language: Language) -> list[str]:
    """Return what each group is called."""
    if not found.groups.ordered:
        return [*found.labels, WORDS["missing"].to(language)]
    edges = [f"{edge:,.6g}" for edge in found.groups.edges]
    return [*(f"≤ {edge}" for edge in edges), f"> {edges[-1]}" if edges else "–"]


def shares(counts: Sequence[int]) -> list[float]:
    """Return counts as shares of their sum."""
    total = sum(counts) or 1
    return [count / total for count in counts]


def bars(found: FeatureDrift, language: Language) -> str:
    """Return the picture of the groups: bars now, a line before."""
    now, before = shares(found.now), shares(found.before)
    top, step = max(*now, *before, 1e-9), _WIDE / len(now)
    marks, line = [], ""
    for place, (share, earlier) in enumerate(zip(now, before, strict=True)):
        left, high = place * step, share / top * (_HIGH - 4)
        marks.append(
            f'<rect class="now" x="{left + 1:.1f}" y="{_HIGH - high:.1f}" '
            f'width="{max(step - 2, 1):.1f}" height="{high:.1f}"/>'
        )
        level = _HIGH - earlier / top * (_HIGH - 4)
        line += f"{'L' if line else 'M'}{left:.1f} {level:.1f}H{left + step:.1f}"
    name = found.name or WORDS["of_score"].to(language)
    said = _SAID.fill(column=name, psi=found.distances.stability).to(language)
    return _picture((_WIDE, _HIGH), said, [*marks, f'<path class="before" d="{line}"/>'])


def timeline(windows: Sequence[Window], name: str, language: Language) -> str:
    """Return a measure window by window, measured and expected, over the reference's band."""
    told = [
        (place, each)
        for place, window in enumerate(windows)
        for each in window.performance
        if each.name == name
    ]
    if not told:
        return ""
    band = told[0][1].reference.interval
    known = [f.interval for _, each in told for f in (each.actual, each.expected) if f is not None]
    low, high = _range([band, *known])
    step = _LONG / max(len(windows), 1)

    def level(value: float) -> float:
        return _TALL - 6 - (value - low) / (high - low) * (_TALL - 12)

    top, bottom = level(band.high), level(band.low)
    height = max(bottom - top, 1)
    marks = [f'<rect class="band" x="0" y="{top:.1f}" width="{_LONG}" height="{height:.1f}"/>']
    for place, each in told:
        middle = (place + 0.5) * step
        for figure, kind, off in ((each.expected, "expected", -3), (each.actual, "actual", 3)):
            if figure is not None:
                marks += _dot(figure, kind, middle + off, level)
    said = _TIMELINE.fill(
        measure=f"{TITLES[name].to(language)}",
        n=len(windows), first=windows[0].name, last=windows[-1].name,
    ).to(language)  # fmt: skip
    return _picture((_LONG, _TALL), said, marks)


def _dot(figure: Figure, kind: str, x: float, level: Level) -> list[str]:
    bounds = figure.interval
    return [
        f'<path class="{kind}" d="M{x:.1f} {level(bounds.low):.1f}V{level(bounds.high):.1f}"/>',
        f'<circle class="{kind}" cx="{x:.1f}" cy="{level(figure.value):.1f}" r="3.5"/>',
    ]


def _range(bounds: Sequence[Interval]) -> tuple[float, float]:
    low, high = min(each.low for each in bounds), max(each.high for each in bounds)
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _picture(size: tuple[int, int], said: str, marks: Sequence[str]) -> str:
    words = escape("".join(c for c in said if c >= " "), quote=True)
    return (
        f'<svg role="img" viewBox="0 0 {size[0]} {size[1]}" xmlns="http://www.w3.org/2000/svg">'
        f"<title>{words}</title>{''.join(marks)}</svg>"
    )
