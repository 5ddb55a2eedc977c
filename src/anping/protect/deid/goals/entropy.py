"""Non-uniform entropy: the bits that generalisation takes away.

A cell whose leaf has n of the column's rows, in a value that has m, has lost log2(m / n) bits
(de Waal and Willenborg 1999; Gionis and Tassa 2009). Suppression then takes what still tells the
suppressed rows apart, their entropy among themselves, as ARX counts it. Times the column's weight.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from anping.protect.deid.encoding import Floats, Ladder
from anping.protect.deid.goals.protocol import Grouping, Levels, Priced, along, at
from anping.protect.deid.tuples import Bools, Encoded, leaves_of, totals


@dataclass(frozen=True)
class EntropyLoss:
    """The bits lost in all cells; ``axes`` as without suppression, per column and level."""

    ladders: tuple[Ladder, ...]
    axes: tuple[Floats, ...]

    @classmethod
    def of(cls, encoded: Encoded) -> EntropyLoss:
        """Return the goal for a table."""
        weights = [ladder.share * len(encoded.ladders) for ladder in encoded.ladders]
        axes = tuple(
            weight * _lost_bits(ladder, leaves)
            for ladder, leaves, weight in zip(
                encoded.ladders, encoded.marginals, weights, strict=True
            )
        )
        return cls(encoded.ladders, axes)

    bounds_above = False

    @property
    def width(self) -> int:
        """One number."""
        return 1

    def least(self, levels: Levels) -> Floats:
        """Return the bits that generalisation alone takes."""
        return along(self.axes, levels)[None]

    def price(self, grouping: Grouping) -> Priced:
        """Return the bits lost, those of suppression among them."""
        least = at(self.axes, grouping.node)
        lost, dead = self._bits(grouping, grouping.lost), self._bits(grouping, grouping.dead)
        return Priced((least + lost,), (dead,))

    def below(self, levels: Levels, least: Floats, priced: Priced) -> Floats:
        """Return their own bits, plus those of the rows that stay suppressed.

        More rows, and values more specific, can only have more entropy (times rows) to lose.
        """
        del levels
        return np.asarray(least + priced.below[0], np.float64)

    def above(self, levels: Levels, priced: Priced) -> Floats:
        """Return nothing that was not known: a more general node may suppress fewer rows."""
        del priced
        return self.least(levels)

    def _bits(self, grouping: Grouping, gone: Bools) -> float:
        chosen = np.flatnonzero(gone)
        rows, found = grouping.tuples.rows[chosen], 0.0
        for column, (ladder, level) in enumerate(zip(self.ladders, grouping.node, strict=True)):
            leaf = leaves_of(grouping.tuples, self.ladders, column)[chosen]
            counts = totals(ladder.codes[level][leaf], rows, ladder.sizes[level])
            each = float(_scaled(np.asarray([rows.sum()]))[0]) - float(_scaled(counts).sum())
            found += ladder.share * len(self.ladders) * each
        return found


def _lost_bits(ladder: Ladder, leaves: Floats) -> Floats:
    bits = []
    for codes, size in zip(ladder.codes, ladder.sizes, strict=True):
        bits.append(float(_scaled(totals(codes, leaves, size)).sum() - _scaled(leaves).sum()))
    return np.asarray(bits)


def _scaled(counts: Floats) -> Floats:
    return np.asarray(counts * np.log2(np.maximum(counts, 1.0)), np.float64)
