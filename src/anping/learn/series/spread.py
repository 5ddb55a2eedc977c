"""Intervals of forecasts from the errors made at rolling origins (split conformal, per step ahead).

Sources: Vovk, Gammerman & Shafer 2005; Stankevičiūtė, Alaa & van der Schaar 2021 (per step ahead).
Errors are counted in units of each series' scale. They are of neighbouring times and therefore not
exchangeable in full: the coverage is measured, not promised.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
LEVELS = (0.8, 0.95)
#: A step ahead has quantiles of its own when it has so many errors.
_OWN = 60
_NEAR = 2


@dataclass(frozen=True, eq=False)
class Spread:
    """How far an interval reaches at each level and step ahead, in units of a series' scale.

    ``reach`` (levels, h) is NaN for a level that too few errors can tell.
    """

    reach: Floats

    def bounds(self, values: Floats, scales: Floats) -> tuple[Floats, Floats]:
        """Return the ends (levels, n, h) of intervals about values (n, h)."""
        away = self.reach[:, None, :] * scales[None, :, None]
        return values - away, values + away

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "reach": [[None if np.isnan(x) else float(x) for x in row] for row in self.reach],
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Spread:
        """Read from the plain values of :meth:`as_json`."""
        rows = [[np.nan if x is None else x for x in row] for row in value["reach"]]
        return cls(np.array(rows, dtype=np.float64).reshape(len(rows), -1))


def spread_of(errors: Floats) -> Spread:
    """Return the reach of intervals from scaled absolute errors (w, n, h), NaN where not known.

    With few errors at each step all steps share one quantile, in units of how errors grow.
    """
    ahead = errors.shape[2]
    flat = errors.reshape(-1, ahead)
    told = ~np.isnan(flat)
    counts = told.sum(axis=0)
    if not counts.sum():
        return Spread(np.full((len(LEVELS), ahead), np.nan))
    shape = _growth(flat, counts)
    if counts.min() >= _OWN:
        own = np.array(
            [[_quantile(flat[told[:, k], k], level) for k in range(ahead)] for level in LEVELS]
        )
        return Spread(own)
    ratios = (flat / shape)[told]
    return Spread(np.array([_quantile(ratios, level) * shape for level in LEVELS]))


def _growth(flat: Floats, counts: NDArray[np.int64]) -> Floats:
    """Return (h,): how large errors are at each step, smoothed, never falling and never 0."""
    sums = np.nansum(flat, axis=0)
    means = np.array(
        [
            sums[max(0, k - _NEAR) : k + _NEAR + 1].sum()
            / max(1, counts[max(0, k - _NEAR) : k + _NEAR + 1].sum())
            for k in range(len(sums))
        ]
    )
    grown: Floats = np.maximum(np.maximum.accumulate(means), 1e-12)
    return grown


def _quantile(scores: Floats, level: float) -> float:
    place = int(np.ceil((scores.size + 1) * level)) - 1
    return float(np.sort(scores)[place]) if place < scores.size else float("nan")
