"""An equivalence class is the set of records that share all their quasi-identifier values.

Missing values are a value of their own. Classes count rows, and distinct people where a person is
known for each row, because one person with five rows is not hidden among five people.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa

from anping.core.errors import ParameterError
from anping.core.text import Text
from anping.engine.codes import encode
from anping.engine.numbering import numbered
from anping.engine.stream import at_once
from anping.engine.table import Table
from anping.protect.risk.people import Codes, Codes32, People, Person, people_of

_ROOM = 1 << 62
#: Sizes are counted in a table unless it has more cells for each class.
_TABLE = 4


@dataclass(frozen=True)
class EquivalenceClasses:
    """The classes of a table.

    ``of_row`` (n,) is each row's class, 0 to m - 1; ``rows`` (m,) and ``people`` (m,) are the
    sizes of the classes; ``person`` says who the rows are about, or is None where rows stand for
    people.
    """

    of_row: Codes32
    rows: Codes
    people: Codes
    person: People | None = None

    @property
    def count(self) -> int:
        """The number m of classes."""
        return int(self.rows.size)

    @property
    def told(self) -> bool:
        """Whether the table alone tells the same, without keys of people from elsewhere."""
        return self.person is None or self.person.column is not None

    @cached_property
    def size_of_unit(self) -> Codes:
        """The size, in people, of the smallest class that each person (or row) stands in."""
        sizes = self.people[self.of_row]
        if self.person is None:
            return sizes
        nowhere = np.iinfo(np.int64).max
        smallest = np.full(self.person.count, nowhere)
        smallest[self.person.codes] = sizes
        several = np.flatnonzero(self.person.several)
        np.minimum.at(smallest, self.person.codes[several], sizes[several])
        return smallest[smallest < nowhere]

    @cached_property
    def spread(self) -> tuple[Codes, Codes]:
        """The different sizes of classes, in people, ascending, and how many classes have each."""
        if self.people.max(initial=0) > _TABLE * self.people.size:
            return np.unique(self.people, return_counts=True)
        counts = np.bincount(self.people)
        sizes = np.flatnonzero(counts)
        return sizes, counts[sizes]


@dataclass(frozen=True)
class Column:
    """A column as codes: ``codes`` (n,) index ``values``, one of which is null if any cell is."""

    codes: Codes32
    values: pa.Array


def as_table(table: Table | pa.Table) -> Table:
    """Return an Arrow table or a Table as a Table."""
    return Table.of(table) if isinstance(table, pa.Table) else table


def column_codes(table: Table, name: str) -> Column:
    """Return a code for each cell and the distinct values, null included, as they are first met."""
    found = encode(table, name, ordered=False)
    codes, values = found.codes, found.values
    missing = codes < 0
    if not missing.any():
        return Column(codes, values)
    first = int(missing.argmax())
    place = int(codes[:first].max(initial=-1)) + 1
    codes = np.where(missing, place, codes + (codes >= place)).astype(np.int32)
    null = pa.nulls(1, values.type)
    return Column(codes, pa.concat_arrays([values.slice(0, place), null, values.slice(place)]))


def combine(parts: Iterable[Codes | Codes32], rows: int) -> tuple[Codes32, int]:
    """Return one code per row for the combination of several codes, dense from 0; and how many.

    The codes of ``parts`` are multiplied into one key; before that could overflow 64 bits the key
    is compressed to the combinations that occur.
    """
    key = np.zeros(rows, dtype=np.int64)
    room = 1
    for part in parts:
        width = int(part.max(initial=0)) + 1
        if room > _ROOM // width:
            compressed, room = numbered(key)
            key = compressed.astype(np.int64)
        key *= width
        key += part
        room *= width
    return numbered(key)


@dataclass(frozen=True)
class Grouped:
    """Rows grouped by equal values: ``of_row`` (n,) is the group of each, 0 to ``count`` - 1.

    ``columns`` gives each column's code per group (count,) and what the codes stand for.
    """

    of_row: Codes32
    count: int
    columns: dict[str, Column]


def group_rows(table: Table, columns: Sequence[str]) -> Grouped:
    """Return the table's rows grouped by ``columns``. Raises SchemaError for a missing column."""
    table.require(columns)
    found = at_once(table, lambda name: column_codes(table, name), columns)
    coded = dict(zip(columns, found, strict=True))
    of_row, count = combine((each.codes for each in coded.values()), table.rows)
    member = np.zeros(count, np.int64)
    member[of_row] = np.arange(of_row.size)
    groups = {name: Column(each.codes[member], each.values) for name, each in coded.items()}
    return Grouped(of_row, count, groups)


def classes_of_rows(table: Table, columns: Sequence[str]) -> tuple[Codes32, int]:
    """Return each row's class on ``columns`` and the number of classes; one column at a time.

    Without columns all rows are one class. Raises SchemaError for a missing column.
    """
    table.require(columns)
    coded = at_once(table, lambda name: column_codes(table, name).codes, columns)
    return combine(coded, table.rows)


def sized(of_row: Codes32, count: int, people: People | None) -> EquivalenceClasses:
    """Return ``count`` classes of rows with their sizes, in rows and in people.

    Rows that name nobody may all be one person's, so in each class they hide as one person together,
    while each is a unit at risk.
    """
    rows = np.bincount(of_row, minlength=count)
    if people is None:
        return EquivalenceClasses(of_row, rows, rows)
    if people.count == of_row.size and not people.unnamed.any():
        # Everybody has exactly one row.
        return EquivalenceClasses(of_row, rows, rows, people)
    # Whoever has one row and a name is one person in one class; only the others may stand there twice.
    doubtful = np.flatnonzero(people.several | people.unnamed)
    pairs = of_row[doubtful].astype(np.int64) * (people.count + 1)
    pairs += np.where(people.unnamed[doubtful], 0, people.codes[doubtful] + 1)
    pairs.sort()
    first = np.diff(pairs, prepend=-1) != 0
    held = rows - np.bincount(of_row[doubtful], minlength=count)
    held += np.bincount(pairs[first] // (people.count + 1), minlength=count)
    return EquivalenceClasses(of_row, rows, held, people)


def equivalence_classes(
    table: Table | pa.Table, quasi_identifiers: Sequence[str], *, person: Person | None = None
) -> EquivalenceClasses:
    """Group the rows of a table by their quasi-identifier values.

    Without quasi-identifiers all rows are one class. In memory are a few numbers per row, never the
    table. Raises SchemaError for a column that does not exist and ParameterError (``risk.no-rows``)
    for a table without rows.
    """
    source = as_table(table)
    source.require(quasi_identifiers)
    require_rows(source)
    people = people_of(person, source)
    return sized(*classes_of_rows(source, quasi_identifiers), people)


def require_rows(table: Table) -> None:
    """Raise ParameterError (``risk.no-rows``) for a table without rows."""
    if not table.rows:
        raise ParameterError(
            "risk.no-rows",
            Text(
                "表中沒有任何資料列，無法量測風險。", "A table without rows has no risk to measure."
            ),
            hint=Text("請確認輸入的表。", "Check the table that was given."),
        )
