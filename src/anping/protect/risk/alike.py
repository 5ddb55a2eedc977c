"""Which rows are alike on many columns: rows compared by hashes, batch by batch, in bounded memory.

A row is two independent hashes of 64 bits. Rows that differ are taken as alike with chance below
n² / 2^129 (2e-25 for ten million rows): the first hash groups them, the second tells whether any
group holds two kinds of rows.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from anping.engine.codes import hashes
from anping.engine.stream import mapped
from anping.engine.table import Table

Codes = NDArray[np.int64]
Codes32 = NDArray[np.int32]

_PAIR = pa.schema([("one", pa.int64()), ("two", pa.int64())])
#: Odd multipliers keep the order of the columns: (a, b) is not (b, a). Knuth's and Marsaglia's.
_ONE, _TWO = np.uint64(6364136223846793005), np.uint64(3935559000370003845)
_NOT_A_NUMBER = np.uint64(0x7FF8000000000001)
_SALT = "\x1f"
_FEW = 0.5
_RARE = 0.05
#: A table of 2^24 bits.
_SHIFT = 40
_LOOKED_AT = 50_000


def alike(table: Table, columns: Sequence[str]) -> tuple[Codes32, int]:
    """Return a number per row, 0 to m - 1, equal for rows alike on ``columns``; and m.

    A missing value is alike to a missing one and to nothing else. Lists, structs and maps are
    compared as text. Raises SchemaError for a missing column.
    """
    parts = mapped(table, _hashed, columns=columns, schema=_PAIR)
    return alike_by([(part.column(0).to_numpy(), part.column(1).to_numpy()) for part in parts])


def alike_by(hashed: Sequence[tuple[Codes, Codes]]) -> tuple[Codes32, int]:
    """Return the same from the rows' two hashes, batch after batch."""
    if not hashed:
        return np.empty(0, np.int32), 0
    one, two = (np.concatenate(each) for each in zip(*hashed, strict=True))
    codes, count = dense(one)
    sample = np.empty(count, np.int64)
    sample[codes] = two
    if np.array_equal(sample[codes], two):
        return codes, count
    others, more = dense(two)
    return dense(codes * np.int64(more) + others)


def dense(keys: Codes) -> tuple[Codes32, int]:
    """Return the keys renumbered from 0 without gaps, in no particular order, and how many."""
    sample = keys[:: max(1, keys.size // _LOOKED_AT)]
    if np.unique(sample).size < _FEW * sample.size:
        # Hashing is faster than sorting while the distinct keys are few.
        encoded = pa.array(keys).dictionary_encode()
        return encoded.indices.to_numpy(), len(encoded.dictionary)
    ordered = np.sort(keys)
    doubled = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    if doubled.size < _RARE * keys.size:
        return _mostly_alone(keys, doubled)
    found, codes = np.unique(keys, return_inverse=True)
    return codes.astype(np.int32), int(found.size)


def _mostly_alone(keys: Codes, doubled: Codes) -> tuple[Codes32, int]:
    """Return the same where few keys stand more than once; those are ``doubled``, ascending."""
    # A table of bits by a hash of the key passes over nearly every key that stands alone.
    spread = (keys.view(np.uint64) * _ONE) >> np.uint64(_SHIFT)
    bits = np.zeros(1 << (64 - _SHIFT), np.bool_)
    bits[(doubled.view(np.uint64) * _ONE) >> np.uint64(_SHIFT)] = True
    rows = np.flatnonzero(bits[spread])
    places = np.searchsorted(doubled, keys[rows])
    met = np.append(doubled, 0)[places] == keys[rows]
    met &= places < doubled.size
    alone = np.ones(keys.size, np.bool_)
    alone[rows[met]] = False
    codes = np.cumsum(alone, dtype=np.int32) + np.int32(doubled.size - 1)
    codes[rows[met]] = places[met]
    return codes, int(doubled.size + alone.sum())


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
        cells = cells.dictionary_decode()
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
    # A text repeats much more often than not, so each distinct one is hashed once.
    coded = cells.dictionary_encode()
    texts = coded.dictionary
    salted = pc.binary_join_element_wise(_SALT, texts, "")
    places = coded.indices.fill_null(len(texts)).to_numpy()
    first, second = (
        np.append(hashes(each).view(np.uint64), np.uint64(0))[places] for each in (texts, salted)
    )
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
