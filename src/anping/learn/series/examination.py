"""How good the combination is where it had no part: at the latest origin, and at each in turn."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from anping.learn.series.combining import combined, weights_of
from anping.learn.series.diebold_mariano import Comparison, diebold_mariano
from anping.learn.series.hierarchy import Sums, fitted
from anping.learn.series.rolling import Rolled, scaled_errors
from anping.learn.series.spread import Spread, spread_of

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Examined:
    """The latest origin: ``rolled`` has it alone, ``said`` (1, n, h) is the combination's forecast.

    ``honest`` says that weights and intervals are of earlier origins. ``inside`` (levels, n, h) is
    whether the truth lay within, NaN where nothing was observed or told; ``width`` (levels,) the mean
    width in units of the series' scale. ``against`` compares with each naive forecast.
    """

    rolled: Rolled
    said: Floats
    honest: bool
    inside: Floats
    width: tuple[float, ...]
    against: dict[str, Comparison]


def examined(rolled: Rolled, sums: Sums | None) -> Examined | None:
    """Return the examination; None where there is no origin to look at."""
    if not rolled.origins:
        return None
    earlier = list(range(1, rolled.origins)) or [0]
    said, spread = _without(rolled, earlier, [0], sums)
    test = rolled.windows([0])
    errors = scaled_errors(test, said)
    reach = spread.reach[:, None, :]
    told = ~np.isnan(errors[0]) & ~np.isnan(reach)
    inside = np.where(told, errors[0] <= reach, np.nan)
    width = tuple(float(2 * row.mean()) for row in spread.reach)
    return Examined(test, said, rolled.origins > 1, inside, width, _against(rolled, sums))


def _without(
    rolled: Rolled, learnt: list[int], asked: list[int], sums: Sums | None
) -> tuple[Floats, Spread]:
    """Return what the weights of some origins say at others, and the spread of the former."""
    known = rolled.windows(learnt)
    weights = weights_of(known)
    own, said = combined(known.said, weights), combined(rolled.windows(asked).said, weights)
    if sums is not None:
        sums = better(sums, known, own)
        own, said = sums.reconciled(own), sums.reconciled(said)
    return said, spread_of(scaled_errors(known, own))


def better(sums: Sums, rolled: Rolled, said: Floats) -> Sums:
    """Return the sums from below or of least trace, whichever errs less at the origins."""
    errors = (rolled.truth - said).transpose(0, 2, 1).reshape(-1, said.shape[1])
    ways = [replace(sums, gain=None), fitted(sums, errors)]
    losses = [np.nanmean(scaled_errors(rolled, way.reconciled(said))) for way in ways]
    return ways[1] if losses[1] < losses[0] else ways[0]


def _against(rolled: Rolled, sums: Sums | None) -> dict[str, Comparison]:
    """Compare with the naive ones at every origin, each with the weights of the others."""
    if rolled.origins < 2:
        return {}
    parts = []
    for window in range(rolled.origins):
        others = [each for each in range(rolled.origins) if each != window]
        parts.append(_without(rolled, others, [window], sums)[0])
    ours = scaled_errors(rolled, np.concatenate(parts))
    found: dict[str, Comparison] = {}
    for name in ("naive", "seasonal-naive"):
        if name in rolled.names:
            away = ours - scaled_errors(rolled, rolled.of(name))
            # The latest origin stands first; time runs the other way.
            by_time = _mean(away)[::-1].reshape(-1)
            told = by_time[~np.isnan(by_time)]
            compared = diebold_mariano(told, horizon=rolled.truth.shape[2])
            if compared is not None:
                found[name] = compared
    return found


def _mean(values: Floats) -> Floats:
    """Return (w, h): the mean over the series that were observed."""
    told = ~np.isnan(values)
    count = told.sum(axis=1)
    mean: Floats = np.where(
        count > 0, np.where(told, values, 0).sum(axis=1) / np.maximum(count, 1), np.nan
    )
    return mean
