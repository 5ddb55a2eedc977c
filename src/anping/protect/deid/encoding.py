"""A table becomes small integers: per row and column the index of its leaf among those observed.

Only observed leaves get an index, so that keys stay short however large a hierarchy's domain is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import fsum

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from anping.core.errors import ParameterError
from anping.core.text import Text
from anping.engine.table import Table
from anping.protect.deid.hierarchy import Hierarchy
from anping.protect.deid.model import PrivacyModel

Codes = npt.NDArray[np.int64]
Node = tuple[int, ...]


@dataclass(frozen=True)
class Ladder:
    """One column's levels over its observed leaves.

    ``codes[level][leaf]`` is the value's index on that level, below ``sizes[level]``;
    ``cost[level][leaf]`` is what one cell adds to the loss of its row (all columns at the top: 1);
    ``names[level]`` are the released texts.
    """

    column: str
    codes: tuple[Codes, ...]
    sizes: tuple[int, ...]
    cost: tuple[npt.NDArray[np.float64], ...]
    names: tuple[tuple[str, ...], ...]

    @property
    def height(self) -> int:
        """The highest level."""
        return len(self.sizes) - 1


@dataclass(frozen=True)
class Encoded:
    """The rows as integers: ``leaves`` per column, ``person`` per row, ``sensitive`` per column."""

    ladders: tuple[Ladder, ...]
    leaves: tuple[Codes, ...]
    person: Codes | None
    sensitive: tuple[Codes, ...]

    @property
    def rows(self) -> int:
        """The number of rows."""
        return int(self.leaves[0].size)

    @property
    def top(self) -> Node:
        """The node in which every column stands on its highest level."""
        return tuple(ladder.height for ladder in self.ladders)

    def people(self) -> int:
        """Return the number of distinct people: rows, where there is no person column."""
        return self.rows if self.person is None else int(np.unique(self.person).size)


def encode(
    table: Table,
    hierarchies: Mapping[str, Hierarchy],
    *,
    model: PrivacyModel,
    person: str | None,
    weights: Mapping[str, float] | None,
) -> Encoded:
    """Return the table as integers.

    All rows whose ``person`` is missing count as one person: two unknown people are never assumed.
    Raises SchemaError for a missing column and PlanError for a value outside its hierarchy.
    """
    needed = [*hierarchies, *model.diversified, *([] if person is None else [person])]
    columns = table.arrow(list(dict.fromkeys(needed)))
    shares = _shares(list(hierarchies), weights or {})
    encoded = [
        _encode_column(columns.column(name), hierarchy, share)
        for (name, hierarchy), share in zip(hierarchies.items(), shares, strict=True)
    ]
    return Encoded(
        ladders=tuple(ladder for ladder, _ in encoded),
        leaves=tuple(leaves for _, leaves in encoded),
        person=None if person is None else _distinct(columns.column(person))[1],
        sensitive=tuple(_distinct(columns.column(name))[1] for name in model.diversified),
    )


def _shares(columns: Sequence[str], weights: Mapping[str, float]) -> list[float]:
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


def _distinct(column: pa.ChunkedArray) -> tuple[list[object], Codes]:
    """Return the distinct values (null included) and each row's index among them."""
    combined = column.combine_chunks()
    if pa.types.is_dictionary(combined.type):
        combined = combined.cast(combined.type.value_type)
    coded = combined.dictionary_encode(null_encoding="encode")
    indices = coded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    return coded.dictionary.to_pylist(), indices


def _encode_column(
    column: pa.ChunkedArray, hierarchy: Hierarchy, share: float
) -> tuple[Ladder, Codes]:
    values, indices = _distinct(column)
    prepared = [hierarchy.leaf_of(value) for value in values]
    hierarchy.require(prepared)
    present = set(prepared)
    observed = [leaf for leaf in hierarchy.leaves if leaf in present]
    place = {leaf: index for index, leaf in enumerate(observed)}
    to_leaf = np.fromiter((place[leaf] for leaf in prepared), np.int64, len(prepared))
    return _ladder(hierarchy, observed, share), to_leaf[indices]


def _ladder(hierarchy: Hierarchy, observed: Sequence[str], share: float) -> Ladder:
    codes, costs, names = [], [], []
    for level in range(hierarchy.height + 1):
        values = [hierarchy.paths[leaf][level] for leaf in observed]
        index = {value: code for code, value in enumerate(dict.fromkeys(values))}
        codes.append(np.fromiter((index[value] for value in values), np.int64, len(values)))
        lost = (share * hierarchy.coverage(value) for value in values)
        costs.append(np.fromiter(lost, np.float64, len(values)))
        names.append(tuple(index))
    return Ladder(
        hierarchy.column, tuple(codes), tuple(map(len, names)), tuple(costs), tuple(names)
    )
