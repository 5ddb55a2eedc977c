"""How far an estimate from class sizes would move with another sample: the grouped jackknife.

Source: Kott 2001, Journal of Official Statistics 17:521 (the delete-a-group jackknife).
"""

from __future__ import annotations

from math import sqrt

import numpy as np

from anping.core.measure import Interval
from anping.protect.risk.population.sizes import ClassSizes, Model

_GROUPS = 20
#: The 97.5 % quantile of Student's t with 19 degrees of freedom.
_T = 2.093


def jackknife(
    model: Model, sample: ClassSizes, population: int, *, value: float, seed: int
) -> Interval | None:
    """Return the 95 % interval of a model's share, or None where a part of the classes is too few.

    The classes are dealt at random into twenty groups; the model is fitted again with each of them
    left out. The sampling fraction stays.
    """
    if sample.count < _GROUPS:
        return None
    generator = np.random.default_rng(seed)
    dealt = generator.multinomial(sample.classes, np.full(_GROUPS, 1 / _GROUPS))
    per_member = population / sample.members
    found = []
    for group in range(_GROUPS):
        left = sample.classes - dealt[:, group]
        rest = ClassSizes(sample.sizes[left > 0], left[left > 0])
        again = model(rest, round(per_member * rest.members)) if rest.count else None
        if again is None:
            return None
        found.append(again)
    spread = _T * sqrt((_GROUPS - 1) * float(np.var(found)))
    return Interval(max(0.0, value - spread), min(1.0, value + spread), 0.95, "jackknife-grouped")
