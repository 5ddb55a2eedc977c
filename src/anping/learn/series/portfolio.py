"""Which ways to forecast are tried on a panel: those that its season, length and the seconds allow."""

from __future__ import annotations

import numpy as np

from anping.learn.series.boosted import Boosted
from anping.learn.series.linear import LocalLinear, PooledLinear
from anping.learn.series.naive import Naive
from anping.learn.series.panel import Panel
from anping.learn.series.rolling import Member

_FEWEST_ROWS = 200
#: Windows of linear models where there is no season.
_PLAIN = (13, 26, 52, 104)


def naive_ones(panel: Panel) -> list[Member]:
    """Return the naive members: the seasonal one first where there is a season."""
    both: list[Member] = [Naive(seasonal=True), Naive(seasonal=False)]
    return both if panel.season > 1 else both[1:]


def portfolio(panel: Panel, *, origins: int, seed: int, seconds: float) -> list[Member]:
    """Return the members to try, the quick ones first, while their work fits in ``seconds``.

    Every member is worked ``origins`` + 1 times, those of all series twice.
    """
    length = float(np.median(panel.lengths)) - origins * panel.horizon
    chosen = naive_ones(panel)
    spent = 0.0
    for member in (*_linear(panel, length), *_boosted(panel, length, seed)):
        work = member.seconds(panel) * (2 if member.pooled else origins + 1)
        if spent + work <= seconds:
            chosen.append(member)
            spent += work
    return chosen


def _linear(panel: Panel, length: float) -> list[Member]:
    windows = _windows(panel.season, panel.horizon, length)
    local = [LocalLinear(window, 0.01) for window in windows[:2]]
    firm = [LocalLinear(window, 0.1) for window in windows[1:2]]
    pooled = [PooledLinear(window, 0.01) for window in windows[1:]] if panel.count > 1 else []
    return [*pooled, *local, *firm]


def _windows(season: int, horizon: int, length: float) -> list[int]:
    """Return how far linear models look back: seasons, of a day also a week, within half the past."""
    wanted: tuple[int, ...] = (
        _PLAIN if season == 1 else (2 * season, (7 if season >= 24 else 4) * season)
    )
    if season == 52:
        wanted = (26, 52, 104)
    return [each for each in wanted if each <= max(length - horizon, 0) / 2]


def _boosted(panel: Panel, length: float, seed: int) -> list[Member]:
    season, rows = panel.season, int(panel.lengths.sum())
    if rows < _FEWEST_ROWS:
        return []
    wanted = 78 if season == 1 else 3 * season if season not in {24, 48, 96} else 7 * season
    window = int(max(4, min(wanted, (length - panel.horizon) * 0.6)))
    return [
        Boosted("l1", window, seed=seed),
        Boosted("l2", window, rounds=250, leaves=63, seed=seed + 1),
    ]
