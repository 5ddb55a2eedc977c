"""A chart is a value: categories, series, reference lines and words in both languages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from anping.core.measure import Interval
from anping.core.text import Text

Kind = Literal["bar", "histogram", "line"]
Form = Literal["percent", "number"]


@dataclass(frozen=True, slots=True)
class Axis:
    """What an axis shows and how its numbers are written."""

    title: Text
    form: Form = "number"


@dataclass(frozen=True, slots=True)
class Series:
    """One value for each category (None where there is none), with intervals where known."""

    name: Text
    values: tuple[float | None, ...]
    intervals: tuple[Interval | None, ...] = ()

    def interval(self, index: int) -> Interval | None:
        """Return the interval of one category, or None."""
        return self.intervals[index] if index < len(self.intervals) else None


@dataclass(frozen=True, slots=True)
class ReferenceLine:
    """A value to compare with, such as a threshold, and what it is."""

    value: float
    label: Text


@dataclass(frozen=True, slots=True)
class Chart:
    """One picture.

    ``bar`` draws horizontal bars (several series side by side), ``histogram`` upright ones over
    ordered bins, ``line`` a line through ordered points. ``description`` says in a sentence what a
    person who cannot see the picture should know.
    """

    id: str
    kind: Kind
    title: Text
    description: Text
    category: Axis
    value: Axis
    categories: tuple[Text, ...]
    series: tuple[Series, ...]
    references: tuple[ReferenceLine, ...] = ()
    #: Fixed ends of the value axis; None fits the data from zero.
    domain: tuple[float, float] | None = None
    #: What stands under the picture for those who see it, such as ``n = 600``.
    note: Text | None = None

    def __post_init__(self) -> None:
        if not self.categories or not self.series:
            raise ValueError("a chart needs categories and series")
        if any(len(one.values) != len(self.categories) for one in self.series):
            raise ValueError("a series needs one value for each category")

    def extent(self) -> tuple[float, float]:
        """Return the lowest and highest value to draw: values, interval ends and references."""
        if self.domain is not None:
            return self.domain
        seen = [0.0] + [line.value for line in self.references]
        for one in self.series:
            seen += [value for value in one.values if value is not None]
            for interval in one.intervals:
                seen += [] if interval is None else [interval.low, interval.high]
        return min(seen), max(seen)


def same(word: str) -> Text:
    """Return a word that is the same in both languages, such as a column's name."""
    return Text(word, word)
