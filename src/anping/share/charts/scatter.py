"""Points between two axes: what was tried, which nothing beats, and the line through those."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from math import floor, log10
from operator import itemgetter

from anping.core.measure import Interval
from anping.core.text import Text
from anping.share.charts.canvas import MARGIN, SMALL, WIDTH, Anchor, Canvas
from anping.share.charts.chart import Axis, Form, ReferenceLine
from anping.share.charts.scale import LogScale, Scale, linear, logarithmic, text_width, written

_HEIGHT = 290.0
_SIZE = 5.0
_STYLES = 4
#: Below this no power of ten is drawn.
_TINY = 1e-9
_MOST_COVERED = 1


Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Dot:
    """One point: its place, its name, whether nothing beats it, and its intervals where known."""

    x: float
    y: float
    label: str
    best: bool = False
    x_interval: Interval | None = None
    y_interval: Interval | None = None


@dataclass(frozen=True, slots=True)
class Cloud:
    """Points of one kind, drawn with one colour and shape."""

    name: Text
    dots: tuple[Dot, ...]


@dataclass(frozen=True, slots=True)
class Scatter:
    """One picture of points; the best ones are filled, named and joined.

    ``references`` are lines on the y axis. ``steep`` draws the y axis in powers of ten, if all values
    are above 0. ``description`` says what a person who cannot see the picture should know.
    """

    id: str
    title: Text
    description: Text
    x: Axis
    y: Axis
    series: tuple[Cloud, ...]
    references: tuple[ReferenceLine, ...] = ()
    steep: bool = False
    note: Text | None = None

    def __post_init__(self) -> None:
        if not any(cloud.dots for cloud in self.series):
            raise ValueError("a scatter needs a point")

    @property
    def dots(self) -> tuple[Dot, ...]:
        """All points."""
        return tuple(dot for cloud in self.series for dot in cloud.dots)


@dataclass(frozen=True, slots=True)
class _Room:
    """The scales, and the ends of the drawing."""

    x: Scale
    y: Scale | LogScale
    left: float
    right: float
    top: float
    bottom: float

    def __call__(self, dot: Dot) -> tuple[float, float]:
        return self.x(dot.x), self.y(dot.y)


def draw_scatter(canvas: Canvas[Scatter]) -> float:
    """Draw the picture and return its height in pixels."""
    canvas.heading()
    _legend(canvas)
    room = _room(canvas)
    _axes(canvas, room)
    best = sorted((dot for dot in canvas.chart.dots if dot.best), key=lambda dot: (dot.x, -dot.y))
    _staircase(canvas, [room(dot) for dot in best])
    for index, cloud in enumerate(canvas.chart.series):
        for dot in sorted(cloud.dots, key=lambda dot: dot.best):
            _dot(canvas, room, dot, index)
    _labels(canvas, room, best)
    canvas.text(
        ((room.left + room.right) / 2, room.bottom + 38), canvas.say(canvas.chart.x.title),
        "soft", "middle",
    )  # fmt: skip
    return room.bottom + 50


def _legend(canvas: Canvas[Scatter]) -> None:
    x = float(MARGIN) + 6
    for index, cloud in enumerate(canvas.chart.series):
        name = canvas.say(cloud.name)
        wide = 12 + text_width(name, SMALL) + 16
        if x + wide > WIDTH and x > MARGIN + 6:
            x, canvas.top = float(MARGIN) + 6, canvas.top + 18
        _shape(canvas, (x, canvas.top + 6), f"s{index % _STYLES}", index)
        canvas.text((x + 11, canvas.top + 10), name, "soft", "start")
        x += wide
    canvas.top += 24


def _room(canvas: Canvas[Scatter]) -> _Room:
    chart = canvas.chart
    spreads = [dot.y_interval for dot in chart.dots if dot.best and dot.y_interval is not None]
    ys = [dot.y for dot in chart.dots] + [line.value for line in chart.references]
    ys += [end for spread in spreads for end in (spread.low, spread.high)]
    steep = chart.steep and min(ys) > _TINY
    extent = (min(ys), max(ys)) if steep else (min(0.0, *ys), max(ys))
    probe = (logarithmic if steep else linear)(extent, 1, 0)
    widest = max(text_width(_tick(tick, chart.y.form), SMALL) for tick in probe.ticks)
    left, right = MARGIN + widest + 12, float(WIDTH - MARGIN - 14)
    canvas.text((MARGIN, canvas.top + 11), canvas.say(chart.y.title), "soft", "start")
    top = canvas.top + 26
    bottom = top + _HEIGHT
    across = [dot.x_interval for dot in chart.dots if dot.best and dot.x_interval is not None]
    xs = [dot.x for dot in chart.dots] + [end for each in across for end in (each.low, each.high)]
    wide = linear((min(0.0, *xs), max(xs)), left, right)
    high = (logarithmic if steep else linear)(extent, bottom, top)
    return _Room(wide, high, left, right, top, bottom)


def _axes(canvas: Canvas[Scatter], room: _Room) -> None:
    chart = canvas.chart
    for place, tick in enumerate(room.y.ticks):
        y = room.y(tick)
        canvas.line((room.left, y), (room.right, y), "axis" if place == 0 else "rule")
        canvas.text((room.left - 8, y + 4), _tick(tick, chart.y.form), "soft", "end")
    for place, tick in enumerate(room.x.ticks):
        x = room.x(tick)
        canvas.line((x, room.top), (x, room.bottom), "axis" if place == 0 else "rule")
        canvas.text((x, room.bottom + 17), written(tick, chart.x.form), "soft", "middle")
    for line in chart.references:
        y = room.y(line.value)
        canvas.line((room.left, y), (room.right, y), "mark")
        canvas.text((room.right, y - 4), canvas.say(line.label), "marked", "end")


def _tick(value: float, form: Form) -> str:
    """Return a tick as it is written: small shares with as many digits as they need."""
    return (
        written(value, form, digits=max(1, -floor(log10(value * 100))))
        if value > 0
        else (written(value, form))
    )


def _staircase(canvas: Canvas[Scatter], places: list[tuple[float, float]]) -> None:
    """Join the best points by steps: between two of them nothing better was found."""
    if len(places) < 2:
        return
    path = [f"M{places[0][0]:.1f} {places[0][1]:.1f}"]
    path += [f"H{after[0]:.1f}V{after[1]:.1f}" for _, after in pairwise(places)]
    canvas.mark(f'<path d="{"".join(path)}" class="front"/>')


def _dot(canvas: Canvas[Scatter], room: _Room, dot: Dot, index: int) -> None:
    x, y = room(dot)
    if dot.best and dot.x_interval is not None:
        low, high = room.x(dot.x_interval.low), room.x(dot.x_interval.high)
        canvas.line((low, y), (high, y), "whisker")
    if dot.best and dot.y_interval is not None:
        low, high = room.y(dot.y_interval.low), room.y(dot.y_interval.high)
        canvas.line((x, low), (x, high), "whisker")
    style = f"s{index % _STYLES}"
    _shape(canvas, (x, y), style if dot.best else f"off {style}", index)


def _shape(canvas: Canvas[Scatter], place: tuple[float, float], style: str, index: int) -> None:
    """Draw a circle, square, triangle or diamond: kinds differ without colour too."""
    (x, y), r = place, _SIZE
    shapes: tuple[Callable[[], str], ...] = (
        lambda: f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r}"',
        lambda: f'<rect x="{x - 4.5:.1f}" y="{y - 4.5:.1f}" width="9" height="9"',
        lambda: f'<path d="M{x:.1f} {y - r - 0.5:.1f}l{r + 0.5} {2 * r}h-{2 * r + 1}z"',
        lambda: (
            f'<path d="M{x:.1f} {y - r - 1:.1f}l{r + 1} {r + 1}l-{r + 1} {r + 1}l-{r + 1} -{r + 1}z"'
        ),
    )
    canvas.mark(f'{shapes[index % _STYLES]()} class="{style}"/>')


def _labels(canvas: Canvas[Scatter], room: _Room, best: list[Dot]) -> None:
    """Name the best points where a name has room; the table has every name.

    A name stays clear of other names and of filled marks, and covers one hollow mark at most.
    """
    filled, hollow = (
        [
            _box(*room(dot), 2 * _SIZE + 2, 2 * _SIZE + 2)
            for dot in canvas.chart.dots
            if dot.best == is_best
        ]
        for is_best in (True, False)
    )
    named: list[Box] = []
    for dot in best:
        wide = text_width(dot.label, SMALL)
        free = [
            (sum(_meet(_label_box(place, wide), other) for other in hollow), place)
            for place in _places(*room(dot))
            if _is_free(_label_box(place, wide), room, [*filled, *named])
        ]
        covered, place = min(free, key=itemgetter(0), default=(_MOST_COVERED + 1, None))
        if place is not None and covered <= _MOST_COVERED:
            named.append(_label_box(place, wide))
            canvas.text(place[:2], dot.label, "soft", place[2])


Place = tuple[float, float, Anchor]


def _places(x: float, y: float) -> tuple[Place, ...]:
    """Return where the name of a point may stand, the best place first."""
    return (
        (x + 9, y + 4, "start"), (x + 6, y - 9, "start"), (x + 6, y + 18, "start"),
        (x - 9, y + 4, "end"), (x - 6, y - 9, "end"), (x - 6, y + 18, "end"),
    )  # fmt: skip


def _label_box(place: Place, wide: float) -> Box:
    left, base, anchor = place
    return _box(left + (wide / 2 if anchor == "start" else -wide / 2), base - 4, wide, 12)


def _is_free(box: Box, room: _Room, taken: list[Box]) -> bool:
    across = box[0] >= room.left and box[2] <= WIDTH
    inside = across and box[1] >= room.top - 8 and box[3] <= room.bottom
    return inside and not any(_meet(box, other) for other in taken)


def _box(x: float, y: float, wide: float, high: float) -> Box:
    return x - wide / 2, y - high / 2, x + wide / 2, y + high / 2


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
