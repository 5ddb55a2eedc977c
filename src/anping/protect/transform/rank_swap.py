"""Rank swapping: rows near to each other in a column's order swap their values (ISO/IEC 20889).

Moore 1996 (US Census Bureau RR 96-04), after Dalenius and Reiss 1982: from the lowest rank up, each
value not swapped yet changes places with one drawn from the next p % of ranks. A column's values,
and so all its marginal statistics, stay exactly; what goes is the link to the rest of the row.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from anping.protect.transform.draws import Draws

Places = npt.NDArray[np.int64]


def rank_swap(keys: npt.NDArray[np.int64], percent: float, draws: Draws) -> Places:
    """Return, for each row, the row whose value it gets.

    ``keys`` order the values (equal values, equal keys); ties are broken by chance. No two rows that
    swap are further apart than ``percent`` of the rows in this order, or one place. A row whose
    neighbours are all swapped already keeps its value.
    """
    rows = keys.size
    shuffled = draws.order(rows)
    ranked = shuffled[np.argsort(keys[shuffled], kind="stable")]
    partner = np.asarray(_partners(rows, max(1, int(rows * percent / 100)), draws), np.int64)
    source = np.empty(rows, np.int64)
    source[ranked] = ranked[partner]
    return source


def _partners(rows: int, window: int, draws: Draws) -> list[int]:
    """Return the rank that each rank swaps with, itself where there is none left."""
    numbers = Draws.of(draws.key, "partners").first(rows).tolist()
    partner = list(range(rows))
    # The ranks ahead, within the window, that are not swapped; ``at`` is where each stands in it.
    free: list[int] = list(range(min(window, rows)))
    at = list(range(rows))
    for rank in range(rows):
        if rank + window < rows:
            at[rank + window] = len(free)
            free.append(rank + window)
        if partner[rank] != rank:
            continue
        _take(free, at, at[rank])
        if free:
            found = _take(free, at, int(numbers[rank] * len(free)))
            partner[rank], partner[found] = found, rank
    return partner


def _take(free: list[int], at: list[int], place: int) -> int:
    """Take the rank at ``place`` out; the last one fills the gap."""
    taken, last = free[place], free.pop()
    if taken != last:
        free[place] = last
        at[last] = place
    return taken
