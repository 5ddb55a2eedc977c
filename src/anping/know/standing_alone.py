"""How many of some rows no other row of a whole table equals, in a few of its columns.

Each batch is sieved by hashes of the given rows, so that nearly all of its rows are put aside before
any value is compared. A given row that has met its like is not looked for again. Where only sets by
which enough of the rows stand alone are asked for, a first part of the table tells most of those by
which too few do, and sets are looked at only while no smaller set inside them is enough.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from anping.engine.stream import at_once, mapped
from anping.engine.table import Table
from anping.know.alike import FOUND, Alike, Codes, codes_of, joined

#: The first look is at one row in so many.
_FIRST = 16
#: The sieves are made anew once so many of the rows looked for have met their like.
_SHRUNK = 1 / 8
#: So many rows are read at a time: those of a group in files of our own.
_BATCH = 100_000


def alone_in_all(
    table: Table, rows: pa.Table, sets: Sequence[Sequence[str]], *, least: float | None = None
) -> tuple[int, ...]:
    """Return, for each set of columns, how many of ``rows`` no other row of ``table`` equals.

    ``rows`` are some of the table's rows, each given once. With ``least`` only minimal sets by which
    at least that share of them stands alone are asked for, and the number of any other may be 0.
    Raises SchemaError for a column that is not there.
    """
    names = tuple(rows.column_names)
    listed = tuple(_values(rows.column(name)) for name in names)
    codes = [
        codes_of(rows.column(name), values) for name, values in zip(names, listed, strict=True)
    ]
    places = tuple(tuple(names.index(name) for name in columns) for columns in sets)
    sizes = [len(values) for values in listed]
    keys = tuple(
        _met_once(joined([codes[at] for at in each], [sizes[at] for at in each])) for each in places
    )
    looking = Alike(names, listed, places, keys)
    if least is None or table.distributed or not rows.num_rows:
        return tuple(each.size for each in _alone(table, looking, 0))
    return _alone_by_minimal(table, looking, len(rows), least)


def _alone_by_minimal(table: Table, looking: Alike, rows: int, least: float) -> tuple[int, ...]:
    """Return how many of ``rows`` stand alone by minimal sets; 0 for what is not, or not enough."""
    # The first count whose share is enough, as shares are compared: rounding may move it by one.
    lowest = max(0, ceil(least * rows) - 1)
    enough = next(at for at in range(lowest, lowest + 3) if at / rows >= least)
    sets = [frozenset(places) for places in looking.sets]
    part = max(1, table.rows // _FIRST)
    looking = looking.narrowed(_alone(table, looking, enough, part=part))
    # Rows met their like at this rate; where values are spread unevenly more of them stay alone.
    likely = {
        number
        for number, keys in enumerate(looking.keys)
        if (keys.size / rows) ** (table.rows / part) >= least
    }
    found = [0] * len(sets)
    waiting = {number for number, keys in enumerate(looking.keys) if keys.size}
    while waiting:
        first = {
            number
            for number in waiting
            if not any(sets[other] < sets[number] for other in waiting & likely)
        }
        alone = _alone(table, looking.only(first), enough)
        for number in first:
            found[number] = alone[number].size
        kept = [sets[number] for number in first if found[number]]
        waiting = {
            number for number in waiting - first if not any(one < sets[number] for one in kept)
        }
    return tuple(found)


def _alone(
    table: Table, looking: Alike, enough: int, *, part: int | None = None
) -> tuple[Codes, ...]:
    """Return each set's keys that one row of the table has, or of a first ``part`` one at most.

    Where there are fewer than ``enough`` there are none.
    """
    unmet = _Unmet(looking, enough)
    for found in () if unmet.done else _counted(table, unmet, part):
        unmet.take(found)
        if unmet.done:
            break
    return unmet.alone(1 if part is None else 0)


class _Unmet:
    """What is still looked for: for each set the keys of the rows that have not met their like."""

    def __init__(self, looking: Alike, enough: int) -> None:
        self._enough = enough
        self._keep(looking, [np.zeros(keys.size, np.int64) for keys in looking.keys])

    def _keep(self, looking: Alike, met: Sequence[Codes]) -> None:
        some = {at for at, keys in enumerate(looking.keys) if keys.size >= max(1, self._enough)}
        self.looking = looking.only(some)
        self._met = [each if at in some else each[:0] for at, each in enumerate(met)]
        self._left = sum(each.size for each in self._met)

    def take(self, found: pa.RecordBatch) -> None:
        """Add what a batch told: rows of set, key, and how many rows of the batch have that key."""
        numbers, keys, counts = (column.to_numpy() for column in found.columns)
        edges = np.searchsorted(numbers, np.arange(len(self._met) + 1))
        for own, met, low, high in zip(
            self.looking.keys, self._met, edges[:-1], edges[1:], strict=True
        ):
            # Batches come that were looked at before a key was let go.
            if own.size and high > low:
                at = np.minimum(np.searchsorted(own, keys[low:high]), own.size - 1)
                mine = own[at] == keys[low:high]
                met[at[mine]] += counts[low:high][mine]

    def narrow(self) -> None:
        """Let go of what met its like, once that is much of what is looked for."""
        left = [int((each <= 1).sum()) for each in self._met]
        given_up = any(0 < count < self._enough for count in left)
        if given_up or sum(left) <= (1 - _SHRUNK) * self._left:
            met = [each[each <= 1] for each in self._met]
            self._keep(self.looking.narrowed(self.alone(0)), met)

    @property
    def done(self) -> bool:
        """Whether nothing is left to look for."""
        return not self._left

    def alone(self, least: int) -> tuple[Codes, ...]:
        """Return each set's keys that at most one row has had, and at least ``least`` rows."""
        found = [
            keys[(met >= least) & (met <= 1)]
            for keys, met in zip(self.looking.keys, self._met, strict=True)
        ]
        return tuple(keys if keys.size >= self._enough else keys[:0] for keys in found)


def _counted(table: Table, unmet: _Unmet, part: int | None) -> Iterator[pa.RecordBatch]:
    """Yield what each batch of the table tells, or of its first ``part`` rows."""
    names = unmet.looking.used
    if table.distributed:
        yield from mapped(table, unmet.looking, columns=names, schema=FOUND)
        return

    def each() -> Iterator[tuple[Alike, pa.RecordBatch]]:
        seen = 0
        for batch in table.batches(names, size=_BATCH, coded=True):
            unmet.narrow()
            yield unmet.looking, batch
            seen += batch.num_rows
            if part is not None and seen >= part:
                return

    yield from at_once(table, lambda pair: pair[0](pair[1]), each())


def _met_once(keys: Codes) -> Codes:
    """Return the keys that only one of the given rows has: others are not alone in any table."""
    distinct, times = np.unique(keys, return_counts=True)
    once: Codes = distinct[times == 1]
    return once


def _values(cells: pa.ChunkedArray) -> pa.Array:
    kind = cells.type
    plain = cells.cast(kind.value_type) if pa.types.is_dictionary(kind) else cells
    return pc.unique(plain)
