"""Which columns moved a model's answers: the shift of the score, shared out over the columns.

Each column's part is its Shapley value: how much of the shift appears when the column takes the
current rows' cells while others still hold the reference's, averaged over orders of the columns
(Lundberg & Lee 2017, with the distribution's shift in place of a single answer; Budhathoki et al.
2021, AISTATS, for attributing a change of distribution).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from anping.core.measure import Interval, Measure
from anping.core.text import Text
from anping.engine.prediction import Predictor
from anping.run.monitoring.answers import answers_of

Floats = NDArray[np.float64]
_ROWS = 1000
_ORDERS = 12
_MOST = 8
_TITLE = Text(
    "模型分數的位移中來自這一欄的部分", "Part of the shift of the score that came from this column"
)


@dataclass(frozen=True, slots=True)
class Cause:
    """A column's part of the shift, in units of the score, with its standard error over orders."""

    name: str
    value: float
    error: float
    total: float
    n: int

    @property
    def share(self) -> float:
        """The part of the whole shift."""
        return self.value / self.total

    def measure(self) -> Measure:
        """Return the part as a measure."""
        reach = 1.96 * self.error
        return Measure(
            "monitor.cause",
            self.value,
            "score",
            self.n,
            _TITLE,
            subject=self.name,
            interval=Interval(self.value - reach, self.value + reach, 0.95, "normal-over-orders"),
            method="Shapley values over the columns that drifted most",
        )


def causes(
    predictor: Predictor,
    reference: pa.Table,
    current: pa.Table,
    moved: Sequence[str],
    *,
    seed: int,
) -> tuple[Cause, ...]:
    """Return the parts of the columns ``moved`` (eight at most, in this order) and of all others.

    The shift is the first Wasserstein distance of the scores. The parts add up to it; the part of all
    other columns is named ``""``. Empty where the scores did not shift at all.
    """
    generator = np.random.default_rng([seed, 4])
    n = min(_ROWS, reference.num_rows, current.num_rows)
    names = [feature.name for feature in predictor.signature.features]
    asked = [name for name in moved if name in names][:_MOST]
    if not n or not asked:
        return ()
    sides = [
        side.select(names).take(pa.array(generator.choice(side.num_rows, n, replace=False)))
        for side in (reference, current)
    ]
    rest = [name for name in names if name not in asked]
    players = [*([name] for name in asked), *([rest] if rest else [])]
    scores = _asked(predictor, sides, players, [generator.permutation(len(players)) for _ in range(_ORDERS)])  # fmt: skip
    parts = np.array(scores)
    total = float(parts[0].sum())
    if total <= 0:
        return ()
    errors = parts.std(axis=0, ddof=1) / sqrt(_ORDERS)
    return tuple(
        Cause(players[place][0] if place < len(asked) else "", float(mean), float(error), total, n)
        for place, (mean, error) in enumerate(zip(parts.mean(axis=0), errors, strict=True))
    )


def _asked(
    predictor: Predictor,
    sides: Sequence[pa.Table],
    players: Sequence[Sequence[str]],
    orders: Sequence[NDArray[np.int64]],
) -> list[Floats]:
    """Return, for each order, how much each player added to the shift."""
    known: dict[frozenset[int], float] = {}
    base = np.sort(_score(predictor, sides[0]))

    def shift(held: frozenset[int]) -> float:
        if held not in known:
            taken = {name for place in held for name in players[place]}
            columns = {
                name: sides[1 if name in taken else 0].column(name)
                for name in sides[0].column_names
            }
            scores = np.sort(_score(predictor, pa.table(columns)))
            known[held] = float(np.abs(scores - base).mean())
        return known[held]

    found = []
    for order in orders:
        parts, held, before = np.zeros(len(players)), frozenset[int](), 0.0
        for place in order.tolist():
            held |= {place}
            now = shift(held)
            parts[place], before = now - before, now
        found.append(parts)
    return found


def _score(predictor: Predictor, rows: pa.Table) -> Floats:
    return answers_of(predictor.signature, predictor.predict(rows), None).score
