"""Sampling: a random part of the rows or people is released (ISO/IEC 20889, statistical tools).

Without replacement and of exact size. Stratified samples take the share within each stratum
(Cochran 1977, *Sampling Techniques*, ch. 2 and 5), rounded so that the whole has the wanted size
where that can be.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from anping.protect.transform.draws import Draws

Codes = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


def simple_sample(count: int, share: float, draws: Draws) -> Bools:
    """Return which of ``count`` units are drawn: ``share`` of them, rounded, and at least one."""
    return stratified_sample(np.zeros(count, np.int64), share, draws)


def stratified_sample(strata: Codes, share: float, draws: Draws) -> Bools:
    """Return which units are drawn: ``share`` of each stratum (numbers from 0), rounded.

    The size is within one of ``share`` times the stratum's units; where all would round to nothing,
    one unit is drawn.
    """
    drawn = np.zeros(strata.size, np.bool_)
    if not strata.size:
        return drawn
    sizes = np.bincount(strata)
    wanted = _sizes(sizes, share)
    shuffled = draws.order(strata.size)
    order = shuffled[np.argsort(strata[shuffled], kind="stable")]
    starts = np.cumsum(sizes) - sizes
    place = np.arange(strata.size) - starts[strata[order]]
    drawn[order[place < wanted[strata[order]]]] = True
    return drawn


def _sizes(sizes: Codes, share: float) -> Codes:
    """Return the units to draw from each stratum: largest remainders get the units left over."""
    exact = sizes * share
    wanted = np.floor(exact + 1e-9).astype(np.int64)
    left = max(1, round(float(sizes.sum()) * share)) - int(wanted.sum())
    if left > 0:
        remainder = np.where(wanted < sizes, exact - wanted, -1)
        wanted[np.argsort(-remainder, kind="stable")[:left]] += 1
    return np.asarray(np.minimum(wanted, sizes), np.int64)


@dataclass(frozen=True)
class Chosen:
    """Which rows of a table were drawn, by their numbers: one bit each."""

    bits: npt.NDArray[np.uint8] = field(repr=False)
    rows: int

    @classmethod
    def of(cls, drawn: Bools) -> Chosen:
        """Return the rows for which ``drawn`` holds."""
        return cls(np.packbits(drawn, bitorder="little"), int(drawn.sum()))

    def holds(self, places: Codes) -> Bools:
        """Return, for each row number, whether the row was drawn."""
        bytes_ = self.bits[places >> 3] >> (places & 7).astype(np.uint8)
        return np.asarray(bytes_ & 1, np.bool_)
