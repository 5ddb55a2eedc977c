"""The two forecasts that need no learning: the last value, and the last season again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from anping.learn.series.panel import Panel

Floats = NDArray[np.float64]


def repeated(panel: Panel, season: int) -> Floats:
    """Return (n, h): the last ``season`` values over and over; the last value of a shorter series."""
    short = panel.lengths < season
    season = min(season, panel.steps)
    ends = panel.padded[:, panel.steps - season :]
    found: Floats = ends[:, np.arange(panel.horizon) % season]
    found[short] = panel.padded[short, -1:]
    return found


@dataclass(frozen=True)
class Naive:
    """The last value (``season`` 1) or season, said again."""

    seasonal: bool
    pooled: ClassVar[bool] = False

    @property
    def name(self) -> str:
        """What it is called."""
        return "seasonal-naive" if self.seasonal else "naive"

    def seconds(self, panel: Panel) -> float:
        """Return the nominal CPU seconds of one forecast of all series."""
        return 1e-8 * panel.count * panel.horizon

    def learnt(self, panel: Panel) -> Naive:  # noqa: ARG002 - there is nothing to learn
        """Return itself."""
        return self

    def ahead(self, panel: Panel) -> Floats:
        """Return (n, h)."""
        return repeated(panel, panel.season if self.seasonal else 1)
