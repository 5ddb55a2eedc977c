"""How far the joint distribution of each pair of released columns lies from the raw one.

A model, a cross table or a correlation lives on how columns go together, which no single column's
distribution shows. Each pair is put on a grid of bins, where a generalised cell stands evenly on
what it covers, and compared by total variation (Levin, Peres and Wilmer 2009, section 4.1). All
pairs are summed in one pass over the rows, so that memory holds one batch.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from anping.core.measure import Measure, Replay
from anping.core.text import Text
from anping.engine.aggregate import frequencies
from anping.engine.natures import nature_of
from anping.engine.stream import mapped
from anping.engine.table import Table
from anping.judge.distribution import is_text, looked_at
from anping.judge.features import text_counts
from anping.judge.grid import Grid, Kinds, grid_of
from anping.judge.reading import Reading

Sums = NDArray[np.float64]

#: Of more columns than this, the first are compared.
MOST_COLUMNS = 40
_SMALL = 200_000
_SUMS = pa.schema([("sums", pa.list_(pa.float64()))])
_REPLAY = Replay("utility.pairwise", ("raw",), 1e-6)
_EVENLY = Text(
    "概化值平均分配給其涵蓋的值；一列中兩欄的分配互不相關。",
    "A generalised value counts evenly as what it covers, in the two columns of a row "
    "independently.",
)


@dataclass(frozen=True)
class Pairs:
    """The distance of every pair of columns between 0 (same) and 1 (nothing in common).

    ``distances`` maps (column, column) to the distance; ``rows`` counts the released rows compared;
    ``columns`` are those compared of the ``asked`` ones.
    """

    distances: dict[tuple[str, str], float]
    rows: int
    columns: tuple[str, ...]
    asked: int

    @property
    def mean(self) -> float:
        """The mean distance over all pairs."""
        return float(np.mean([*self.distances.values()]))

    @property
    def worst(self) -> tuple[tuple[str, str], ...]:
        """The pairs, the most changed first."""
        return tuple(sorted(self.distances, key=lambda pair: (-self.distances[pair], pair)))


def measure_pairs(
    raw: Table | pa.Table,
    protected: Table | pa.Table,
    *,
    columns: Iterable[str],
    reading: Reading | None = None,
    told: int = 91,
) -> tuple[Measure, ...]:
    """Return ``utility.pairwise.mean`` and ``.max``, and ``utility.pairwise`` of each pair.

    ``subject`` is then ``a × b``. More pairs than ``told`` (those of 14 columns) are not told one by
    one: :func:`compare_pairs` gives them. n is the number of released rows. Nothing is returned for fewer than two columns that can be compared. Raises
    SchemaError for a missing column.
    """
    pairs = compare_pairs(raw, protected, columns=columns, reading=reading)
    return () if pairs is None else tuple(_measures(pairs, told))


def compare_pairs(
    raw: Table | pa.Table,
    protected: Table | pa.Table,
    *,
    columns: Iterable[str],
    reading: Reading | None = None,
) -> Pairs | None:
    """Return the distances of all pairs, None for fewer than two columns or no released row.

    Free text is left out, and of more than :data:`MOST_COLUMNS` columns the later ones. Raises
    SchemaError for a missing column.
    """
    source = Table.of(raw) if isinstance(raw, pa.Table) else raw
    released = Table.of(protected) if isinstance(protected, pa.Table) else protected
    wanted = tuple(dict.fromkeys(columns))
    source.require(wanted)
    released.require(wanted)
    grids = _grids(source, wanted, reading or Reading())
    if len(grids) < 2 or not source.rows or not released.rows:
        return None
    before = _sums(source, _Crossing(grids, raw=True))
    after = _sums(released, _Crossing(grids, raw=False))
    names = combinations([grid.column for grid in grids], 2)
    distances = {
        pair: _distance(one, other) for pair, one, other in zip(names, before, after, strict=True)
    }
    return Pairs(distances, released.rows, tuple(grid.column for grid in grids), len(wanted))


def _grids(source: Table, columns: Sequence[str], reading: Reading) -> tuple[Grid, ...]:
    found = (_grid(source, column, reading) for column in columns)
    return tuple(grid for grid, _ in zip(filter(None, found), range(MOST_COLUMNS), strict=False))


def _grid(source: Table, column: str, reading: Reading) -> Grid | None:
    nature = nature_of(looked_at(source, column))
    known = column in reading.paths
    if nature == "category" and not known and is_text(source, column):
        return None
    counted = frequencies(source, [column], count="rows" if column != "rows" else "n")
    cells, rows = (each.to_pylist() for each in counted.columns)
    if nature == "category" and not known and _reads_like_text(text_counts(cells, rows)):
        return None
    return grid_of(column, nature, cells, rows, reading=reading)


def _reads_like_text(counts: dict[str, int]) -> bool:
    """Return whether most values stand in one row: nothing is told by how often they are met."""
    told = [count for text, count in counts.items() if text]
    return len(told) > max(100, 0.5 * sum(told))


@dataclass(frozen=True)
class _Crossing:
    """Turns a batch into what its rows put on the bins of every pair of columns, one after another."""

    grids: tuple[Grid, ...]
    raw: bool

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        kinds = [
            (grid.raw if self.raw else grid.released)(batch.column(grid.column))
            for grid in self.grids
        ]
        sums = [_crossed(one, other).reshape(-1) for one, other in combinations(kinds, 2)]
        return pa.RecordBatch.from_arrays(
            [pa.array([np.concatenate(sums)], _SUMS.field(0).type)], schema=_SUMS
        )


def _crossed(one: Kinds, other: Kinds) -> Sums:
    """Return (bins, bins): the rows, in parts, on each bin of two columns."""
    width = len(other.shares)
    met, rows = _counted(one.codes * width + other.codes, len(one.shares) * width)
    found = np.zeros((one.shares.shape[1], other.shares.shape[1]))
    # Products as small as these stay on one thread of the linear algebra, which is faster here.
    step = max(1, _SMALL // max(found.size, 1))
    for start in range(0, met.size, step):
        here = met[start : start + step]
        left = one.shares[here // width] * rows[start : start + step, None]
        found += left.T @ other.shares[here % width]
    return found


def _counted(keys: NDArray[np.int64], bound: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the different keys, all below ``bound``, and how often each occurs."""
    if bound > 4 * keys.size:
        return np.unique(keys, return_counts=True)
    rows = np.bincount(keys, minlength=bound)
    met = np.flatnonzero(rows)
    return met, rows[met]


def _sums(table: Table, crossing: _Crossing) -> list[Sums]:
    """Return, for every pair of columns, the rows, in parts, on each bin of both."""
    grids = crossing.grids
    shapes = [(one.size, other.size) for one, other in combinations(grids, 2)]
    total = np.zeros(sum(one * other for one, other in shapes))
    names = [grid.column for grid in grids]
    for batch in mapped(table, crossing, columns=names, schema=_SUMS):
        for sums in batch.column(0):
            total += sums.values.to_numpy()
    ends = np.cumsum([one * other for one, other in shapes])[:-1]
    parts = np.split(total, ends)
    return [part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)]


def _distance(before: Sums, after: Sums) -> float:
    gaps = np.abs(before / before.sum() - after / after.sum())
    return float(min(1.0, gaps.sum() / 2))


def _measures(pairs: Pairs, told: int) -> Iterator[Measure]:
    method = (
        f"total variation on bins; {len(pairs.distances)} pairs of {len(pairs.columns)} columns"
    )
    if pairs.asked > len(pairs.columns):
        method += f" of {pairs.asked}"
    single = pairs.distances if len(pairs.distances) <= told else ()
    rows = [
        ("utility.pairwise.mean", "", pairs.mean, Text(
            "兩欄聯合分布的平均差距", "Mean distance between the joint distributions of two columns"
        )),
        ("utility.pairwise.max", "", max(pairs.distances.values()), Text(
            "兩欄聯合分布的最大差距",
            "Largest distance between the joint distributions of two columns",
        )),
        *(
            ("utility.pairwise", f"{one} × {other}", pairs.distances[one, other], Text(
                f"「{one}」與「{other}」聯合分布的差距",
                f"Distance between the joint distributions of “{one}” and “{other}”",
            ))
            for one, other in single
        ),
    ]  # fmt: skip
    for name, subject, value, title in rows:
        yield Measure(
            name, value, "distance", pairs.rows, title, subject,
            method=method, assumptions=(_EVENLY,), replay=_REPLAY,
        )  # fmt: skip
