"""Which groups are not shown: the small ones, and as many more as are needed to keep them hidden.

What is true of a hidden group could be computed from what is shown of the others and of the whole.
So further groups are hidden until no sum that can be computed rests on fewer rows than the threshold
(complementary suppression: Willenborg & de Waal 2001, Elements of Statistical Disclosure Control,
ch. 6).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]
Flags = NDArray[np.bool_]

_TOLERANCE = 1e-9


@dataclass(frozen=True, eq=False)
class Cells:
    """Groups of one table: their ``counts`` (g, k), and the ``sums`` (s, g) that are shown of them.

    Each row of ``sums`` marks the groups whose total is known: the whole, a group of one column.
    ``least`` (k,) is what each count must be at least to be shown. The first count is of rows.
    """

    counts: Rows
    sums: Flags
    least: Rows

    def small(self, counts: Rows) -> bool:
        """Return whether a group, or a sum of groups, of these counts (k,) may not be told."""
        return bool((counts < self.least).any())


def hidden_groups(cells: Cells) -> Flags:
    """Return which groups (g,) are hidden, so that nothing of the small ones is told.

    No small group's numbers then follow from what is shown, and what follows of several hidden
    groups together is as large as what may be shown. Where that cannot be had all are hidden. A
    group of no rows hides nothing.
    """
    there = cells.counts[:, 0] > 0
    secret = (cells.counts < cells.least).any(axis=1) & there
    hidden: Flags = secret.copy()
    while True:
        line = _telling(cells, hidden, secret)
        if line is None:
            return hidden
        free = ~hidden & there
        chosen = np.flatnonzero(free & line)
        chosen = chosen if chosen.size else np.flatnonzero(free)
        if not chosen.size:
            return hidden
        hidden[chosen[np.argmin(cells.counts[chosen, 0])]] = True


def _telling(cells: Cells, hidden: Flags, secret: Flags) -> Flags | None:
    """Return the groups of a sum that tells too much of a small group, or None if none does."""
    for line in cells.sums:
        inside: Flags = line & hidden
        if (inside & secret).any() and cells.small(cells.counts[inside].sum(axis=0)):
            return np.asarray(line, dtype=np.bool_)
    places = np.cumsum(hidden) - 1
    for group in np.flatnonzero(hidden & secret):
        if determined(cells.sums[:, hidden], int(places[group])):
            return np.asarray(cells.sums[cells.sums[:, group]].any(axis=0), dtype=np.bool_)
    return None


def determined(sums: Flags, place: int) -> bool:
    """Return whether the known sums (s, h) of h hidden numbers tell the one at ``place``."""
    if not sums.size:
        return False
    matrix = sums.astype(np.float64)
    unit = np.zeros(matrix.shape[1])
    unit[place] = 1.0
    found = np.linalg.lstsq(matrix.T, unit, rcond=None)[0]
    return bool(np.abs(matrix.T @ found - unit).max() < _TOLERANCE)
