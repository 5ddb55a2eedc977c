"""Which few columns isolate the most people: the smallest set, found by trying all of up to three.

Taking a column more into account only splits classes, so the share of rows in small classes grows
with the set. Tuples are rolled up to the looked-at level first, so that most sets cost little.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np

from anping.core.measure import Measure
from anping.core.text import Text
from anping.protect.deid.encoding import Codes, Floats
from anping.protect.deid.tuples import Encoded, totals

#: Sets of more columns than this explain nothing any more.
MOST_COLUMNS = 3
# Of more tuples than this, sets of three are looked for among the columns that isolate most.
_MANY_TUPLES = 200_000
_STRONGEST = 8


@dataclass(frozen=True)
class Isolating:
    """Some columns and the share of all ``rows`` that they alone put into too small classes.

    ``together`` is the share with all columns, ``without`` that with all but these. ``exact``: no
    other set of as many columns has a larger share.
    """

    columns: tuple[str, ...]
    share: float
    together: float
    without: float
    rows: int
    exact: bool

    def measures(self) -> tuple[Measure, ...]:
        """Return the share as a measure, with the columns as its subject."""
        return (
            Measure(
                name="deid.isolated",
                value=self.share,
                unit="share",
                n=self.rows,
                title=Text(
                    "僅憑這些欄位就落在人數不足類別的列",
                    "Rows that these columns alone put into classes of too few people",
                ),
                subject=" × ".join(self.columns),
                method="exact" if self.exact else "greedy",
            ),
        )


def isolating_columns(
    encoded: Encoded,
    k: int,
    *,
    level: Literal["leaf", "top"] = "leaf",
    over: float = 0.0,
    most: int = MOST_COLUMNS,
) -> Isolating | None:
    """Return the smallest set of at most ``most`` columns that isolates more than ``over`` of the rows.

    A row is isolated where fewer than ``k`` people share its values, on the finest (``leaf``) or the
    highest level (``top``). Of equally large sets it is the one with the largest share; where none
    isolates so many, the set of any size with the largest share. None if no column tells people
    apart.
    """
    rolled, place = _rolled(encoded, leaf=level == "leaf")
    names = [ladder.column for ladder in encoded.ladders]
    every = float(rolled.rows.sum())
    if not place or not every:
        return None
    share = _Share(rolled, k, every)
    best: tuple[int, ...] = ()
    found, exact, strongest = 0.0, True, place
    for size in range(1, min(most, len(place)) + 1):
        if size > 2 and rolled.rows.size > _MANY_TUPLES and len(strongest) > _STRONGEST:
            strongest, exact = _strongest(strongest, share), False
        shares = {chosen: share(chosen) for chosen in combinations(strongest, size)}
        chosen = max(shares, key=lambda each: shares[each])
        if shares[chosen] > found:
            best, found = chosen, shares[chosen]
        if found > over:
            break
    if not best:
        return None
    rest = tuple(column for column in place if column not in best)
    return Isolating(
        columns=tuple(names[column] for column in best),
        share=found,
        together=share(tuple(place)),
        without=share(rest) if rest else 0.0,
        rows=round(every),
        exact=exact,
    )


@dataclass(frozen=True)
class _Rolled:
    """Classes on the looked-at level: each column's values, rows, and people as in ``Tuples``."""

    codes: tuple[Codes, ...]
    rows: Floats
    once: Floats
    pair_class: Codes
    pair_person: Codes


class _Share:
    """The share of rows in classes of fewer than k people, when only some columns are looked at."""

    def __init__(self, rolled: _Rolled, k: int, every: float) -> None:
        self._rolled, self._k, self._every = rolled, k, every
        self._known: dict[tuple[int, ...], float] = {}

    def __call__(self, columns: tuple[int, ...]) -> float:
        """Return the share for ``columns``."""
        if columns not in self._known:
            self._known[columns] = self._of(columns)
        return self._known[columns]

    def _of(self, columns: tuple[int, ...]) -> float:
        rolled = self._rolled
        class_of = _joined([rolled.codes[column] for column in columns])
        count = int(class_of.max(initial=-1)) + 1
        people = totals(class_of, rolled.once, count)
        if rolled.pair_person.size:
            everyone = int(rolled.pair_person.max()) + 1
            pairs = np.unique(class_of[rolled.pair_class] * everyone + rolled.pair_person)
            people = people + np.bincount(pairs // everyone, minlength=count)
        rows = totals(class_of, rolled.rows, count)
        return float(rows[people < self._k].sum()) / self._every


def _rolled(encoded: Encoded, *, leaf: bool) -> tuple[_Rolled, list[int]]:
    """Return the classes on the level, and the places of the columns that have several values."""
    codes: list[Codes] = []
    for column, ladder in enumerate(encoded.ladders):
        leaves = encoded.leaves(column)
        codes.append(np.asarray((ladder.codes[0] if leaf else ladder.codes[-1])[leaves], np.int64))
    place = [column for column, each in enumerate(codes) if each.size and each.max() > each.min()]
    tuples = encoded.tuples
    if not place:
        nothing = np.zeros(0, np.int64)
        return _Rolled(tuple(codes), tuples.rows, tuples.once, nothing, nothing), place
    class_of = _joined([codes[column] for column in place])
    count = int(class_of.max()) + 1
    first = np.empty(count, np.int64)
    first[class_of[::-1]] = np.arange(class_of.size)[::-1]
    rolled = _Rolled(
        codes=tuple(each[first] for each in codes),
        rows=totals(class_of, tuples.rows, count),
        once=totals(class_of, tuples.once, count),
        pair_class=class_of[tuples.pair_tuple],
        pair_person=tuples.pair_person,
    )
    return rolled, place


def _joined(codes: Sequence[Codes]) -> Codes:
    """Return one number per row, without gaps, equal where all columns are."""
    joined = np.zeros(codes[0].size, np.int64)
    for each in codes:
        pairs = joined * (int(each.max(initial=0)) + 1) + each
        joined = np.asarray(np.unique(pairs, return_inverse=True)[1], np.int64)
    return joined


def _strongest(place: Sequence[int], share: Callable[[tuple[int, ...]], float]) -> list[int]:
    """Return the columns that isolate most rows together with any one other."""
    best = {
        column: max(share(pair) for pair in combinations(place, 2) if column in pair)
        for column in place
    }
    return sorted(sorted(place, key=lambda column: -best[column])[:_STRONGEST])
