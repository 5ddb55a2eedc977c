"""A column becomes small integers: the index of each leaf among those observed.

Only observed leaves get an index, so that keys stay short however large a hierarchy's domain is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import fsum

import numpy as np
import numpy.typing as npt

from anping.core.errors import ParameterError
from anping.core.text import Text
from anping.protect.deid.hierarchy import Hierarchy

Codes = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Node = tuple[int, ...]


@dataclass(frozen=True)
class Ladder:
    """One column's levels over its observed leaves.

    ``codes[level][leaf]`` is the value's index on that level, below ``sizes[level]``;
    ``cost[level][leaf]`` is what one cell adds to the loss of its row (all columns at the top: 1);
    ``names[level]`` are the released texts; ``share`` is the column's part of a row's loss.
    """

    column: str
    codes: tuple[Codes, ...]
    sizes: tuple[int, ...]
    cost: tuple[Floats, ...]
    names: tuple[tuple[str, ...], ...]
    share: float

    @property
    def height(self) -> int:
        """The highest level."""
        return len(self.sizes) - 1


def shares(columns: Sequence[str], weights: Mapping[str, float]) -> list[float]:
    """Return each column's part of the loss; they sum to 1.

    Raises ParameterError for weights of other columns, or all zero.
    """
    asked = [weights.get(column, 1.0) for column in columns]
    total = fsum(asked)
    if total <= 0 or any(name not in columns for name in weights):
        raise ParameterError(
            "deid.weights",
            Text(
                "權重的欄位必須是準識別欄位，且不能全為零。",
                "Weights must name quasi-identifiers and must not all be zero.",
            ),
            hint=Text("修改計畫中的權重。", "Change the weights in the plan."),
        )
    return [weight / total for weight in asked]


def ladder_of(hierarchy: Hierarchy, observed: Sequence[str], share: float) -> Ladder:
    """Return the levels over the observed leaves; ``share`` is the column's part of the loss."""
    codes, costs, names = [], [], []
    for level in range(hierarchy.height + 1):
        values = [hierarchy.paths[leaf][level] for leaf in observed]
        index = {value: code for code, value in enumerate(dict.fromkeys(values))}
        codes.append(np.fromiter((index[value] for value in values), np.int64, len(values)))
        lost = (share * hierarchy.coverage(value) for value in index)
        costs.append(np.fromiter(lost, np.float64, len(index))[codes[-1]])
        names.append(tuple(index))
    return Ladder(
        hierarchy.column, tuple(codes), tuple(map(len, names)), tuple(costs), tuple(names), share
    )
