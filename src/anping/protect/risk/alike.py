"""Which rows are alike on many columns: rows compared by hashes, batch by batch, in bounded memory.

A row is two independent hashes of 64 bits. Rows that differ are taken as alike with chance below
n² / 2^129 (2e-25 for ten million rows): the first hash groups them, the second tells whether any
group holds two kinds of rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from anping.engine.codes import hashes
from anping.engine.cores import in_order
from anping.engine.numbering import numbered
from anping.engine.stream import mapped
from anping.engine.table import Table
from anping.engine.text_hashes import text_hashes

Codes = NDArray[np.int64]
Codes32 = NDArray[np.int32]

_PAIR = pa.schema([("one", pa.int64()), ("two", pa.int64())])
#: Odd multipliers keep the order of the columns: (a, b) is not (b, a). Knuth's and Marsaglia's.
_ONE, _TWO = np.uint64(6364136223846793005), np.uint64(3935559000370003845)
_NOT_A_NUMBER = np.uint64(0x7FF8000000000001)
#: So many cells tell whether texts repeat.
_LOOKED_AT = 1_000
_REPEATED = 0.5


def alike(table: Table, columns: Sequence[str]) -> tuple[Codes32, int]:
    """Return a number per row, 0 to m - 1, equal for rows alike on ``columns``; and m.

    A missing value is alike to a missing one and to nothing else. Lists, structs and maps are
    compared as text. Raises SchemaError for a missing column.
    """
    if isinstance(table.source, Path):
        return alike_by(list(in_order(row_hashes, table.batches(columns, coded=True))))
    parts = mapped(table, _hashed, columns=columns, schema=_PAIR)
    return alike_by([(part.column(0).to_numpy(), part.column(1).to_numpy()) for part in parts])


def alike_by(hashed: Sequence[tuple[Codes, Codes]]) -> tuple[Codes32, int]:
    """Return the same from the rows' two hashes, batch after batch."""
    if not hashed:
        return np.empty(0, np.int32), 0
    one, two = (np.concatenate(each) for each in zip(*hashed, strict=True))
    codes, count = numbered(one)
    sample = np.empty(count, np.int64)
    sample[codes] = two
    if np.array_equal(sample[codes], two):
        return codes, count
    others, more = numbered(two)
    return numbered(codes * np.int64(more) + others)


def _hashed(batch: pa.RecordBatch) -> pa.RecordBatch:
    return pa.record_batch([pa.array(each) for each in row_hashes(batch)], schema=_PAIR)


def row_hashes(batch: pa.RecordBatch) -> tuple[Codes, Codes]:
    """Return two independent hashes of every row of a batch."""
    one, two = (np.zeros(batch.num_rows, np.uint64) for _ in range(2))
    for cells in batch.columns:
        first, second = _hashes_of(cells)
        one = _stirred(one * _ONE + first)
        two = _stirred(two * _TWO + second)
    return one.view(np.int64), two.view(np.int64)


def _hashes_of(cells: pa.Array) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Return two hashes per cell; of what has 64 bits or fewer, one hash is exact already."""
    if pa.types.is_dictionary(cells.type):
        return _hashes_of_codes(cells)
    if pa.types.is_date32(cells.type):
        cells = cells.cast(pa.int32())
    if pa.types.is_temporal(cells.type):
        cells = cells.cast(pa.int64())
    if pa.types.is_integer(cells.type) or pa.types.is_boolean(cells.type):
        made = hashes(cells).view(np.uint64)
        return made, made
    if pa.types.is_floating(cells.type):
        made = hashes(cells).view(np.uint64)
        made[_flags(pc.is_nan(cells))] = _NOT_A_NUMBER
        return made, made
    return _text_hashes(_as_text(cells))


def _as_text(cells: pa.Array) -> pa.StringArray:
    if pa.types.is_string(cells.type):
        return cells
    if pa.types.is_large_string(cells.type) or pa.types.is_decimal(cells.type):
        return cells.cast(pa.string())
    return pa.array(
        [None if cell is None else str(cell) for cell in cells.to_pylist()], pa.string()
    )


def _text_hashes(cells: pa.StringArray) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    some = cells.slice(0, _LOOKED_AT)
    if len(pc.unique(some)) > _REPEATED * len(some):
        return _spelled(cells)
    # Where texts repeat each distinct one is hashed once.
    return _hashes_of_codes(cells.dictionary_encode())


def _spelled(cells: pa.StringArray) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    first, second = text_hashes(cells)
    missing = pc.is_null(cells).to_numpy(zero_copy_only=False)
    first[missing] = second[missing] = 0
    return first, second


def _hashes_of_codes(cells: pa.DictionaryArray) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    # The place behind the last value is that of missing cells.
    values = pa.concat_arrays([cells.dictionary, pa.nulls(1, cells.dictionary.type)])
    places = cells.indices.fill_null(len(values) - 1).to_numpy()
    hashed = _spelled(values) if pa.types.is_string(values.type) else _hashes_of(values)
    first, second = (each[places] for each in hashed)
    return first, second


def _flags(found: pa.BooleanArray) -> NDArray[np.bool_]:
    flags: NDArray[np.bool_] = found.fill_null(fill_value=False).to_numpy(zero_copy_only=False)
    return flags


def _stirred(bits: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return the bits mixed, one to one (the finaliser of MurmurHash3: Appleby 2011)."""
    bits ^= bits >> np.uint64(33)
    bits *= np.uint64(0xFF51AFD7ED558CCD)
    bits ^= bits >> np.uint64(33)
    return bits
