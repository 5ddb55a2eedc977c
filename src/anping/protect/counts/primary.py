"""Which cells are unsafe by themselves, and how far they must be able to move."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from anping.protect.counts.cube import Bools, Cube, Floats
from anping.protect.counts.rules import CountRules


@dataclass(frozen=True)
class Unsafe:
    """The cells that a rule suppresses, and what protects them. All in the table's shape.

    ``count_up`` and ``total_up`` say by how much the count and the sum of a cell must be able to be
    larger than they are, in a table that agrees with everything published.
    """

    cells: Bools
    count_up: Floats
    total_up: Floats


def unsafe_cells(cube: Cube, rules: CountRules, *, summed: bool) -> Unsafe:
    """Return the primary suppressions. ``summed`` says that there is a column of values.

    The movement asked for is the upper protection level of the rule (Hundepool et al. 2012, 4.2.2):
    p % of the largest less what others than the two largest give; what would bring the n largest
    down to k %; and for a cell with few people, a count up to the threshold.
    """
    few = (cube.people > 0) & (cube.people < rules.threshold)
    cells = few.copy()
    count_up = np.where(few, np.maximum(rules.threshold - cube.count, 1), 0.0)
    total_up = np.zeros(cube.shape)
    if summed:
        total_up = np.where(few, rules.protection * cube.total, 0.0)
        if rules.p_percent is not None:
            rest = cube.total - cube.largest - cube.second
            needed = rules.p_percent / 100 * cube.largest - rest
            cells |= needed > _noise(cube)
            total_up = np.maximum(total_up, needed)
        if rules.dominance is not None:
            needed = cube.top * 100 / rules.dominance[1] - cube.total
            cells |= needed > _noise(cube)
            total_up = np.maximum(total_up, needed)
    return Unsafe(cells, count_up, np.where(cells, total_up, 0.0))


def _noise(cube: Cube) -> Floats:
    """Return what sums of floats may be wrong by."""
    return np.asarray(1e-9 * cube.total, np.float64)
