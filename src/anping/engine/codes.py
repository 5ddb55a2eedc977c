"""Columns as whole numbers: each distinct value gets a code, so that rows compare at numpy's speed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from anping.engine.table import Table

#: The code of a missing value.
MISSING = -1

Codes32 = npt.NDArray[np.int32]
Codes64 = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Codes:
    """One column: its distinct values, sorted, and for each row the index of its value.

    ``codes`` has shape (rows,) and holds -1 where the value is missing; ``values`` has no nulls.
    """

    values: pa.Array
    codes: Codes32


@dataclass(frozen=True, slots=True)
class Combinations:
    """Rows grouped by equal codes in several columns (equivalence classes).

    ``codes`` has shape (classes, columns), sorted; ``classes`` has shape (rows,) and gives each
    row's class; ``counts`` has shape (classes,) and sums to the number of rows.
    """

    codes: Codes32
    classes: Codes64
    counts: Codes64


def encode(table: Table, column: str, *, ordered: bool = True) -> Codes:
    """Return a column as codes, the codes' order being the values' order unless not ``ordered``.

    Reads the column in batches, so memory holds the distinct values and four bytes per row. Values
    in the order in which they are met cost no sorting. Raises SchemaError for a missing column.
    """
    chunks = [_encoded(batch.column(0)) for batch in table.batches([column])]
    kind = pa.dictionary(pa.int32(), _value_type(table.schema.field(column).type))
    unified = pa.chunked_array(chunks, kind).unify_dictionaries()
    parts = [chunk.indices.fill_null(MISSING).to_numpy() for chunk in unified.chunks]
    codes = np.concatenate(parts) if parts else np.empty(0, np.int32)
    values = unified.chunk(0).dictionary if parts else pa.array([], kind.value_type)
    if not ordered:
        return Codes(values, codes)
    order = pc.array_sort_indices(values).to_numpy(zero_copy_only=False)
    rank = np.full(len(order) + 1, MISSING, np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    # Code -1 addresses the last place of the rank, which stays missing.
    return Codes(values.take(pa.array(order)), rank[codes])


def _encoded(cells: pa.Array) -> pa.DictionaryArray:
    """Return the cells as codes into those distinct values that occur, nulls apart."""
    if pa.types.is_dictionary(cells.type):
        cells = cells.dictionary_decode()
    return cells.dictionary_encode()


def encode_columns(table: Table, columns: Sequence[str]) -> tuple[Codes, ...]:
    """Return several columns as codes."""
    table.require(columns)
    return tuple(encode(table, column) for column in columns)


def combine(columns: Sequence[Codes32]) -> Combinations:
    """Return the classes of rows with equal codes in all columns; missing equals missing.

    ``columns`` are arrays of shape (rows,), at least one. Codes may be any integers from -1 up.
    """
    classes = np.zeros(len(columns[0]), np.int64)
    for codes in columns:
        spread = int(codes.max(initial=MISSING)) + 2
        # Classes and codes are renumbered at every column, so the product cannot overflow.
        _, classes = np.unique(classes * spread + (codes + 1), return_inverse=True)
    _, first, counts = np.unique(classes, return_index=True, return_counts=True)
    distinct = np.stack([codes[first] for codes in columns], axis=1).astype(np.int32)
    return Combinations(distinct, classes.astype(np.int64), counts.astype(np.int64))


def combinations(table: Table, columns: Sequence[str]) -> Combinations:
    """Return the equivalence classes of the table's rows on ``columns``."""
    return combine([encoded.codes for encoded in encode_columns(table, columns)])


def _value_type(given: pa.DataType) -> pa.DataType:
    return given.value_type if pa.types.is_dictionary(given) else given
