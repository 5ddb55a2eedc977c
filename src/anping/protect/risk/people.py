"""Who each row is about, as numbers: one person may have several rows, and some rows name nobody.

People are told apart by two independent hashes of 64 bits of the cell that names them, so that ten
million keys need no dictionary. Two different people are taken for one with chance below
n² / 2^129: 2e-25 for ten million.
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
from anping.engine.cores import in_order
from anping.engine.table import Table
from anping.protect.risk.alike import alike_by, row_hashes

Codes = NDArray[np.int64]
Codes32 = NDArray[np.int32]


@dataclass(frozen=True)
class People:
    """The person of each row.

    ``codes`` (n,) number the people from 0 to ``count`` - 1; ``unnamed`` (n,) marks the rows that
    name nobody, each of which has a number of its own. ``column`` is the table's own column that
    names them, if one does: whoever holds the table then knows the same people.
    """

    codes: Codes32
    unnamed: NDArray[np.bool_]
    count: int
    column: str | None = None

    @cached_property
    def several(self) -> NDArray[np.bool_]:
        """Mark (n,) the rows of people with more than one row."""
        several = np.bincount(self.codes, minlength=self.count) > 1
        marked: NDArray[np.bool_] = several[self.codes]
        return marked

    def at(self, rows: NDArray[np.integer[Any]]) -> People:
        """Return the people of other rows: row i there is about the person of ``rows[i]`` here."""
        return People(self.codes[rows], self.unnamed[rows], self.count)


#: Who each row is about: a column's name, one key per row (null or blank: nobody knows), or people.
Person: TypeAlias = str | Sequence[Any] | NDArray[Any] | People


def people_of(person: Person | None, table: Table) -> People | None:
    """Return who the rows of ``table`` are about; None where rows stand for people.

    A row that names nobody (null, NaN or blank) gets a number of its own. Raises SchemaError for an
    unknown column and ParameterError (``risk.person-length``) when the keys are not one per row.
    """
    if person is None:
        return None
    if isinstance(person, People):
        _check_length(person.codes.size, table)
        return person
    if isinstance(person, str):
        return _numbered(table, person, column=person)
    keys = person if isinstance(person, pa.Array | pa.ChunkedArray) else pa.array(person)
    _check_length(len(keys), table)
    return _numbered(Table.of(pa.table({"person": keys})), "person", column=None)


def _numbered(table: Table, name: str, *, column: str | None) -> People:
    table.require([name])
    looked_at = list(in_order(_looked_at, table.batches([name])))
    codes, count = alike_by([hashed for hashed, _ in looked_at])
    unnamed = np.concatenate([np.empty(0, np.bool_), *(blank for _, blank in looked_at)])
    own = int(unnamed.sum())
    if own:
        codes = codes.copy()
        codes[unnamed] = count + np.arange(own, dtype=np.int32)
        used = np.zeros(count + own, np.bool_)
        used[codes] = True
        codes = (np.cumsum(used, dtype=np.int32) - 1)[codes]
        count = int(used.sum())
    return People(codes, unnamed, count, column)


def _looked_at(batch: pa.RecordBatch) -> tuple[tuple[Codes, Codes], NDArray[np.bool_]]:
    return row_hashes(batch), _blank(batch.column(0))


def _blank(cells: pa.Array) -> NDArray[np.bool_]:
    if pa.types.is_dictionary(cells.type):
        cells = cells.dictionary_decode()
    found = pc.is_null(cells, nan_is_null=True)
    if pa.types.is_string(cells.type) or pa.types.is_large_string(cells.type):
        empty = pc.equal(pc.utf8_trim_whitespace(cells), "")
        found = pc.or_(found, pc.fill_null(empty, fill_value=False))
    flags: NDArray[np.bool_] = found.to_numpy(zero_copy_only=False).astype(np.bool_)
    return flags


def _check_length(keys: int, table: Table) -> None:
    if keys != table.rows:
        raise ParameterError(
            "risk.person-length",
            Text("人員識別值的數目與資料列數不同。", "There is not one person key for each row."),
            hint=Text("每一列給一個人員識別值。", "Give one person key per row."),
        )
