"""A table of observations as series on one clock, and what had to be done to the rows for that."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from anping.core.errors import ParameterError, SchemaError, Where
from anping.core.text import Text
from anping.engine.natures import as_number, distinct_cells, nature_of
from anping.engine.table import missing_column
from anping.learn.columns import Column, column_of
from anping.learn.series.asked import SeriesAsked
from anping.learn.series.clock import Clock, clock_of, gathering, same_pace, typical_steps
from anping.learn.series.holidays import Days, taiwan_days
from anping.learn.series.moments import Moments, moments_of, wall_clock
from anping.learn.series.panel import Covariates, Panel

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
#: A table of so many cells (series times steps) is not laid out in memory.
_MOST_CELLS = 100_000_000
#: Squares of larger numbers, and of their ratios, overflow.
_LARGEST = 1e50
_DAY = 86_400


@dataclass(frozen=True)
class Found:
    """How many rows, series or steps had something that was put right, or left out."""

    rows: int = 0
    series: int = 0
    no_time: int = 0
    no_value: int = 0
    repeated: int = 0
    off_grid: int = 0
    gaps: int = 0
    other_pace: int = 0
    partial: int = 0
    constant: int = 0
    short: int = 0
    ends_early: int = 0
    steps: int = 0
    no_zone: bool = False


@dataclass(frozen=True, eq=False)
class Read:
    """The series, how their columns were read, and what was found."""

    panel: Panel
    found: Found
    columns: tuple[Column, ...]


@dataclass(frozen=True, eq=False)
class Layout:
    """What a model has fixed: its clock, season, days and the reading of covariates."""

    clock: Clock
    season: int
    days: Days | None
    columns: tuple[Column, ...]


def read_series(rows: pa.Table, asked: SeriesAsked, layout: Layout | None = None) -> Read:
    """Return the series of a table; with a ``layout`` they are laid out as a model knows them.

    Rows without a time are left out; values of the same moment are averaged; gaps are filled on the
    straight line between their neighbours; series of another pace are left out, and so is the last
    of gathered steps (``every``) that is not over. Rows after a
    series' last value tell what is known ahead. Raises SchemaError for a missing column, times or
    values that are none, and ParameterError where no series is left (``series.nothing``).
    """
    for name in asked.columns:
        if name not in rows.column_names:
            raise missing_column(name, rows.column_names)
    moments = moments_of(asked.time, rows.column(asked.time))
    if asked.every is not None:
        moments = _on_the_wall(moments, asked)
    values = _values(asked.value, rows.column(asked.value))
    codes, names = _series(rows, asked)
    if not (moments.known & ~np.isnan(values)).any():
        raise _nothing(asked)
    clock = layout.clock if layout is not None else _clock(asked, _valued(moments, values), codes)
    laid, seen = _laid_out(clock, moments, values, codes=codes, asked=asked)
    if np.isnan(laid.values).all():
        raise _nothing(asked)
    season = layout.season if layout is not None else asked.season or clock.season
    days = layout.days if layout is not None else _days(asked, clock, laid.places)
    columns = layout.columns if layout is not None else _columns_of(rows, asked)
    panel, found = _panel(laid, asked, Layout(clock, season, days, columns), rows=rows, names=names)
    return Read(panel, replace(found, rows=rows.num_rows, **seen), columns)


def _laid_out(
    clock: Clock, moments: Moments, values: Floats, *, codes: Whole, asked: SeriesAsked
) -> tuple[_Laid, dict[str, Any]]:
    """Return the rows of series that keep the clock's pace, and what was left out or moved."""
    valued = moments.known & ~np.isnan(values)
    steps = typical_steps(moments.seconds[valued], codes[valued])
    free = asked.every is not None
    keeps = np.array(
        [free or same_pace(clock, steps.get(code, 0)) for code in range(int(codes.max()) + 1)]
    )
    kept = moments.known & keeps[codes]
    partial = 0
    if free and valued.any():
        cut = _incomplete(clock, moments.seconds[valued], asked)
        partial = int((valued & (moments.seconds >= cut)).sum())
        kept &= (moments.seconds < cut) | ~valued
    chosen = np.flatnonzero(kept)
    laid = _Laid(clock.places(moments.seconds[chosen]), codes[chosen], values[chosen], chosen)
    moved = clock.nearest and clock.unit in {"second", "number"}
    return laid, {
        "no_time": int((~moments.known).sum()),
        "no_value": int((np.isnan(values) & moments.known).sum()),
        "off_grid": int((clock.seconds(laid.places) != moments.seconds[chosen]).sum())
        if moved
        else 0,
        "other_pace": int((~keeps).sum()),
        "partial": partial,
        "no_zone": clock.unit == "second" and clock.step < _DAY and moments.zone is None,
    }


def _incomplete(clock: Clock, seconds: Whole, asked: SeriesAsked) -> int:
    """Return when the last step begins where its last day has no rows; else a time after all."""
    last = int(seconds.max())
    if asked.every in {"hour", "day"}:
        return last + 1
    place = clock.places(np.array([last]))
    begins, ends = (int(clock.seconds(each)[0]) for each in (place, place + 1))
    whole = last // _DAY * _DAY + _DAY >= ends
    # A single step is better than none.
    return last + 1 if whole or int(seconds.min()) >= begins else begins


@dataclass(frozen=True, eq=False)
class _Laid:
    """Rows with a time: their steps, series, values (NaN: none) and numbers in the table."""

    places: Whole
    codes: Whole
    values: Floats
    rows: Whole


def _clock(asked: SeriesAsked, moments: Moments, codes: Whole) -> Clock:
    if asked.every is None:
        return clock_of(moments, codes)
    if moments.written == "number":
        raise _no_dates(asked)
    return gathering(asked.every, moments)


def _on_the_wall(moments: Moments, asked: SeriesAsked) -> Moments:
    """Return the moments by the wall clock where whole days are gathered."""
    if asked.every == "hour" or moments.zone is None:
        return moments
    return replace(moments, seconds=wall_clock(moments.seconds, moments.zone), zone=None)


def _valued(moments: Moments, values: Floats) -> Moments:
    return replace(moments, known=moments.known & ~np.isnan(values))


def _values(name: str, column: pa.ChunkedArray) -> Floats:
    kind = column.type
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        numbers: Floats = column.cast(pa.float64(), safe=False).to_numpy().astype(np.float64)
        numbers[~np.isfinite(numbers)] = np.nan
        return _within(name, numbers)
    if nature_of(column) != "number":
        raise SchemaError(
            "series.values",
            Text("這一欄的值大多不是數字。", "Most cells of this column are no numbers."),
            where=Where(column=name),
            hint=Text("請選數字的欄位。", "Choose a column of numbers."),
        )
    codes, cells = distinct_cells(column)
    found: Floats = np.array([as_number(cell) for cell in cells], dtype=np.float64)[codes]
    return _within(name, found)


def _within(name: str, numbers: Floats) -> Floats:
    if not np.any(np.abs(numbers) > _LARGEST):
        return numbers
    raise SchemaError(
        "series.huge-number",
        Text("這一欄有超過 10 的 50 次方的數。", "The column has numbers beyond 10^50."),
        where=Where(column=name),
        hint=Text("請更正這些數，或換一個單位。", "Correct them, or choose another unit."),
    )


def _series(rows: pa.Table, asked: SeriesAsked) -> tuple[Whole, tuple[str, ...]]:
    """Return the number of each row's series (n,) and the series' names, in alphabetical order."""
    if asked.identity is None:
        return np.zeros(rows.num_rows, np.int64), ("",)
    codes, cells = distinct_cells(rows.column(asked.identity))
    texts = ["" if cell is None else str(cell) for cell in cells]
    used = np.unique(codes)
    names = sorted({texts[code] for code in used})
    place = {name: number for number, name in enumerate(names)}
    return np.array([place.get(text, 0) for text in texts], np.int64)[codes], tuple(names)


def _days(asked: SeriesAsked, clock: Clock, places: Whole) -> Days | None:
    if asked.calendar == "none":
        return None
    if asked.calendar != "taiwan" or not clock.dated:
        return Days()
    ends = clock.wall(np.array([places.min(), places.max() + asked.horizon]))
    return taiwan_days(int(ends[0]), int(ends[1]))


def _columns_of(rows: pa.Table, asked: SeriesAsked) -> tuple[Column, ...]:
    return tuple(column_of(name, rows.column(name)) for name in (*asked.known, *asked.groups))


def _panel(
    laid: _Laid, asked: SeriesAsked, layout: Layout, *, rows: pa.Table, names: tuple[str, ...]
) -> tuple[Panel, Found]:
    with_value = ~np.isnan(laid.values)
    last = np.full(len(names), np.iinfo(np.int64).min)
    np.maximum.at(last, laid.codes[with_value], laid.places[with_value])
    first = np.full(len(names), np.iinfo(np.int64).max)
    np.minimum.at(first, laid.codes[with_value], laid.places[with_value])
    kept = np.flatnonzero(first <= last)
    number = np.full(len(names), -1)
    number[kept] = np.arange(kept.size)
    first = np.maximum(first[kept], last[kept] - asked.points + 1)
    last = last[kept]
    steps = int((last - first).max()) + 1
    if steps * kept.size > _MOST_CELLS:
        raise _too_large()
    series = number[laid.codes]
    column = laid.places - last[series] + steps - 1
    inside = (series >= 0) & with_value & (column >= 0)
    sums, counts = np.zeros((kept.size, steps)), np.zeros((kept.size, steps))
    np.add.at(sums, (series[inside], column[inside]), laid.values[inside])
    np.add.at(counts, (series[inside], column[inside]), 1.0)
    observed = counts > 0
    if asked.repeated == "sum":
        # Nothing in a step is a sum of 0: there is no gap within a series.
        observed = np.arange(steps)[None, :] >= (steps - 1 - (last - first))[:, None]
        values = np.where(observed, sums, np.nan)
    else:
        values = np.divide(sums, counts, out=np.full(sums.shape, np.nan), where=observed)
    start = (steps - 1 - (last - first)).astype(np.int64)
    gaps = _fill(values, observed, start)
    known, groups = _covariates(laid, series, column, (rows, asked, layout, steps, kept.size))
    panel = Panel(
        tuple(names[row] for row in kept), values, observed, start, last, asked.horizon,
        layout.season, layout.clock, layout.days, known, groups, _told(asked, layout.columns),
    )  # fmt: skip
    ranges = np.nanmax(values, axis=1) - np.nanmin(values, axis=1)
    found = Found(
        series=panel.count,
        repeated=int((counts - 1).clip(0).sum()),
        gaps=gaps,
        constant=int((ranges == 0).sum()),
        short=int((panel.lengths < asked.horizon + max(2, layout.season)).sum()),
        ends_early=int((last < last.max()).sum()),
        steps=int(observed.sum()),
    )
    return panel, found


def _fill(values: Floats, observed: NDArray[np.bool_], start: Whole) -> int:
    """Write the straight line between neighbours into gaps, and return how many steps that were."""
    count = 0
    place = np.arange(values.shape[1])
    inside = place[None, :] >= start[:, None]
    for row in np.flatnonzero((inside & ~observed).any(axis=1)):
        here = inside[row] & ~observed[row]
        told = observed[row]
        values[row, here] = np.interp(place[here], place[told], values[row, told])
        count += int(here.sum())
    return count


def _told(asked: SeriesAsked, columns: tuple[Column, ...]) -> Covariates:
    known, groups = columns[: len(asked.known)], columns[len(asked.known) :]
    return Covariates(
        tuple(name for column in known for name in column.names),
        tuple(
            column.codes if at == 0 else 0 for column in known for at in range(len(column.names))
        ),
        tuple(column.feature.name for column in groups),
        tuple(column.codes for column in groups),
    )


def _covariates(
    laid: _Laid, series: Whole, column: Whole, about: tuple[pa.Table, SeriesAsked, Layout, int, int]
) -> tuple[Floats, Floats]:
    rows, asked, layout, steps, count = about
    known_columns = layout.columns[: len(asked.known)]
    width = steps + asked.horizon
    parts = []
    inside = (series >= 0) & (column >= 0) & (column < width)
    at = pa.array(laid.rows[inside])
    for each in known_columns:
        cells = _taken(rows, each, at)
        matrix = each.matrix(cells)
        full = np.full((count, width, matrix.shape[1]), np.nan)
        full[series[inside], column[inside]] = matrix
        parts.append(full)
    known = np.concatenate(parts, axis=2) if parts else np.zeros((count, width, 0))
    groups = np.full((count, len(asked.groups)), np.nan)
    mine = series >= 0
    for place, each in enumerate(layout.columns[len(asked.known) :]):
        cells = _taken(rows, each, pa.array(laid.rows[mine]))
        groups[series[mine], place] = each.matrix(cells)[:, 0]
    return known, groups


def known_ahead(panel: Panel, rows: pa.Table, asked: SeriesAsked, layout: Layout) -> Panel:
    """Return the panel with what rows of a table tell of the steps ahead.

    Raises SchemaError for a missing column. Rows of other series or steps are passed over.
    """
    own = () if asked.identity is None else (asked.identity,)
    for name in (*own, asked.time, *asked.known):
        if name not in rows.column_names:
            raise missing_column(name, rows.column_names)
    moments = moments_of(asked.time, rows.column(asked.time))
    codes, names = _series(rows, asked)
    place = {name: row for row, name in enumerate(panel.names)}
    series = np.array([place.get(name, -1) for name in names], np.int64)[codes]
    column = layout.clock.places(moments.seconds) - panel.last[series] + panel.steps - 1
    inside = (series >= 0) & moments.known & (column >= panel.steps)
    inside &= column < panel.steps + panel.horizon
    known, first = panel.known.copy(), 0
    for each in layout.columns[: len(asked.known)]:
        matrix = each.matrix(_taken(rows, each, pa.array(np.flatnonzero(inside))))
        last = first + matrix.shape[1]
        known[series[inside], column[inside], first:last] = matrix
        first = last
    return replace(panel, known=known)


def _taken(rows: pa.Table, column: Column, at: pa.Array) -> pa.ChunkedArray:
    return rows.column(column.feature.name).take(at)


def group_names(
    rows: pa.Table, asked: SeriesAsked, names: tuple[str, ...]
) -> list[tuple[str, ...]]:
    """Return for each series its groups' values, of the first row that tells them.

    Raises ParameterError (``series.groups``) where a series has two values of one group.
    """
    codes, all_names = _series(rows, asked)
    held: dict[str, list[str]] = {name: [] for name in names}
    for group in asked.groups:
        cells = pc.cast(rows.column(group), pa.string()).to_pylist()
        seen: dict[str, Any] = {}
        for code, cell in zip(codes.tolist(), cells, strict=True):
            text = "" if cell is None else cell
            if seen.setdefault(all_names[code], text) != text:
                raise ParameterError(
                    "series.groups",
                    Text("同一條序列有兩個群組值。", "A series has two values of one group."),
                    where=Where(column=group),
                    hint=Text(
                        "加總的群組對一條序列要固定不變。",
                        "For sums each series belongs to one group all the time.",
                    ),
                )
        for name in names:
            held[name].append(seen.get(name, ""))
    return [tuple(held[name]) for name in names]


def _nothing(asked: SeriesAsked) -> ParameterError:
    return ParameterError(
        "series.nothing",
        Text(
            "沒有任何一列同時有可讀的時間與數值。",
            "No row has both a time and a value that can be read.",
        ),
        where=Where(column=asked.value),
        hint=Text("請檢查時間欄與數值欄。", "Look at the columns of the time and of the value."),
    )


def _no_dates(asked: SeriesAsked) -> ParameterError:
    return ParameterError(
        "series.every",
        Text(
            "時間欄是整數，不能依日、週、月彙總。",
            "The times are plain numbers: they are not gathered by days, weeks or months.",
        ),
        where=Where(column=asked.time),
        hint=Text("不要給 every。", "Leave every out."),
    )


def _too_large() -> ParameterError:
    return ParameterError(
        "series.too-large",
        Text(
            "序列數乘以時間步數太大，記憶體放不下。",
            "There are too many series and steps to lay out in memory.",
        ),
        hint=Text(
            "減少 points（只用最近的步數），或先彙總。",
            "Lower points (the last steps), or sum first.",
        ),
    )
