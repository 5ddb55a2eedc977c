"""Take single items out of single baskets until every combination that is left is common enough."""

from __future__ import annotations

import numpy as np

from anping.protect.sets.baskets import Baskets, Bools
from anping.protect.sets.combinations import Rare, rare_combinations


def suppressed(baskets: Baskets, *, k: int, m: int) -> Baskets:
    """Return baskets in which every combination of up to ``m`` items is had by ``k`` people or none.

    A rare combination loses, wherever it occurs, the member that most rare combinations share for
    each time it occurs itself. That can make others rare, so all are counted anew until none is:
    each round takes at least one occurrence, so it ends. Greedy, not the fewest possible.
    """
    while True:
        gone = victims(baskets, k=k, m=m)
        if not gone.any():
            return baskets
        baskets = baskets.without(gone)


def victims(baskets: Baskets, *, k: int, m: int) -> Bools:
    """Return the occurrences that one round takes out, shape (occurrences,)."""
    gone = np.zeros(baskets.occurrences, np.bool_)
    for size in range(1, m + 1):
        # What holds an occurrence that goes anyway need not be counted in this round.
        found = rare_combinations(baskets, size, k=k, usable=~gone)
        if found.found:
            gone[_chosen(baskets, found)] = True
    return gone


def _chosen(baskets: Baskets, found: Rare) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return the places of the members that go: one kind of item for each rare combination."""
    members = baskets.item[found.places]
    weight = np.bincount(members.reshape(-1), minlength=baskets.items)
    score = weight / np.maximum(baskets.counts, 1)
    pick = np.argmax(score[members], axis=1)
    return np.asarray(found.places[np.arange(found.found), pick], np.int64)
