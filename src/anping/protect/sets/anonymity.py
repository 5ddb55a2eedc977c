"""k^m-anonymity of sets: no combination of up to m items is had by fewer than k people.

Terrovitis, Mamoulis and Kalnis (2008, VLDB). An attacker who knows up to m items of a person finds
k people or nobody. It does not limit one who knows more than m items, nor what follows from the
items that all k people share.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from anping.protect.sets.baskets import Baskets, Bools, Whole
from anping.protect.sets.combinations import smallest_support
from anping.protect.sets.generalising import best_cut
from anping.protect.sets.suppressing import suppressed
from anping.protect.sets.tree import ItemTree


@dataclass(frozen=True)
class SetsFound:
    """What becomes of every item.

    ``cut``, shape (items,), is the node of ``tree`` that an item becomes. ``generalised`` are the
    baskets of nodes, ``released`` what leaves of them. ``support`` is how many people have the
    rarest combination that is left, counted anew; None if nothing is left.
    """

    tree: ItemTree
    cut: Whole
    raw: Baskets = field(repr=False)
    generalised: Baskets = field(repr=False)
    released: Baskets = field(repr=False)
    support: int | None

    @property
    def taken(self) -> Baskets:
        """The occurrences of nodes that were taken out."""
        left = np.isin(_keys(self.generalised), _keys(self.released), assume_unique=True)
        return self.generalised.without(left)

    @property
    def left(self) -> Bools:
        """Which of the raw occurrences are still there, as themselves or generalised."""
        keys = self.raw.basket * np.int64(max(1, self.tree.nodes)) + self.cut[self.raw.item]
        return np.asarray(np.isin(keys, _keys(self.released)), np.bool_)

    @property
    def loss(self) -> float:
        """The mean share of the domain that an occurrence lost: 1 where it was taken out.

        Occurrences of one basket that become the same node count as many as they were.
        """
        if not self.raw.occurrences:
            return 0.0
        lost = np.where(self.left, self.tree.coverage[self.cut[self.raw.item]], 1.0)
        return float(lost.mean())


def anonymise_sets(baskets: Baskets, tree: ItemTree, *, k: int, m: int) -> SetsFound:
    """Return baskets in which every combination of up to ``m`` items is had by ``k`` people or none.

    Items are generalised along ``tree`` where that keeps more, then single occurrences are taken
    out. Exact in what it guarantees, greedy in what it keeps, the same at every run.
    """
    cut = best_cut(baskets, tree, k=k, m=m)
    generalised = baskets.renamed(cut, tree.nodes)
    released = suppressed(generalised, k=k, m=m)
    support = smallest_support(released, m)
    if support is not None and support < k:
        raise AssertionError("a released set fails k^m-anonymity: this is a fault in Anping")
    return SetsFound(tree, cut, baskets, generalised, released, support)


def _keys(baskets: Baskets) -> Whole:
    return baskets.basket * np.int64(max(1, baskets.items)) + baskets.item
