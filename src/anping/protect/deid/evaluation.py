"""What one node of the lattice costs: which classes fail the model, and what suppressing them loses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from anping.protect.deid.encoding import Codes, Ladder, Node
from anping.protect.deid.judging import failing_classes
from anping.protect.deid.model import PrivacyModel
from anping.protect.deid.tuples import (
    Bools,
    Encoded,
    Tuples,
    class_keys,
    costs,
    dense,
    rolled_up,
)

_SNAPSHOTS = 64
# Snapshots are kept while they have no more tuples than this in all: some 100 bytes each.
_SNAPSHOT_TUPLES = 2**22
_WORTH_ROLLING_UP = 1024


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One node. Losses are shares of the whole table's (0 to 1), rows are numbers of rows.

    ``penalty`` is what suppression adds to the loss of generalisation alone. ``least_penalty`` and
    ``least_suppressed`` hold for this node and for every more specific one.
    """

    suppressed: int
    penalty: float
    least_suppressed: int
    least_penalty: float


class Evaluator:
    """Evaluates nodes of one encoded table and remembers both the answers and useful roll-ups."""

    def __init__(self, encoded: Encoded, model: PrivacyModel) -> None:
        self.ladders: tuple[Ladder, ...] = encoded.ladders
        self.model = model
        self.rows = encoded.rows
        self.known: dict[Node, Evaluation] = {}
        self._sources: list[tuple[Node, Tuples]] = [((0,) * len(encoded.ladders), encoded.tuples)]

    def evaluate(self, node: Node) -> Evaluation:
        """Return what ``node`` costs."""
        found = self.known.get(node)
        if found is None:
            found = self._evaluate(node)
            self.known[node] = found
        return found

    def failing(self, node: Node) -> Bools:
        """Return, per tuple of the finest node, whether its class at ``node`` fails the model."""
        tuples = self._sources[0][1]
        keys, size = _dense_keys(tuples, self.ladders, node)
        judged = failing_classes(tuples, keys, size=size, model=self.model)
        return judged.failing[keys]

    def _evaluate(self, node: Node) -> Evaluation:
        tuples = self._source(node)
        keys, size = _dense_keys(tuples, self.ladders, node)
        judged = failing_classes(tuples, keys, size=size, model=self.model)
        suppressed, penalty = self._price(tuples, node, judged.failing[keys])
        least = self._price(tuples, node, judged.doomed[keys])
        self._keep(node, tuples, keys)
        return Evaluation(suppressed, penalty, *least)

    def _price(self, tuples: Tuples, node: Node, lost: Bools) -> tuple[int, float]:
        chosen = np.flatnonzero(lost)
        rows = tuples.rows[chosen]
        kept = 1.0 - costs(tuples, self.ladders, node=node, chosen=chosen)
        return round(float(rows.sum())), float(rows @ kept) / self.rows

    def _source(self, node: Node) -> Tuples:
        usable = (
            tuples
            for level, tuples in self._sources
            if all(fine <= coarse for fine, coarse in zip(level, node, strict=True))
        )
        return min(usable, key=lambda tuples: tuples.size)

    def _keep(self, node: Node, tuples: Tuples, keys: Codes) -> None:
        if tuples.size < _WORTH_ROLLING_UP or len(self._sources) >= _SNAPSHOTS:
            return
        size = np.count_nonzero(np.bincount(keys))
        held = sum(kept.size for _, kept in self._sources[1:])
        if size * 2 < tuples.size and held + size <= _SNAPSHOT_TUPLES:
            classes, _ = dense(keys, int(keys.max()) + 1)
            self._sources.append((node, rolled_up(tuples, classes)))


def _dense_keys(tuples: Tuples, ladders: tuple[Ladder, ...], node: Node) -> tuple[Codes, int]:
    keys, size = class_keys(tuples, ladders, node)
    if size <= 2 * tuples.size + 2**18:
        return keys, size
    distinct, inverse = np.unique(keys, return_inverse=True)
    return inverse, int(distinct.size)
