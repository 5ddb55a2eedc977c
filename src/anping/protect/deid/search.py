"""Optimal full-domain generalisation: the levels with the least loss, proven.

The loss of a node is the loss of generalising alone, known for every node beforehand, plus a
penalty for the rows that must be suppressed. Suppressed sets only shrink towards the top, so the
penalty of an evaluated node is a lower bound for all more specific ones. Bounds live in an array
over the lattice; the node with the lowest bound is next; a binary search on a path above it finds
the most general node that already rules it out. The search ends when no bound is below the best.

The idea of bounding by ancestors is Kohlmayer et al. 2012 (Flash, PASSAT); the separable bound with
penalties pushed down is ours. Ties are resolved the same way in every run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf

import numpy as np

from anping.core.progress import Progress, silent
from anping.core.text import Text
from anping.protect.deid.encoding import Floats, Node
from anping.protect.deid.evaluation import Evaluator
from anping.protect.deid.lattice import (
    LARGEST_LATTICE,
    bits,
    chain,
    generalisation_loss,
    lattice_of,
    lattice_size,
    specialisations,
)
from anping.protect.deid.tuples import Encoded

_TOLERANCE = 1e-12
_SEARCHING = Text("尋找損失最小的概化方式", "Searching for the generalisation that loses least")


@dataclass(frozen=True, slots=True)
class Solution:
    """The best node found: its levels, loss (0 to 1), suppressed rows, and whether it is proven."""

    node: Node
    loss: float
    suppressed: int
    optimal: bool
    evaluated: int


@dataclass(frozen=True, slots=True)
class Budget:
    """``allowed`` rows may be suppressed; ``spent`` is asked, with the evaluations so far, when to stop."""

    allowed: int
    spent: Callable[[int], bool]


def search(
    encoded: Encoded, evaluator: Evaluator, budget: Budget, *, progress: Progress = silent
) -> Solution | None:
    """Return the best node, or None if no node keeps any row within the allowed suppression."""
    state = _Search(encoded, evaluator, budget, progress)
    state.descend()
    if lattice_size(encoded) > LARGEST_LATTICE:
        return state.solution(proven=False)
    return state.solution(proven=state.exhaust())


class _Search:
    """The state of one search: the best node so far and what is known of the others."""

    def __init__(
        self, encoded: Encoded, evaluator: Evaluator, budget: Budget, progress: Progress
    ) -> None:
        self.rows = encoded.rows
        self.top = encoded.top
        self.evaluator = evaluator
        self.budget = budget
        self.progress = progress
        self.axes = generalisation_loss(encoded)
        self.information = bits(encoded)
        self.best: Node | None = None
        self.best_loss = inf

    def solution(self, *, proven: bool) -> Solution | None:
        """Return the best node so far."""
        if self.best is None:
            return None
        suppressed = self.evaluator.evaluate(self.best).suppressed
        return Solution(self.best, self.best_loss, suppressed, proven, self.evaluated)

    @property
    def evaluated(self) -> int:
        """The number of nodes evaluated so far."""
        return len(self.evaluator.known)

    def score(self, node: Node) -> float:
        """Return the loss of ``node`` (infinite if it is not allowed) and remember the best."""
        found = self.evaluator.evaluate(node)
        self.progress(_SEARCHING, self.evaluated, None)
        if found.suppressed > self.budget.allowed or found.suppressed == self.rows:
            return inf
        axes = zip(self.axes, node, strict=True)
        loss = sum(float(axis[level]) for axis, level in axes) + found.penalty
        if loss < self.best_loss - _TOLERANCE:
            self.best, self.best_loss = node, loss
        return loss

    def descend(self) -> None:
        """Walk down from the top while that lowers the loss: a good first solution."""
        node, loss = self.top, self.score(self.top)
        while not self.budget.spent(self.evaluated):
            options = [(self.score(below), below) for below in specialisations(node)]
            if not options or min(options)[0] >= loss:
                return
            loss, node = min(options)

    def exhaust(self) -> bool:
        """Rule out every node but the best; return False if the budget ends before that."""
        lower = lattice_of(self.axes)
        bound = lower.copy()
        for node in list(self.evaluator.known):
            self._push(node, lower, bound)
        while not self.budget.spent(self.evaluated):
            place = int(bound.argmin())
            target: Node = tuple(int(level) for level in np.unravel_index(place, bound.shape))
            if bound[target] >= self.best_loss - _TOLERANCE:
                return True
            self._rule_out(target, lower, bound)
        return False

    def _rule_out(self, target: Node, lower: Floats, bound: Floats) -> None:
        path = chain(target, self.top, self.information)
        low, high = 0, len(path) - 1
        while low < high:
            middle = (low + high + 1) // 2
            self._visit(path[middle], lower, bound)
            if bound[target] >= self.best_loss - _TOLERANCE:
                low = middle
            else:
                high = middle - 1
        if bound[target] < self.best_loss - _TOLERANCE:
            self._visit(target, lower, bound)

    def _visit(self, node: Node, lower: Floats, bound: Floats) -> None:
        self.score(node)
        self._push(node, lower, bound)

    def _push(self, node: Node, lower: Floats, bound: Floats) -> None:
        """Raise the bounds of ``node`` and everything more specific by what its evaluation proves."""
        found = self.evaluator.known[node]
        below = tuple(slice(0, level + 1) for level in node)
        doomed = found.least_suppressed > self.budget.allowed or found.least_suppressed == self.rows
        penalty = inf if doomed else found.least_penalty
        np.maximum(bound[below], lower[below] + penalty, out=bound[below])
        bound[node] = inf
