"""Forecasts of series: read, tried on their own past, combined, and given intervals."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from anping.core.errors import ParameterError
from anping.core.measure import Measure
from anping.core.progress import Progress, silent
from anping.core.text import Text
from anping.engine.table import Table
from anping.learn.series.asked import SeriesAsked
from anping.learn.series.combining import combined, weights_of
from anping.learn.series.examination import better, examined
from anping.learn.series.hierarchy import Sums, sums_of, with_sums
from anping.learn.series.model import Part, SeriesModel, kept_of
from anping.learn.series.panel import Panel
from anping.learn.series.portfolio import naive_ones, portfolio
from anping.learn.series.racing import raced
from anping.learn.series.reading import Found, Layout, Read, group_names, read_series
from anping.learn.series.rolling import Member, Rolled, origins_of, roll, scaled_errors
from anping.learn.series.series_measures import measured
from anping.learn.series.spread import spread_of
from anping.learn.series.telling import limits_of, warnings_of

Floats = NDArray[np.float64]
#: Steps of each series that a model keeps at least, for the members of all series to look back on.
_KEPT = 64


@dataclass(frozen=True, eq=False)
class LearnedSeries:
    """The model, what was found and put right in the table, what was measured, and the limits."""

    model: SeriesModel
    found: Found
    measures: tuple[Measure, ...]
    warnings: tuple[Text, ...]
    limits: tuple[Text, ...]


def learn_series(
    table: Table | pa.Table, asked: SeriesAsked, *, progress: Progress = silent
) -> LearnedSeries:
    """Return a model that forecasts every series of a table, ``asked.horizon`` steps ahead.

    The members (naive ones, linear and boosted ones, ETS, ARIMA, Theta) forecast the past from
    ``asked.origins`` origins, and are weighted by their errors. What is measured is of the latest
    origin, with weights and intervals of the earlier ones; then all origins are used.

    Raises SchemaError for a column that is missing or cannot be read (``series.times``,
    ``series.values``), ParameterError for what cannot be done (``series.nothing``,
    ``series.horizon``, ``series.hierarchy-ends``, ``series.groups``), and MissingExtraError without
    the extra ``series``.
    """
    asked.check()
    rows = table.arrow(list(asked.columns)) if isinstance(table, Table) else table
    read = read_series(rows, asked)
    panel, sums = _with_sums(read, rows, asked)
    if panel.lengths.max() < 2 or asked.horizon > panel.lengths.max():
        raise _horizon(int(panel.lengths.max()))
    origins = origins_of(panel, asked.origins)
    members = portfolio(panel, origins=origins, seed=asked.seed, seconds=asked.seconds)
    if not origins:
        members = naive_ones(panel)
    rolled = roll(panel, members, origins=origins, progress=progress)
    members, rolled = raced(panel, members, rolled, asked)
    test = examined(rolled, sums)
    weights = weights_of(rolled) if origins else np.eye(len(members))[0]
    said = combined(rolled.said, weights) if origins else None
    sums = _reconciling(sums, rolled, said)
    model = _model(asked, read, panel, sums=sums, chosen=(members, weights, rolled, said))
    model = replace(model, account=_account(asked, members, weights, rolled))
    return LearnedSeries(
        model,
        read.found,
        measured(panel, rolled, test, weights=weights, found=read.found),
        warnings_of(read.found, panel, asked),
        limits_of(panel, asked, origins, test),
    )


def _with_sums(read: Read, rows: pa.Table, asked: SeriesAsked) -> tuple[Panel, Sums | None]:
    if not asked.hierarchy or read.panel.count < 2:
        return read.panel, None
    sums = sums_of(group_names(rows, asked, read.panel.names))
    return with_sums(read.panel, sums), sums


def _reconciling(sums: Sums | None, rolled: Rolled, said: Floats | None) -> Sums | None:
    """Return the sums with the gain that lowers the error at the origins, or from below."""
    if sums is None or said is None:
        return sums
    return better(sums, rolled, said)


def _model(
    asked: SeriesAsked,
    read: Read,
    panel: Panel,
    *,
    sums: Sums | None,
    chosen: tuple[list[Member], Floats, Rolled, Floats | None],
) -> SeriesModel:
    members, weights, rolled, said = chosen
    parts, alone = [], np.zeros((panel.count, panel.horizon))
    for member, weight in zip(members, weights, strict=True):
        if weight > 0:
            answer = member.learnt(panel)
            parts.append(Part(answer, float(weight), member.pooled))
            if not member.pooled:
                alone = alone + float(weight) * answer.ahead(panel)
    if said is None:
        errors = np.full((1, panel.count, panel.horizon), np.nan)
    else:
        errors = scaled_errors(rolled, said if sums is None else sums.reconciled(said))
    layout = Layout(panel.clock, panel.season, panel.days, read.columns)
    return SeriesModel(
        asked, layout, tuple(parts), spread_of(errors), kept_of(panel, _window(parts, panel)),
        panel.scales, alone, sums,
    )  # fmt: skip


def _window(parts: list[Part], panel: Panel) -> int:
    """Return how many steps the pooled members look back on."""
    wide = [_KEPT, panel.season]
    for part in parts:
        view, weights = getattr(part.answer, "view", None), getattr(part.answer, "weights", None)
        wide += [] if view is None else [view.window]
        wide += [] if weights is None else [len(weights)]
    return max(wide)


def _account(
    asked: SeriesAsked, members: list[Member], weights: Floats, rolled: Rolled
) -> dict[str, Any]:
    return {
        "seed": asked.seed,
        "seconds": asked.seconds,
        "origins": rolled.origins,
        "members": [
            {"name": member.name, "weight": float(weight)}
            for member, weight in zip(members, weights, strict=True)
        ],
    }


def _horizon(length: int) -> ParameterError:
    return ParameterError(
        "series.horizon",
        Text(
            f"最長的序列只有 {length} 步，不能預測比它的歷史更遠。",
            f"The longest series has {length} steps: nothing is forecast further than its history.",
        ),
        hint=Text(
            "縮短 horizon，或補上更早的資料。", "Ask for a shorter horizon, or add earlier data."
        ),
    )
