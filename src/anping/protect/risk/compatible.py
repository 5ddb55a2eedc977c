"""Which released values a person may stand behind: the attacker's reading of generalised cells.

A released value is compatible with a raw value when it lies on the raw value's path in the
hierarchy. Without a hierarchy for a column only the same text is compatible.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anping.core.cells import trimmed_text
from anping.engine.aggregate import frequencies
from anping.engine.codes import encode
from anping.engine.stream import rows_at
from anping.engine.table import Table
from anping.protect.risk.classes import column_codes

_ROWS = "rows"

#: Turns a raw cell into a leaf of its column's hierarchy (a full address into its township).
LeafOf = Callable[[Any], str]


@dataclass(frozen=True)
class Compatible:
    """How raw and released values of each column match.

    ``paths`` maps column → leaf → the leaf's value on every level. ``leaf_of`` maps column → the
    function that turns a raw cell into its leaf (:func:`trimmed_text` where absent). ``leaf_table``
    holds the leaves themselves, row by row with the raw table, for the columns that it has.
    """

    paths: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    leaf_of: Mapping[str, LeafOf] = field(default_factory=dict)
    leaf_table: Table | None = None

    def leaf_counts(self, raw: Table, column: str) -> dict[str, int]:
        """Return the leaves of all raw rows and how many rows have each."""
        source, turn = self._source(raw, column)
        counted = frequencies(source, [column], count=_ROWS if column != _ROWS else "n")
        found: dict[str, int] = {}
        for cell, rows in zip(*(each.to_pylist() for each in counted.columns), strict=True):
            leaf = turn(cell)
            found[leaf] = found.get(leaf, 0) + rows
        return found

    def leaves_at(self, raw: Table, column: str, rows: NDArray[np.int64]) -> list[str]:
        """Return the leaves of some raw rows, given in ascending order."""
        source, turn = self._source(raw, column)
        cells = rows_at(source, rows, columns=[column]).column(0).to_pylist()
        return [turn(cell) for cell in cells]

    def leaves_met(
        self, raw: Table, column: str, rows: NDArray[np.int64]
    ) -> tuple[dict[str, int], list[str]]:
        """Return :meth:`leaf_counts` and :meth:`leaves_at` from one look at the column."""
        source, turn = self._source(raw, column)
        coded = encode(source, column)
        # Missing values stand first, as they do among counted values.
        missing = [None] if coded.codes.min(initial=0) < 0 else []
        leaves = [turn(cell) for cell in [*missing, *coded.values.to_pylist()]]
        places = coded.codes + len(missing)
        found: dict[str, int] = {}
        counts = np.bincount(places, minlength=len(leaves)).tolist()
        for leaf, count in zip(leaves, counts, strict=True):
            found[leaf] = found.get(leaf, 0) + count
        return found, [leaves[place] for place in places[rows]]

    def leaf_codes(self, raw: Table, column: str) -> tuple[NDArray[np.int32], tuple[str, ...]]:
        """Return every raw row's leaf as the index of it among the distinct leaves, and those."""
        source, turn = self._source(raw, column)
        found = column_codes(source, column)
        places: dict[str, int] = {}
        of_value = [places.setdefault(turn(cell), len(places)) for cell in found.values.to_pylist()]
        return np.array(of_value, np.int32)[found.codes], tuple(places)

    def _source(self, raw: Table, column: str) -> tuple[Table, LeafOf]:
        if self.leaf_table is not None and column in self.leaf_table.columns:
            return self.leaf_table, trimmed_text
        return raw, self.leaf_of.get(column, trimmed_text)

    def allowed(
        self, column: str, leaves: Sequence[str], released: Sequence[str]
    ) -> list[NDArray[np.int64]]:
        """Return, for each leaf, the positions in ``released`` of the values compatible with it.

        A leaf outside the hierarchy was changed before it was generalised. A number is then read
        as the nearest leaf, as the attacker undoes top and bottom coding; anything else is
        compatible with itself and with the values that cover every leaf. ``released`` may hold one
        text twice (a null and an empty text).
        """
        paths = self.paths.get(column, {})
        everywhere = set.intersection(*(set(path) for path in paths.values())) if paths else set()
        nearest = _nearest(paths)
        positions: dict[str, list[int]] = {}
        for index, value in enumerate(released):
            positions.setdefault(value, []).append(index)
        found = []
        for leaf in leaves:
            values = {leaf, *paths.get(leaf if leaf in paths else nearest(leaf), everywhere)}
            places = sorted(place for value in values for place in positions.get(value, ()))
            found.append(np.array(places, dtype=np.int64))
        return found


def _nearest(paths: Mapping[str, tuple[str, ...]]) -> Callable[[str], str]:
    """Return the function that gives a number the nearest leaf that is a number."""
    numbers = sorted((number, leaf) for leaf in paths if (number := _number(leaf)) is not None)

    def nearest(leaf: str) -> str:
        number = _number(leaf)
        if number is None or not numbers:
            return leaf
        place = bisect_left(numbers, (number, ""))
        around = numbers[max(0, place - 1) : place + 1]
        return min(around, key=lambda each: abs(each[0] - number))[1]

    return nearest


def _number(text: str) -> float | None:
    try:
        number = float(text.replace(",", ""))
    except ValueError:
        return None
    return number if isfinite(number) else None
