"""ETS, ARIMA and Theta, one series at a time, by the library statsforecast (the extra ``series``).

Sources: Hyndman et al. 2002 (ETS); Hyndman & Khandakar 2008 (ARIMA); Fiorucci et al. 2016 (Theta).
A season longer than the library's models take quickly is taken out first, by its mean at each place.
"""

from __future__ import annotations

import logging
import warnings
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from anping.core.errors import MissingExtraError
from anping.core.text import Text
from anping.learn.series.linear import within
from anping.learn.series.naive import repeated
from anping.learn.series.panel import Panel

Floats = NDArray[np.float64]
Model = Literal["theta", "ets", "arima"]
MODELS: tuple[Model, ...] = ("theta", "ets", "arima")
#: Nominal CPU seconds for 1,000 steps of one series, and of loading the library.
_SECONDS = {"theta": 0.05, "ets": 0.06, "arima": 0.25}
LOADING = 2.5
_LONG_SEASON = 12
_FEWEST = 10
#: What numerical libraries raise for a series that a model cannot be made of.
_FAILED = (ValueError, ArithmeticError, LookupError, RuntimeError, TypeError, AssertionError)


@dataclass(frozen=True)
class Statistical:
    """One of the library's models, with its own automatic choice of form."""

    model: Model
    pooled: ClassVar[bool] = False

    @property
    def name(self) -> str:
        """What it is called."""
        return self.model

    def seconds(self, panel: Panel) -> float:
        """Return the nominal CPU seconds of one forecast of all series."""
        season = 1.0 if panel.season == 1 else 4.0 if panel.season <= _LONG_SEASON else 1.5
        return _SECONDS[self.model] * season * (float(panel.lengths.sum()) / 1000 + 0.1)

    def learnt(self, panel: Panel) -> Statistical:  # noqa: ARG002 - each series learns when asked
        """Return itself: what is learnt follows from the series it is asked of."""
        return self

    def ahead(self, panel: Panel) -> Floats:
        """Return (n, h); a series that is too short or breaks the library says its season again.

        Raises MissingExtraError without the extra ``series``.
        """
        library = _library()
        found = repeated(panel, panel.season)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for row in range(panel.count):
                series = panel.values[row, panel.start[row] :]
                if series.size >= max(_FEWEST, 2 * panel.season + 2) and np.ptp(series) > 0:
                    said = self._one(library, series, panel)
                    if said is not None and np.isfinite(said).all():
                        found[row] = said
        return within(found, panel)

    def _one(self, library: Any, series: Floats, panel: Panel) -> Floats | None:
        season, pattern = panel.season, np.zeros(panel.horizon)
        if season > _LONG_SEASON:
            series, pattern = _adjusted(series, season, panel.horizon)
            season = 1
        model = {
            "theta": lambda: library.DynamicOptimizedTheta(season_length=season),
            "ets": lambda: library.AutoETS(
                season_length=season, model="ZZZ" if season > 1 else "ZZN"
            ),
            "arima": lambda: library.AutoARIMA(
                season_length=season, approximation=True, max_p=3, max_q=3, nmodels=20
            ),
        }[self.model]()
        try:
            said = model.forecast(y=series, h=panel.horizon)["mean"]
        except _FAILED:
            return None
        whole: Floats = np.asarray(said, dtype=np.float64) + pattern
        return whole


def installed() -> bool:
    """Return whether the library is there."""
    from importlib.util import find_spec

    return find_spec("statsforecast") is not None


def _library() -> Any:
    try:
        from statsforecast import models
    except ImportError as problem:
        raise MissingExtraError.of(
            "series", needed_for=Text("ETS、ARIMA 與 Theta", "ETS, ARIMA and Theta")
        ) from problem
    logging.getLogger("statsforecast").setLevel(logging.ERROR)
    return models


def _adjusted(series: Floats, season: int, horizon: int) -> tuple[Floats, Floats]:
    """Return a series without its mean at each place of the season, and these means ahead."""
    place = np.arange(series.size)[::-1] % season
    mean = np.bincount(place, series, minlength=season) / np.bincount(place, minlength=season)
    mean = mean - mean.mean()
    ahead = (-np.arange(1, horizon + 1)) % season
    return series - mean[place], mean[ahead]
