"""Quasi-identifier sets by measurement: which few columns together single rows out.

A column's name says what it is, not what it does: a postal code, a day and a fee can point at one
row as surely as a name. So combinations of up to four columns are counted, level by level: a set is
looked at only while no smaller set inside it singles out already (such sets are *minimal*), and
only if the entropies of its parts leave room for it, since a share u of n rows that stand alone
needs at least u·log2(n) bits (each of them adds log2(n)/n to the entropy of the combination).

In a sample fewer rows look alike than in the whole table: a share seen there is an upper bound.
The lower bound is (1 - λ)^(N - 1) for N rows, where λ is the chance that two rows are alike
(Jensen's inequality on the convex (1 - p)^(N - 1)). What is reported of a large table is then
counted over all its rows for rows drawn at random, with a Wilson interval.
Concepts: minimal sample uniques, Elliot, Manning & Ford 2002, IJUFKS 10(5):493; Sweeney 2000.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import combinations
from math import log2, prod
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from anping.core.columns import ColumnFinding, Role
from anping.core.measure import Interval, Measure
from anping.core.text import Text
from anping.engine.table import Table
from anping.know.discover.column_values import ColumnValues
from anping.know.standing_alone import alone_in_all
from anping.stats.entropy import entropy
from anping.stats.intervals import wilson

#: Sets of at most so many columns, of at most so many columns that are no direct identifiers.
LARGEST, COLUMNS = 4, 16
#: A set singles out when at least this share of the rows stands alone.
LEAST = 0.05
#: So many sets are reported, the smallest first; so many are counted at most.
REPORTED, COUNTED = 12, 3_000
#: So many rows of a large table are looked up among all its rows.
PROBED = 5_000
#: Combinations are counted by place where at most so many are possible for each row.
_DENSE = 4
_COUNTED = "rows whose combination no other row has / rows"
_DRAWN = "rows drawn at random whose combination no other row of the table has / rows drawn"
_LEFT_OUT = frozenset({Role.DIRECT_IDENTIFIER, Role.FREE_TEXT})

Codes = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class SinglingSet:
    """Columns that together single rows out: the share of ``n`` rows that nothing else equals.

    ``interval`` is None where all rows of the table were counted. ``known`` says whether every
    column is proposed as a quasi-identifier already.
    """

    columns: tuple[str, ...]
    share: float
    n: int
    interval: Interval | None = None
    known: bool = False

    def measure(self) -> Measure:
        """Return the share as a measure whose subject names the columns."""
        return Measure(
            name="singling_out.alone",
            value=self.share,
            unit="share",
            n=self.n,
            title=Text("單獨可識別之列的比率", "Rows that these columns single out"),
            subject=" × ".join(self.columns),
            interval=self.interval,
            method=_COUNTED if self.interval is None else _DRAWN,
        )

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> SinglingSet:
        """Read what :meth:`as_json` gives."""
        found = value["interval"]
        interval = None if found is None else Interval(**found)
        return cls(**{**value, "columns": tuple(value["columns"]), "interval": interval})


@dataclass(frozen=True, slots=True)
class _Seen:
    """One set on the rows that were looked at: the bounds of its share, and its entropy in bits."""

    places: tuple[int, ...]
    high: float
    low: float
    bits: float


def singling_sets(
    table: Table,
    findings: Sequence[ColumnFinding],
    values: Sequence[ColumnValues],
    *,
    least: float = LEAST,
    probed: int = PROBED,
) -> tuple[SinglingSet, ...]:
    """Return the minimal sets of columns by which at least ``least`` of the rows stand alone.

    Direct identifiers and free texts are left out: they single out by themselves. The smallest sets
    come first, those of quasi-identifiers before others. Of large tables the candidates come from
    the sampled rows of ``values``, and ``probed`` of those are looked up in the whole table.
    """
    chosen = _candidates(findings, values)
    if not chosen or table.rows < 2:
        return ()
    codes = [encode(values[place].cells) for place in chosen]
    rows = len(codes[0])
    found = _Search(codes, table.rows, least).run()
    quasi = {f.column for f in findings if f.role is Role.QUASI_IDENTIFIER}
    sets = [_named(seen, chosen, values, (rows, quasi)) for seen in found]
    if rows < table.rows:
        sets = _looked_up(table, sets, values, (least, probed))
    return _best(sets)


def encode(cells: pa.ChunkedArray | None) -> Codes:
    """Return a number per cell, equal for equal cells, missing cells equal to one another."""
    assert cells is not None, "columns that are counted keep the cells that were looked at"
    if pa.types.is_null(cells.type):
        return np.zeros(len(cells), np.int64)
    flat = cells.combine_chunks()
    if not pa.types.is_dictionary(flat.type):
        flat = flat.dictionary_encode()
    return np.asarray(flat.indices.fill_null(-1).to_numpy(zero_copy_only=False), np.int64) + 1


def _candidates(findings: Sequence[ColumnFinding], values: Sequence[ColumnValues]) -> list[int]:
    """Return the places of the columns to combine: quasi-identifiers first, then by variety."""
    places = [
        place
        for place, (finding, column) in enumerate(zip(findings, values, strict=True))
        if finding.role not in _LEFT_OUT and column.cells is not None and column.distinct > 1
        and not pa.types.is_nested(column.cells.type)
    ]  # fmt: skip
    places.sort(
        key=lambda at: (findings[at].role is not Role.QUASI_IDENTIFIER, -values[at].distinct)
    )
    return places[:COLUMNS]


class _Search:
    """A level-wise search over sets of columns, given as arrays of codes of the same rows."""

    def __init__(self, codes: Sequence[Codes], rows: int, least: float) -> None:
        self._codes = codes
        self._sizes = [int(column.max()) + 1 for column in codes]
        self._rows, self._looked, self._least = rows, len(codes[0]), least
        self._bits: dict[tuple[int, ...], float] = {}
        self._left = COUNTED

    def run(self) -> list[_Seen]:
        """Return the sets found, the smallest first; sets of one column come first of all."""
        found: list[_Seen] = []
        open_sets: list[tuple[int, ...]] = [()]
        for _ in range(LARGEST):
            grown, open_sets = self._grown(open_sets), []
            for places in grown:
                if self._left == 0:
                    return found
                seen = self._count(places)
                if seen is None or seen.high < self._least:
                    open_sets.append(places)
                    continue
                found.append(seen)
                # The sample alone does not decide it: larger sets may be what singles out.
                if seen.low < self._least:
                    open_sets.append(places)
        return found

    def _grown(self, sets: Sequence[tuple[int, ...]]) -> Iterator[tuple[int, ...]]:
        """Yield the sets of one column more, all of whose parts are open (Apriori)."""
        known = set(sets)
        for places in sets:
            for place in range(places[-1] + 1 if places else 0, len(self._codes)):
                larger = (*places, place)
                if all(part in known for part in combinations(larger, len(places))):
                    yield larger

    def _count(self, places: tuple[int, ...]) -> _Seen | None:
        """Return what the rows say of one set, or None where its parts rule it out."""
        room = self._room(places)
        if room < self._least * log2(self._looked):
            self._bits[places] = room
            return None
        self._left -= 1
        counts = class_counts(
            [self._codes[at] for at in places], [self._sizes[at] for at in places]
        )
        bits = entropy(counts)
        self._bits[places] = bits
        high = int((counts == 1).sum()) / self._looked
        alike = float((counts * (counts - 1)).sum()) / (self._looked * max(1, self._looked - 1))
        low = high if self._rows == self._looked else min(high, (1 - alike) ** (self._rows - 1))
        return _Seen(places, high, low, bits)

    def _room(self, places: tuple[int, ...]) -> float:
        """Return an upper bound of the set's entropy: H(A ∪ b) ≤ H(A) + H(b) for every b in it."""
        if len(places) == 1:
            return log2(self._sizes[places[0]])
        return min(
            self._bits[tuple(p for p in places if p != place)] + self._bits[(place,)]
            for place in places
        )


def class_counts(codes: Sequence[Codes], sizes: Sequence[int]) -> Codes:
    """Return how many rows each combination of the columns has, in no order."""
    keys = codes[0].copy()
    for column, size in zip(codes[1:], sizes[1:], strict=True):
        keys *= size
        keys += column
    bound = prod(sizes)
    # Counting takes a fifth of the time of sorting where few combinations are possible.
    if bound <= _DENSE * len(keys):
        counts = np.bincount(keys, minlength=bound)
        return counts[counts > 0].astype(np.int64)
    keys.sort()
    edges = np.flatnonzero(np.diff(keys)) + 1
    return np.diff(np.concatenate(([0], edges, [len(keys)])))


def _named(
    seen: _Seen,
    chosen: Sequence[int],
    values: Sequence[ColumnValues],
    facts: tuple[int, set[str]],
) -> SinglingSet:
    rows, quasi = facts
    names = tuple(values[chosen[place]].name for place in seen.places)
    bounds = Interval(seen.low, seen.high, 1.0, "bounds") if seen.low < seen.high else None
    return SinglingSet(names, seen.high, rows, bounds, known=set(names) <= quasi)


def _order(found: SinglingSet) -> tuple[int, bool, float]:
    return len(found.columns), not found.known, -found.share


def _best(sets: Sequence[SinglingSet]) -> tuple[SinglingSet, ...]:
    """Return those to report: sets of quasi-identifiers first, but not only those."""
    ranked = sorted(sets, key=_order)
    known = [one for one in ranked if one.known][: REPORTED - REPORTED // 3]
    taken = frozenset(known)
    others = [one for one in ranked if one not in taken]
    return tuple(sorted((*known, *others[: REPORTED - len(known)]), key=_order))


def _looked_up(
    table: Table,
    sets: list[SinglingSet],
    values: Sequence[ColumnValues],
    limits: tuple[float, int],
) -> list[SinglingSet]:
    """Return the sets counted over all rows, those that do single out, and are minimal."""
    least, probed = limits
    # What must single out by its lower bound comes first, then what may.
    sure = [one for one in sets if one.interval is None or one.interval.low >= least]
    certain = frozenset(sure)
    probes = [*_best(sure), *_best([one for one in sets if one not in certain])]
    by_name = {column.name: column for column in values}
    names = list(dict.fromkeys(name for one in probes for name in one.columns))
    sample = pa.table({name: by_name[name].cells for name in names})
    drawn = np.sort(np.random.default_rng(7).permutation(sample.num_rows)[:probed])
    alone = alone_in_all(
        table,
        sample.take(pa.array(drawn)),
        [one.columns for one in probes],
        least=least,
    )
    kept: list[SinglingSet] = []
    for one, count in sorted(zip(probes, alone, strict=True), key=lambda pair: _order(pair[0])):
        share = count / len(drawn)
        minimal = not any(set(other.columns) < set(one.columns) for other in kept)
        if share >= least and minimal:
            interval = wilson(count, len(drawn))
            kept.append(replace(one, share=share, n=len(drawn), interval=interval))
    return kept
