"""The attacker's search: which released records could be a person with known quasi-identifiers.

Released records are grouped by their quasi-identifier values. For a target the compatible groups
are found by following the column that leaves the fewest, then testing the others. Among compatible
groups the most specific ones are best: a group that fewer people could stand behind is likelier to
be the target's (Fellegi & Sunter 1969: agreement on a rare value weighs more).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anping.core.cells import trimmed_text
from anping.protect.risk.classes import Grouped
from anping.protect.risk.compatible import Compatible
from anping.protect.risk.people import Codes, Codes32

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

    ``of_row`` (m,) is the group of each row and ``sizes`` (g,) the rows of each group;
    ``specificity`` (g,) grows as fewer of the known people are compatible with the group, taking
    columns as independent.
    """

    of_row: Codes32
    sizes: Codes
    columns: tuple[_Column, ...]
    specificity: NDArray[np.float64]

    def best(self, leaves: Sequence[str]) -> Codes:
        """Return the groups, ascending, that most likely hold a person with these leaves."""
        found = self.compatible(leaves)
        if not found.size:
            return found
        scores = self.specificity[found]
        top: Codes = found[scores >= scores.max() - _TIE]
        return top

    def compatible(self, leaves: Sequence[str]) -> Codes:
        """Return the groups, ascending, that a person with these leaves may stand in."""
        if not self.columns:
            return np.arange(self.sizes.size, dtype=np.int64)
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
            fits = np.zeros(len(column.groups_by_value), np.bool_)
            fits[column.allowed[indices[at]]] = True
            found = found[fits[column.of_group[found]]]
        return np.sort(found)


def released_groups(
    grouped: Grouped, known: Mapping[str, Mapping[str, int]], compatible: Compatible
) -> ReleasedGroups:
    """Make the released groups searchable.

    ``known`` maps each quasi-identifier to the leaves of all raw rows and their counts.
    """
    specificity = np.zeros(grouped.count)
    columns = []
    for name, leaves in known.items():
        found = grouped.columns[name]
        released = [trimmed_text(value) for value in found.values.to_pylist()]
        of_group = found.codes.astype(np.int64)
        column, shares = _column(of_group, released, leaves, (name, compatible))
        specificity -= np.log(np.maximum(shares, 1e-12))[column.of_group]
        columns.append(column)
    sizes = np.bincount(grouped.of_row, minlength=grouped.count)
    return ReleasedGroups(grouped.of_row, sizes, tuple(columns), specificity)


def _column(
    of_group: Codes, released: list[str], leaves: Mapping[str, int], how: tuple[str, Compatible]
) -> tuple[_Column, NDArray[np.float64]]:
    """Return a column's index and, per released value, the share of raw rows it is compatible with."""
    name, compatible = how
    index = {leaf: place for place, leaf in enumerate(leaves)}
    allowed = compatible.allowed(name, list(index), released)
    rows = sum(leaves.values())
    shares = np.zeros(len(released))
    for count, values in zip(leaves.values(), allowed, strict=True):
        shares[values] += count / rows
    groups_of = np.bincount(of_group, minlength=len(released))
    order = np.argsort(of_group, kind="stable")
    by_value = np.split(order, np.cumsum(groups_of)[:-1])
    group_count = [int(groups_of[values].sum()) for values in allowed]
    return _Column(of_group, by_value, index, allowed, group_count), shares


@dataclass(frozen=True)
class Candidates:
    """What each target may be: groups, and the released rows of every group that any may be.

    ``groups`` holds ascending group numbers per target, ``sizes`` (t,) the rows in them together;
    ``of_row`` (m,) is the group of every released row.
    ``rows`` (s,) are released rows, those of one group after another's, ascending in each;
    ``place_of_group`` maps a group to its part of ``ends`` (the parts' ends in ``rows``).
    """

    groups: tuple[tuple[int, ...], ...]
    sizes: Codes
    of_row: Codes32
    rows: Codes
    ends: Codes
    place_of_group: dict[int, int]

    def places(self, groups: tuple[int, ...]) -> list[slice]:
        """Return where in ``rows`` the rows of some groups lie."""
        places = (self.place_of_group[group] for group in groups)
        return [slice(int(self.ends[at - 1]) if at else 0, int(self.ends[at])) for at in places]

    def rows_of(self, groups: tuple[int, ...]) -> Codes:
        """Return the released rows of some groups, ascending."""
        parts = [self.rows[place] for place in self.places(groups)]
        return parts[0] if len(parts) == 1 else np.sort(np.concatenate([self.rows[:0], *parts]))

    def claimed(self, groups: Sequence[tuple[int, ...]], places: Codes) -> Codes:
        """Return (t,) the released row at each target's place among those of its groups, -1 for none."""
        asked: dict[tuple[int, ...], list[int]] = {}
        for target, (group, place) in enumerate(zip(groups, places, strict=True)):
            if place >= 0:
                asked.setdefault(group, []).append(target)
        found = np.full(places.size, -1, np.int64)
        for group, targets in asked.items():
            found[targets] = self.rows_of(group)[places[targets]]
        return found

    def drawn(self, generator: np.random.Generator) -> Codes:
        """Return, per target, the place of the record claimed at random, -1 for none."""
        sizes = self.sizes
        draws = [generator.integers(0, size) if size else -1 for size in sizes]
        return np.array(draws, np.int64)


def search(groups: ReleasedGroups, targets: Sequence[tuple[str, ...]]) -> Candidates:
    """Return the candidates of every target, given by its leaves."""
    known: dict[tuple[str, ...], tuple[int, ...]] = {}
    for leaves in targets:
        if leaves not in known:
            known[leaves] = tuple(groups.best(leaves).tolist())
    found = tuple(known[leaves] for leaves in targets)
    met = np.unique(np.array([group for each in set(found) for group in each], np.int64))
    place = np.full(groups.sizes.size, -1, np.int32)
    place[met] = np.arange(met.size)
    rows = np.flatnonzero(place[groups.of_row] >= 0)
    rows = rows[np.argsort(place[groups.of_row[rows]], kind="stable")]
    sizes = np.array([groups.sizes[list(each)].sum() for each in found], np.int64)
    place_of_group = {int(group): at for at, group in enumerate(met)}
    return Candidates(
        found, sizes, groups.of_row, rows, np.cumsum(groups.sizes[met]), place_of_group
    )
