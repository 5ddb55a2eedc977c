"""Categories merged by what they occur with: those that tell the same about another column are one.

Agglomerative information bottleneck (Slonim and Tishby 1999, NIPS 12): of all pairs of groups the
one is merged that loses least mutual information with the other column. No chance is involved.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import repeat
from typing import Any

import numpy as np
import numpy.typing as npt

from anping.core.errors import PlanError, Where
from anping.core.text import Text
from anping.protect.deid.hierarchies.numbers import number_leaf, numbers
from anping.protect.deid.hierarchy import MISSING, Hierarchy, as_leaf, levels

Table = npt.NDArray[np.float64]

#: A column of more different values is not merged: it would be a category by name only.
MOST_VALUES = 1_000
_MOST_PARTNERS = 64
_BINS = 16
#: A group's name lists no value of fewer rows: that it stands in the table would tell of somebody.
_NAMED_FROM = 5
_NAMED = 3
# So little that only equal losses are decided by it: of these the rarer groups are merged first.
_RARER_FIRST = 1e-9


def related(
    column: str,
    values: Iterable[Any],
    partners: Iterable[Any],
    *,
    counts: Iterable[int] | None = None,
    steps: int = 4,
) -> Hierarchy:
    """Return at most ``steps`` levels of merged values, then ``*``.

    ``values``, ``partners`` (the other column) and ``counts`` (their rows, 1 by default) are of
    equal length. Numbers among the partners are cut into 16 parts, other partners kept to the 64
    commonest. Numbers of groups fall in equal proportion from level to level. A group is named by
    its three commonest values of at least five rows and how many more there are. The missing value
    stays apart. Raises PlanError for more than a thousand values.
    """
    pairs: Counter[tuple[str, str]] = Counter()
    for value, partner, rows in zip(values, partners, counts or repeat(1), strict=False):
        pairs[as_leaf(value), as_leaf(partner)] += rows
    rows_of: Counter[str] = Counter()
    for (value, _), rows in pairs.items():
        rows_of[value] += rows
    known = sorted(rows_of.keys() - {MISSING}, key=lambda value: (-rows_of[value], value))
    if len(known) > MOST_VALUES:
        raise too_varied(column, MOST_VALUES)
    sizes = _sizes(len(known), steps)
    groups = _merged(_joint(known, pairs), sizes)
    taken: dict[str, frozenset[str]] = {value: frozenset({value}) for value in rows_of}
    above: list[Callable[[str], str]] = []
    for size in sizes:
        names: dict[str, str] = {}
        for members in groups[size]:
            named = [known[member] for member in members]
            names |= dict.fromkeys(named, _name(named, rows_of, taken))
        above.append(names.__getitem__)
    return levels(column, sorted(rows_of or {MISSING}), above, as_leaf)


def too_varied(column: str, most: int) -> PlanError:
    """Return the error for a column of too many different values."""
    return PlanError(
        "deid.too-many-categories",
        Text(
            f"欄位「{column}」有超過 {most:,} 個不同的值，不能用共同出現來合併。",
            f"Column “{column}” has more than {most:,} distinct values: too many to merge by what "
            "they occur with.",
        ),
        where=Where(column=column),
        hint=Text(
            "先合併罕見的值，或改用 kind: tree、csv、number，或換一個 by 欄位。",
            "Group rare values first, use kind: tree, csv or number, or name another column by.",
        ),
    )


def _sizes(values: int, steps: int) -> list[int]:
    """Return the numbers of groups of each level, finest first: a geometric series, 2 at least."""
    shares = [(steps - step) / (steps + 1) for step in range(steps)]
    sizes = {round(values**share) for share in shares} if values else set()
    return sorted((size for size in sizes if 2 <= size < values), reverse=True)


def _joint(known: Sequence[str], pairs: Mapping[tuple[str, str], int]) -> Table:
    """Return the rows of every value (rows) with every kind of partner (columns)."""
    partners: Counter[str] = Counter()
    for (value, partner), rows in pairs.items():
        if value != MISSING:
            partners[partner] += rows
    kind = _kinds(partners)
    place = {value: number for number, value in enumerate(known)}
    table = np.zeros((len(known), max(kind.values(), default=0) + 1))
    for (value, partner), rows in pairs.items():
        if value != MISSING:
            table[place[value], kind[partner]] += rows
    return table


def _kinds(partners: Mapping[str, int]) -> dict[str, int]:
    """Return the number of each partner's kind: itself, its interval, or all the rare ones."""
    told = [partner for partner in partners if partner != MISSING]
    if len(told) > _BINS and all(number_leaf(partner) != MISSING for partner in told):
        rows = [partners[partner] for partner in told]
        cut = numbers("", told, bins=_BINS, counts=rows)
        level = min(1, cut.height)
        names = {each: cut.paths[number_leaf(each)][level] for each in told} | {MISSING: MISSING}
        return _numbered(partners, names)
    common = sorted(partners, key=lambda each: (-partners[each], each))[: _MOST_PARTNERS - 1]
    return _numbered(partners, {each: each for each in common})


def _numbered(partners: Iterable[str], names: Mapping[str, str]) -> dict[str, int]:
    number = {name: place for place, name in enumerate(sorted(set(names.values())))}
    return {each: number[names[each]] if each in names else len(number) for each in partners}


def _merged(table: Table, sizes: Sequence[int]) -> dict[int, list[tuple[int, ...]]]:
    """Return the groups of values (by row of ``table``) when so many of them are left."""
    count = table.shape[0]
    rows, parts = table.sum(axis=1), table.copy()
    own = _information(parts, rows)
    members: list[tuple[int, ...]] = [(number,) for number in range(count)]
    alive = np.ones(count, np.bool_)
    cost = np.full((count, count), np.inf)
    for number in range(count - 1):
        later = np.arange(number + 1, count)
        cost[number, later] = _losses(number, later, parts=parts, rows=rows, own=own)
    found: dict[int, list[tuple[int, ...]]] = {}
    for left in range(count - 1, 1, -1):
        first, second = (int(place) for place in divmod(int(cost.argmin()), count))
        parts[first] += parts[second]
        rows[first] += rows[second]
        own[first] = _information(parts[first], rows[first])
        members[first] = tuple(sorted((*members[first], *members[second])))
        alive[second] = False
        cost[second, :] = cost[:, second] = np.inf
        others = np.flatnonzero(alive)
        others = others[others != first]
        losses = _losses(first, others, parts=parts, rows=rows, own=own)
        cost[np.minimum(first, others), np.maximum(first, others)] = losses
        if left in sizes:
            found[left] = [members[place] for place in np.flatnonzero(alive)]
    return found


def _losses(
    one: int, others: npt.NDArray[np.int64], *, parts: Table, rows: Table, own: Table
) -> Table:
    """Return the mutual information (nats, times rows) lost by merging ``one`` with each other."""
    together = rows[one] + rows[others]
    lost = own[one] + own[others] - _information(parts[one] + parts[others], together)
    return np.asarray(lost + _RARER_FIRST * together, np.float64)


def _information(parts: Table, rows: Table) -> Table:
    """Return the sum of c log c less n log n of each row of counts c with the sum n."""
    logs = np.where(parts > 0, parts * np.log(np.maximum(parts, 1)), 0.0).sum(axis=-1)
    return np.asarray(logs - rows * np.log(np.maximum(rows, 1)), np.float64)


def _name(members: Sequence[str], rows: Mapping[str, int], taken: dict[str, frozenset[str]]) -> str:
    """Return the name of a group, its members the commonest first; remember it in ``taken``."""
    if len(members) == 1:
        return members[0]
    shown = [member for member in members if rows[member] >= _NAMED_FROM][:_NAMED]
    more = len(members) - len(shown)
    name = " | ".join(shown) + (f" +{more}" if shown and more else "")
    name = name or f"({more})"
    while taken.get(name, frozenset(members)) != frozenset(members):
        name += "'"
    taken[name] = frozenset(members)
    return name
