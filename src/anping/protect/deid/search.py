"""Optimal full-domain generalisation: the levels with the least loss, proven.

Every node has a bound: what it costs at the least. A node that is evaluated proves something about
others: the rows that are suppressed there and, for certain, at every more specific node, bound those
nodes; if they are more than allowed, they rule them out; some goals bound more general nodes too.
For a start the node with the lowest bound is ruled out a few times: a binary search on a path above
it finds the most general node that does so, and good solutions beside. Then the most general node
that is left is next, since what it proves holds for everything below it. The search ends when no
bound is below the best.

The idea of bounding by ancestors is Kohlmayer et al. 2012 (Flash, PASSAT); bounds that add what is
separable to what is suppressed are ours. Of nodes that cost the same the one with fewer suppressed
rows is taken, then the one with lower levels, compared from the last column on.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

import numpy as np

from anping.core.progress import Progress, silent
from anping.protect.deid.candidates import Candidates, above
from anping.protect.deid.encoding import Floats, Node
from anping.protect.deid.evaluation import Evaluation, Evaluator
from anping.protect.deid.lattice import (
    LARGEST_LATTICE,
    chain,
    lattice_size,
    specialisations,
)
from anping.protect.deid.loss import information_loss, placed_cells
from anping.protect.deid.search_state import FROM_BELOW, SEARCHING, Budget, Outcome
from anping.protect.deid.tuples import Encoded

#: Larger lattices are first walked down, so that fewer of their nodes need to be kept.
_WALK_FIRST = 2**20


@dataclass(frozen=True, slots=True)
class Solution:
    """The best node found: its levels, loss (0 to 1), suppressed rows, and whether it is proven best.

    ``score`` is what the goal makes least; for the goal ``loss`` that is the loss.
    """

    node: Node
    loss: float
    suppressed: int
    optimal: bool
    evaluated: int
    score: tuple[float, ...] = ()


def search(
    encoded: Encoded, evaluator: Evaluator, budget: Budget, *, progress: Progress = silent
) -> Solution | None:
    """Return the best node, or None if no node keeps any row within the allowed suppression."""
    size = lattice_size(encoded)
    found = None
    if size <= _WALK_FIRST:
        found = _compiled(evaluator, budget, progress)
    if found is None:
        state = _Search(encoded, evaluator, budget, progress)
        state.visit(state.top)
        if size > _WALK_FIRST:
            state.descend()
        proven = size <= LARGEST_LATTICE and state.exhaust()
        found = Outcome(state.best, proven, state.evaluated)
    return None if found.node is None else _solution(encoded, evaluator, found.node, found)


def _compiled(evaluator: Evaluator, budget: Budget, progress: Progress) -> Outcome | None:
    """Return what compiled code finds, or None where it cannot look at all that matters."""
    sizes = evaluator.sizes
    if sizes is None or not sizes.compiled:
        return None
    from anping.protect.deid.whole_search import Problem, fits_keys, search_compiled

    if not fits_keys(sizes.tables):
        return None
    problem = Problem(
        sizes.tuples.finest, sizes.tables, sizes.goal, sizes.least, evaluator.bits, sizes.order
    )
    return search_compiled(problem, budget, progress=progress)


def _solution(encoded: Encoded, evaluator: Evaluator, node: Node, found: Outcome) -> Solution:
    """Return what the best node costs, and its information loss whatever the goal was."""
    whole = evaluator.whole(node)
    score = whole.priced.score
    loss = score[0]
    if not evaluator.minimises_loss:
        levels = np.tile(np.asarray(node, np.int16), (encoded.tuples.size, 1))
        loss = information_loss(encoded, placed_cells(encoded, levels, ~evaluator.failing(node)))
    return Solution(node, loss, whole.suppressed, found.proven, found.evaluated, score)


class _Search:
    """The state of one search: the best node so far and what is known of the others."""

    def __init__(
        self, encoded: Encoded, evaluator: Evaluator, budget: Budget, progress: Progress
    ) -> None:
        self.encoded = encoded
        self.rows = encoded.rows
        self.top = encoded.top
        self.evaluator = evaluator
        self.budget = budget
        self.progress = progress
        self.information = evaluator.bits
        self.best: Node | None = None
        self.preference: tuple[int, Node] = (0, ())
        self.limit: Floats = np.full(evaluator.goal.width, inf)
        self.candidates: Candidates | None = None

    @property
    def evaluated(self) -> int:
        """The number of nodes evaluated so far."""
        return len(self.evaluator.known)

    def visit(self, node: Node) -> Evaluation:
        """Evaluate ``node``, remember it if it is the best, and use what it proves."""
        found = self.evaluator.evaluate(node)
        self.progress(SEARCHING, self.evaluated, None)
        if self._allowed(found.suppressed):
            self._compare(node, found)
        if self.candidates is not None:
            self._prove(self.candidates, node, found)
        return found

    def _compare(self, node: Node, found: Evaluation) -> None:
        """Remember ``node`` if it is better than the best, or as good and to be preferred."""
        score = np.asarray(found.priced.score)
        if above(score[:, None], self.limit)[0]:
            return
        preference = (found.suppressed, node[::-1])
        if above(self.limit[:, None], score)[0]:
            self.limit = score
            if self.candidates is not None:
                self.candidates.lower(score)
        elif preference >= self.preference:
            return
        self.best, self.preference = node, preference

    def descend(self) -> None:
        """Walk down from the top while that lowers the score: a good first solution."""
        node = self.top
        while not self.budget.spent(self.evaluated):
            before = self.limit
            for below in specialisations(node):
                self.visit(below)
            if self.best is None or self.limit is before:
                return
            node = self.best

    def exhaust(self) -> bool:
        """Rule out every node but the best; return False if the budget ends before that."""
        self.candidates = Candidates(self.evaluator.goal, self.top, self.limit)
        for node, found in list(self.evaluator.known.items()):
            self._prove(self.candidates, node, found)
        for _ in range(FROM_BELOW):
            target = self.candidates.lowest()
            if target is not None and not self.budget.spent(self.evaluated):
                self._rule_out(target, self.candidates)
        while (target := self.candidates.most_general()) is not None:
            if self.budget.spent(self.evaluated):
                return False
            self.visit(target)
        return True

    def _rule_out(self, target: Node, candidates: Candidates) -> None:
        path = chain(target, self.top, self.information)
        low, high = 0, len(path) - 1
        while low < high:
            middle = (low + high + 1) // 2
            self.visit(path[middle])
            if not candidates.holds(target):
                low = middle
            else:
                high = middle - 1
        if candidates.holds(target):
            self.visit(target)

    def _prove(self, candidates: Candidates, node: Node, found: Evaluation) -> None:
        if self._allowed(found.least_suppressed):
            candidates.raise_below(node, found.priced)
            candidates.drop(node)
        else:
            candidates.drop_below(node)
        candidates.raise_above(node, found.priced)

    def _allowed(self, suppressed: int) -> bool:
        return suppressed <= self.budget.allowed and suppressed < self.rows
