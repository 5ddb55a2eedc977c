"""The Pareto front: the choices that no other choice beats on everything at once.

Pareto dominance with all objectives minimised: Deb 2001, Multi-Objective Optimization Using
Evolutionary Algorithms, section 2.4.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anping.core.errors import ParameterError
from anping.core.text import Text


def pareto_front(costs: ArrayLike) -> NDArray[np.bool_]:
    """Return (n,) which rows of ``costs`` (n, m) no other row dominates; less is better.

    A row dominates another if it is nowhere worse and somewhere better; equal rows do not dominate
    one another. Raises ParameterError for costs that are no matrix of finite numbers.
    """
    given = np.asarray(costs, float)
    if given.ndim != 2 or not np.isfinite(given).all():
        raise ParameterError(
            "stats.pareto",
            Text(
                "每個選擇的每個目標都要有一個有限的數值。",
                "Every choice needs one finite number for each objective.",
            ),
            hint=Text("去掉沒有量到的選擇。", "Leave out choices that were not measured."),
        )
    front = np.ones(len(given), np.bool_)
    # In this order nothing is dominated by what comes after it, but by its equals.
    order = np.lexsort(given.T[::-1]) if given.size else np.arange(len(given))
    kept: list[int] = []
    for place in order:
        mine = given[place]
        others = given[kept]
        beaten = (others <= mine).all(axis=1) & (others < mine).any(axis=1)
        if beaten.any():
            front[place] = False
        else:
            kept.append(int(place))
    return front
