"""The heights of a scorecard's bins: a logistic regression that keeps every column's trend.

Two ways. ``weights``: one slope for each column on its weights of evidence, none of the wrong sign
(Siddiqi 2006, ch. 6). ``joint``: one height for each bin, all fitted together; within a column they
may only go the way that its event rates go, so that columns that tell the same do not tell it twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from anping.stats.binning_columns import FEWEST_BESIDE, BinnedColumn

Floats = NDArray[np.float64]
Places = NDArray[np.int64]
Flags = NDArray[np.bool_]
Way = Literal["joint", "weights"]
#: Rows that are looked at together: a table of any length needs no more memory than these.
_BLOCK = 65_536
_STEPS, _CLOSE = 25, 1e-4
#: Exchanges of slopes between bound and free; patience before they are exchanged one at a time.
_PIVOTS, _PATIENCE, _TINY = 2_000, 5, 1e-9
#: A penalty in rows against heights that chance alone would raise.
_RIDGE = 1.0


@dataclass(frozen=True, eq=False)
class Heights:
    """Log-odds of the event: ``base`` of nobody's bins, and (bins,) to add for each column's bins."""

    base: float
    columns: tuple[Floats, ...]


def fit_heights(
    columns: Sequence[BinnedColumn], places: Places, labels: Flags, *, way: Way = "joint"
) -> Heights:
    """Return the heights of the bins in which the rows' cells lie, ``places`` (n, columns).

    A column whose slope would be of the wrong sign, or that adds nothing to the others, has heights
    of 0.
    """
    tables = [_weight_table(each) if way == "weights" else _steps_table(each) for each in columns]
    free = np.concatenate([np.array([True]), *(table.free for table in tables)])
    slopes = _constrained([table.cells for table in tables], places, labels, free=free)
    ends = np.cumsum([1, *(table.free.size for table in tables)])
    heights = tuple(
        table.cells @ slopes[first:last]
        for table, first, last in zip(tables, ends[:-1], ends[1:], strict=True)
    )
    return Heights(float(slopes[0]), heights)


@dataclass(frozen=True, eq=False)
class _Table:
    """What a bin is to the regression: ``cells`` (bins, numbers), and which slopes have any sign."""

    cells: Floats
    free: Flags


def _weight_table(column: BinnedColumn) -> _Table:
    return _Table(-column.weights.reshape(-1, 1), np.zeros(1, dtype=np.bool_))


def _steps_table(column: BinnedColumn) -> _Table:
    """Return a step between every two ordinary bins, up or down, and a height for each bin beside."""
    bins, ordinary = column.events.size, column.ordinary
    rows = column.events + column.others
    rate = column.events[:ordinary] / np.maximum(rows[:ordinary], 1)
    way = np.where(np.diff(rate) >= 0, 1.0, -1.0)
    steps = (np.arange(bins)[:, None] > np.arange(ordinary - 1)) * way
    steps[ordinary:] = 0.0
    beside = np.arange(ordinary, bins)[rows[ordinary:] >= FEWEST_BESIDE]
    own = np.zeros((bins, beside.size))
    own[beside, np.arange(beside.size)] = 1.0
    middle = steps[:ordinary].T @ rows[:ordinary] / max(float(rows[:ordinary].sum()), 1.0)
    # Bins that say nothing stand where the average row stands.
    quiet = np.setdiff1d(np.arange(ordinary, bins), beside)
    steps[quiet] = middle
    free = np.concatenate([np.zeros(steps.shape[1], bool), np.ones(beside.size, bool)])
    return _Table(np.concatenate([steps, own], axis=1), free)


def _constrained(tables: Sequence[Floats], places: Places, labels: Flags, *, free: Flags) -> Floats:
    """Return the slopes of a ridge logistic regression, not negative where they are not free.

    Newton's method; each step is a quadratic problem with bounds, solved exactly.
    """
    design = _designed(tables, places)
    share = float(labels.mean())
    slopes = np.zeros(free.size)
    slopes[0] = np.log(share / (1 - share))
    ridge = np.full(free.size, _RIDGE)
    ridge[0] = 1e-9
    loss, step = np.inf, np.zeros(free.size)
    for _ in range(_STEPS):
        now, gradient, curvature = _moments(design, labels, slopes)
        now += float(ridge @ slopes**2) / 2
        if now > loss:
            # Newton's step went past the valley.
            step = step / 2
            slopes = slopes - step
            if np.abs(step).max() < _CLOSE:
                break
            continue
        loss = now
        gradient += ridge * slopes
        curvature[np.diag_indices_from(curvature)] += ridge
        step = _bounded_step(curvature, gradient, slopes, free)
        slopes = slopes + step
        if np.abs(step).max() < _CLOSE:
            break
    slopes[~free & (slopes < _CLOSE)] = 0.0
    return slopes


Design = Callable[[], Iterator[tuple[slice, NDArray[np.float32]]]]


def _designed(tables: Sequence[Floats], places: Places) -> Design:
    small = [table.astype(np.float32) for table in tables]

    def blocks() -> Iterator[tuple[slice, NDArray[np.float32]]]:
        for first in range(0, len(places), _BLOCK):
            part = slice(first, first + _BLOCK)
            ones = np.ones((len(places[part]), 1), dtype=np.float32)
            cells = [table[places[part, at]] for at, table in enumerate(small)]
            yield part, np.concatenate([ones, *cells], axis=1)

    if len(places) > _BLOCK:
        return blocks
    kept = list(blocks())
    return lambda: iter(kept)


def _moments(design: Design, labels: Flags, slopes: Floats) -> tuple[float, Floats, Floats]:
    """Return the loss, its gradient and its curvature."""
    loss, gradient = 0.0, np.zeros(slopes.size)
    curvature = np.zeros((slopes.size, slopes.size))
    small = slopes.astype(np.float32)
    for part, block in design():
        sums = (block @ small).astype(np.float64)
        event = labels[part]
        loss += float(np.logaddexp(0.0, sums).sum() - sums[event].sum())
        chance = 1 / (1 + np.exp(-sums))
        gradient += block.T @ (chance - event)
        rooted = block * np.sqrt(chance * (1 - chance)).astype(np.float32)[:, None]
        curvature += rooted.T @ rooted
    return loss, gradient, curvature


def _bounded_step(curvature: Floats, gradient: Floats, slopes: Floats, free: Flags) -> Floats:
    """Return the step to the lowest point of the parabola that keeps the bounds.

    Block principal pivoting: slopes change sides, bound or not, until none is on the wrong one; one at a
    time where all together go round in circles, which must end (Júdice & Pires 1994; Murty 1974).
    """
    linear = gradient - curvature @ slopes
    inside = free | (slopes > 0)
    fewest, patience = slopes.size + 1, _PATIENCE
    found = np.zeros_like(slopes)
    for _ in range(_PIVOTS):
        found = np.zeros_like(slopes)
        found[inside] = -np.linalg.solve(curvature[np.ix_(inside, inside)], linear[inside])
        pull = curvature @ found + linear
        wrong = ~free & np.where(inside, found < -_TINY, pull < -_TINY)
        count = int(wrong.sum())
        if not count:
            break
        if count < fewest:
            fewest, patience = count, _PATIENCE
        elif patience:
            patience -= 1
        else:
            last = int(np.flatnonzero(wrong)[-1])
            wrong = np.arange(wrong.size) == last
        inside = inside ^ wrong
    step: Floats = np.where(free, found, np.maximum(found, 0.0)) - slopes
    return step
