"""Generalise items along their hierarchy where that keeps more than taking them out.

Full-subtree global recoding as in Terrovitis, Mamoulis and Kalnis (2008, VLDB, "Privacy-preserving
anonymization of set-valued data"), but weighed against suppression, as one rare item should not
lift a whole chapter to the top.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from anping.protect.sets.baskets import Baskets, Bools, Whole
from anping.protect.sets.suppressing import victims
from anping.protect.sets.tree import ItemTree

_MOST_ROUNDS = 64
# Of the candidates of one round, those nearly as good as the best are taken together.
_NEARLY = 0.25


@dataclass(frozen=True)
class _State:
    """A cut through the tree, the baskets in it, and what the first round of suppression takes."""

    cut: Whole
    baskets: Baskets
    gone: Bools
    cost: float


def best_cut(raw: Baskets, tree: ItemTree, *, k: int, m: int) -> Whole:
    """Return the node that each item becomes, shape (items,).

    The cost of a cut is what the released items hide (their coverage), and 1 for each occurrence
    that suppression would take. Nodes whose merging saves more than it hides are merged, while the
    whole cost falls. Greedy, not proven best.
    """
    state = _state(raw, tree, tree.own, k=k, m=m)
    for _ in range(_MOST_ROUNDS):
        cut = _merged(raw, tree, state)
        if cut is None:
            break
        coarser = _state(raw, tree, cut, k=k, m=m)
        if coarser.cost >= state.cost:
            break
        state = coarser
    return state.cut


def _state(raw: Baskets, tree: ItemTree, cut: Whole, *, k: int, m: int) -> _State:
    baskets = raw.renamed(cut, tree.nodes)
    gone = victims(baskets, k=k, m=m)
    hidden = float(raw.counts @ tree.coverage[cut])
    return _State(cut, baskets, gone, hidden + float(gone.sum()))


def _merged(raw: Baskets, tree: ItemTree, state: _State) -> Whole | None:
    """Return the cut with the most rewarding nodes merged; None if merging rewards nowhere."""
    taken = np.bincount(state.baskets.item[state.gone], minlength=tree.nodes)
    above = tree.parents(state.cut)
    candidates = np.unique(above[(above != state.cut) & (taken[state.cut] > 0)])
    reward = np.array(
        [_reward(raw, tree, state.cut, taken=taken, node=int(node)) for node in candidates]
    )
    chosen = candidates[reward >= max(1.0, _NEARLY * float(reward.max(initial=0.0)))]
    if not chosen.size:
        return None
    cut = state.cut.copy()
    # A higher node of the chosen ones overrides a lower one under it.
    for node in chosen[np.argsort(tree.coverage[chosen], kind="stable")]:
        cut[tree.under(int(node))] = node
    return cut


def _reward(raw: Baskets, tree: ItemTree, cut: Whole, *, taken: Whole, node: int) -> float:
    """Return how many occurrences merging into ``node`` may save for each that it hides."""
    under = tree.under(node)
    # Items that share a node of the cut share what is taken from it.
    saved = float(taken[np.unique(cut[under])].sum())
    hidden = float(raw.counts[under] @ (tree.coverage[node] - tree.coverage[cut[under]]))
    return saved / max(hidden, 1e-12)
