"""The groups in which a feature's cells are counted, fixed on the reference."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anping.run.monitoring.reading import Cells

Counts = NDArray[np.int64]
#: Numbers are counted in tenths of the reference.
_TENTHS = 10
#: So many categories are groups of their own.
_MOST = 20


@dataclass(frozen=True)
class Groups:
    """Upper ``edges`` of numbers' groups, or the ``codes`` of the categories counted apart.

    A last group holds all other categories; missing cells are counted elsewhere.
    """

    edges: tuple[float, ...] = ()
    codes: tuple[int, ...] = ()
    ordered: bool = True

    @property
    def size(self) -> int:
        """How many groups there are."""
        return len(self.edges if self.ordered else self.codes) + 1

    def count(self, cells: Cells) -> Counts:
        """Return (size,): how many cells fall into each group."""
        told = cells.told
        if self.ordered:
            places = np.searchsorted(np.array(self.edges), told, side="left")
            return np.bincount(places, minlength=self.size).astype(np.int64)
        known = len(cells.feature.categories)
        table = np.full(known + 1, len(self.codes))
        table[list(self.codes)] = np.arange(len(self.codes))
        places = table[told.astype(np.int64)]
        return np.bincount(places, minlength=self.size).astype(np.int64)


def groups_of(reference: Cells, *, fewest: int) -> Groups:
    """Return the groups of a feature; a category of fewer than ``fewest`` cells has none of its own."""
    told = reference.told
    if reference.feature.nature == "category":
        counts = np.bincount(told.astype(np.int64), minlength=len(reference.feature.categories) + 1)
        known = counts[: len(reference.feature.categories)]
        ranked = np.argsort(-known, kind="stable")[:_MOST]
        return Groups(codes=tuple(int(c) for c in ranked if known[c] >= fewest), ordered=False)
    if not told.size:
        return Groups()
    cuts = np.quantile(told, np.arange(1, _TENTHS) / _TENTHS, method="nearest")
    # The greatest value as an edge would leave the last group empty in the reference.
    edges = np.unique(cuts[cuts < told.max()])
    return Groups(edges=tuple(float(edge) for edge in edges))
