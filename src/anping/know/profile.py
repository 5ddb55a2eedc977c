"""A profile says how a column is distributed without showing a person.

A value that fewer than ``small_count`` rows hold is never listed, ranges are quantiles rather than
extremes, and a column that identifies people directly shows only the shapes of its values.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from anping.core.columns import ColumnFinding, Role
from anping.core.errors import ParameterError
from anping.core.progress import Progress, silent
from anping.core.text import Text
from anping.engine.table import Table
from anping.know.discover.column_values import ColumnValues, column_values
from anping.know.discover.columns import find_column

TOP_VALUES = 20
_BINS = 20
_PROFILING = Text("描述分布", "Describing distributions")
#: Roles whose values may be listed, when common enough.
_LISTABLE = frozenset({Role.NONE, Role.QUASI_IDENTIFIER, Role.SENSITIVE, Role.SPECIAL_CATEGORY})


@dataclass(frozen=True, slots=True)
class Numeric:
    """A numeric column in robust figures: mean, spread, and quantiles 5, 25, 50, 75 and 95 %."""

    mean: float
    standard_deviation: float
    quantiles: tuple[float, float, float, float, float]


@dataclass(frozen=True, slots=True)
class Histogram:
    """Counts between ``edges``; the first and last bin also hold what lies beyond the edges.

    A bin that fewer than ``small_count`` rows fall in has the count None.
    """

    edges: tuple[float, ...]
    counts: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """One column: rows, nulls, distinct values, and its distribution.

    ``top`` lists (value, rows) with at least ``small_count`` rows each; ``others`` counts the rows
    of all other values. ``shapes`` lists (shape, rows), where 9 stands for a digit, A for an ASCII
    letter and 字 for a Chinese one.
    """

    column: str
    kind: str
    n: int
    nulls: int
    distinct: int
    numeric: Numeric | None = None
    histogram: Histogram | None = None
    top: tuple[tuple[str, int], ...] = ()
    others: int = 0
    shapes: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Profile:
    """The profile of a table; counts below ``small_count`` are not in it."""

    rows: int
    small_count: int
    columns: tuple[ColumnProfile, ...]

    def column(self, name: str) -> ColumnProfile | None:
        """Return one column's profile, or None."""
        return next((column for column in self.columns if column.column == name), None)

    def without_values(self, name: str) -> Profile:
        """Return the profile with one column's values and figures taken out, its counts kept."""
        columns = tuple(
            replace(column, numeric=None, histogram=None, top=(), others=0)
            if column.column == name
            else column
            for column in self.columns
        )
        return replace(self, columns=columns)

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "rows": self.rows,
            "smallCount": self.small_count,
            "columns": [asdict(column) for column in self.columns],
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Profile:
        """Read a profile from the plain values of :meth:`as_json`."""
        return cls(
            rows=value["rows"],
            small_count=value["smallCount"],
            columns=tuple(_column_from_json(column) for column in value["columns"]),
        )


def profile(
    table: Table,
    *,
    findings: Sequence[ColumnFinding] = (),
    small_count: int = 5,
    progress: Progress = silent,
) -> Profile:
    """Return the profile of every column over all rows.

    ``findings`` say which columns identify people; a column without one is examined first. Raises
    ParameterError when ``small_count`` is below 1.
    """
    if small_count < 1:
        raise ParameterError(
            "profile.small-count",
            Text("small_count 必須至少為 1。", "small_count must be at least 1."),
            hint=Text("建議值為 5。", "5 is a good value."),
        )
    known = {finding.column: finding for finding in findings}
    columns = []
    for done, name in enumerate(table.columns):
        progress(_PROFILING, done, len(table.columns))
        values = column_values(name, table.column(name), sample=None)
        role = known[name].role if name in known else find_column(values).role
        columns.append(_column(values, role, small_count))
    progress(_PROFILING, len(table.columns), len(table.columns))
    return Profile(table.rows, small_count, tuple(columns))


def _column(values: ColumnValues, role: Role, small: int) -> ColumnProfile:
    listable = role in _LISTABLE
    numbers = values.numbers if listable and values.kind != "boolean" else None
    describe = numbers is not None and len(numbers) >= 4 * small
    top = _common(values.counts, small) if listable else ()
    return ColumnProfile(
        column=values.name,
        kind=values.kind,
        n=values.n,
        nulls=values.rows - values.filled,
        distinct=values.distinct,
        numeric=_numeric(numbers) if numbers is not None and describe else None,
        histogram=_histogram(numbers, small) if numbers is not None and describe else None,
        top=top,
        others=values.n - sum(count for _, count in top) if listable else 0,
        shapes=() if listable else _common(_shapes(values), small),
    )


def shape(text: str) -> str:
    """Return the shape of a value: runs of 9 (digit), A (ASCII letter), 字 (other letter) kept.

    A shape keeps its length up to 24 characters and every ASCII mark; nothing else of the value.
    """
    return "".join(map(_shape_of, text[:24])) + ("…" if len(text) > 24 else "")


def _shapes(values: ColumnValues) -> Counter[str]:
    counted: Counter[str] = Counter()
    for text, count in values.counts.items():
        counted[shape(text)] += count
    return counted


def _shape_of(character: str) -> str:
    if character.isdigit():
        return "9"
    if character.isalpha():
        return "A" if character.isascii() else "字"
    return character if character.isascii() else "·"


def _common(counts: Counter[str], small: int) -> tuple[tuple[str, int], ...]:
    enough = [(text, count) for text, count in counts.items() if count >= small]
    return tuple(sorted(enough, key=lambda pair: (-pair[1], pair[0]))[:TOP_VALUES])


def _numeric(numbers: np.ndarray[Any, np.dtype[np.float64]]) -> Numeric:
    low, quarter, middle, upper, high = (
        float(part) for part in np.quantile(numbers, [0.05, 0.25, 0.5, 0.75, 0.95])
    )
    return Numeric(
        mean=float(np.mean(numbers)),
        standard_deviation=float(np.std(numbers)),
        quantiles=(low, quarter, middle, upper, high),
    )


def _histogram(numbers: np.ndarray[Any, np.dtype[np.float64]], small: int) -> Histogram | None:
    """Return counts between the 5 % and 95 % quantiles, tails folded into the outer bins."""
    low, high = (float(part) for part in np.quantile(numbers, [0.05, 0.95]))
    if low == high:
        return None
    edges = np.linspace(low, high, min(_BINS, max(2, len(numbers) // (2 * small))) + 1)
    counts, _ = np.histogram(np.clip(numbers, low, high), edges)
    return Histogram(
        tuple(float(edge) for edge in edges),
        tuple(int(count) if count == 0 or count >= small else None for count in counts),
    )


def _column_from_json(value: Mapping[str, Any]) -> ColumnProfile:
    numeric, histogram = value["numeric"], value["histogram"]
    return ColumnProfile(
        column=value["column"],
        kind=value["kind"],
        n=value["n"],
        nulls=value["nulls"],
        distinct=value["distinct"],
        numeric=None if numeric is None else _numeric_from_json(numeric),
        histogram=None
        if histogram is None
        else Histogram(tuple(histogram["edges"]), tuple(histogram["counts"])),
        top=tuple((text, count) for text, count in value["top"]),
        others=value["others"],
        shapes=tuple((text, count) for text, count in value["shapes"]),
    )


def _numeric_from_json(value: Mapping[str, Any]) -> Numeric:
    low, quarter, middle, upper, high = value["quantiles"]
    return Numeric(value["mean"], value["standard_deviation"], (low, quarter, middle, upper, high))
