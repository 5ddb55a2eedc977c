"""Which of the slow models are worth their time, told from a few series first."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from anping.learn.series.asked import SeriesAsked
from anping.learn.series.combining import combined, weights_of
from anping.learn.series.panel import Panel
from anping.learn.series.rolling import Member, Rolled, mean_scaled_error, roll
from anping.learn.series.statistical import LOADING, MODELS, Statistical, installed

#: So many series, evenly spread, are forecast by the slow models first.
_FEW = 12
#: A model goes on where it lowers the error of the combination on these series by this share.
_GAIN = 0.005


def raced(
    panel: Panel, members: list[Member], rolled: Rolled, asked: SeriesAsked
) -> tuple[list[Member], Rolled]:
    """Return the members with those of ETS, ARIMA and Theta that help, and what they said.

    Each forecasts a few series from the latest origin that is not kept for the examination; the ones
    that lower the combination's error there forecast all series, while the seconds last.
    """
    if asked.statistical == "never" or not rolled.origins:
        return members, rolled
    if asked.statistical == "auto" and not installed():
        return members, rolled
    origins = rolled.origins
    rows = np.unique(np.linspace(0, panel.count - 1, min(_FEW, panel.count)).astype(np.int64))
    few = panel.taken(rows)
    left = asked.seconds - sum(
        each.seconds(panel) * (2 if each.pooled else origins + 1) for each in members
    )
    for model in MODELS:
        member = Statistical(model)
        trial = member.seconds(few) + LOADING
        whole = member.seconds(panel) * (origins + 1)
        if asked.statistical == "auto":
            if trial + whole > left:
                continue
            left -= trial
            if panel.count > _FEW and not _helps(panel, member, rolled, rows):
                continue
            left -= whole
        members = [*members, member]
        rolled = rolled.with_others(roll(panel, [member], origins=origins))
    return members, rolled


def _helps(panel: Panel, member: Member, rolled: Rolled, rows: NDArray[np.int64]) -> bool:
    window = min(1, rolled.origins - 1)
    before = panel.until(window * panel.horizon) if window else panel
    names = {panel.names[row] for row in rows}
    here = np.array([row for row, name in enumerate(before.names) if name in names])
    there = np.array([panel.names.index(before.names[row]) for row in here])
    tried = roll(before.taken(here), [member], origins=1)
    known = Rolled(
        rolled.names,
        rolled.said[:, window : window + 1][:, :, there],
        rolled.truth[window : window + 1][:, there],
        rolled.scale[window : window + 1][:, there],
    )
    without = mean_scaled_error(known, combined(known.said, weights_of(known)))
    both = known.with_others(tried)
    withit = mean_scaled_error(both, combined(both.said, weights_of(both)))
    return withit < without * (1 - _GAIN)
