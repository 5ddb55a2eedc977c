"""Columns as whole numbers: each distinct value gets a code, so that rows compare at numpy's speed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from anping.engine.coded import as_met
from anping.engine.cores import in_order
from anping.engine.grouping import grouped
from anping.engine.stream import at_once, mapped
from anping.engine.table import Table
from anping.engine.text_hashes import mixed_bits, text_hash

#: The code of a missing value.
MISSING = -1
_LARGEST_KEY = 2**62
_WIDE = 2**32
_COUNTS = pa.schema([("value", pa.string()), ("count", pa.int64())])
#: Counts of so many values wait until they are added up.
_WAITING = 1 << 20

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
    kind = pa.dictionary(pa.int32(), _value_type(table.schema.field(column).type))
    schema = pa.schema([(column, kind)])
    if isinstance(table.source, Path):
        read = in_order(_encoding, table.batches([column], coded=True))
        chunks = [batch.column(0) for batch in read]
    else:
        made = mapped(table, _encoding, columns=[column], schema=schema)
        chunks = [batch.column(0) for batch in made]
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


def _encoding(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return the cells as codes into those distinct values that occur, nulls apart."""
    cells = batch.column(0)
    codes = None
    if pa.types.is_dictionary(cells.type):
        codes = as_met(cells)
        cells = cells if codes is not None else cells.dictionary_decode()
    if codes is None:
        codes = one_zero(cells).dictionary_encode()
    return pa.RecordBatch.from_arrays([codes], batch.schema.names)


def code_counts(table: Table, column: str, count: str) -> pa.Table:
    """Return the values of a text column and the rows of each, sorted, missing first.

    Meant for a column that a file holds as codes: no cell is spelled out, nor kept.
    """
    found, waiting = _COUNTS.empty_table(), 0
    for batch in in_order(_counted_batch, table.batches([column], coded=True)):
        found = pa.concat_tables([found, pa.Table.from_batches([batch], _COUNTS)])
        waiting += batch.num_rows
        if waiting > _WAITING:
            found, waiting = _merged(found), 0
    found = _merged(found)
    order = pc.array_sort_indices(found.column(0).combine_chunks(), null_placement="at_start")
    return found.take(order).rename_columns([column, count])


def _merged(counts: pa.Table) -> pa.Table:
    """Return the counts with each value once."""
    added = counts.group_by("value").aggregate([("count", "sum")])
    return added.select(["value", "count_sum"]).rename_columns(_COUNTS.names)


def _counted_batch(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return the values of a batch of one column, some perhaps twice, and their rows."""
    cells = batch.column(0)
    if not pa.types.is_dictionary(cells.type):
        found = pc.value_counts(cells)
        return pa.record_batch([found.field(0), found.field(1)], schema=_COUNTS)
    values = pa.concat_arrays([cells.dictionary, pa.nulls(1, cells.dictionary.type)])
    codes = cells.indices.fill_null(len(values) - 1).to_numpy()
    counts = np.bincount(codes, minlength=len(values))
    there = np.flatnonzero(counts)
    return pa.record_batch(
        [values.take(pa.array(there)), pa.array(counts[there], pa.int64())],
        schema=_COUNTS,
    )


def one_zero(cells: pa.Array) -> pa.Array:
    """Return the cells with 0 for -0, which is its equal: either may stand for both."""
    # Arrow does not add half floats.
    if not pa.types.is_floating(cells.type) or pa.types.is_float16(cells.type):
        return cells
    return pc.add(cells, pa.scalar(0, cells.type))


def encode_columns(table: Table, columns: Sequence[str]) -> tuple[Codes, ...]:
    """Return several columns as codes."""
    table.require(columns)
    return tuple(at_once(table, lambda column: encode(table, column), columns))


def combine(columns: Sequence[Codes32]) -> Combinations:
    """Return the classes of rows with equal codes in all columns; missing equals missing.

    ``columns`` are arrays of shape (rows,), at least one. Codes may be any integers from -1 up.
    """
    keys, bound = np.zeros(len(columns[0]), np.int64), 1
    for codes in columns:
        spread = int(codes.max(initial=MISSING)) + 2
        if bound * spread >= _LARGEST_KEY:
            known, keys = np.unique(keys, return_inverse=True)
            bound = known.size
        keys = keys * spread + (codes + 1)
        bound *= spread
    found = grouped(keys, bound)
    # Any row of a class tells its codes; asking for the first one would cost a stable sort.
    first = np.empty(found.counts.size, np.int64)
    first[found.of_row] = np.arange(found.of_row.size)
    distinct = np.stack([codes[first] for codes in columns], axis=1).astype(np.int32)
    return Combinations(distinct, found.of_row.astype(np.int64), found.counts)


def combinations(table: Table, columns: Sequence[str]) -> Combinations:
    """Return the equivalence classes of the table's rows on ``columns``."""
    return combine([encoded.codes for encoded in encode_columns(table, columns)])


def hashes(cells: pa.Array) -> Codes64:
    """Return a number for each cell, shape (rows,): equal cells equal numbers, 0 for missing ones.

    It needs no other batch, so that values too many for a dictionary can still be compared. Among
    n different values two share a number with chance below n² / 2^65. NaN counts as missing, a
    list or struct as its text.
    """
    kind = cells.type
    if pa.types.is_dictionary(kind):
        return hashes(cells.dictionary_decode())
    if pa.types.is_string(kind):
        mixed = text_hash(cells)
    elif pa.types.is_integer(kind) or pa.types.is_date32(kind) or pa.types.is_boolean(kind):
        whole = cells.cast(pa.int32()) if pa.types.is_date32(kind) else cells
        mixed = mixed_bits(
            pc.fill_null(whole.cast(pa.int64(), safe=False), 0).to_numpy().view(np.uint64)
        )
    elif pa.types.is_floating(kind):
        cells = pc.if_else(pc.is_nan(cells), None, cells)
        plain = pc.fill_null(cells.cast(pa.float64()), 0.0).to_numpy() + 0.0
        mixed = mixed_bits(plain.view(np.uint64))
    else:
        texts = [None if cell is None else str(cell) for cell in cells.to_pylist()]
        return hashes(pa.array(texts, pa.string()))
    mixed[pc.is_null(cells).to_numpy(zero_copy_only=False)] = 0
    return mixed.view(np.int64)


def counted(table: pa.Table, count: str) -> pa.Table | None:
    """Return what ``aggregate.frequencies`` does of a table in memory; None where DuckDB must.

    One column of plain values, or several of whole numbers without missing ones.
    """
    types = [field.type for field in table.schema]
    whole = table.num_rows and all(map(pa.types.is_signed_integer, types))
    if not whole or any(column.null_count for column in table.columns):
        plain = table.num_columns == 1 and not pa.types.is_nested(types[0])
        return _counted_values(table, count) if plain else None
    if table.num_columns == 1:
        found, counts = np.unique(table.column(0).to_numpy(), return_counts=True)
        alone = [pa.array(found, types[0]), pa.array(counts, pa.int64())]
        return pa.Table.from_arrays(alone, [*table.column_names, count])
    ranges = [_range_of(column) for column in table.columns]
    spreads = [each.spread for each in ranges]
    if prod(spreads) >= _LARGEST_KEY:
        return None
    keys = np.zeros(table.num_rows, np.int64)
    for each in ranges:
        keys *= each.spread
        keys += each.codes
    found, counts = np.unique(keys, return_counts=True)
    columns: list[pa.Array] = [pa.array(counts, pa.int64())]
    for each, kind in zip(ranges[::-1], types[::-1], strict=True):
        codes, found = found % each.spread, found // each.spread
        columns.insert(0, pa.array(each.numbers(codes), pa.int64()).cast(kind))
    return pa.Table.from_arrays(columns, [*table.column_names, count])


@dataclass(frozen=True, slots=True)
class _Range:
    """Whole numbers as codes from 0: their distance to the lowest, or their place in ``known``."""

    codes: Codes64
    spread: int
    low: int
    known: Codes64 | None = None

    def numbers(self, codes: Codes64) -> Codes64:
        return codes + self.low if self.known is None else self.known[codes]


def _range_of(column: pa.ChunkedArray) -> _Range:
    numbers = column.to_numpy().astype(np.int64)
    low, high = int(numbers.min()), int(numbers.max())
    if high - low < _WIDE:
        return _Range(numbers - low, high - low + 1, low)
    # Few values far apart, such as hashes, are found sooner by hashing than by sorting.
    coded = pa.array(numbers).dictionary_encode()
    values = coded.dictionary.to_numpy()
    order = np.argsort(values)
    rank = np.empty(values.size, np.int64)
    rank[order] = np.arange(values.size)
    return _Range(rank[coded.indices.to_numpy()], values.size, 0, values[order])


def _counted_values(table: pa.Table, count: str) -> pa.Table:
    cells = table.column(0)
    if pa.types.is_dictionary(cells.type):
        cells = cells.cast(cells.type.value_type)
    if pa.types.is_null(cells.type):
        cells = cells.cast(pa.string())
    found = one_zero(cells.combine_chunks()).value_counts()
    values, counts = found.field("values"), found.field("counts")
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    order = pc.array_sort_indices(values)
    # Arrow sorts missing values to the end.
    missing = values.null_count
    order = pa.concat_arrays(
        [order.slice(len(order) - missing), order.slice(0, len(order) - missing)]
    )
    return pa.table({table.column_names[0]: values.take(order), count: counts.take(order)})


def _value_type(given: pa.DataType) -> pa.DataType:
    return given.value_type if pa.types.is_dictionary(given) else given
