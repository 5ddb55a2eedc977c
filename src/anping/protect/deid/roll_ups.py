"""Roll-ups that are kept: any finer node's tuples serve every coarser node.

The idea is LeFevre, DeWitt and Ramakrishnan's (Incognito, SIGMOD 2005). Here they form a tree: the
first step down generalises only the column that tells most, as far as the node asked for does; the
next step also the column that tells second most; and so on. Nodes that agree in those columns share
what was rolled up for the first of them.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from anping.protect.deid.encoding import Node

T = TypeVar("T")
#: Roll-ups are kept while they have no more tuples than this in all, some 100 bytes each at most.
_MOST_TUPLES = 2**23
_WORTH_ROLLING_UP = 512
_SMALLER = 0.8


class RollUps(Generic[T]):
    """The finest tuples of a table and the roll-ups of some nodes; the unused ones make room."""

    def __init__(
        self,
        finest: T,
        order: Sequence[int],
        *,
        roll: Callable[[T, Node], T],
        size: Callable[[T], int],
    ) -> None:
        self.finest = finest
        self._order = order
        self._roll = roll
        self._size = size
        self._bottom = [0] * len(order)
        self._kept: OrderedDict[tuple[int, ...], T] = OrderedDict()
        self._asked: set[tuple[int, ...]] = set()
        self._held = 0

    def serving(self, node: Node) -> T:
        """Return tuples that serve ``node``; a path that is asked for again is rolled up."""
        found = self.finest
        path: tuple[int, ...] = ()
        coarser = self._bottom.copy()
        for column in self._order[:-1]:
            level = node[column]
            path = (*path, level)
            if not level:
                continue
            if self._size(found) < _WORTH_ROLLING_UP:
                break
            coarser[column] = level
            kept = self._kept.get(path)
            if kept is not None:
                self._kept.move_to_end(path)
                found = kept
            elif path in self._asked:
                found = self._rolled(found, path, tuple(coarser))
            else:
                self._asked.add(path)
        return found

    def _rolled(self, among: T, path: tuple[int, ...], node: Node) -> T:
        made = self._roll(among, node)
        if self._size(made) > _SMALLER * self._size(among):
            made = among
        else:
            self._held += self._size(made)
        self._kept[path] = made
        while self._held > _MOST_TUPLES and len(self._kept) > 1:
            _, old = self._kept.popitem(last=False)
            if not any(old is each for each in self._kept.values()):
                self._held -= self._size(old)
        return made
