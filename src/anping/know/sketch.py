"""A sketch of a table: enough to tell later which tables hold the same rows or columns, and no value.

It is made in one pass, batch by batch, of bounded size: a keyed sample of different rows and of each
column's different values, and keyed sums over all rows that tell the same rows in any order from the
same rows in the same order. Whoever lacks the workspace's key can compare nothing.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from anping.core.asset import Field
from anping.core.progress import Progress, silent
from anping.core.text import Text
from anping.engine.stream import mapped
from anping.engine.table import Table
from anping.engine.text_hashes import Bits, mixed_bits, text_hash
from anping.know.sampled_values import Sample, Values

FORMAT = "anping.sketch/1"
#: Different rows in a sketch, different values of a column, and values of all columns together.
ROWS, CELLS, ALL_CELLS = 8192, 512, 65_536
_SKETCHING = Text("製作草圖", "Sketching")
_PLACE = "row"
_ROW, _SUM, _OTHER_SUM, _ORDER = -1, -2, -3, -4
_FOUND = pa.schema([("subject", pa.int32()), ("level", pa.int32()), ("value", pa.int64())])
#: What tells numbers, moments and fractions from texts and from each other.
_NUMBERS, _MOMENTS, _FRACTIONS = (
    np.uint64(one) for one in (0x9AE16A3B2F90404F, 0xC949C7DEFB6F2A01, 0xB492B66FBE98F273)
)
_NO = pa.scalar(False)
#: Floats beyond this do not hold every whole number.
_EXACT = float(2**53)


@dataclass(frozen=True)
class Sketch:
    """What is kept of a table: its columns, keyed fingerprints, and samples of rows and cells."""

    columns: tuple[Field, ...]
    rows: int
    #: The same for the same rows in any order.
    content: str
    #: The same for the same rows in the same order.
    sequence: str
    sample: Values
    cells: Mapping[str, Values]

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "format": FORMAT,
            "columns": [{"name": field.name, "type": field.type} for field in self.columns],
            "rows": self.rows,
            "content": self.content,
            "sequence": self.sequence,
            "sample": self.sample.as_json(),
            "cells": {name: values.as_json() for name, values in self.cells.items()},
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Sketch:
        """Read what :meth:`as_json` gives."""
        return cls(
            columns=tuple(Field(**field) for field in value["columns"]),
            rows=value["rows"],
            content=value["content"],
            sequence=value["sequence"],
            sample=Values.from_json(value["sample"]),
            cells={name: Values.from_json(one) for name, one in value["cells"].items()},
        )


def sketch(table: Table, key: bytes, *, progress: Progress = silent) -> Sketch:
    """Return a table's sketch under a secret key of at least 16 bytes, in one pass over its rows.

    Two tables hold the same row where all columns of the same names hold the same values: the order of
    columns, and whether a number is held as ``1`` or ``1.0``, make no difference.
    """
    names = table.columns
    most = max(16, min(CELLS, ALL_CELLS // max(1, len(names))))
    samples = {place: Sample(most) for place in range(len(names))} | {_ROW: Sample(ROWS)}
    sums = dict.fromkeys((_SUM, _OTHER_SUM, _ORDER), np.uint64(0))
    hashing = Hashing(names, tuple(_seeds(key, names)), most)
    batches = mapped(table, hashing, columns=names, schema=_FOUND, numbered=_PLACE, coded=True)
    for seen, found in enumerate(batches, start=1):
        subjects = found.column(0).to_numpy()
        levels, values = found.column(1).to_numpy(), found.column(2).to_numpy().view(np.uint64)
        # A batch's rows are told subject by subject.
        edges = np.flatnonzero(np.diff(subjects)) + 1
        for start, end in zip([0, *edges], [*edges, subjects.size], strict=True):
            subject = int(subjects[start]) if end > start else _SUM
            if subject in sums:
                sums[subject] = np.append(values[start:end], sums[subject]).sum(dtype=np.uint64)
            else:
                samples[subject].add(values[start:end], level=int(levels[start]))
        progress(_SKETCHING, seen, None)
    told = {name: int(value) for name, value in sums.items()}
    return Sketch(
        columns=table.fields,
        rows=table.rows,
        content=_print(key, "content", names, table.rows, told[_SUM], told[_OTHER_SUM]),
        sequence=_print(key, "sequence", names, table.rows, told[_ORDER], told[_OTHER_SUM]),
        sample=Values.of(samples[_ROW], key),
        cells={name: Values.of(samples[place], key) for place, name in enumerate(names)},
    )


@dataclass(frozen=True)
class Hashing:
    """Hashes a batch: samples of its rows and of each column's values, and sums over its rows.

    ``seeds`` are secret: one for cells, two for rows, one for places, and one for each column's name.
    """

    columns: tuple[str, ...]
    seeds: tuple[int, ...]
    most: int

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Return (subject, level, value) rows: a column by its place, the rows as -1, sums below."""
        cell, one, other, order, *names = (np.uint64(seed) for seed in self.seeds)
        rows = np.zeros(batch.num_rows, np.uint64)
        found: list[tuple[int, int, Bits]] = []
        for place, name in enumerate(names):
            hashes, different = cell_hashes(batch.column(place), cell)
            rows += mixed_bits(hashes ^ name)
            sample = Sample(self.most)
            sample.add(different)
            found.append((place, sample.level, sample.held))
        rows = mixed_bits(rows ^ one)
        sample = Sample(ROWS)
        sample.add(rows)
        found.append((_ROW, sample.level, sample.held))
        places = batch.column(len(names)).to_numpy().astype(np.uint64)
        for subject, values in (
            (_SUM, rows),
            (_OTHER_SUM, mixed_bits(rows ^ other)),
            (_ORDER, mixed_bits(rows ^ mixed_bits(places ^ order))),
        ):
            total = values.sum(dtype=np.uint64)
            found.append((subject, 0, np.array([total], np.uint64)))
        sizes = [values.size for _, _, values in found]
        subjects = np.repeat([subject for subject, _, _ in found], sizes)
        levels = np.repeat([level for _, level, _ in found], sizes)
        # Clusters have no unsigned numbers; the bits are the same.
        values = np.concatenate([values for _, _, values in found]).view(np.int64)
        arrays = [pa.array(subjects, pa.int32()), pa.array(levels, pa.int32()), pa.array(values)]
        return pa.record_batch(arrays, schema=_FOUND)


def cell_hashes(cells: pa.Array, seed: np.uint64) -> tuple[Bits, Bits]:
    """Return a hash of each cell (n,), and those of the filled ones; equal values hash alike.

    A number is one value whatever its type; a text is its letters.
    """
    if isinstance(cells, pa.DictionaryArray):
        hashes, filled = _hashed(cells.dictionary, seed)
        empty = _empty(seed)
        places = cells.indices.fill_null(len(hashes)).to_numpy(zero_copy_only=False)
        whole = np.append(hashes, empty)
        used = np.zeros(whole.size, np.bool_)
        used[places] = True
        used[:-1] &= filled
        return whole[places], whole[:-1][used[:-1]]
    hashes, filled = _hashed(cells, seed)
    return hashes, hashes if filled.all() else hashes[filled]


def _hashed(values: pa.Array, seed: np.uint64) -> tuple[Bits, npt.NDArray[np.bool_]]:
    """Return a hash of each value (n,) and which are filled; a missing one is a value of a row."""
    kind = values.type
    if pa.types.is_integer(kind) or pa.types.is_boolean(kind):
        bits = _bits(values.cast(pa.int64(), safe=False)) ^ _NUMBERS
    elif pa.types.is_floating(kind):
        bits = _floats(values)
    elif pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        moments = values.cast(pa.timestamp("us"), safe=False).cast(pa.int64())
        bits = _bits(moments) ^ _MOMENTS
    else:
        bits = text_hash(texts_of(values))
    filled = values.is_valid().to_numpy(zero_copy_only=False)
    if pa.types.is_floating(kind):
        filled = pc.fill_null(pc.invert(pc.is_nan(values)), _NO).to_numpy(zero_copy_only=False)
    hashes = mixed_bits(bits ^ seed)
    hashes[~filled] = _empty(seed)
    return hashes, filled


def _empty(seed: np.uint64) -> np.uint64:
    return np.uint64(mixed_bits(np.array([~seed], np.uint64))[0])


def _bits(numbers: pa.Array) -> Bits:
    whole: npt.NDArray[np.int64] = numbers.fill_null(0).to_numpy(zero_copy_only=False)
    bits: Bits = whole.view(np.uint64)
    return bits


def _floats(values: pa.Array) -> Bits:
    """Return the bits of whole numbers as of integers, of others as they are."""
    numbers = values.cast(pa.float64()).fill_null(0.0).to_numpy(zero_copy_only=False)
    whole = (np.floor(numbers) == numbers) & (np.abs(numbers) < _EXACT)
    bits: Bits = numbers.view(np.uint64) ^ _FRACTIONS
    bits[whole] = numbers[whole].astype(np.int64).view(np.uint64) ^ _NUMBERS
    return bits


def texts_of(values: pa.Array) -> pa.StringArray:
    """Return values as texts; lists, records and raw bytes as Python writes them."""
    try:
        return values.cast(pa.string())
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
        said = [None if one is None else repr(one) for one in values.to_pylist()]
        return pa.array(said, pa.string())


def _seeds(key: bytes, names: tuple[str, ...]) -> list[int]:
    fixed = [f"anping sketch {what}" for what in ("cell", "row", "other", "order")]
    said = [*fixed, *(f"anping sketch column {name}" for name in names)]
    return [_number(key, text) for text in said]


def _number(key: bytes, text: str) -> int:
    return int.from_bytes(hmac.digest(key, text.encode(), hashlib.sha256)[:8], "little")


def _print(key: bytes, what: str, names: tuple[str, ...], *numbers: int) -> str:
    said = "\0".join([f"anping sketch {what}", *sorted(names), *map(str, numbers)])
    return hmac.digest(key, said.encode(), hashlib.sha256).hex()
