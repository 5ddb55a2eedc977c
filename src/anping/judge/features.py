"""Features that a raw row and its protected version share, so that one model can read both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from anping.core.cells import trimmed_text
from anping.engine.natures import Nature, as_day, as_number, distinct_cells, nature_of
from anping.judge.reading import Reading

Matrix = NDArray[np.float32]
Codes = NDArray[np.int64]
Vector = tuple[float, ...]

_WIDEST = 64
_CATEGORIES = 32
_FREE_TEXT_SHARE = 0.5
_FREE_TEXT_DISTINCT = 100


@dataclass(frozen=True)
class Released:
    """The cells of one released column in numbers.

    ``codes`` (m,) number the distinct cells; cell c may stand for any of ``counts[c]`` rows of
    ``leaves`` (l, w) from ``starts[c]`` on, each as likely as the others.
    """

    codes: Codes
    leaves: Matrix
    starts: Codes
    counts: Codes

    @property
    def certain(self) -> bool:
        """Whether every cell stands for a single leaf."""
        return bool((self.counts[self.codes] == 1).all())

    def drawn(self, generator: np.random.Generator) -> Matrix:
        """Return (m, w): for each cell one of its leaves at random."""
        lengths = self.counts[self.codes]
        offset = np.floor(generator.random(self.codes.size) * lengths).astype(np.int64)
        rows: Matrix = self.leaves[self.starts[self.codes] + offset]
        return rows

    def expected(self) -> Matrix:
        """Return (m, w): for each cell the mean of its leaves, unknown numbers aside."""
        cells = np.split(self.leaves, self.starts[1:])
        means = np.array([mean_of(cell) for cell in cells], dtype=np.float32)
        rows: Matrix = means[self.codes]
        return rows


@dataclass(frozen=True)
class Feature:
    """One column in numbers: ``raw`` (n, w), and the released cells read in the same way."""

    column: str
    nature: Nature
    raw: Matrix
    released: Released


def encode_column(
    column: str, raw: pa.ChunkedArray, released: pa.ChunkedArray, *, reading: Reading
) -> Feature | None:
    """Return the encoding of one column in both tables, or None for a column of free text.

    Numbers and dates are one number. A category with a hierarchy is one 0 or 1 per value of the
    finest level with at most 64 values; without a hierarchy one for each of the 32 commonest raw
    values. A generalised cell stands for all the leaves it covers.
    """
    nature = nature_of(raw)
    cells = raw.value_counts()
    counts = text_counts(cells.field("values").to_pylist(), cells.field("counts").to_pylist())
    readers = readers_of(column, nature, counts, reading=reading)
    if readers is None:
        return None
    return Feature(column, nature, _matrix(raw, readers.raw), _released(released, readers.released))


@dataclass(frozen=True)
class Readers:
    """How a column's cells become numbers: a raw one a vector, a released one all it may stand for."""

    raw: Callable[[Any], Vector]
    released: Callable[[Any], list[Vector]]


def readers_of(
    column: str, nature: Nature, counts: Mapping[str, int], *, reading: Reading
) -> Readers | None:
    """Return how the cells of a column are read, or None for free text.

    ``counts`` are the raw column's texts and how many rows have each.
    """
    vector = _vector_of(column, counts, nature, reading=reading)
    if vector is None:
        return None
    covered = reading.covered(column)
    turned = nature == "category" and column in reading.leaf_of

    def of_raw(cell: Any) -> Vector:
        return vector(reading.leaf(column, cell) if turned else cell)

    def stands_for(cell: Any) -> list[Vector]:
        return [vector(each) for each in covered.get(trimmed_text(cell), (cell,))]

    return Readers(of_raw, stands_for)


def text_counts(cells: Sequence[Any], rows: Sequence[int]) -> Counter[str]:
    """Return how many rows have each text, from the distinct cells and the rows of each."""
    counts: Counter[str] = Counter()
    for cell, count in zip(cells, rows, strict=True):
        counts[trimmed_text(cell)] += count
    return counts


def _vector_of(
    column: str, counts: Mapping[str, int], nature: Nature, *, reading: Reading
) -> Callable[[Any], Vector] | None:
    if nature != "category":
        read = as_number if nature == "number" else as_day
        return lambda cell: (read(cell),)
    if reading.paths.get(column):
        return _by_level(reading.paths[column], reading.widths(column))
    common = _commonest(counts)
    return None if common is None else _by_value(common)


def mean_of(leaves: Matrix) -> Matrix:
    """Return the mean of the vectors that are known, NaN where none is."""
    known = leaves[~np.isnan(leaves).any(axis=1)]
    mean: Matrix = known.mean(axis=0) if known.size else np.full(leaves.shape[1], np.nan)
    return mean


def _matrix(column: pa.ChunkedArray, vector: Callable[[Any], Vector]) -> Matrix:
    """Return the vectors of a column's cells as rows; each distinct cell is read once."""
    codes, distinct = distinct_cells(column)
    rows: Matrix = np.asarray([vector(cell) for cell in distinct], dtype=np.float32)[codes]
    return rows


def _released(column: pa.ChunkedArray, stands_for: Callable[[Any], list[Vector]]) -> Released:
    codes, distinct = distinct_cells(column)
    leaves = [stands_for(cell) for cell in distinct]
    counts = np.array([len(each) for each in leaves], dtype=np.int64)
    flat = np.asarray([vector for each in leaves for vector in each], dtype=np.float32)
    return Released(codes, flat, np.cumsum(counts) - counts, counts)


def _by_level(
    paths: Mapping[str, tuple[str, ...]], widths: Sequence[int]
) -> Callable[[Any], Vector]:
    """Return the function that gives a leaf its 0s and 1s on the finest level that is not too wide."""
    level = next((at for at, width in enumerate(widths) if width <= _WIDEST), len(widths) - 1)
    on_level = _by_value(tuple(dict.fromkeys(path[level] for path in paths.values())))

    def vector(leaf: Any) -> Vector:
        path = paths.get(trimmed_text(leaf))
        return on_level(None if path is None else path[level])

    return vector


def _by_value(values: Sequence[str]) -> Callable[[Any], Vector]:
    vectors = {value: tuple(float(value == each) for each in values) for value in values}
    unknown = (0.0,) * len(values)

    def vector(cell: Any) -> Vector:
        return unknown if cell is None else vectors.get(trimmed_text(cell), unknown)

    return vector


def _commonest(counts: Mapping[str, int]) -> list[str] | None:
    """Return the commonest values of a column, or None if it reads like free text."""
    told = {text: count for text, count in counts.items() if text}
    if len(told) > max(_FREE_TEXT_DISTINCT, _FREE_TEXT_SHARE * sum(told.values())):
        return None
    return sorted(told, key=lambda value: (-told[value], value))[:_CATEGORIES]


def stack(parts: Sequence[Matrix]) -> Matrix:
    """Return the matrices side by side."""
    return np.concatenate(parts, axis=1).astype(np.float32, copy=False)
