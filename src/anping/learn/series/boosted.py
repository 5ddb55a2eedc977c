"""Gradient boosting by LightGBM (Ke et al. 2017) on lags, calendars and covariates of all series.

Direct: the step ahead is a feature, so that no forecast is fed by another.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from anping.learn.forest import Forest
from anping.learn.lightgbm_trees import empty_forest, forest_of, lightgbm_library
from anping.learn.series.features import Asked, View
from anping.learn.series.linear import within
from anping.learn.series.panel import Panel

Floats = NDArray[np.float64]
_ROWS = 40_000
#: Answers beyond these quantiles of all are drawn in: one broken series shall not teach them.
_OUTER = 0.002
_CHUNK = 50_000


@dataclass(frozen=True)
class Boosted:
    """Trees that minimise the ``loss``; ``window`` is how far they look back."""

    loss: Literal["l1", "l2"]
    window: int
    rounds: int = 150
    leaves: int = 31
    seed: int = 0
    pooled: ClassVar[bool] = True

    @property
    def name(self) -> str:
        """What it is called."""
        return f"boosted-{self.loss}"

    def seconds(self, panel: Panel) -> float:
        """Return the nominal CPU seconds of learning from all series."""
        wide = len(View(self.window, panel.season).lags) + 30 + panel.known.shape[2]
        rows = min(_ROWS, int(panel.lengths.sum()))
        learning = wide * (rows * 1.2e-9 + self.leaves * 1e-6)
        # Every origin is answered, tree by tree, and a member of all series counts twice.
        answering = 4.5e-7 * panel.count * panel.horizon
        return 0.2 + self.rounds * (learning + answering)

    def learnt(self, panel: Panel) -> BoostedTrees:
        """Return the trees, learnt from moments drawn at random, as many of each series."""
        view = View(self.window, panel.season)
        asked = self._drawn(panel)
        if asked.series.size < 2 * self.leaves:
            return BoostedTrees(self.name, view, empty_forest(1))
        seen = view.features(panel, asked)
        truth = panel.values[asked.series, asked.column + asked.step]
        wanted = (truth - seen.level) / seen.unit - seen.start
        wanted = np.clip(wanted, *np.quantile(wanted, (_OUTER, 1 - _OUTER)))
        library = lightgbm_library()
        data = library.Dataset(
            seen.matrix,
            label=wanted,
            categorical_feature=sorted(view.categories(panel)),
            params={"verbosity": -1, "num_threads": 1},
        )
        booster = library.train(self._settings(asked.series.size), data, self.rounds)
        return BoostedTrees(self.name, view, forest_of(booster, rounds=self.rounds, outputs=1))

    def _settings(self, rows: int) -> dict[str, Any]:
        return {
            "objective": self.loss,
            "learning_rate": 0.05,
            "num_leaves": self.leaves,
            "min_data_in_leaf": max(5, min(40, rows // 200)),
            "feature_fraction": 0.5,
            "bagging_fraction": 0.7,
            "bagging_freq": 1,
            "deterministic": True,
            "force_col_wise": True,
            "num_threads": 1,
            "verbosity": -1,
            "seed": self.seed % 2**31,
        }

    def _drawn(self, panel: Panel) -> Asked:
        """Return moments whose answer was observed and whose window is mostly the series' own."""
        random = np.random.default_rng(self.seed)
        first = panel.start + min(self.window // 2, max(1, panel.horizon))
        room = panel.steps - 1 - first
        able = np.flatnonzero(room >= 1)
        if not able.size:
            none = np.zeros(0, np.int64)
            return Asked(none, none, none)
        # A short series gives fewer moments than its share: each would be drawn many times.
        each = np.minimum(max(1, _ROWS // able.size), room[able] * min(4, panel.horizon))
        series = np.repeat(able, each)
        column = first[series] + (random.random(series.size) * room[series]).astype(np.int64)
        longest = np.minimum(panel.horizon, panel.steps - 1 - column)
        step = 1 + (random.random(series.size) * longest).astype(np.int64)
        told = panel.observed[series, column + step]
        return Asked(series[told], column[told], step[told])


@dataclass(frozen=True, eq=False)
class BoostedTrees:
    """Trees over what a view tells."""

    name: str
    view: View
    forest: Forest

    def ahead(self, panel: Panel) -> Floats:
        """Return (n, h)."""
        steps = np.tile(np.arange(1, panel.horizon + 1), panel.count)
        series = np.repeat(np.arange(panel.count), panel.horizon)
        column = np.full(series.size, panel.steps - 1)
        said = np.empty(series.size)
        for begin in range(0, series.size, _CHUNK):
            part = slice(begin, begin + _CHUNK)
            seen = self.view.features(panel, Asked(series[part], column[part], steps[part]))
            answer = self.forest.sums(seen.matrix, fast=None)[:, 0] if self.forest.trees else 0.0
            said[part] = (answer + seen.start) * seen.unit + seen.level
        return within(said.reshape(panel.count, panel.horizon), panel)
