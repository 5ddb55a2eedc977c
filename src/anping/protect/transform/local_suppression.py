"""Local suppression: cells of rare combinations are emptied until every combination is held k times.

An empty cell counts as a value of its own, not as one that matches any: whoever groups the released
rows finds no group below k. The fewest cells are sought by a greedy: sets of columns are tried from
the lightest to the heaviest; emptying such a set in all rare combinations that then come together to
k (also with those emptied so before) settles them; among equally heavy sets the one that settles
most goes first. The fewer than k rows that may be left join the class that costs least.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import numpy.typing as npt

from anping.core.errors import InfeasibleError, ParameterError
from anping.core.text import Text

Codes = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

#: Sets of columns double with every column.
MOST_COLUMNS = 12
_LARGEST_KEY = 2**62


@dataclass(frozen=True)
class Combinations:
    """Distinct combinations: ``codes`` (combinations x columns, from 0) and their rows.

    With ``pairs`` people are counted: each is a combination and the number of a person who has it.
    """

    codes: Codes
    rows: Codes
    pairs: tuple[Codes, Codes] | None = None

    def held(self, keys: Codes, chosen: Codes) -> tuple[Codes, Codes]:
        """Return a class for each ``chosen`` combination, by equal ``keys``, and each class's size.

        The size counts rows, or different people.
        """
        classes = np.unique(keys, return_inverse=True)[1].reshape(-1)
        size = int(classes.max(initial=-1)) + 1
        if self.pairs is None:
            sizes = np.bincount(classes, self.rows[chosen], size)
            return classes, np.rint(sizes).astype(np.int64)
        class_of = np.full(self.rows.size, -1, np.int64)
        class_of[chosen] = classes
        of_pair = class_of[self.pairs[0]]
        inside = of_pair >= 0
        persons = self.pairs[1][inside]
        most = int(persons.max(initial=0)) + 1
        different = np.unique(of_pair[inside] * most + persons)
        return classes, np.bincount(different // most, minlength=size).astype(np.int64)


def suppressed(combinations: Combinations, k: int, *, weights: Sequence[float]) -> Bools:
    """Return which cells of each combination (combinations x columns) are emptied.

    Raises ParameterError for more than :data:`MOST_COLUMNS` columns, InfeasibleError where all rows
    together are fewer than ``k`` (or people).
    """
    columns = combinations.codes.shape[1]
    if columns > MOST_COLUMNS:
        raise _too_many(columns)
    weight = np.asarray(weights, np.float64)
    pattern = np.where(_sizes(combinations, np.zeros(columns, np.bool_)) >= k, 0, -1)
    for _, equals in groupby(_sets(weight), key=lambda each: each[0]):
        sets = [chosen for _, chosen in equals]
        settled = [
            (int(combinations.rows[_settled(combinations, pattern, chosen, k)].sum()), chosen)
            for chosen in sets
        ]
        for would, chosen in sorted(settled, key=lambda each: (-each[0], each[1])):
            if would:
                pattern[_settled(combinations, pattern, chosen, k)] = chosen
        if (pattern >= 0).all():
            break
    if (pattern < 0).all():
        raise InfeasibleError(
            "protect.k-larger-than-table",
            Text(f"所有列合起來不到 {k} 人（或列）。", f"All rows together are below k = {k}."),
            hint=Text("降低 k，或提供更多資料。", "Lower k, or bring more data."),
        )
    emptied = _unpacked(np.maximum(pattern, 0), columns)
    for left in np.flatnonzero(pattern < 0):
        _join(combinations, emptied, pattern, left=int(left), weight=weight)
    return emptied


def _sets(weight: Floats) -> list[tuple[float, int]]:
    """Return every set of columns as its weight and its bits, from the lightest."""
    bits = np.arange(1, 1 << weight.size)
    heavy = _unpacked(bits, weight.size) @ weight
    return sorted(zip(np.round(heavy, 9).tolist(), bits.tolist(), strict=True))


def _unpacked(bits: Codes, columns: int) -> Bools:
    return np.asarray((bits[:, None] >> np.arange(columns)) & 1, np.bool_)


def _settled(combinations: Combinations, pattern: Codes, chosen: int, k: int) -> Codes:
    """Return the unsettled combinations that come to ``k`` when the set ``chosen`` is emptied."""
    open_ = np.flatnonzero((pattern < 0) | (pattern == chosen))
    columns = combinations.codes.shape[1]
    kept = np.flatnonzero(~_unpacked(np.array([chosen]), columns)[0])
    keys = keys_of(combinations.codes[open_][:, kept])
    classes, sizes = combinations.held(keys, open_)
    found = open_[sizes[classes] >= k]
    return np.asarray(found[pattern[found] < 0], np.int64)


def _sizes(combinations: Combinations, empty: Bools) -> Codes:
    everyone = np.arange(combinations.rows.size)
    keys = keys_of(combinations.codes[:, ~empty])
    classes, sizes = combinations.held(keys, everyone)
    return sizes[classes]


def _join(
    combinations: Combinations, emptied: Bools, pattern: Codes, *, left: int, weight: Floats
) -> None:
    """Empty a combination, and the class that costs least, so far that they are one class."""
    settled = np.flatnonzero(pattern >= 0)
    codes, rows = combinations.codes, combinations.rows
    shown = np.where(emptied[settled], -1, codes[settled])
    classes = keys_of(shown + 1)
    first, number = np.unique(classes, return_index=True, return_inverse=True)[1:]
    number = number.reshape(-1)
    many = np.bincount(number, rows[settled])
    blank = emptied[settled][first]
    both = blank | (shown[first] != codes[left])
    cost = many * ((both & ~blank) @ weight) + rows[left] * (both @ weight)
    cheapest = int(cost.argmin())
    emptied[settled[number == cheapest]] = both[cheapest]
    emptied[left] = both[cheapest]
    pattern[left] = 0


def keys_of(codes: Codes) -> Codes:
    """Return one number for each row of ``codes``, equal exactly for equal rows; never overflows."""
    keys, bound = np.zeros(codes.shape[0], np.int64), 1
    for column in codes.T:
        size = int(column.max(initial=0)) + 1
        if bound * size > _LARGEST_KEY:
            ranked, keys = np.unique(keys, return_inverse=True)
            keys, bound = keys.reshape(-1).astype(np.int64), int(ranked.size)
        keys = keys * size + column
        bound *= size
    return keys


def _too_many(columns: int) -> ParameterError:
    return ParameterError(
        "protect.too-many-columns",
        Text(
            f"區域抑制的一個群組最多 {MOST_COLUMNS} 欄，這裡有 {columns} 欄。",
            f"A group of local suppression has at most {MOST_COLUMNS} columns; this has {columns}.",
        ),
        hint=Text("分成兩個群組，或改用 generalise。", "Make two groups, or generalise instead."),
    )
