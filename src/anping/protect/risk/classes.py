"""An equivalence class is the set of records that share all their quasi-identifier values.

Missing values are a value of their own. Classes count rows, and distinct people where a person is
known for each row, because one person with five rows is not hidden among five people.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from anping.core.errors import ParameterError
from anping.core.text import Text
from anping.engine.table import Table

Codes = NDArray[np.int64]

#: Who each row is about: a column's name, or one key per row (null or blank: nobody knows).
Person: TypeAlias = str | Sequence[Any] | NDArray[Any]

_ROOM = 1 << 62


@dataclass(frozen=True)
class EquivalenceClasses:
    """The classes of a table.

    ``of_row`` (n,) is each row's class, 0 to m - 1; ``rows`` (m,) and ``people`` (m,) are the
    sizes of the classes; ``person`` (n,) numbers the people, or is None where rows stand for people.
    """

    of_row: Codes
    rows: Codes
    people: Codes
    person: Codes | None = None

    @property
    def count(self) -> int:
        """The number m of classes."""
        return int(self.rows.size)

    @cached_property
    def size_of_unit(self) -> Codes:
        """The size, in people, of the smallest class that each person (or row) stands in."""
        sizes = self.people[self.of_row]
        if self.person is None:
            return sizes
        smallest = np.full(int(self.person.max()) + 1, np.iinfo(np.int64).max)
        np.minimum.at(smallest, self.person, sizes)
        return smallest


def as_table(table: Table | pa.Table) -> Table:
    """Return an Arrow table or a Table as a Table."""
    return Table.of(table) if isinstance(table, pa.Table) else table


def encode(column: pa.Array | pa.ChunkedArray) -> tuple[Codes, pa.Array]:
    """Return a code for each cell and the distinct values the codes stand for, null included."""
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    if isinstance(column, pa.ChunkedArray):
        column = pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    encoded = pc.dictionary_encode(column, null_encoding="encode")
    codes = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    return codes, encoded.dictionary


def combine(parts: Sequence[Codes], rows: int) -> Codes:
    """Return one code per row for the combination of several codes, dense from 0.

    The codes of ``parts`` are multiplied into one key; before that could overflow 64 bits the key
    is compressed to the combinations that occur.
    """
    key = np.zeros(rows, dtype=np.int64)
    room = 1
    for part in parts:
        width = int(part.max()) + 1 if rows else 1
        if room > _ROOM // width:
            key = dense(key)
            room = int(key.max()) + 1 if rows else 1
        key = key * width + part
        room *= width
    return dense(key)


def dense(codes: Codes) -> Codes:
    """Return the codes renumbered from 0 without gaps."""
    return np.unique(codes, return_inverse=True)[1].astype(np.int64)


def person_codes(person: Person | None, table: Table) -> tuple[Codes, NDArray[np.bool_]] | None:
    """Return a number for the person of each row, and which rows name nobody (null or blank).

    Each row that names nobody gets a number of its own. Raises SchemaError for an unknown column
    and ParameterError (``risk.person-length``) when the keys are not one per row.
    """
    if person is None:
        return None
    if isinstance(person, str):
        column = table.column(person)
    elif isinstance(person, pa.Array | pa.ChunkedArray):
        column = person
    else:
        column = pa.array(person)
    if len(column) != table.rows:
        raise ParameterError(
            "risk.person-length",
            Text("人員識別值的數目與資料列數不同。", "There is not one person key for each row."),
            hint=Text("每一列給一個人員識別值。", "Give one person key per row."),
        )
    codes, values = encode(column)
    nobody = pc.is_null(values, nan_is_null=True)
    if pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
        nobody = pc.or_kleene(nobody, pc.equal(pc.utf8_trim_whitespace(values), ""))
    unknown: NDArray[np.bool_] = nobody.to_numpy(zero_copy_only=False).astype(bool)[codes]
    codes = codes.copy()
    codes[unknown] = len(values) + np.arange(int(unknown.sum()))
    return dense(codes), unknown


def equivalence_classes(
    table: Table | pa.Table, quasi_identifiers: Sequence[str], *, person: Person | None = None
) -> EquivalenceClasses:
    """Group the rows of a table by their quasi-identifier values.

    Without quasi-identifiers all rows are one class. Rows that name nobody may all be one person's,
    so in each class they hide as one person together, while each is a unit at risk. Raises SchemaError for a column that does not
    exist and ParameterError (``risk.no-rows``) for a table without rows.
    """
    source = as_table(table)
    source.require(quasi_identifiers)
    if not source.rows:
        raise ParameterError(
            "risk.no-rows",
            Text(
                "表中沒有任何資料列，無法量測風險。", "A table without rows has no risk to measure."
            ),
            hint=Text("請確認輸入的表。", "Check the table that was given."),
        )
    columns = source.arrow(quasi_identifiers)
    of_row = combine([encode(column)[0] for column in columns.columns], source.rows)
    rows = np.bincount(of_row)
    who = person_codes(person, source)
    if who is None:
        return EquivalenceClasses(of_row, rows, rows)
    codes, unknown = who
    pairs = np.unique(np.stack([of_row, np.where(unknown, -1, codes)], axis=1), axis=0)
    return EquivalenceClasses(of_row, rows, np.bincount(pairs[:, 0]), codes)
