"""Small pictures of drift: what each group held before and holds now, and how far versions lay apart.

Each picture stands alone (SVG in the page, no script) and has its words for who cannot see it; the
numbers stand in a table beside it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from html import escape
from typing import Any

from anping.core.text import Language, Text
from anping.know.drift import ColumnDrift

_WIDE, _HIGH, _LOW = 260, 92, 36
_MOST_BARS = 24
_SAID = Text(
    "{column}：長條為這一版各組的比率，線為先前各版合計；PSI {psi}。",
    "{column}: bars are this version's share of each group, the line that of the versions before; PSI {psi}.",
)
_SERIES = Text(
    "{column}：各版的 PSI，最後一點是這一版{limit}。",
    "{column}: PSI of each version, the last point is this one{limit}.",
)
_LIMIT = Text("，虛線為往常的上限 {limit}", ", the dashed line what is usual at most, {limit}")
_HIDDEN = Text("值 {place}", "value {place}")
_OTHERS = Text("其他", "others")
_BEFORE = Text("最新日期前 {days} 天", "{days} days before the newest")
_UP_TO, _ABOVE = Text("≤ {end}", "≤ {end}"), Text("> {end}", "> {end}")


def figure(value: float) -> str:
    """Return a distance as people read it."""
    return "< 0.0001" if 0 < value < 1e-4 else f"{value:.4f}" if value < 1 else f"{value:.2f}"


def day(number: float) -> str:
    """Return the date of a day since 1970; one that the calendar has not, as its number."""
    try:
        return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=number)).date().isoformat()
    except OverflowError:
        return f"{number:g}"


def group_names(found: ColumnDrift, language: Language) -> list[str]:
    """Return what each group is called; hidden labels by their place."""
    if found.labels or found.form in {"values", "hidden", "shapes"}:
        named = [
            _HIDDEN.fill(place=place).to(language) if found.form == "hidden" else label
            for place, label in enumerate(found.labels, start=1)
        ]
        return [*named, _OTHERS.to(language)]
    ends = [_end(found, edge, language) for edge in found.edges]
    if not ends:
        return [_OTHERS.to(language)]
    return [
        *(_UP_TO.fill(end=end).to(language) for end in ends),
        _ABOVE.fill(end=ends[-1]).to(language),
    ]


def _end(found: ColumnDrift, edge: float, language: Language) -> str:
    if found.form == "days":
        return day(edge)
    if found.form == "ages":
        return _BEFORE.fill(days=f"{edge:g}").to(language)
    return f"{edge:,.10g}"


def bars(found: ColumnDrift, language: Language) -> str:
    """Return the picture of the groups: bars now, a line before."""
    now, before = _shares(found.now), _shares(found.before)
    if len(now) > _MOST_BARS:
        now, before = ([*s[: _MOST_BARS - 1], sum(s[_MOST_BARS - 1 :])] for s in (now, before))
    top, step = max(*now, *before, 1e-9), _WIDE / len(now)
    marks = []
    line = ""
    for place, (share, earlier) in enumerate(zip(now, before, strict=True)):
        left, high = place * step, share / top * (_HIGH - 4)
        marks.append(
            f'<rect class="now" x="{left + 1:.1f}" y="{_HIGH - high:.1f}" '
            f'width="{max(step - 2, 1):.1f}" height="{high:.1f}"/>'
        )
        level = _HIGH - earlier / top * (_HIGH - 4)
        line += f"{'L' if line else 'M'}{left:.1f} {level:.1f}H{left + step:.1f}"
    said = _SAID.fill(column=found.column, psi=figure(found.distances.stability)).to(language)
    return _picture(_HIGH, said, [*marks, f'<path class="before" d="{line}"/>'])


def points(found: ColumnDrift, language: Language) -> str:
    """Return the picture of the versions' own distances, or nothing below two earlier versions."""
    if not found.series:
        return ""
    values = [value for _, value in found.series] + [found.distances.stability]
    known = [*values, *([found.limit] if found.limit is not None else [])]
    top = max(*known, 1e-9) * 1.1
    step = _WIDE / max(len(values), 2)

    def place(index: int, value: float) -> tuple[float, float]:
        return step * (index + 0.5), _LOW - value / top * (_LOW - 6) - 3

    spots = [place(index, value) for index, value in enumerate(values)]
    path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in spots)
    marks = [f'<path class="before" d="{path}"/>']
    marks += [
        f'<circle class="{"now" if index == len(spots) - 1 else "then"}" cx="{x:.1f}" cy="{y:.1f}" r="3"/>'
        for index, (x, y) in enumerate(spots)
    ]
    limit = ""
    if found.limit is not None:
        _, y = place(0, found.limit)
        marks.append(f'<path class="limit" d="M0 {y:.1f}H{_WIDE}"/>')
        limit = _LIMIT.fill(limit=figure(found.limit)).to(language)
    return _picture(_LOW, _SERIES.fill(column=found.column, limit=limit).to(language), marks)


def _shares(counts: Any) -> list[float]:
    total = sum(counts) or 1
    return [count / total for count in counts]


def _picture(high: int, said: str, marks: list[str]) -> str:
    words = escape("".join(c for c in said if c >= " "), quote=True)
    return (
        f'<svg role="img" viewBox="0 0 {_WIDE} {high}" xmlns="http://www.w3.org/2000/svg">'
        f"<title>{words}</title>{''.join(marks)}</svg>"
    )
