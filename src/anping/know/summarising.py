"""A version of a table becomes its summary.

::

    from anping.know.summarising import summarise
    first = summarise(january, findings)
    second = summarise(february, findings, earlier=[first])

Groups are those of the earlier versions where there are any, so that counts stay comparable.
"""

from __future__ import annotations

import hmac
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from anping.core.columns import ColumnFinding, Role
from anping.core.measure import Measure, find
from anping.engine.aggregate import numeric_summary
from anping.engine.stream import mapped
from anping.engine.table import Table
from anping.know.discover.column_values import ColumnValues, Numbers, as_numbers
from anping.know.discover.columns import find_column
from anping.know.discover.table_values import table_values
from anping.know.discover.tally import TALLY, tallied
from anping.know.distribution import Weights, weighted_quantiles
from anping.know.shapes import Shapes, shape_counts
from anping.know.summary import ORDERED, ColumnSummary, Form, Limits, Summary
from anping.know.summary_passes import Days, InBins, Labelled, binned, day_of

#: Ordered groups are this many at most, of about the same number of cells in the first version.
BINS = 20
#: A column with at most so many different values is told by them; whole numbers by fewer.
MOST_LABELS, MOST_CODES = 50, 20
#: So many shapes are told apart.
_MOST_SHAPES = 20
_SHOWN = frozenset({Role.NONE, Role.QUASI_IDENTIFIER})
_HIDDEN = frozenset({Role.SENSITIVE, Role.SPECIAL_CATEGORY})
_DAYS = frozenset({"DATE", "DATE_OF_BIRTH"})
#: A range is told in so many parts of the spread between its ends.
_PARTS = 100
_MONTH, _YEAR = 30.4375, 365.25


@dataclass(frozen=True, slots=True)
class Keeping:
    """How a version is kept: its number, when it arrived, and by which key labels are hidden.

    Without a ``key`` values of sensitive columns are not kept in any form.
    """

    version: int = 1
    arrived: str = ""
    small_count: int = 5
    key: bytes = field(default=b"", repr=False)


AS_FIRST = Keeping()


@dataclass(frozen=True)
class _Column:
    """One column on its way to its summary: what it holds, and how the versions before told it."""

    table: Table
    values: ColumnValues
    finding: ColumnFinding
    keeping: Keeping
    before: tuple[ColumnSummary, ...]

    @property
    def name(self) -> str:
        return self.values.name


def summarise(
    table: Table,
    findings: Sequence[ColumnFinding] = (),
    *,
    keeping: Keeping = AS_FIRST,
    earlier: Sequence[Summary] = (),
    measures: Sequence[Measure] = (),
    values: Sequence[ColumnValues] | None = None,
) -> Summary:
    """Return the summary of a version of a table; every figure counts all its rows.

    ``findings`` say what the columns are; a column without one is examined first. ``earlier`` are
    the summaries of the versions before, whose groups are kept. ``measures`` of quality of this
    version bring the validity of columns. ``values`` are those of
    :func:`~anping.know.discover.table_values.table_values`, where the caller has them already.
    """
    values = table_values(table) if values is None else values
    known = {finding.column: finding for finding in findings}
    columns = []
    for each in values:
        told = [one for one in (s.column(each.name) for s in earlier) if one is not None]
        before = tuple(one for one in told if one.kind == each.kind)
        finding = known.get(each.name) or find_column(each)
        column = _Column(table, each, finding, keeping, before)
        columns.append(_summary(column, find(tuple(measures), "quality.validity", each.name)))
    return Summary(
        keeping.version, keeping.arrived, table.rows, keeping.small_count, tuple(columns)
    )


def _summary(column: _Column, validity: Measure | None) -> ColumnSummary:
    values, finding = column.values, column.finding
    plain = ColumnSummary(
        column=column.name,
        kind=values.kind,
        type=str(column.table.schema.field(column.name).type),
        semantic_type=finding.semantic_type,
        role=finding.role,
        rows=values.rows,
        filled=values.filled,
        distinct=values.distinct,
        valid=None if validity is None else (round(validity.value * validity.n), validity.n),
    )
    form = _form(column)
    if form == "numbers":
        return _of_numbers(plain, column)
    if form in {"days", "ages"}:
        return _of_days(plain, column, form)
    if form in {"values", "hidden"}:
        return _of_labels(plain, column, form)
    return _of_shapes(plain, column) if form == "shapes" else plain


def _form(column: _Column) -> Form:
    """Return how a column is told: as the newest version before, if it is still what it was."""
    role, values = column.finding.role, column.values
    if role is Role.FREE_TEXT or not values.filled:
        return "none"
    if role is Role.DIRECT_IDENTIFIER:
        return "shapes"
    form = _own_form(column)
    kept = column.before[-1].form if column.before else "none"
    # Labels that came to be sensitive are hidden; a text that is a number no longer has no bins.
    if form == "none" or kept in {"none", *ORDERED} or (kept == "values" and role in _HIDDEN):
        return form
    return kept


def _own_form(column: _Column) -> Form:
    values, role = column.values, column.finding.role
    if role not in _SHOWN | _HIDDEN:
        return "none"
    few = values.every is not None and values.distinct <= MOST_LABELS
    labels: Form = "hidden" if role in _HIDDEN else "values"
    if values.kind == "date" or (column.finding.semantic_type in _DAYS and _days(values)):
        return "days" if column.finding.semantic_type == "DATE_OF_BIRTH" else "ages"
    if (
        few
        and (values.kind in {"text", "boolean"} or _is_code(values))
        and not _are_numbers(values)
    ):
        return labels if labels == "values" or column.keeping.key else "none"
    if values.kind == "number" or _are_numbers(values):
        return "numbers"
    return "shapes" if values.kind == "text" else "none"


def _is_code(values: ColumnValues) -> bool:
    return values.kind == "number" and values.distinct <= MOST_CODES and values.whole


def _are_numbers(values: ColumnValues) -> bool:
    """Return whether texts write numbers, more than codes do."""
    if values.kind != "text" or values.every is None or values.distinct <= MOST_CODES:
        return False
    return as_numbers(values.every) is not None


def _days(values: ColumnValues) -> tuple[Numbers, Numbers] | None:
    """Return the days that texts write and how often each, if nearly all of them write one."""
    if values.every is None or not values.filled:
        return None
    read = [(day_of(text), n) for text, n in values.every.items()]
    known = [(day, n) for day, n in read if day is not None]
    if sum(n for _, n in known) < 0.98 * values.filled:
        return None
    return np.array([day for day, _ in known]), np.array([n for _, n in known], np.float64)


def _of_numbers(plain: ColumnSummary, column: _Column) -> ColumnSummary:
    values = column.values
    counted = None if values.every is None else as_numbers(values.every)
    if counted is not None:
        return _ordered(plain, column, "numbers", (counted[0], counted[1].astype(np.float64)))
    if values.kind != "number":
        return plain
    small, n = column.keeping.small_count, values.filled
    ends = [min(1.0, (small - 1) / max(n - 1, 1)), max(0.0, 1 - (small - 1) / max(n - 1, 1))]
    steps = [i / BINS for i in range(1, BINS)]
    summary = numeric_summary(column.table, column.name, quantiles=[ends[0], *steps, ends[1]])
    cuts = [cut for _, cut in summary.quantiles]
    if not cuts or summary.minimum is None or summary.maximum is None:
        return plain
    edges = _kept_edges(column) or _rounded(cuts[1:-1], _grid(cuts[1], cuts[-2]))
    within = _learned(column)
    passed = mapped(
        column.table, InBins((column.name,), (edges,), (within,)), columns=[column.name], schema=TALLY
    )  # fmt: skip
    found = tallied(passed).get(0, Counter())
    extremes = summary.minimum, summary.maximum
    limits = _limits((cuts[0], cuts[-1]), extremes, column, summary.n, whole=not found["fraction"])
    return _told(plain, column, "numbers", (edges, found, limits, within is not None))


def _of_days(plain: ColumnSummary, column: _Column, form: Form) -> ColumnSummary:
    if column.values.kind != "date":
        counted = _days(column.values)
        return plain if counted is None else _ordered(plain, column, form, counted)
    passed = mapped(column.table, Days((column.name,)), columns=[column.name], schema=TALLY)
    found = tallied(passed).get(0, Counter())
    if not found:
        return plain
    days = np.array([float(day) for day in found])
    return _ordered(plain, column, form, (days, np.array(list(found.values()), np.float64)))


def _ordered(
    plain: ColumnSummary, column: _Column, form: Form, weighed: tuple[Numbers, Numbers]
) -> ColumnSummary:
    """Tell a column whose every number is known with its weight."""
    numbers, weights = weighed
    n = int(weights.sum())
    if n < 4 * column.keeping.small_count:
        return plain
    whole = weights.astype(np.int64)
    ends = _reached(numbers, whole, column.keeping.small_count)
    within = _learned(column)
    beyond = binned(numbers, (), within, weights)
    extremes = float(numbers.min()), float(numbers.max())
    limits = _limits(ends, extremes, column, n, whole="fraction" not in beyond)
    # Days that move on are told by their distance from the newest one.
    placed = math.floor(ends[1]) - numbers if form == "ages" else numbers
    cuts = weighted_quantiles(placed, whole, [i / BINS for i in range(1, BINS)])
    grid = max(_grid(cuts[0], cuts[-1]), 1.0 if form == "ages" else 0.0)
    edges = _kept_edges(column) or _rounded(cuts, grid)
    found = Counter({**beyond, **binned(placed, edges, None, weights)})
    told = _told(plain, column, form, (edges, found, limits, within is not None))
    return replace(told, newest_day=math.floor(ends[1]) if form == "ages" else None)


def _told(
    plain: ColumnSummary,
    column: _Column,
    form: Form,
    counted: tuple[tuple[float, ...], Counter[str], Limits, bool],
) -> ColumnSummary:
    edges, found, limits, compared = counted
    counts = [found[str(place)] for place in range(len(edges) + 1)]
    return replace(
        plain,
        form=form,
        edges=edges,
        counts=_in_steps([*counts, 0], column.keeping.small_count),
        limits=limits,
        below=found["below"] if compared else None,
        above=found["above"] if compared else None,
    )


def _of_labels(plain: ColumnSummary, column: _Column, form: Form) -> ColumnSummary:
    """Tell a column by its labels: those met often enough, in this version or before."""
    small = column.keeping.small_count
    before = dict.fromkeys(
        label for told in column.before if told.form == form for label in told.labels
    )
    every = column.values.every
    if every is None:
        wanted = () if form == "hidden" else tuple(before)
        passed = mapped(
            column.table, Labelled((column.name,), (wanted,)), columns=[column.name], schema=TALLY
        )
        counts: Counter[str] = tallied(passed).get(0, Counter())
        if form == "hidden":
            return plain
    else:
        hide = form == "hidden"
        counts = Counter({_hidden(t, column) if hide else t: n for t, n in every.items()})
    common = [label for label, n in counts.most_common(MOST_LABELS) if n >= small]
    labels = tuple(dict.fromkeys([*before, *common]))
    known = sum(counts[label] for label in before)
    told = [counts[label] for label in labels]
    return replace(
        plain,
        form=form,
        labels=labels,
        counts=_in_steps([*told, column.values.filled - sum(told)], small),
        unknown=column.values.filled - known if before else None,
    )


def _hidden(text: str, column: _Column) -> str:
    content = f"{column.name}\x1f{text}".encode()
    return hmac.new(column.keeping.key, content, "sha256").hexdigest()[:16]


def _of_shapes(plain: ColumnSummary, column: _Column) -> ColumnSummary:
    every, name = column.values.every, column.name
    small = column.keeping.small_count
    if every is not None:
        counts = shape_counts(every)
    else:
        passed = mapped(column.table, Shapes((name,)), columns=[name], schema=TALLY)
        counts = tallied(passed).get(0, Counter())
    before = dict.fromkeys(
        s for told in column.before if told.form == "shapes" for s in told.labels
    )
    common = [shape for shape, n in counts.most_common(_MOST_SHAPES) if n >= small]
    labels = tuple(dict.fromkeys([*before, *common]))
    told = [counts[label] for label in labels]
    return replace(
        plain,
        form="shapes",
        labels=labels,
        counts=_in_steps([*told, column.values.filled - sum(told)], small),
        unknown=column.values.filled - sum(counts[s] for s in before) if before else None,
    )


def _kept_edges(column: _Column) -> tuple[float, ...]:
    told = [each.edges for each in column.before if each.edges and each.form == _form(column)]
    return told[-1] if told else ()


def _learned(column: _Column) -> tuple[float, float] | None:
    known = [each.limits for each in column.before if each.limits is not None]
    if not known:
        return None
    return min(each.low for each in known), max(each.high for each in known)


def _reached(numbers: Numbers, weights: Weights, small: int) -> tuple[float, float]:
    """Return the values that ``small`` cells lie on or beyond, at both ends."""
    order = np.argsort(numbers, kind="stable")
    up, down = np.cumsum(weights[order]), np.cumsum(weights[order][::-1])
    low = numbers[order][np.searchsorted(up, small)]
    high = numbers[order][::-1][np.searchsorted(down, small)]
    return float(low), float(high)


def _limits(
    ends: tuple[float, float],
    extremes: tuple[float, float],
    column: _Column,
    n: int,
    *,
    whole: bool,
) -> Limits:
    """Return a range with its ends rounded outwards: days to years or months, numbers in parts."""
    days = column.values.kind == "date" or column.finding.semantic_type in _DAYS
    grid = _grid(*ends)
    if days:
        born = column.finding.semantic_type == "DATE_OF_BIRTH"
        grid = _YEAR if born else _MONTH if column.finding.role is not Role.NONE else 1.0
    low, high = math.floor(ends[0] / grid) * grid, math.ceil(ends[1] / grid) * grid
    decade = 10 * _YEAR
    floor = math.floor(extremes[0] / decade) * decade if days else -_coarse(-extremes[0])
    ceiling = math.ceil(extremes[1] / decade) * decade if days else _coarse(extremes[1])
    small = column.keeping.small_count
    return Limits(_plain(low), _plain(high), small, n, whole, _plain(floor), _plain(ceiling))


def _coarse(value: float) -> float:
    """Return the next of 0 and 1, 2, 5, 10, 20, ... (of either sign) that is not below a value."""
    if value == 0:
        return 0.0
    power = 10.0 ** math.floor(math.log10(abs(value)))
    steps = [power * step for step in (0.5, 1, 2, 5, 10)]
    if value > 0:
        return next(step for step in steps if step >= value * (1 - 1e-12))
    # Nothing is below 0 far away: what is negative ends at 0.
    return 0.0


def _grid(low: float, high: float) -> float:
    """Return a step of a power of ten, of which at least a hundred lie between two values."""
    spread = high - low or abs(high) or 1.0
    return float(10.0 ** math.floor(math.log10(spread / _PARTS))) if spread > 0 else 1.0


def _rounded(cuts: Sequence[float], grid: float) -> tuple[float, ...]:
    return tuple(dict.fromkeys(_plain(round(cut / grid) * grid) for cut in cuts))


def _plain(value: float) -> float:
    """Return a multiple of a step without what floating-point arithmetic adds to it."""
    return float(f"{value:.12g}") + 0.0


def _in_steps(counts: Sequence[int], small: int) -> tuple[int, ...]:
    return tuple(small * ((n + small // 2) // small) for n in counts)
