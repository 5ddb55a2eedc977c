"""ARX's Loss with other aggregates over columns: geometric mean, maximum, rank.

Each column's loss is the mean over all rows, a suppressed one losing everything, times the column's
weight (1 on average). The geometric mean is that of 1 + loss, less 1. Rank compares the largest of
the columns' losses, then the second largest, and so on; the maximum alone leaves most nodes equal, so
of those the least mean is taken (Prasser, Eicher, Spengler, Bild and Kuhn
2020, Software: Practice and Experience 50(7)).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from anping.protect.deid.encoding import Floats, Ladder
from anping.protect.deid.goals.protocol import Grouping, Levels, Priced
from anping.protect.deid.goals.separable import generalisation_loss
from anping.protect.deid.tuples import Bools, Encoded, leaves_of

Aggregate = Literal["geometric", "max", "rank"]


@dataclass(frozen=True)
class AggregateLoss:
    """An aggregate of the columns' losses; ``axes`` as without suppression, per column and level."""

    ladders: tuple[Ladder, ...]
    axes: tuple[Floats, ...]
    rows: int
    aggregate: Aggregate

    @classmethod
    def of(cls, encoded: Encoded, aggregate: Aggregate) -> AggregateLoss:
        """Return the goal for a table."""
        columns = len(encoded.ladders)
        axes = tuple(columns * axis for axis in generalisation_loss(encoded))
        return cls(encoded.ladders, axes, encoded.rows, aggregate)

    bounds_above = False

    @property
    def width(self) -> int:
        """One number; maximum and mean; or as many as columns for rank."""
        return {"geometric": 1, "max": 2, "rank": len(self.ladders)}[self.aggregate]

    def least(self, levels: Levels) -> Floats:
        """Return the aggregate of generalisation alone."""
        return self._aggregated(self._columns(levels))

    def price(self, grouping: Grouping) -> Priced:
        """Return the aggregate with the suppressed rows lost entirely."""
        node = np.asarray(grouping.node, np.int8)[:, None]
        score = self._columns(node) + self._penalty(grouping, grouping.lost)[:, None]
        dead = self._penalty(grouping, grouping.dead)
        return Priced(tuple(self._aggregated(score)[:, 0].tolist()), tuple(dead.tolist()))

    def below(self, levels: Levels, least: Floats, priced: Priced) -> Floats:
        """Return the aggregate with the rows that stay suppressed lost entirely."""
        del least
        return self._aggregated(self._columns(levels) + np.asarray(priced.below)[:, None])

    def above(self, levels: Levels, priced: Priced) -> Floats:
        """Return nothing that was not known: a more general node may suppress fewer rows."""
        del priced
        return self.least(levels)

    def _columns(self, levels: Levels) -> Floats:
        return np.stack([axis[level] for axis, level in zip(self.axes, levels, strict=True)])

    def _penalty(self, grouping: Grouping, gone: Bools) -> Floats:
        chosen = np.flatnonzero(gone)
        rows = grouping.tuples.rows[chosen]
        found = np.zeros(len(self.ladders))
        for column, (ladder, level) in enumerate(zip(self.ladders, grouping.node, strict=True)):
            leaf = leaves_of(grouping.tuples, self.ladders, column)[chosen]
            found[column] = float(rows @ (ladder.share - ladder.cost[level][leaf]))
        return np.asarray(found * (len(self.ladders) / self.rows), np.float64)

    def _aggregated(self, columns: Floats) -> Floats:
        if self.aggregate == "max":
            return np.stack([columns.max(axis=0), columns.mean(axis=0)])
        if self.aggregate == "rank":
            return np.asarray(-np.sort(-columns, axis=0), np.float64)
        logarithms = np.log1p(columns).mean(axis=0)
        return np.asarray(np.expm1(logarithms)[None], np.float64)
