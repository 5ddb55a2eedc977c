"""The whole search handed to compiled code, where only class sizes matter and the lattice is not large.

Needs numba: :mod:`anping.protect.deid.kernel_search` is imported with this module.
"""

from __future__ import annotations

from functools import reduce
from math import prod
from typing import NamedTuple

import numpy as np

from anping.core.progress import Progress
from anping.protect.deid.class_sizes import LARGEST_KEY, SizedTuples, Tables
from anping.protect.deid.encoding import Codes, Floats
from anping.protect.deid.goals.separable import SeparableLoss
from anping.protect.deid.kernel_bounds import Lattice, lattice_of
from anping.protect.deid.kernel_search import (
    Columns,
    State,
    roll_ups_of,
    rule_out_lowest,
    visit_in_order,
    visit_top,
    work_for,
)
from anping.protect.deid.search_state import FROM_BELOW, SEARCHING, Budget, Outcome

#: Python is asked whether to go on after so many tuples looked at.
_BETWEEN = 2**20


class Problem(NamedTuple):
    """What is searched: the finest tuples, their tables, what is made least, and the least class size.

    ``bits`` is what each column tells on each level; ``order`` the columns by what they tell.
    """

    tuples: SizedTuples
    tables: Tables
    goal: SeparableLoss
    least: int
    bits: tuple[Floats, ...]
    order: tuple[int, ...]


def fits_keys(tables: Tables) -> bool:
    """Return whether the keys of every node stay within 62 bits."""
    return prod(max(ladder.sizes) for ladder in tables.ladders) <= LARGEST_KEY


def search_compiled(problem: Problem, budget: Budget, *, progress: Progress) -> Outcome:
    """Return the best node of a lattice, as ``search`` does."""
    columns = _columns(problem.tables)
    top = np.asarray([ladder.height for ladder in problem.tables.ladders])
    lattice = _lattice(problem, top)
    tuples = problem.tuples
    rolled = roll_ups_of(tuples.places, tuples.rows, top, np.asarray(problem.order))
    work = work_for(columns, top, tuples.size)
    state = State(lattice, columns, rolled, work, problem.least, budget.allowed, problem.goal.rows)

    def goes_on() -> bool:
        progress(SEARCHING, int(lattice.evaluated[0]), None)
        return not budget.spent(int(lattice.evaluated[0]))

    visit_top(state)
    for _ in range(FROM_BELOW):
        if goes_on():
            rule_out_lowest(state)
    left = _most_general_first(lattice, top)
    slice_of = max(1, _BETWEEN // max(1, tuples.size))
    while left.size and goes_on():
        most = int(lattice.evaluated[0]) + slice_of
        most = most if budget.most is None else min(most, budget.most)
        left = left[visit_in_order(state, left, most) :]
    best = int(lattice.best[0])
    node = None if best < 0 else np.unravel_index(best, tuple(top + 1))
    return Outcome(
        None if node is None else tuple(int(level) for level in node),
        not left.size,
        int(lattice.evaluated[0]),
    )


def _lattice(problem: Problem, top: Codes) -> Lattice:
    least = reduce(lambda total, axis: np.add.outer(total, axis).ravel(), problem.goal.axes)
    bits = np.zeros((top.size, int(top.max()) + 1))
    for row, column in zip(bits, problem.bits, strict=True):
        row[: column.size] = column
    return lattice_of(top, bits, least)


def _most_general_first(lattice: Lattice, top: Codes) -> Codes:
    """Return the numbers of the nodes that are left, by how many stand below them."""
    below = reduce(
        lambda total, high: np.multiply.outer(total, np.arange(1, high + 2)).ravel(),
        top.tolist(),
        np.ones(1, np.int64),
    )
    left = np.flatnonzero(lattice.bound != np.inf)
    # One number for both is sorted sooner than one by the other.
    return np.sort((below[-1] - below[left]) * below.size + left) % below.size


def _columns(tables: Tables) -> Columns:
    ladders = tables.ladders
    levels = max(len(ladder.sizes) for ladder in ladders)
    first, sizes = np.zeros((2, len(ladders), levels), np.int64)
    at = 0
    for column, ladder in enumerate(ladders):
        for level, size in enumerate(ladder.sizes):
            first[column, level], sizes[column, level] = at, size
            at += ladder.sizes[0]
    return Columns(
        group=np.cumsum([0, *map(len, tables.groups)]),
        entry=np.asarray([*tables.starts, tables.ends[-1]]),
        leaves=np.asarray([ladder.sizes[0] for ladder in ladders]),
        first=first,
        sizes=sizes,
        codes=np.concatenate([codes for ladder in ladders for codes in ladder.codes]),
        costs=np.concatenate([cost for ladder in ladders for cost in ladder.cost]),
    )
