"""How far each released column's distribution lies from the raw one.

Numbers and dates: the Kolmogorov-Smirnov distance, a generalised value standing at the mean of its
leaves. Categories: total variation, a generalised value spread evenly over its leaves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from anping.core.measure import Measure, Replay
from anping.core.text import Text
from anping.engine.aggregate import distinct_count, frequencies
from anping.engine.natures import LOOKED_AT, nature_of
from anping.engine.table import Table
from anping.judge.features import Readers, mean_of, readers_of, text_counts
from anping.judge.reading import Reading
from anping.stats.distance import total_variation

Floats = NDArray[np.float32]
Counts = NDArray[np.int64]

_ROWS = "rows"
#: A column of more distinct categories than this, most of them met once, is not listed.
_MANY = 1_000_000

_SPREAD = Text(
    "概化值在數字上視為其涵蓋值的平均，在類別上平均分配給其涵蓋的值。",
    "A generalised value counts as the mean of the numbers, or evenly as the categories, it covers.",
)


def measure_distribution(
    raw: Table | pa.Table,
    protected: Table | pa.Table,
    *,
    columns: Iterable[str],
    reading: Reading | None = None,
) -> tuple[Measure, ...]:
    """Return, per column, ``utility.distribution`` between 0 (same) and 1 (nothing in common).

    ``subject`` is the column, n the number of released cells compared. Free text and columns
    without a value on both sides are left out. Raises SchemaError for a missing column.
    """
    source = Table.of(raw) if isinstance(raw, pa.Table) else raw
    released = Table.of(protected) if isinstance(protected, pa.Table) else protected
    wanted = tuple(columns)
    source.require(wanted)
    released.require(wanted)
    how = reading or Reading()
    made = (_of_column(source, released, column, how) for column in wanted)
    return tuple(measure for measure in made if measure is not None)


def _of_column(source: Table, released: Table, column: str, reading: Reading) -> Measure | None:
    nature = nature_of(looked_at(source, column))
    if nature == "category" and is_text(source, column) and column not in reading.paths:
        return None
    before, after = _Cells.of(source, column), _Cells.of(released, column)
    counts = text_counts(before.cells, before.rows)
    readers = readers_of(column, nature, counts, reading=reading)
    if readers is None:
        return None
    if nature != "category":
        return _of_numbers(column, readers, before, after)
    spread = _spread(after, reading.covered(column))
    leaves: Counter[str] = Counter()
    for cell, rows in zip(before.cells, before.rows, strict=True):
        leaves[reading.leaf(column, cell)] += rows
    if not spread or not leaves:
        return None
    return _measure(column, total_variation(leaves, spread), released.rows, "total variation")


@dataclass(frozen=True)
class _Cells:
    """The distinct cells of a column and how many rows have each."""

    cells: list[Any]
    rows: list[int]

    @classmethod
    def of(cls, table: Table, column: str) -> _Cells:
        counted = frequencies(table, [column], count=_ROWS if column != _ROWS else "n")
        return cls(counted.column(0).to_pylist(), counted.column(1).to_pylist())


def looked_at(table: Table, column: str) -> pa.ChunkedArray:
    """Return as many distinct cells as are needed to tell a column's nature, as they are met."""
    found = pa.chunked_array([], table.schema.field(column).type)
    for batch in table.batches([column]):
        met = pa.chunked_array([*found.chunks, batch.column(0)]).unique()
        found = met if isinstance(met, pa.ChunkedArray) else pa.chunked_array([met])
        if len(found) > LOOKED_AT:
            break
    return found


def is_text(table: Table, column: str) -> bool:
    """Return whether values are so many that the column can only be free text."""
    return table.rows > _MANY and distinct_count(table, column) > max(_MANY, table.rows / 2)


def _spread(cells: _Cells, covered: Mapping[str, tuple[str, ...]]) -> Mapping[str, float]:
    weights: dict[str, float] = {}
    for value, count in text_counts(cells.cells, cells.rows).items():
        leaves = covered.get(value, (value,))
        for leaf in leaves:
            weights[leaf] = weights.get(leaf, 0.0) + count / len(leaves)
    return weights


def _of_numbers(column: str, readers: Readers, before: _Cells, after: _Cells) -> Measure | None:
    raw = np.asarray([readers.raw(cell) for cell in before.cells], np.float32)
    means = [mean_of(np.asarray(readers.released(cell), np.float32)) for cell in after.cells]
    one = _known(raw.reshape(-1), before.rows)
    other = _known(np.asarray(means, np.float32).reshape(-1), after.rows)
    n = int(other[1].sum())
    if not one[1].sum() or not n:
        return None
    return _measure(column, _largest_gap(one, other), n, "Kolmogorov-Smirnov")


def _known(values: Floats, rows: list[int]) -> tuple[Floats, Counts]:
    known = ~np.isnan(values)
    return values[known], np.asarray(rows, np.int64)[known]


def _largest_gap(one: tuple[Floats, Counts], other: tuple[Floats, Counts]) -> float:
    """Return the Kolmogorov-Smirnov distance of numbers given once, each with its rows."""
    points = np.unique(np.concatenate([one[0], other[0]]))
    below = []
    for values, rows in (one, other):
        counted = np.bincount(np.searchsorted(points, values), rows, minlength=points.size)
        below.append(np.cumsum(counted) / rows.sum())
    return float(np.abs(below[0] - below[1]).max())


def _measure(column: str, value: float, n: int, method: str) -> Measure:
    return Measure(
        name="utility.distribution",
        value=value,
        unit="distance",
        n=n,
        title=Text(f"「{column}」的分布差距", f"Distance between distributions of “{column}”"),
        subject=column,
        method=method,
        assumptions=(_SPREAD,),
        replay=Replay("utility.distribution", ("raw",), 1e-9),
    )
