"""Expectations of a table, learned from its earlier versions, and whether a new version keeps them.

::

    from anping.know.expectations import judge
    for found in judge(history.versions, new):
        print(found.title.en, found.subject, found.status)

Nothing is set by hand: limits are tolerance or prediction limits of the versions themselves, each
says from how many versions and cells it was learned, and p-values are adjusted by Holm's method for
the number of expectations. From one version nobody can tell how much versions differ, so what it
leads one to expect is watched and not called broken.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from typing import Literal

from anping.core.measure import Measure
from anping.core.text import Text
from anping.know.expectation_words import METHODS, TITLES
from anping.know.expected import Expected, expected_growth, expected_number, expected_share
from anping.know.summary import ColumnSummary, Summary
from anping.stats.multiple import holm
from anping.stats.tolerance import beyond_tail, most_beyond

Status = Literal["kept", "watch", "broken"]
LEVEL = 0.95
#: A column is a key if at least so many cells, in every version, repeated none.
_KEY_CELLS = 20
_SECONDS_A_DAY = 86_400.0
#: The variance of a difference of two moments that are told in whole days (uniform rounding).
_DAYS_ROUNDED = 1 / 6
_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


@dataclass(frozen=True, slots=True)
class Judged:
    """One expectation and what the new version has instead.

    ``kind`` is ``column``, ``type``, ``completeness``, ``validity``, ``unique``, ``range``,
    ``values``, ``format``, ``rows``, ``arrival`` or ``newest-day``. It was learned from ``versions``
    and ``learned_n`` cells (rows, versions). ``low`` and ``high`` limit ``value`` in ``unit``;
    ``n`` units of the new version were looked at. ``p`` is adjusted for all expectations, None where
    the rule is exact.
    """

    kind: str
    subject: str
    versions: tuple[int, ...]
    learned_n: int
    value: float
    unit: str
    n: int
    low: float | None = None
    high: float | None = None
    p: float | None = None
    status: Status = "kept"
    #: Where a range lies, in numbers or days since 1970; no end where there is none.
    between: tuple[float, float | None] | None = None
    days: bool = False

    @property
    def title(self) -> Text:
        """What is expected, in words."""
        return TITLES[self.kind]

    @property
    def method(self) -> str:
        """How the limits were derived."""
        return METHODS[self.kind]

    def measure(self) -> Measure:
        """Return the value that was judged as a measure."""
        return Measure(
            name=f"quality.expected.{self.kind}",
            value=self.value,
            unit=self.unit,
            n=self.n,
            title=self.title,
            subject=self.subject,
            method=self.method,
        )


def judge(earlier: Sequence[Summary], new: Summary, *, level: float = LEVEL) -> tuple[Judged, ...]:
    """Return every expectation that ``earlier`` versions lead to, judged on ``new``.

    None without an earlier version. ``new`` must have been summarised after ``earlier``
    (:func:`~anping.know.summarising.summarise` with ``earlier``), oldest first.
    """
    if not earlier:
        return ()
    ordered = sorted(earlier, key=lambda each: each.version)
    found = [*_schema(ordered, new), *_table(ordered, new, level)]
    for column in new.columns:
        told = [
            (each.version, one)
            for each in ordered
            if (one := each.column(column.column)) is not None and one.kind == column.kind
        ]
        if told:
            found += _column(_Told(tuple(told), column, level))
    return _adjusted(found, alone=len(ordered) == 1, alpha=1 - level)


def _adjusted(found: Sequence[Judged], *, alone: bool, alpha: float) -> tuple[Judged, ...]:
    """Adjust the p-values of all expectations together, and say which are broken."""
    p_values = holm([each.p for each in found if each.p is not None])
    left = iter(p_values.tolist())
    judged = []
    for each in found:
        if each.p is None:
            judged.append(each)
            continue
        adjusted = next(left)
        few = alone or len(each.versions) == 1
        out: Status = "watch" if few else "broken"
        judged.append(replace(each, p=adjusted, status=out if adjusted <= alpha else "kept"))
    return tuple(judged)


def _schema(earlier: Sequence[Summary], new: Summary) -> Iterator[Judged]:
    """Yield whether each column of the last version is there and what it was, and which are new."""
    last = earlier[-1]
    for column in last.columns:
        held = tuple(each.version for each in earlier if each.column(column.column) is not None)
        now = new.column(column.column)
        yield Judged(
            "column", column.column, held, last.rows, float(now is not None), "columns", new.rows,
            low=1.0, status="kept" if now is not None else "broken",
        )  # fmt: skip
        if now is not None and now.kind != column.kind:
            yield Judged(
                "type", column.column, held, last.rows, 0.0, "columns", new.rows,
                low=1.0, status="broken",
            )  # fmt: skip
    known = {column.column for column in last.columns}
    versions = tuple(each.version for each in earlier)
    for column in new.columns:
        if column.column not in known:
            yield Judged(
                "new-column", column.column, versions, last.rows, 1.0, "columns", new.rows,
                high=0.0, status="watch",
            )  # fmt: skip


def _table(earlier: Sequence[Summary], new: Summary, level: float) -> Iterator[Judged]:
    versions = tuple(each.version for each in earlier)
    rows = expected_growth([each.rows for each in earlier], new.rows, level=level)
    if rows is not None:
        base = Judged("rows", "", versions, len(versions), float(new.rows), "rows", new.rows)
        yield _limited(base, rows)
    moments = [_moment(each.arrived) for each in (*earlier, new)]
    known = [moment for moment in moments if moment is not None]
    if len(known) == len(moments) and len(known) >= 4:
        gaps = [(after - before) / _SECONDS_A_DAY for before, after in pairwise(known)]
        told = expected_number(gaps[:-1], gaps[-1], noise=_DAYS_ROUNDED, level=level, upwards=True)
        if told is not None:
            base = Judged("arrival", "", versions, len(gaps) - 1, gaps[-1], "days", 1)
            yield _limited(base, told)


@dataclass(frozen=True)
class _Told:
    """A column of the new version and of the earlier ones, by version."""

    earlier: tuple[tuple[int, ColumnSummary], ...]
    new: ColumnSummary
    level: float

    @property
    def versions(self) -> tuple[int, ...]:
        return tuple(version for version, _ in self.earlier)


def _column(told: _Told) -> Iterator[Judged]:
    new, columns = told.new, [column for _, column in told.earlier]
    yield from _share(
        told, "completeness", [(c.filled, c.rows) for c in columns], (new.filled, new.rows)
    )
    if new.valid is not None:
        yield from _share(told, "validity", [c.valid for c in columns], new.valid)
    if new.unknown is not None and new.filled:
        kind = "format" if new.form == "shapes" else "values"
        # What an earlier version held beyond its own groups is what is to be expected beyond them.
        pairs = [
            (c.filled - min(c.counts[-1], c.filled), c.filled) if c.form == new.form else None
            for c in columns
        ]
        yield from _share(told, kind, pairs, (new.filled - new.unknown, new.filled))
    yield from _key(told)
    yield from _range(told)
    yield from _newest(told)


def _share(
    told: _Told, kind: str, earlier: Sequence[tuple[int, int] | None], found: tuple[int, int]
) -> Iterator[Judged]:
    known = [
        (version, pair)
        for version, pair in zip(told.versions, earlier, strict=True)
        if pair is not None and pair[1]
    ]
    if not known or not found[1]:
        return
    pairs = [pair for _, pair in known]
    expected = expected_share(pairs, found, level=told.level)
    base = Judged(
        kind, told.new.column, tuple(version for version, _ in known),
        sum(whole for _, whole in pairs), found[0] / found[1], "ratio", found[1],
    )  # fmt: skip
    yield _limited(base, expected)


def _key(told: _Told) -> Iterator[Judged]:
    """Yield whether a column that repeated no cell in any version still repeats none."""
    columns = [column for _, column in told.earlier]
    plain = told.new.kind == "text" or all(c.limits is None or c.limits.whole for c in columns)
    if told.new.form in {"days", "ages"} or not plain:
        return
    if not all(column.unique and column.filled >= _KEY_CELLS for column in columns):
        return
    repeats = told.new.filled - told.new.distinct
    broken: Status = "watch" if len(columns) == 1 else "broken"
    yield Judged(
        "unique", told.new.column, told.versions, sum(c.filled for c in columns),
        float(repeats), "cells", told.new.filled,
        high=0.0, status=broken if repeats else "kept",
    )  # fmt: skip


def _range(told: _Told) -> Iterator[Judged]:
    """Yield whether no more cells lie beyond the range of the earlier versions than chance allows."""
    known = [(v, c.limits) for v, c in told.earlier if c.limits is not None]
    new = told.new
    if not known or new.below is None or new.above is None or not sum(new.counts):
        return
    low = min((limits for _, limits in known), key=lambda limits: limits.low)
    high = max((limits for _, limits in known), key=lambda limits: limits.high)
    n = new.limits.n if new.limits is not None else new.filled
    # Dates that move on are expected beyond the newest one: how far, the newest day tells.
    moving = new.form == "ages"
    sides = ((new.below, low),) if moving else ((new.below, low), (new.above, high))
    half = told.level if moving else (1 + told.level) / 2
    allowed, p_values = 0, []
    for beyond, limits in sides:
        inside = max(0, limits.n - limits.reached)
        allowed += most_beyond(n, inside=inside, outside=limits.reached, level=half)
        p_values.append(beyond_tail(min(beyond, n), n, inside=inside, outside=limits.reached))
    yield Judged(
        "range", new.column, told.versions, sum(limits.n for _, limits in known),
        float(sum(beyond for beyond, _ in sides)), "cells", n,
        high=float(allowed), p=min(1.0, len(sides) * min(p_values)),
        between=(low.low, None if moving else high.high), days=new.form in {"days", "ages"},
    )  # fmt: skip


def _newest(told: _Told) -> Iterator[Judged]:
    """Yield how far the newest day moved on, beside how far it did before."""
    days = [(v, c.newest_day) for v, c in told.earlier if c.newest_day is not None]
    if told.new.newest_day is None or len(days) < 3:
        return
    moved = [float(after[1] - before[1]) for before, after in pairwise(days)]
    step = float(told.new.newest_day - days[-1][1])
    # Standing still is the fault, so the sign is turned: what is less than usual counts.
    expected = expected_number(
        [-each for each in moved], -step, noise=_DAYS_ROUNDED, level=told.level, upwards=True
    )
    if expected is None or expected.high is None:
        return
    base = Judged(
        "newest-day", told.new.column, tuple(v for v, _ in days), len(moved), step, "days",
        told.new.filled,
    )  # fmt: skip
    yield replace(base, low=-expected.high, p=expected.p)


def _limited(base: Judged, expected: Expected) -> Judged:
    return replace(base, low=expected.low, high=expected.high, p=expected.p)


def _moment(arrived: str) -> float | None:
    """Return the seconds since 1970 of an RFC 3339 time, None if it is not known."""
    if not arrived:
        return None
    return (datetime.fromisoformat(arrived) - _EPOCH).total_seconds()
