"""A section of the report on a model: what was examined, its numbers, tables, pictures and decisions.

Every examination of a model gives one; the page and the JSON draw all of them alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from anping.core.measure import Measure
from anping.core.text import Text

Outcome = Literal["pass", "fail", "undecided"]
#: Rows of a table that is shown at once.
_LONG = 14
Tone = Literal["main", "second", "reference"]


@dataclass(frozen=True, slots=True)
class GridRow:
    """A line of a table; a cell that is None was suppressed, an empty Text does not apply."""

    label: Text
    cells: tuple[Measure | Text | None, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: ``head`` names the first column and one for each cell of a row."""

    title: Text
    head: tuple[Text, ...]
    rows: tuple[GridRow, ...]
    note: Text | None = None

    def __post_init__(self) -> None:
        if any(len(row.cells) + 1 != len(self.head) for row in self.rows):
            raise ValueError("a row needs a cell for each column of the head")

    @property
    def long(self) -> bool:
        """Whether it is better folded on a page."""
        return len(self.rows) > _LONG

    def as_json(self) -> dict[str, Any]:
        """Return plain values; a measure stands as its key, which the section's measures have."""
        return {
            "title": self.title.as_json(),
            "head": [one.as_json() for one in self.head],
            "rows": [
                {"label": row.label.as_json(), "cells": [_cell(cell) for cell in row.cells]}
                for row in self.rows
            ],
            "note": None if self.note is None else self.note.as_json(),
        }


def _cell(cell: Measure | Text | None) -> Any:
    if cell is None:
        return {"suppressed": True}
    return {"measure": cell.key} if isinstance(cell, Measure) else cell.as_json()


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a plot through (x, y) points, with a band ``low`` to ``high`` where given."""

    name: Text
    points: tuple[tuple[float, float], ...]
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()
    tone: Tone = "main"


@dataclass(frozen=True, slots=True)
class Mark:
    """A value to compare with, and what it is."""

    value: float
    label: Text


@dataclass(frozen=True, slots=True)
class Plot:
    """Lines over two axes of numbers; ``said`` tells who cannot see it what it shows.

    Ranges None fit the points. ``marks`` stand at values of x; ``ticks`` name values of x where the
    numbers themselves say nothing, such as days.
    """

    title: Text
    said: Text
    x: Text
    y: Text
    lines: tuple[Line, ...]
    x_range: tuple[float, float] | None = None
    y_range: tuple[float, float] | None = None
    marks: tuple[Mark, ...] = ()
    ticks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class Spot:
    """One value with its interval, on a line of its own."""

    label: Text
    value: float
    low: float | None = None
    high: float | None = None
    tone: Tone = "main"


@dataclass(frozen=True, slots=True)
class Spots:
    """Values under one another over one axis, with ``marks`` to compare with."""

    title: Text
    said: Text
    x: Text
    spots: tuple[Spot, ...]
    marks: tuple[Mark, ...] = ()
    x_range: tuple[float, float] | None = None


Picture = Plot | Spots


@dataclass(frozen=True, slots=True)
class Decision:
    """What a decision rule said of a measure: pass, fail, or undecided within the guard band.

    ``rule`` tells the limit and where it comes from, ``why`` how the measure stands to it.
    """

    key: str
    outcome: Outcome
    measure: Measure
    limit: float
    rule: Text
    why: Text

    @property
    def about(self) -> str:
        """The columns that it is about; empty where the title of the measure says all."""
        return "" if self.key == "membership" else self.measure.subject

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "key": self.key,
            "outcome": self.outcome,
            "measure": self.measure.key,
            "limit": self.limit,
            "rule": self.rule.as_json(),
            "why": self.why.as_json(),
        }


@dataclass(frozen=True, slots=True)
class Section:
    """One examination of a model.

    ``key`` is its anchor (``calibration``). ``measures`` are all its numbers; those that stand in a
    grid are not listed a second time on the page. ``details`` are the keys of those that stand in the
    report alone, not in the evidence. ``limits`` say what it does not show.
    """

    key: str
    title: Text
    lead: Text
    measures: tuple[Measure, ...] = ()
    grids: tuple[Grid, ...] = ()
    pictures: tuple[Picture, ...] = ()
    decisions: tuple[Decision, ...] = ()
    notes: tuple[Text, ...] = ()
    limits: tuple[Text, ...] = ()
    details: frozenset[str] = frozenset()

    @property
    def told(self) -> tuple[Measure, ...]:
        """The measures that enter the evidence."""
        return tuple(measure for measure in self.measures if measure.key not in self.details)

    @property
    def listed(self) -> tuple[Measure, ...]:
        """The measures that stand in no grid."""
        placed = {
            cell.key
            for grid in self.grids
            for row in grid.rows
            for cell in row.cells
            if isinstance(cell, Measure)
        }
        return tuple(measure for measure in self.measures if measure.key not in placed)

    def as_json(self) -> dict[str, Any]:
        """Return plain values, all but the pictures, which show the same numbers."""
        return {
            "key": self.key,
            "title": self.title.as_json(),
            "lead": self.lead.as_json(),
            "measures": [measure.as_json() for measure in self.measures],
            "tables": [grid.as_json() for grid in self.grids],
            "decisions": [decision.as_json() for decision in self.decisions],
            "notes": [note.as_json() for note in self.notes],
            "limits": [limit.as_json() for limit in self.limits],
        }
