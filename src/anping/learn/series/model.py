"""A model of series: weights of what learnt from all of them, and what each series said of itself.

It is data, not code. It keeps the last steps of every series, which the pooled models look back on,
and the forecast of the members that learn from one series alone. With newer history these members
learn anew, and need their libraries for that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from anping.core.errors import ParameterError
from anping.core.text import Text
from anping.engine.forecasting import Forecast
from anping.engine.table import Table
from anping.learn.series.asked import SeriesAsked
from anping.learn.series.hierarchy import Sums, with_sums
from anping.learn.series.panel import Panel
from anping.learn.series.reading import Layout, known_ahead, read_series
from anping.learn.series.rolling import Answer
from anping.learn.series.spread import LEVELS, Spread

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Part:
    """An answer and its weight; ``pooled`` where it learnt from all series and keeps what it learnt."""

    answer: Answer
    weight: float
    pooled: bool


@dataclass(frozen=True, eq=False)
class SeriesModel:
    """What was learnt, and where the series stood when it was.

    ``panel`` holds the last steps, ``scales`` (n,) each series' unit of error
    (NaN: none), ``alone`` (n, h) the
    weighted forecasts of members that learn from one series alone.
    """

    asked: SeriesAsked
    layout: Layout
    parts: tuple[Part, ...]
    spread: Spread
    panel: Panel
    scales: Floats
    alone: Floats
    sums: Sums | None = None
    account: Mapping[str, Any] = field(default_factory=dict)

    def forecast(
        self, history: Table | pa.Table | None = None, *, ahead: Table | pa.Table | None = None
    ) -> Forecast:
        """Return the next values of every series, with intervals.

        ``history`` is a table as the one learnt from; without it forecasts start where learning
        ended. ``ahead`` tells what is known of the steps ahead: rows with the time, the identity and
        the known columns. Raises the errors of reading a table, and MissingExtraError where newer
        history needs a library that is not there.
        """
        if history is None:
            panel, scales, alone = self.panel, self.scales, self.alone
        else:
            panel = self._read(history)
            scales, alone = panel.scales, None
        if ahead is not None:
            panel = known_ahead(panel, _arrow(ahead), self.asked, self.layout)
        values = self._values(panel, alone)
        low, high = self.spread.bounds(values, scales)
        places = panel.ahead(np.arange(1, panel.horizon + 1)).reshape(-1)
        return Forecast(
            self.asked.time, self.asked.value, self.asked.identity, panel.names,
            panel.clock.column(places), values, LEVELS, low, high, self._notes(panel),
        )  # fmt: skip

    def _read(self, history: Table | pa.Table) -> Panel:
        panel = read_series(_arrow(history), self.asked, self.layout).panel
        if self.sums is None:
            return panel
        kept = self.panel.names[self.sums.count :]
        place = {name: row for row, name in enumerate(panel.names)}
        rows = np.array([place[name] for name in kept if name in place], np.int64)
        if rows.size < len(kept):
            raise _other_series(len(kept) - rows.size)
        return with_sums(panel.taken(rows), self.sums)

    def _values(self, panel: Panel, alone: Floats | None) -> Floats:
        said = np.zeros((panel.count, panel.horizon)) if alone is None else alone.copy()
        for part in self.parts:
            if part.pooled or alone is None:
                said = said + part.weight * part.answer.ahead(panel)
        return said if self.sums is None else self.sums.reconciled(said)

    def _notes(self, panel: Panel) -> tuple[Text, ...]:
        count = len(self.asked.known)
        first = self.sums.count if self.sums is not None else 0
        missing = np.isnan(panel.known[first:, panel.steps :]).any(axis=2) if count else np.zeros(0)
        if not missing.any():
            return ()
        return (
            Text(
                f"有 {int(missing.sum())} 個未來的步沒有事先已知的值（共 {missing.size} 步），當作缺值。",
                f"{int(missing.sum())} of {missing.size} steps ahead lack a value that is known ahead; "
                "it is taken as missing.",
            ),
        )


def kept_of(panel: Panel, window: int) -> Panel:
    """Return the panel with its last ``window`` steps only."""
    first = max(0, panel.steps - window)
    return replace(
        panel,
        values=panel.values[:, first:],
        observed=panel.observed[:, first:],
        start=np.maximum(panel.start - first, 0),
        known=panel.known[:, first:],
    )


def _arrow(table: Table | pa.Table) -> pa.Table:
    return table.arrow() if isinstance(table, Table) else table


def _other_series(missing: int) -> ParameterError:
    return ParameterError(
        "series.hierarchy-series",
        Text(
            f"歷史資料少了 {missing} 條模型要加總的序列。",
            f"The history lacks {missing} of the series that the model sums.",
        ),
        hint=Text(
            "補上這些序列，或重新訓練。", "Add these series, or learn again from the new table."
        ),
    )
