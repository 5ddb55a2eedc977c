"""How well one column alone tells the target: what copies of it, and columns filled later, give away."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from anping.learn.columns import Column
from anping.learn.target import Target
from anping.stats.auc import auc

Floats = NDArray[np.float64]
Places = NDArray[np.int64]
_BINS = 64
_MOST_ROWS = 20_000


@dataclass(frozen=True)
class Telling:
    """``score`` is an AUC (the largest over classes) or 0.5 + R²/2; ``by_absence`` of empty cells alone."""

    score: float
    by_absence: float


def telling(column: Column, cells: pa.ChunkedArray, values: Floats, target: Target) -> Telling:
    """Return how well the column's cells tell the target's known values (n,).

    The mean target of each bin is learnt on one half of at most 20,000 rows and tried on the other,
    both ways round, so that a column of many values gains nothing by chance.
    """
    step = max(1, len(cells) // _MOST_ROWS)
    chosen = cells.take(pa.array(np.arange(0, len(cells), step))) if step > 1 else cells
    values = values[::step]
    numbers = column.matrix(chosen)[:, 0]
    category = column.feature.nature == "category"
    missing = numbers == column.codes - 1 if category else np.isnan(numbers)
    return Telling(
        _score(_places(numbers, category=category), values, target),
        _score(missing.astype(np.int64), values, target) if missing.any() else 0.5,
    )


def _places(numbers: Floats, *, category: bool) -> Places:
    if category:
        return numbers.astype(np.int64)
    told = numbers[~np.isnan(numbers)]
    if not told.size:
        return np.zeros(numbers.size, dtype=np.int64)
    cuts = np.unique(np.quantile(told, np.linspace(0, 1, _BINS + 1)[1:-1]))
    places: Places = np.searchsorted(cuts, numbers, side="right").astype(np.int64)
    places[np.isnan(numbers)] = cuts.size + 1
    return places


def _score(places: Places, values: Floats, target: Target) -> float:
    half = np.random.default_rng(0).random(values.size) < 0.5
    if target.task == "number":
        said = _crossed(places, values, half)
        spread = float(((values - values.mean()) ** 2).sum())
        left = float(((values - said) ** 2).sum())
        return 0.5 + max(0.0, 1 - left / spread) / 2 if spread > 0 else 0.5
    best = 0.5
    for code in range(1 if target.task == "binary" else 0, len(target.classes)):
        mine = values == code
        if mine.any() and not mine.all():
            best = max(best, auc(mine, _crossed(places, mine.astype(np.float64), half)))
    return best


def _crossed(places: Places, values: Floats, half: NDArray[np.bool_]) -> Floats:
    """Return (n,): for each row the mean of its bin among the rows of the other half."""
    said = np.empty(values.size)
    bins = int(places.max(initial=0)) + 1
    for side in (half, ~half):
        mean = float(values[side].mean()) if side.any() else 0.0
        count = np.bincount(places[side], minlength=bins)
        total = np.bincount(places[side], weights=values[side], minlength=bins)
        # A bin that the half hardly knows says what the half says on the whole.
        known = (total + mean) / (count + 1)
        said[~side] = known[places[~side]]
    return said
