"""Goals that look at class sizes only: discernibility, and the average class size.

Discernibility (Bayardo and Agrawal 2005, ICDE): a row costs the size of its class, a suppressed row
the size of the table. Average class size (LeFevre, DeWitt and Ramakrishnan 2006, ICDE, without the
division by k): rows over classes, suppressed rows being one class, as in ARX. Both grow towards the
top but for suppression, so a priced node bounds more general ones too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from anping.protect.deid.encoding import Floats
from anping.protect.deid.goals.protocol import Grouping, Levels, Priced
from anping.protect.deid.tuples import totals


@dataclass(frozen=True)
class Discernibility:
    """The sum over all rows of their class sizes; ``k``: no released class is smaller."""

    rows: int
    k: int

    bounds_above = True

    @property
    def width(self) -> int:
        """One number."""
        return 1

    def least(self, levels: Levels) -> Floats:
        """Return what classes of ``k`` would cost."""
        return np.full((1, levels.shape[1]), float(self.rows * self.k))

    def price(self, grouping: Grouping) -> Priced:
        """Return the sum of squares of the released classes' sizes, and the suppressed rows' part."""
        rows = grouping.tuples.rows
        kept = totals(grouping.keys, np.where(grouping.lost, 0.0, rows), grouping.size)
        every = totals(grouping.keys, rows, grouping.size)
        lost, dead = float(rows[grouping.lost].sum()), float(rows[grouping.dead].sum())
        score = float(kept @ kept) + lost * self.rows
        below = dead * self.rows + (self.rows - dead) * min(self.k, self.rows)
        return Priced((score,), (below,), float(every @ np.maximum(every, self.k)))

    def below(self, levels: Levels, least: Floats, priced: Priced) -> Floats:
        """Return the price of the rows that stay suppressed, the others in classes of ``k``."""
        del least
        return np.full((1, levels.shape[1]), priced.below[0])

    def above(self, levels: Levels, priced: Priced) -> Floats:
        """Return what the classes cost as they are: they only grow."""
        return np.full((1, levels.shape[1]), priced.above)


@dataclass(frozen=True)
class AverageClassSize:
    """Rows over classes; ``k``: no released class is smaller."""

    rows: int
    k: int

    bounds_above = True

    @property
    def width(self) -> int:
        """One number."""
        return 1

    def least(self, levels: Levels) -> Floats:
        """Return what as many classes of ``k`` as possible would give."""
        return np.full((1, levels.shape[1]), self._of(self.rows // self.k + 1))

    def price(self, grouping: Grouping) -> Priced:
        """Return the average size, all suppressed rows being one class."""
        rows = grouping.tuples.rows
        sizes = totals(grouping.keys, rows, grouping.size)
        kept = totals(grouping.keys, np.where(grouping.lost, 0.0, rows), grouping.size)
        classes = int(np.count_nonzero(kept)) + bool(grouping.lost @ rows)
        dead = float(grouping.dead @ rows)
        large = sizes >= self.k
        merged = int(np.count_nonzero(large)) + int(sizes[~large].sum()) // self.k + 1
        below = int(self.rows - dead) // self.k + 1
        return Priced((self._of(classes),), (self._of(below),), self._of(merged))

    def below(self, levels: Levels, least: Floats, priced: Priced) -> Floats:
        """Return the average size if all rows that do not stay suppressed were in classes of ``k``."""
        del least
        return np.full((1, levels.shape[1]), priced.below[0])

    def above(self, levels: Levels, priced: Priced) -> Floats:
        """Return the average size if no large class were merged, and small ones as little as needed."""
        return np.full((1, levels.shape[1]), priced.above)

    def _of(self, classes: int) -> float:
        return self.rows / max(1, classes)
