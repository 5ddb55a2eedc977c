"""A sample of people for training: at most so many raw rows, with the protected rows made from them.

People, not rows, are drawn, so that everybody who is in the sample is there with all their rows. A
person is drawn by a hash of the cell that names them and the seed, so nothing but one number per row
is in memory, and the same seed draws the same people however the table is stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from anping.core.errors import ParameterError
from anping.core.text import Text
from anping.engine.codes import hashes
from anping.engine.links import raw_rows
from anping.engine.stream import rows_at
from anping.engine.table import Table

Rows = NDArray[np.int64]

#: A raw column or one key per raw row; null or blank names nobody.
Person: TypeAlias = str | Sequence[Any] | NDArray[Any] | None

#: An odd constant spreads the seeds over 64 bits (the golden ratio: Knuth 1998, section 6.4).
_SPREAD = 0x9E3779B97F4A7C15


@dataclass(frozen=True)
class Sample:
    """Raw rows, the protected rows made from them, and who the raw rows are about.

    ``origin`` (m,) gives the raw row of each protected row, ``people`` (n,) one key per raw row or
    None where rows stand for people. ``rows`` (n,) are the raw rows' places in the whole table of
    ``of`` rows. ``unseen`` says that the protection never saw the rows that are tested on.
    """

    raw: Table
    protected: Table
    origin: Rows
    people: pa.Array | None
    rows: Rows
    of: int
    unseen: bool = False

    @property
    def whole(self) -> bool:
        """Whether the whole table was taken."""
        return self.rows.size == self.of


@dataclass(frozen=True)
class Draw:
    """How a sample is drawn: at most ``rows`` raw rows, with these ``columns`` where they are."""

    rows: int
    seed: int
    columns: Sequence[str]


def sampled(
    raw: Table, protected: Table, *, links: Table | pa.Table, person: Person, draw: Draw
) -> Sample:
    """Return all rows of people drawn at random, at most ``draw.rows`` raw ones.

    A table of no more rows is taken whole and as it is. Raises ParameterError
    (``utility.person-length``, ``links.incomplete``) for keys or links that do not fit.
    """
    origin = raw_rows(links, protected=protected.rows, raw=raw.rows)
    drawn = drawn_people(raw, person=person, draw=draw)
    if drawn.rows.size == raw.rows:
        return Sample(raw, protected, origin, drawn.people, drawn.rows, raw.rows)
    kept = np.zeros(raw.rows, np.bool_)
    kept[drawn.rows] = True
    shown = np.flatnonzero(kept[origin])
    number = np.cumsum(kept, dtype=np.int64) - 1
    taken, made = (
        _at(table, rows, draw) for table, rows in ((raw, drawn.rows), (protected, shown))
    )
    return Sample(taken, made, number[origin[shown]], drawn.people, drawn.rows, raw.rows)


@dataclass(frozen=True)
class Drawn:
    """Raw rows of people drawn at random: their places (ascending), and one key per row if any."""

    rows: Rows
    people: pa.Array | None


def drawn_people(raw: Table, *, person: Person, draw: Draw) -> Drawn:
    """Return which rows belong to people drawn at random, at most ``draw.rows``; all if so few.

    Raises ParameterError (``utility.person-length``) for keys that do not fit.
    """
    keys = _keys(raw, person)
    if raw.rows <= draw.rows:
        return Drawn(np.arange(raw.rows, dtype=np.int64), _taken(keys, None))
    places = np.flatnonzero(_drawn(raw.rows, keys, draw))
    return Drawn(places, _taken(keys, places))


def _at(table: Table, rows: Rows, draw: Draw) -> Table:
    return Table.of(rows_at(table, rows, columns=[c for c in draw.columns if c in table.columns]))


def _keys(raw: Table, person: Person) -> tuple[Table, str] | None:
    """Return the table and column that name the person of every raw row."""
    if person is None:
        return None
    if isinstance(person, str):
        raw.require([person])
        return raw, person
    given = person if isinstance(person, pa.Array | pa.ChunkedArray) else pa.array(person)
    if len(given) != raw.rows:
        raise ParameterError(
            "utility.person-length",
            Text("人員識別值的數目與資料列數不同。", "There is not one person key for each row."),
            hint=Text("每一列給一個人員識別值。", "Give one person key per row."),
        )
    return Table.of(pa.table({"person": given})), "person"


def _taken(keys: tuple[Table, str] | None, places: Rows | None) -> pa.Array | None:
    if keys is None:
        return None
    table, column = keys
    found = table.arrow([column]) if places is None else rows_at(table, places, columns=[column])
    chunks = found.column(0).combine_chunks()
    return chunks.combine_chunks() if isinstance(chunks, pa.ChunkedArray) else chunks


def _drawn(count: int, keys: tuple[Table, str] | None, draw: Draw) -> NDArray[np.bool_]:
    """Return which rows belong to the people whose hashes are smallest, at most ``draw.rows``."""
    start = np.uint64(draw.seed * _SPREAD % 2**64)
    alone = hashes(pa.array(np.arange(count, dtype=np.int64))).view(np.uint64)
    names = alone if keys is None else _named(*keys, alone)
    drawn = hashes(pa.array((names ^ start).view(np.int64))).view(np.uint64)
    limit = np.partition(drawn, draw.rows)[draw.rows]
    kept: NDArray[np.bool_] = drawn < limit
    if not kept.any():
        # One person has more rows than were asked for.
        kept[: draw.rows] = True
    return kept


def _named(table: Table, column: str, alone: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return a number per row, equal for one person's rows; a row that names nobody has its own."""
    found = []
    for batch in table.batches([column]):
        cells = batch.column(0)
        if pa.types.is_dictionary(cells.type):
            cells = cells.dictionary_decode()
        if pa.types.is_string(cells.type):
            trimmed = pc.utf8_trim_whitespace(cells)
            cells = pc.if_else(pc.equal(trimmed, ""), None, trimmed)
        found.append(hashes(cells).view(np.uint64))
    names = np.concatenate(found)
    return np.where(names == 0, alone, names)
