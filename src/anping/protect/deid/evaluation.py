"""What one node of the lattice costs: which classes fail the model, and what suppressing them loses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from anping.protect.deid.class_sizes import (
    Engine,
    NumpyEngine,
    SizedTuples,
    Tables,
    sized_tuples,
    tables_of,
)
from anping.protect.deid.compiled import compiled_engine, use_compiled
from anping.protect.deid.criteria.anonymity import EstimatedKMap, KAnonymity
from anping.protect.deid.encoding import Codes, Floats, Ladder, Node
from anping.protect.deid.goals.protocol import Goal, Grouping, Priced, at
from anping.protect.deid.goals.separable import SeparableLoss
from anping.protect.deid.judging import Judged, failing_classes, people
from anping.protect.deid.lattice import bits
from anping.protect.deid.model import PrivacyModel
from anping.protect.deid.roll_ups import RollUps
from anping.protect.deid.tuples import Bools, Encoded, Tuples, class_keys, dense, rolled_up
from anping.protect.deid.wildcards import coverage


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One node: what it costs, and the rows that are suppressed there.

    At least ``least_suppressed`` rows are suppressed at every more specific node as well.
    """

    suppressed: int
    least_suppressed: int
    priced: Priced


class Evaluator:
    """Evaluates nodes of one encoded table and remembers both the answers and useful roll-ups."""

    def __init__(
        self,
        encoded: Encoded,
        model: PrivacyModel,
        goal: Goal | None = None,
        *,
        fast: bool | None = None,
    ) -> None:
        self.ladders: tuple[Ladder, ...] = encoded.ladders
        self.model = model
        self.rows = encoded.rows
        self.goal: Goal = SeparableLoss.of(encoded) if goal is None else goal
        self.known: dict[Node, Evaluation] = {}
        self.bits = bits(encoded)
        self._tuples = RollUps(
            encoded.tuples, _order(self.bits), roll=self._rolled, size=lambda tuples: tuples.size
        )
        self.sizes = BySize.of(encoded, model, self.goal, information=self.bits, fast=fast)

    @property
    def minimises_loss(self) -> bool:
        """Whether the goal is the mean information loss itself."""
        return isinstance(self.goal, SeparableLoss) and self.goal.ladders is self.ladders

    def evaluate(self, node: Node) -> Evaluation:
        """Return what ``node`` costs."""
        found = self.known.get(node)
        if found is None:
            found = None if self.sizes is None else self.sizes.evaluate(node)
            found = self._evaluate(node, self._tuples.serving(node)) if found is None else found
            self.known[node] = found
        return found

    def failing(self, node: Node) -> Bools:
        """Return, per tuple of the finest node, whether its class at ``node`` is suppressed."""
        tuples = self._tuples.finest
        keys, size = _dense_keys(tuples, self.ladders, node)
        judged = self._judged(tuples, node, keys, size)
        return self._suppressed(tuples, keys, judged.failing)[keys]

    def whole(self, node: Node) -> Evaluation:
        """Return what ``node`` costs, from the finest tuples: the same sums in every run."""
        return self._evaluate(node, self._tuples.finest)

    def _evaluate(self, node: Node, tuples: Tuples) -> Evaluation:
        keys, size = _dense_keys(tuples, self.ladders, node)
        judged = self._judged(tuples, node, keys, size)
        lost = self._suppressed(tuples, keys, judged.failing)[keys]
        dead = judged.doomed[keys]
        least = round(float(tuples.rows[dead].sum()))
        if self.model.union_closed and self.model.missing == "own-value":
            # A class that fails has a part that fails, wherever it is split.
            mendable = judged.failing & ~judged.doomed
            seen = np.zeros(size, np.bool_)
            seen[keys[tuples.rows > 0]] = True
            least += int(np.count_nonzero(mendable & seen))
        if judged.barred:
            least = self.rows + 1
        suppressed = self.rows + 1 if judged.barred else round(float(tuples.rows[lost].sum()))
        priced = self.goal.price(Grouping(tuples, node, keys, size, lost, dead))
        return Evaluation(suppressed, least, priced)

    def _judged(self, tuples: Tuples, node: Node, keys: Codes, size: int) -> Judged:
        covered = None
        if self.model.missing == "wildcard":
            covered = coverage(tuples, self.ladders, node, keys=keys, size=size)
        return failing_classes(tuples, keys, size=size, model=self.model, covered=covered)

    def _suppressed(self, tuples: Tuples, keys: Codes, failing: Bools) -> Bools:
        """Add to the classes that fail those that the release as a whole cannot bear."""
        if not self.model.release_criteria:
            return failing
        sizes = people(tuples, keys, failing.size).astype(np.int64)
        gone = failing.copy()
        for criterion in self.model.release_criteria:
            found, counts = np.unique(sizes[~gone & (sizes > 0)], return_counts=True)
            least = criterion.least_size(found, counts) if found.size else 0
            gone |= np.ones_like(gone) if least is None else sizes < least
        return gone

    def _rolled(self, tuples: Tuples, node: Node) -> Tuples:
        keys, size = _dense_keys(tuples, self.ladders, node)
        return rolled_up(tuples, dense(keys, size)[0])


@dataclass(frozen=True)
class BySize:
    """The short way, where only class sizes matter; ``compiled`` code may do the whole of it."""

    tables: Tables
    tuples: RollUps[SizedTuples]
    engine: Engine
    compiled: bool
    goal: SeparableLoss
    least: int
    rows: int
    order: tuple[int, ...]

    @classmethod
    def of(
        cls,
        encoded: Encoded,
        model: PrivacyModel,
        goal: Goal,
        *,
        information: tuple[Floats, ...],
        fast: bool | None,
    ) -> BySize | None:
        """Return it for a table, or None where more than class sizes matters."""
        least = _least_size(model)
        plain = not encoded.tuples.pair_tuple.size and not encoded.tuples.attributes
        if least is None or not plain or not isinstance(goal, SeparableLoss):
            return None
        tables = tables_of(encoded, goal.ladders)
        finest = sized_tuples(encoded, tables)
        compiled = use_compiled(finest.size, rows=encoded.rows, fast=fast)
        engine: Engine = compiled_engine(finest.size) if compiled else NumpyEngine()

        def rolled(tuples: SizedTuples, node: Node) -> SizedTuples:
            table = tables.at(node)
            if table is None:
                return tuples
            return engine.rolled(tuples, table)

        order = _order(information)
        tuples = RollUps(finest, order, roll=rolled, size=lambda each: each.size)
        return cls(tables, tuples, engine, compiled, goal, least, encoded.rows, order)

    def evaluate(self, node: Node) -> Evaluation | None:
        """Return what ``node`` costs, or None where its keys would leave 62 bits."""
        tuples = self.tuples.serving(node)
        table = self.tables.at(node)
        if table is None:
            return None
        found = self.engine.sized(tuples, table, self.least)
        penalty = found.left / self.rows
        score = at(self.goal.axes, node) + penalty
        return Evaluation(found.suppressed, found.suppressed, Priced((score,), (penalty,)))


def _order(information: tuple[Floats, ...]) -> tuple[int, ...]:
    """Return the columns, the one that generalisation takes most bits from first."""
    lost = [float(found[0] - found[-1]) for found in information]
    return tuple(sorted(range(len(lost)), key=lambda column: -lost[column]))


def _least_size(model: PrivacyModel) -> int | None:
    """Return the least class size that a model asks for, or None where it asks for more."""
    if model.release_criteria or model.missing == "wildcard":
        return None
    least = 0
    for criterion in model.class_criteria:
        if isinstance(criterion, KAnonymity):
            least = max(least, criterion.k)
        elif isinstance(criterion, EstimatedKMap):
            least = max(least, criterion.least)
        else:
            return None
    return least


def _dense_keys(tuples: Tuples, ladders: tuple[Ladder, ...], node: Node) -> tuple[Codes, int]:
    keys, size = class_keys(tuples, ladders, node)
    if size <= 2 * tuples.size + 2**18:
        return keys, size
    distinct, inverse = np.unique(keys, return_inverse=True)
    return inverse, int(distinct.size)
