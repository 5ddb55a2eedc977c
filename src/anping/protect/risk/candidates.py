"""The attacker's search: which released records could be a person with known quasi-identifiers.

Released records are grouped by their quasi-identifier values. For a target the compatible groups
are found by following the column that leaves the fewest, then testing the others. Among compatible
groups the most specific ones are best: a group that fewer people could stand behind is likelier to
be the target's (Fellegi & Sunter 1969: agreement on a rare value weighs more).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from anping.core.cells import trimmed_text
from anping.protect.risk.classes import Codes, combine, encode
from anping.protect.risk.compatible import Compatible

_TIE = 1e-9


@dataclass(frozen=True)
class _Column:
    """One quasi-identifier: groups by released value, and what each leaf is compatible with."""

    of_group: Codes
    groups_by_value: list[Codes]
    leaf_index: dict[str, int]
    allowed: list[Codes]
    group_count: list[int]


@dataclass(frozen=True)
class ReleasedGroups:
    """Released rows grouped by quasi-identifier values, searchable by a target's leaves.

    ``rows`` lists the row numbers of each group; ``specificity`` (g,) grows as fewer of the known
    people are compatible with the group, taking columns as independent.
    """

    rows: list[Codes]
    columns: tuple[_Column, ...]
    specificity: NDArray[np.float64]

    def best(self, leaves: Sequence[str]) -> Codes:
        """Return the released rows that most likely are a person with these leaves; may be empty."""
        found = self._compatible(leaves)
        if not found.size:
            return np.empty(0, dtype=np.int64)
        scores = self.specificity[found]
        top = found[scores >= scores.max() - _TIE]
        return np.sort(np.concatenate([self.rows[group] for group in top]))

    def _compatible(self, leaves: Sequence[str]) -> Codes:
        if not self.columns:
            return np.arange(len(self.rows), dtype=np.int64)
        indices = [
            column.leaf_index[leaf] for column, leaf in zip(self.columns, leaves, strict=True)
        ]
        order = sorted(
            range(len(indices)), key=lambda at: self.columns[at].group_count[indices[at]]
        )
        first = self.columns[order[0]]
        values = first.allowed[indices[order[0]]]
        if not values.size:
            return np.empty(0, dtype=np.int64)
        found = np.concatenate([first.groups_by_value[value] for value in values])
        for at in order[1:]:
            column = self.columns[at]
            found = found[np.isin(column.of_group[found], column.allowed[indices[at]])]
        return np.sort(found)


def released_groups(
    protected: pa.Table, known: Sequence[Sequence[str]], compatible: Compatible
) -> ReleasedGroups:
    """Group the rows of the released quasi-identifier columns.

    ``known`` holds, for each column, the leaves of all raw rows.
    """
    names = protected.column_names
    coded = [encode(protected.column(name)) for name in names]
    of_row = combine([codes for codes, _ in coded], protected.num_rows)
    order = np.argsort(of_row, kind="stable")
    rows = np.split(order, np.flatnonzero(np.diff(of_row[order])) + 1) if order.size else []
    first_row = np.array([members[0] for members in rows], dtype=np.int64)
    specificity = np.zeros(len(rows))
    columns = []
    for name, (codes, values), leaves in zip(names, coded, known, strict=True):
        released = [trimmed_text(value) for value in values.to_pylist()]
        column, shares = _column(codes[first_row], released, leaves, (name, compatible))
        specificity -= np.log(np.maximum(shares, 1e-12))[column.of_group]
        columns.append(column)
    return ReleasedGroups(rows, tuple(columns), specificity)


def _column(
    of_group: Codes, released: list[str], leaves: Sequence[str], how: tuple[str, Compatible]
) -> tuple[_Column, NDArray[np.float64]]:
    """Return a column's index and, per released value, the share of raw rows it is compatible with."""
    name, compatible = how
    index: dict[str, int] = {}
    codes = np.array([index.setdefault(leaf, len(index)) for leaf in leaves], dtype=np.int64)
    allowed = compatible.allowed(name, list(index), released)
    known = np.bincount(codes, minlength=len(index))
    shares = np.zeros(len(released))
    for count, values in zip(known, allowed, strict=True):
        shares[values] += count / codes.size
    groups_of = np.bincount(of_group, minlength=len(released))
    order = np.argsort(of_group, kind="stable")
    by_value = np.split(order, np.cumsum(groups_of)[:-1])
    group_count = [int(groups_of[values].sum()) for values in allowed]
    return _Column(of_group, by_value, index, allowed, group_count), shares
