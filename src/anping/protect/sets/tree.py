"""A generalisation hierarchy of items as arrays: every value of every level is a node."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from anping.protect.sets.baskets import Whole


@dataclass(frozen=True)
class ItemTree:
    """The values that an item can become. Build one with :meth:`of` or :meth:`flat`.

    ``texts`` are the nodes, sorted; ``path``, shape (items, levels), gives each item its node on
    each level, its own first; ``coverage``, shape (nodes,), is the share of the domain that a node
    hides: (leaves - 1) / (all leaves - 1).
    """

    texts: tuple[str, ...]
    path: Whole
    coverage: npt.NDArray[np.float64]

    @classmethod
    def of(cls, paths: Mapping[str, tuple[str, ...]], items: Sequence[str]) -> ItemTree:
        """Return the tree of a hierarchy's paths (item to its value on every level)."""
        texts = sorted({text for path in paths.values() for text in path})
        place = {text: node for node, text in enumerate(texts)}
        leaves = np.zeros(len(texts))
        for path in paths.values():
            leaves[[place[text] for text in set(path)]] += 1
        levels = len(next(iter(paths.values()), ("",)))
        nodes = [place[text] for item in items for text in paths[item]]
        path_nodes = np.array(nodes, np.int64).reshape(len(items), levels)
        return cls(tuple(texts), path_nodes, (leaves - 1) / max(1, len(paths) - 1))

    @classmethod
    def flat(cls, items: Sequence[str]) -> ItemTree:
        """Return the tree in which nothing can be generalised."""
        return cls.of({item: (item,) for item in items}, items)

    @property
    def nodes(self) -> int:
        """How many nodes there are."""
        return len(self.texts)

    @property
    def own(self) -> Whole:
        """The node of each item as it is, shape (items,)."""
        return self.path[:, 0].copy()

    def parents(self, cut: Whole) -> Whole:
        """Return, for each item, the node above its node ``cut[item]``; itself at the top."""
        above = self.path.copy()
        above[:, :-1] = self.path[:, 1:]
        # The last level that holds the node is the one whose successor is another node.
        last = self.path.shape[1] - 1 - np.argmax(self.path[:, ::-1] == cut[:, None], axis=1)
        return np.asarray(above[np.arange(len(cut)), last], np.int64)

    def under(self, node: int) -> npt.NDArray[np.bool_]:
        """Return, for each item, whether it lies under ``node``."""
        return np.asarray((self.path == node).any(axis=1), np.bool_)
