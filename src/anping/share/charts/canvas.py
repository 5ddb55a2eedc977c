"""What bars and columns are drawn on: marks gathered in order, with the words escaped."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape as escape_html
from itertools import pairwise
from typing import Generic, Literal, Protocol, TypeVar

from anping.core.text import Language, Text
from anping.share.charts.chart import ReferenceLine
from anping.share.charts.scale import text_width

WIDTH = 480
MARGIN = 2
TEXT = 13.0
SMALL = 12.0

Anchor = Literal["start", "middle", "end"]


class Named(Protocol):
    """A series of any kind of picture."""

    @property
    def name(self) -> Text:
        """What the series is called."""


class Picture(Protocol):
    """What every kind of picture has: a title, series and lines to compare with."""

    @property
    def title(self) -> Text:
        """The title."""

    @property
    def series(self) -> Sequence[Named]:
        """The series, in their order."""

    @property
    def references(self) -> Sequence[ReferenceLine]:
        """The lines to compare with."""


PictureT = TypeVar("PictureT", bound=Picture)


class Canvas(Generic[PictureT]):
    """Marks of one picture in one language; the drawing room grows downwards."""

    def __init__(self, chart: PictureT, language: Language) -> None:
        self.chart = chart
        self.language = language
        self.width = WIDTH
        self.parts: list[str] = []
        #: Words are drawn after all marks, so that no line crosses them.
        self.words: list[str] = []
        self.top = 0.0

    def say(self, text: Text) -> str:
        """Return a text in the chart's language."""
        return text.to(self.language)

    @staticmethod
    def escape(text: str) -> str:
        """Return a text that is safe in XML; control characters, which XML forbids, are dropped."""
        kept = "".join(c for c in text if c >= " " and c not in "\ufffe\uffff")
        return escape_html(kept, quote=True)

    def text(self, place: tuple[float, float], words: str, style: str, anchor: Anchor) -> None:
        """Write words at a place."""
        x, y = place
        kind = f' class="{style}"' if style else ""
        self.words.append(
            f'<text x="{x:.1f}" y="{y:.1f}"{kind} text-anchor="{anchor}">{self.escape(words)}</text>'
        )

    def line(self, start: tuple[float, float], end: tuple[float, float], style: str) -> None:
        """Draw a line."""
        self.parts.append(
            f'<line x1="{start[0]:.1f}" y1="{start[1]:.1f}" '
            f'x2="{end[0]:.1f}" y2="{end[1]:.1f}" class="{style}"/>'
        )

    def box(self, place: tuple[float, float], size: tuple[float, float], style: str) -> None:
        """Draw a filled box with slightly round corners."""
        self.parts.append(
            f'<rect x="{place[0]:.1f}" y="{place[1]:.1f}" width="{max(size[0], 0):.1f}" '
            f'height="{max(size[1], 0):.1f}" rx="2" class="{style}"/>'
        )

    def series_style(self, index: int, *, letter: str = "s") -> str:
        """Return the class of a series: one series alone takes the main colour."""
        if len(self.chart.series) == 1:
            return "only" if letter == "s" else "lonly"
        return f"{letter}{index % 3}"

    def mark(self, drawing: str) -> None:
        """Draw a mark that is given as well-formed XML."""
        self.parts.append(drawing)

    def heading(self) -> None:
        """Write the title."""
        self.text((MARGIN, 22), self.say(self.chart.title), "heading", "start")
        self.top = 36.0

    def legend(self) -> None:
        """Write the legend where there are several series."""
        if len(self.chart.series) == 1:
            return
        x = float(MARGIN)
        for index, one in enumerate(self.chart.series):
            name = self.say(one.name)
            self.box((x, self.top), (11, 11), self.series_style(index))
            self.text((x + 17, self.top + 10), name, "soft", "start")
            x += 17 + text_width(name, SMALL) + 18
        self.top += 24

    def references_above(self, positions: list[float], room: tuple[float, float]) -> None:
        """Write the reference labels over their lines, on rows where they do not overlap."""
        ends: list[float] = []
        places: list[tuple[float, int, str]] = []
        for line, x in zip(self.chart.references, positions, strict=True):
            words = self.say(line.label)
            half = text_width(words, SMALL) / 2
            centre = min(max(x, room[0] + half), room[1] - half)
            row = next((r for r, end in enumerate(ends) if centre - half > end + 8), len(ends))
            ends[row : row + 1] = [centre + half]
            places.append((centre, row, words))
        for centre, row, words in places:
            self.text((centre, self.top + 11 + 15 * row), words, "marked", "middle")
        self.top += 15 * len(ends) + (6 if ends else 0)

    def path(self, points: list[tuple[float, float] | None], style: str) -> None:
        """Draw line pieces through the points that exist, with a dot at each."""
        for one, other in pairwise(points):
            if one is not None and other is not None:
                self.line(one, other, f"path {style}")
        for point in points:
            if point is not None:
                self.parts.append(
                    f'<circle cx="{point[0]:.1f}" cy="{point[1]:.1f}" r="3" class="{style}"/>'
                )
