"""Goals that are sums over cells: ARX's Loss with the arithmetic mean, and Sweeney's precision.

The loss of generalisation alone is a sum over columns, known for every node beforehand. Suppression
adds what the suppressed rows had left to lose; a row that is suppressed at a node and at all more
specific ones has still more left to lose there. So a priced node bounds all more specific ones.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from anping.protect.deid.encoding import Floats, Ladder
from anping.protect.deid.goals.protocol import Grouping, Levels, Priced, along, at
from anping.protect.deid.tuples import Encoded, costs


@dataclass(frozen=True)
class SeparableLoss:
    """The sum over all cells of what the ladders say each costs, over the rows (0 to 1).

    ``axes`` holds, per column and level, the loss when nothing is suppressed.
    """

    ladders: tuple[Ladder, ...]
    axes: tuple[Floats, ...]
    rows: int

    @classmethod
    def of(cls, encoded: Encoded) -> SeparableLoss:
        """Return the goal for a table with ARX's Loss."""
        return cls(encoded.ladders, generalisation_loss(encoded), encoded.rows)

    @classmethod
    def precision(cls, encoded: Encoded) -> SeparableLoss:
        """Return the goal 1 - Prec (Sweeney 2002): each cell costs its level over the highest."""
        ladders = tuple(_by_height(ladder) for ladder in encoded.ladders)
        return cls.of(replace(encoded, ladders=ladders))

    bounds_above = False

    @property
    def width(self) -> int:
        """One number."""
        return 1

    def least(self, levels: Levels) -> Floats:
        """Return the loss of generalisation alone."""
        return along(self.axes, levels)[None]

    def price(self, grouping: Grouping) -> Priced:
        """Return the loss with the suppressed rows lost entirely."""
        least = at(self.axes, grouping.node)
        lost = self._penalty(grouping, dead=False)
        return Priced((least + lost,), (self._penalty(grouping, dead=True),))

    def below(self, levels: Levels, least: Floats, priced: Priced) -> Floats:
        """Return their own loss of generalisation, plus the rows that stay suppressed."""
        del levels
        return np.asarray(least + priced.below[0], np.float64)

    def above(self, levels: Levels, priced: Priced) -> Floats:
        """Return nothing that was not known: a more general node may suppress fewer rows."""
        del priced
        return self.least(levels)

    def _penalty(self, grouping: Grouping, *, dead: bool) -> float:
        chosen = np.flatnonzero(grouping.dead if dead else grouping.lost)
        kept = 1.0 - costs(grouping.tuples, self.ladders, node=grouping.node, chosen=chosen)
        return float(grouping.tuples.rows[chosen] @ kept) / self.rows


def generalisation_loss(encoded: Encoded) -> tuple[Floats, ...]:
    """Return, per column and level, the loss when nothing is suppressed; a node's loss is the sum."""
    return tuple(
        np.asarray([float(cost @ counts) / encoded.rows for cost in ladder.cost])
        for ladder, counts in zip(encoded.ladders, encoded.marginals, strict=True)
    )


def _by_height(ladder: Ladder) -> Ladder:
    height = max(1, ladder.height)
    cost = tuple(
        np.full(ladder.sizes[0], ladder.share * level / height)
        for level in range(ladder.height + 1)
    )
    return replace(ladder, cost=cost)
