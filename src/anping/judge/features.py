"""Features that a raw row and its protected version share, so that one model can read both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isnan, nan
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from anping.judge.reading import Nature, Reading, as_day, as_number, as_text, nature_of

Matrix = NDArray[np.float32]
Vector = tuple[float, ...]

_WIDEST = 64
_CATEGORIES = 32
_FREE_TEXT_SHARE = 0.5
_FREE_TEXT_DISTINCT = 100


@dataclass(frozen=True)
class Feature:
    """One column in numbers: ``raw`` (n, w) and ``protected`` (m, w) are read in the same way."""

    column: str
    nature: Nature
    raw: Matrix
    protected: Matrix


def encode_column(
    column: str, raw: pa.ChunkedArray, protected: pa.ChunkedArray, *, reading: Reading
) -> Feature | None:
    """Return the encoding of one column in both tables, or None for a column of free text.

    Numbers and dates are one number; a generalised one is the mean of the leaves it covers. A
    category with a hierarchy is one number per value of the finest level with at most 64 values:
    the share of the covered leaves that lie there. Without a hierarchy it is one 0 or 1 for each of
    the 32 commonest raw values.
    """
    nature = nature_of(raw)
    if nature != "category":
        read = as_number if nature == "number" else as_day
        means = _means(reading, column, read)
        return Feature(
            column,
            nature,
            _matrix(raw, lambda cell: (read(cell),)),
            _matrix(protected, lambda cell: (means.get(as_text(cell), read(cell)),)),
        )
    if reading.paths.get(column):
        shares = _shares(reading, column)
        unknown = (0.0,) * len(next(iter(shares.values())))
        return Feature(
            column,
            nature,
            _matrix(raw, lambda cell: shares.get(reading.leaf(column, cell), unknown)),
            _matrix(protected, lambda cell: shares.get(as_text(cell), unknown)),
        )
    return _one_hot(column, raw, protected)


def _matrix(column: pa.ChunkedArray, vector: Callable[[Any], Vector]) -> Matrix:
    """Return the vectors of a column's cells as rows; each distinct cell is read once."""
    encoded = column.combine_chunks()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = pa.concat_arrays(encoded.chunks)
    if not pa.types.is_dictionary(encoded.type):
        encoded = encoded.dictionary_encode(null_encoding="encode")
    vectors = [vector(cell) for cell in encoded.dictionary.to_pylist()]
    # A null that is not in the dictionary has a null index.
    vectors.append(vector(None))
    codes = encoded.indices.fill_null(len(vectors) - 1).to_numpy(zero_copy_only=False)
    rows: Matrix = np.asarray(vectors, dtype=np.float32)[codes]
    return rows


def _means(reading: Reading, column: str, read: Callable[[Any], float]) -> dict[str, float]:
    means = {}
    for value, leaves in reading.covered(column).items():
        numbers = [number for leaf in leaves if not isnan(number := read(leaf))]
        means[value] = sum(numbers) / len(numbers) if numbers else nan
    return means


def _shares(reading: Reading, column: str) -> dict[str, Vector]:
    """Return, for each value of a hierarchy, the shares of its leaves under each chosen value."""
    paths = reading.paths[column]
    height = len(next(iter(paths.values())))
    widths = [len({path[level] for path in paths.values()}) for level in range(height)]
    level = next((at for at, width in enumerate(widths) if width <= _WIDEST), height - 1)
    place = {path[level]: 0 for path in paths.values()}
    place = {value: index for index, value in enumerate(place)}
    shares = {}
    for value, leaves in reading.covered(column).items():
        counts = Counter(place[paths[leaf][level]] for leaf in leaves)
        shares[value] = tuple(counts[index] / len(leaves) for index in range(len(place)))
    return shares


def _one_hot(column: str, raw: pa.ChunkedArray, protected: pa.ChunkedArray) -> Feature | None:
    counts = Counter(as_text(cell) for cell in raw.to_pylist())
    present = sum(count for value, count in counts.items() if value)
    if len(counts) > max(_FREE_TEXT_DISTINCT, _FREE_TEXT_SHARE * present):
        return None
    common = sorted(counts, key=lambda value: (-counts[value], value))[:_CATEGORIES]
    vectors: dict[str, Vector] = {
        value: tuple(float(value == each) for each in common) for value in common
    }
    unknown = (0.0,) * len(common)

    def vector(cell: Any) -> Vector:
        return vectors.get(as_text(cell), unknown)

    return Feature(column, "category", _matrix(raw, vector), _matrix(protected, vector))


def stack(parts: Sequence[Matrix]) -> Matrix:
    """Return the matrices side by side."""
    return np.concatenate(parts, axis=1).astype(np.float32, copy=False)
