"""A profile says how a column is distributed without showing a person.

A value that fewer than ``small_count`` rows hold is never listed, ranges are quantiles rather than
extremes, and a column that identifies people directly shows only the shapes of its values.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from anping.core.columns import ColumnFinding, Role
from anping.core.errors import ParameterError
from anping.core.progress import Progress, silent
from anping.core.text import Text
from anping.engine.aggregate import frequencies, histogram, numeric_summary, top_values
from anping.engine.stream import at_once, mapped
from anping.engine.table import Table
from anping.know.discover.column_values import (
    ColumnValues,
    as_numbers,
    counted_values,
)
from anping.know.discover.columns import find_column
from anping.know.discover.table_values import table_values
from anping.know.discover.tally import TALLY, tallied
from anping.know.discover.written import NULL_WORDS
from anping.know.distribution import (
    PROBABILITIES,
    Histogram,
    Numeric,
    bin_count,
    histogram_of,
    numeric_of,
    without_small,
)
from anping.know.shapes import Shapes, shape_counts

TOP_VALUES = 20
#: Up to so many different numbers of a column are counted one by one.
_COUNTED_NUMBERS = 2_000_000
_PROFILING = Text("描述分布", "Describing distributions")
#: Roles whose values may be listed, when common enough.
_LISTABLE = frozenset({Role.NONE, Role.QUASI_IDENTIFIER, Role.SENSITIVE, Role.SPECIAL_CATEGORY})


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
    values: Sequence[ColumnValues] | None = None,
) -> Profile:
    """Return the profile of every column over all rows.

    ``findings`` say which columns identify people; a column without one is examined first.
    ``values`` are those of :func:`~anping.know.discover.table_values.table_values`, where the
    caller has them already. Raises ParameterError when ``small_count`` is below 1.
    """
    if small_count < 1:
        raise ParameterError(
            "profile.small-count",
            Text("small_count 必須至少為 1。", "small_count must be at least 1."),
            hint=Text("建議值為 5。", "5 is a good value."),
        )
    known = {finding.column: finding for finding in findings}
    if values is None:
        values = table_values(table)
    roles = {
        column.name: known[column.name].role if column.name in known else find_column(column).role
        for column in values
    }
    shaped = _shapes(table, [column for column in values if roles[column.name] not in _LISTABLE])

    def described(column: ColumnValues) -> ColumnProfile:
        plain = _plain(column)
        if column.name in shaped:
            return replace(plain, shapes=_common(shaped[column.name], small_count))
        if column.every is not None:
            return _listed(plain, column.every, small_count)
        return _aggregated(table, plain, column, small_count)

    columns: list[ColumnProfile] = []
    for column in at_once(table, described, values):
        progress(_PROFILING, len(columns), len(values))
        columns.append(column)
    progress(_PROFILING, len(values), len(values))
    return Profile(table.rows, small_count, tuple(columns))


def _plain(values: ColumnValues) -> ColumnProfile:
    return ColumnProfile(
        column=values.name,
        kind=values.kind,
        n=values.filled,
        nulls=values.rows - values.filled,
        distinct=values.distinct,
    )


def _shapes(table: Table, values: Sequence[ColumnValues]) -> dict[str, Counter[str]]:
    """Return the shapes of columns whose values may not be shown, counted over all rows."""
    many = tuple(column.name for column in values if column.every is None)
    found = {c.name: shape_counts(c.every) for c in values if c.every is not None}
    if many:
        passed = tallied(mapped(table, Shapes(many), columns=many, schema=TALLY))
        found |= {name: passed.get(place, Counter()) for place, name in enumerate(many)}
    return found


def _listed(plain: ColumnProfile, every: Counter[str], small: int) -> ColumnProfile:
    """Describe a column whose every value is counted."""
    top = _common(every, small)
    described = replace(plain, top=top, others=plain.n - sum(count for _, count in top))
    weighed = as_numbers(every) if plain.kind in {"number", "text"} else None
    if weighed is None or weighed[1].sum() < 4 * small:
        return described
    numeric = numeric_of(*weighed)
    return replace(described, numeric=numeric, histogram=histogram_of(numeric, weighed, small))


def _aggregated(
    table: Table, plain: ColumnProfile, values: ColumnValues, small: int
) -> ColumnProfile:
    """Describe a column whose values are too many to list: the engine counts, out of core."""
    if plain.kind == "number" and plain.distinct <= _COUNTED_NUMBERS:
        return _counted(table, plain, small)
    found = top_values(table, plain.column, TOP_VALUES + len(NULL_WORDS))
    common = counted_values(
        pa.array([each.value for each in found]),
        [each.count for each in found],
    )
    top = _common(common, small)
    described = replace(plain, top=top, others=plain.n - sum(count for _, count in top))
    if plain.kind == "number":
        return _measured(table, described, small)
    numbers = as_numbers(values.counts) if plain.kind == "text" else None
    if numbers is None:
        return described
    # Numbers written as text: their distribution is that of the sample, and says so.
    numeric = numeric_of(*numbers)
    return replace(described, numeric=numeric, histogram=histogram_of(numeric, numbers, small))


def _counted(table: Table, plain: ColumnProfile, small: int) -> ColumnProfile:
    """Describe a column of numbers whose different values fit in memory: they are counted once."""
    found = frequencies(table, [plain.column], count=f"{plain.column} rows")
    counts = found.column(1)
    enough = found.filter(pc.greater_equal(counts, max(small, _listed_from(counts))))
    common = counted_values(enough.column(0), enough.column(1).to_pylist())
    top = _common(common, small)
    described = replace(plain, top=top, others=plain.n - sum(count for _, count in top))
    numbers = pc.fill_null(found.column(0).cast(pa.float64()), math.nan).to_numpy()
    finite = np.isfinite(numbers)
    weighed = numbers[finite], counts.to_numpy()[finite]
    if weighed[1].sum() < max(4 * small, 0.98 * described.n):
        return described
    numeric = numeric_of(*weighed)
    return replace(described, numeric=numeric, histogram=histogram_of(numeric, weighed, small))


def _listed_from(counts: pa.ChunkedArray) -> int:
    """Return how often a value occurs at least that can be listed: missing ones and NaN are not."""
    most = TOP_VALUES + 2
    given = counts.to_numpy()
    return 0 if given.size <= most else int(np.partition(given, -most)[-most])


def _measured(table: Table, described: ColumnProfile, small: int) -> ColumnProfile:
    summary = numeric_summary(table, described.column, quantiles=PROBABILITIES)
    if summary.n < max(4 * small, 0.98 * described.n) or summary.mean is None:
        return described
    low, quarter, middle, upper, high = (cut for _, cut in summary.quantiles)
    deviation = (summary.standard_deviation or 0.0) * math.sqrt((summary.n - 1) / summary.n)
    quantiles = (low, quarter, middle, upper, high)
    numeric = Numeric(summary.mean, deviation, quantiles, summary.n)
    if low == high:
        return replace(described, numeric=numeric)
    drawn = histogram(table, described.column, bin_count(summary.n, small), between=(low, high))
    return replace(
        described,
        numeric=numeric,
        histogram=Histogram(drawn.edges, without_small(drawn.counts, small)),
    )


def _common(counts: Counter[str], small: int) -> tuple[tuple[str, int], ...]:
    enough = [(text, count) for text, count in counts.items() if count >= small]
    return tuple(sorted(enough, key=lambda pair: (-pair[1], pair[0]))[:TOP_VALUES])


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
    quantiles = (low, quarter, middle, upper, high)
    return Numeric(value["mean"], value["standard_deviation"], quantiles, value.get("n", 0))
