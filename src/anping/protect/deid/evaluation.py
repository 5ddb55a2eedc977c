"""What one node of the lattice costs: which classes fail the model, and what suppressing them loses."""

from __future__ import annotations

from dataclasses import dataclass
from math import log

import numpy as np

from anping.protect.deid.encoding import Codes, Floats, Ladder, Node
from anping.protect.deid.model import PrivacyModel
from anping.protect.deid.tuples import (
    Attribute,
    Bools,
    Encoded,
    Tuples,
    class_keys,
    costs,
    dense,
    rolled_up,
    totals,
)

_TABLE = 2**22
_MARKS = 2**27
_SNAPSHOTS = 64
# Snapshots are kept while they have no more tuples than this in all: some 100 bytes each.
_SNAPSHOT_TUPLES = 2**22
_WORTH_ROLLING_UP = 1024
#: Entropies are sums of rounded logarithms: equal up to this many nats is equal.
ENTROPY_TOLERANCE = 1e-9


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
        failing, _ = failing_classes(tuples, keys, size=size, model=self.model)
        return failing[keys]

    def _evaluate(self, node: Node) -> Evaluation:
        tuples = self._source(node)
        keys, size = _dense_keys(tuples, self.ladders, node)
        failing, always = failing_classes(tuples, keys, size=size, model=self.model)
        suppressed, penalty = self._price(tuples, node, failing[keys])
        least = (suppressed, penalty)
        if always is not failing:
            least = self._price(tuples, node, always[keys])
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


def failing_classes(
    tuples: Tuples, keys: Codes, *, size: int, model: PrivacyModel
) -> tuple[Bools, Bools]:
    """Return which of ``size`` classes fail the model, and which fail in every specialisation too.

    A class that has fewer than k people, or fewer than l sensitive values, consists of classes that
    have fewer still. Entropy has no such rule: a class that fails can have parts that pass; but a
    part that passes has at least l values, so fewer than l values dooms all parts.
    """
    doomed = _people(tuples, keys, size) < model.k
    if model.l is None or not tuples.attributes:
        return doomed, doomed
    uneven = np.zeros(size, np.bool_)
    for attribute in tuples.attributes:
        if model.l_kind == "distinct" and size * attribute.size <= _MARKS:
            doomed |= _different(attribute, keys, size) < model.l
            continue
        classes, counts = _value_counts(attribute, keys, size)
        doomed |= np.bincount(classes, minlength=size) < model.l
        if model.l_kind == "entropy":
            uneven |= _entropy(classes, counts, size) < log(model.l) - ENTROPY_TOLERANCE
    return (doomed | uneven, doomed) if model.l_kind == "entropy" else (doomed, doomed)


def _dense_keys(tuples: Tuples, ladders: tuple[Ladder, ...], node: Node) -> tuple[Codes, int]:
    keys, size = class_keys(tuples, ladders, node)
    if size <= 2 * tuples.size + 2**18:
        return keys, size
    distinct, inverse = np.unique(keys, return_inverse=True)
    return inverse, int(distinct.size)


def _people(tuples: Tuples, keys: Codes, size: int) -> Floats:
    people = totals(keys, tuples.once, size)
    if tuples.pair_tuple.size:
        pairs = np.unique(keys[tuples.pair_tuple] * tuples.people + tuples.pair_person)
        people += np.bincount(pairs // tuples.people, minlength=size)
    return people


def _different(attribute: Attribute, keys: Codes, size: int) -> Codes:
    """Return each class's number of different values."""
    marks = np.zeros(size * attribute.size, np.bool_)
    marks[keys[attribute.tuple_of] * attribute.size + attribute.value] = True
    return np.asarray(marks.reshape(size, attribute.size).sum(axis=1), np.int64)


def _value_counts(attribute: Attribute, keys: Codes, size: int) -> tuple[Codes, Floats]:
    """Return the classes and row counts of all (class, value) pairs that occur."""
    pairs = keys[attribute.tuple_of] * attribute.size + attribute.value
    if size * attribute.size <= _TABLE:
        table = totals(pairs, attribute.rows, size * attribute.size)
        present = np.flatnonzero(table)
        return present // attribute.size, table[present]
    present, inverse = np.unique(pairs, return_inverse=True)
    return present // attribute.size, totals(inverse, attribute.rows, int(present.size))


def _entropy(classes: Codes, counts: Floats, size: int) -> Floats:
    """Return each class's Shannon entropy in nats; 0 for a class without rows."""
    total = np.maximum(totals(classes, counts, size), 1.0)
    spread = totals(classes, counts * np.log(counts), size)
    return np.asarray(np.log(total) - spread / total)
