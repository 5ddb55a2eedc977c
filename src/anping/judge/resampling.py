"""The bootstrap by weights: many statistics measured again on the same resamples, at once.

A statistic that follows from sums over rows is measured on all resamples by one product of
matrices. Source: Efron & Tibshirani 1993, An Introduction to the Bootstrap, ch. 13.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anping.core.measure import Interval
from anping.stats.bootstrap import percentile_interval

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

#: Weights held at a time.
_CELLS = 4_000_000


@dataclass(frozen=True, eq=False)
class Resampling:
    """``draws`` resamples of ``n`` rows, or of the people that ``people`` (n,) numbers.

    The same resamples come again at each call, so that statistics are compared on the same ones.
    """

    n: int
    people: Rows | None = None
    draws: int = 1000
    level: float = 0.95
    seed: int = 20260101

    @property
    def grouped(self) -> bool:
        """Whether people are drawn, not rows."""
        return self.people is not None

    def weights(self) -> Iterator[Floats]:
        """Yield how often each row stands in each resample, in blocks (d, n)."""
        units, codes = self._units()
        for block in self._blocks(units):
            yield block if codes is None else block[:, codes]

    def sums(self, columns: Floats) -> Floats:
        """Return the sums of each column of (n, k) in each resample, (draws, k)."""
        units, codes = self._units()
        summed = columns
        if codes is not None:
            summed = np.zeros((units, columns.shape[1]))
            np.add.at(summed, codes, columns)
        return np.concatenate([block @ summed for block in self._blocks(units)])

    def measured(self, statistic: Callable[[Floats], Floats]) -> Floats:
        """Return a statistic of weights (d, n) → (d, ...) on each resample."""
        return np.concatenate([statistic(block) for block in self.weights()])

    def interval(self, values: Floats) -> Interval | None:
        """Return the percentile interval of a statistic's values (draws,) on the resamples."""
        return percentile_interval(values.tolist(), level=self.level, grouped=self.grouped)

    def reflected(self, value: float, values: Floats, *, least: float = 0.0) -> Interval | None:
        """Return the basic (reflected) interval, for statistics that resampling biases upwards."""
        found = self.interval(values)
        if found is None:
            return None
        low, high = max(least, 2 * value - found.high), max(least, 2 * value - found.low)
        return Interval(low, high, self.level, "bootstrap-reflected")

    def _units(self) -> tuple[int, Rows | None]:
        if self.people is None:
            return self.n, None
        names, codes = np.unique(self.people, return_inverse=True)
        return int(names.size), codes.astype(np.int64)

    def _blocks(self, units: int) -> Iterator[Floats]:
        generator = np.random.default_rng(self.seed)
        size = max(1, _CELLS // max(1, units))
        for start in range(0, self.draws, size):
            rows = min(size, self.draws - start)
            block = np.empty((rows, units))
            for row in range(rows):
                drawn = generator.integers(0, units, units)
                block[row] = np.bincount(drawn, minlength=units)
            yield block
