"""Sets of items as arrays: every occurrence is a basket and an item, sorted and each once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Whole = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Baskets:
    """Sets of items. Build one with :meth:`of`.

    ``basket`` and ``item``, shape (occurrences,), are sorted by basket, then item, without doubles.
    ``items`` is how many different items there can be. ``named``, shape (baskets,), says whose
    basket belongs to somebody: the baskets of nobody count together as one person.
    """

    basket: Whole
    item: Whole
    items: int
    named: Bools

    @classmethod
    def of(cls, basket: Whole, item: Whole, *, items: int, named: Bools) -> Baskets:
        """Return the baskets of occurrences in any order, doubles taken once."""
        keys = np.unique(basket * np.int64(max(1, items)) + item)
        return cls(keys // max(1, items), keys % max(1, items), items, named)

    @property
    def occurrences(self) -> int:
        """How many items lie in all baskets together."""
        return int(self.item.size)

    @cached_property
    def rest(self) -> Whole:
        """For each occurrence how many larger items its basket has, shape (occurrences,)."""
        ends = np.searchsorted(self.basket, self.basket, side="right")
        return np.asarray(ends - np.arange(self.occurrences) - 1, np.int64)

    @cached_property
    def counts(self) -> Whole:
        """How many times each item occurs, shape (items,)."""
        return np.bincount(self.item, minlength=self.items).astype(np.int64)

    def without(self, gone: Bools) -> Baskets:
        """Return the baskets without the occurrences ``gone``, shape (occurrences,)."""
        return Baskets(self.basket[~gone], self.item[~gone], self.items, self.named)

    def renamed(self, node_of: Whole, nodes: int) -> Baskets:
        """Return the baskets with ``node_of[item]`` for each item; ``nodes`` is how many there are."""
        return Baskets.of(self.basket, node_of[self.item], items=nodes, named=self.named)
