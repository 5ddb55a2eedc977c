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
from anping.engine.stream import mapped
from anping.engine.table import Table
from anping.judge.distribution import is_text, looked_at
from anping.judge.features import text_counts
from anping.judge.grid import Grid, grid_of
from anping.judge.reading import Reading, nature_of

Sums = NDArray[np.float64]

#: Of more columns than this, the first are compared.
MOST_COLUMNS = 40
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
    told: int = 12,
) -> tuple[Measure, ...]:
    """Return ``utility.pairwise.mean`` and ``.max``, and ``utility.pairwise`` of the worst pairs.

    ``told`` pairs at most are told one by one; ``subject`` is then ``a × b``. n is the number of
    released rows. Nothing is returned for fewer than two columns that can be compared. Raises
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
    distances = {
        (grids[one].column, grids[other].column): _distance(
            _block(before, grids, one, other), _block(after, grids, one, other)
        )
        for one, other in combinations(range(len(grids)), 2)
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
    """Turns a batch into the sums, over its rows, of every bin with every other bin."""

    grids: tuple[Grid, ...]
    raw: bool

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        parts = [
            (grid.raw if self.raw else grid.released)(batch.column(grid.column))
            for grid in self.grids
        ]
        bins = np.concatenate(parts, axis=1)
        sums = (bins.T @ bins).astype(np.float64)
        return pa.RecordBatch.from_arrays(
            [pa.array([sums.reshape(-1)], _SUMS.field(0).type)], schema=_SUMS
        )


def _sums(table: Table, crossing: _Crossing) -> Sums:
    """Return (b, b): how many rows, in parts, stand on each bin of all columns with each other."""
    size = sum(grid.size for grid in crossing.grids)
    names = [grid.column for grid in crossing.grids]
    total = np.zeros(size * size)
    for batch in mapped(table, crossing, columns=names, schema=_SUMS):
        for sums in batch.column(0):
            total += sums.values.to_numpy()
    return total.reshape(size, size)


def _block(sums: Sums, grids: Sequence[Grid], one: int, other: int) -> Sums:
    starts = np.cumsum([0, *(grid.size for grid in grids)])
    return sums[starts[one] : starts[one + 1], starts[other] : starts[other + 1]]


def _distance(before: Sums, after: Sums) -> float:
    gaps = np.abs(before / before.sum() - after / after.sum())
    return float(min(1.0, gaps.sum() / 2))


def _measures(pairs: Pairs, told: int) -> Iterator[Measure]:
    method = (
        f"total variation on bins; {len(pairs.distances)} pairs of {len(pairs.columns)} columns"
    )
    if pairs.asked > len(pairs.columns):
        method += f" of {pairs.asked}"
    worst = pairs.worst
    rows = [
        ("utility.pairwise.mean", "", pairs.mean, Text(
            "兩欄聯合分布的平均差距", "Mean distance between the joint distributions of two columns"
        )),
        ("utility.pairwise.max", "", pairs.distances[worst[0]], Text(
            "兩欄聯合分布的最大差距",
            "Largest distance between the joint distributions of two columns",
        )),
        *(
            ("utility.pairwise", f"{one} × {other}", pairs.distances[one, other], Text(
                f"「{one}」與「{other}」聯合分布的差距",
                f"Distance between the joint distributions of “{one}” and “{other}”",
            ))
            for one, other in worst[:told]
        ),
    ]  # fmt: skip
    for name, subject, value, title in rows:
        yield Measure(
            name, value, "distance", pairs.rows, title, subject,
            method=method, assumptions=(_EVENLY,), replay=_REPLAY,
        )  # fmt: skip
