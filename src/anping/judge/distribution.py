"""How far each released column's distribution lies from the raw one.

Numbers and dates: the Kolmogorov-Smirnov distance, a generalised value standing at the mean of its
leaves. Categories: total variation, a generalised value spread evenly over its leaves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

import numpy as np
import pyarrow as pa

from anping.core.cells import trimmed_text
from anping.core.measure import Measure, Replay
from anping.core.text import Text
from anping.engine.table import Table
from anping.judge.features import Feature, encode_column
from anping.judge.reading import Reading
from anping.stats.distance import kolmogorov_smirnov, total_variation

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
    before, after = source.column(column), released.column(column)
    feature = encode_column(column, before, after, reading=reading)
    if feature is None:
        return None
    if feature.nature != "category":
        return _of_numbers(feature)
    spread = _spread(after, reading.covered(column))
    leaves = Counter(reading.leaf(column, cell) for cell in before.to_pylist())
    if not spread or not leaves:
        return None
    return _measure(column, total_variation(leaves, spread), released.rows, "total variation")


def _spread(column: pa.ChunkedArray, covered: Mapping[str, tuple[str, ...]]) -> Mapping[str, float]:
    weights: dict[str, float] = {}
    for value, count in Counter(trimmed_text(cell) for cell in column.to_pylist()).items():
        leaves = covered.get(value, (value,))
        for leaf in leaves:
            weights[leaf] = weights.get(leaf, 0.0) + count / len(leaves)
    return weights


def _of_numbers(feature: Feature) -> Measure | None:
    sides = (feature.raw[:, 0], feature.released.expected()[:, 0])
    one, other = (cells[~np.isnan(cells)] for cells in sides)
    if not one.size or not other.size:
        return None
    value = kolmogorov_smirnov(one, other)
    return _measure(feature.column, value, other.size, "Kolmogorov-Smirnov")


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
