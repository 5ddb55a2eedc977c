"""What a model of series says of the steps ahead, in one form for every room."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from anping.core.text import Text

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Forecast:
    """What is said of n series and h steps ahead.

    ``values`` (n, h); ``times`` (n × h) in the order of ``values``; ``low`` and ``high``
    (levels, n, h) bound the truth with the chance ``levels`` each, NaN where that cannot be told.
    ``notes`` say what was missing for it.
    """

    time: str
    value: str
    identity: str | None
    series: tuple[str, ...]
    times: pa.Array
    values: Floats
    levels: tuple[float, ...]
    low: Floats
    high: Floats
    notes: tuple[Text, ...] = ()

    @property
    def horizon(self) -> int:
        """How many steps ahead are told."""
        return int(self.values.shape[1])

    def table(self) -> pa.Table:
        """Return a row for each series and step: time, step ahead, value, and bounds by level."""
        columns: dict[str, pa.Array] = {}
        if self.identity is not None:
            columns[self.identity] = pa.array(np.repeat(np.array(self.series), self.horizon))
        columns[self.time] = self.times
        columns["step"] = pa.array(np.tile(np.arange(1, self.horizon + 1), len(self.series)))
        columns[self.value] = pa.array(self.values.reshape(-1))
        for level, low, high in zip(self.levels, self.low, self.high, strict=True):
            for way, ends in (("low", low), ("high", high)):
                flat = ends.reshape(-1)
                name = f"{self.value}_{way}_{round(100 * level)}"
                columns[name] = pa.array(flat, mask=np.isnan(flat))
        return pa.table(columns)
