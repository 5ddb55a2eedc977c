"""Information loss: ARX's Loss, and granularity.

Loss (ARX "Loss" with gs-factor 0.5 and the arithmetic mean; Prasser et al. 2014, AMIA): a cell that
covers c of its domain's N leaves has lost (c - 1) / (N - 1), a suppressed row has lost everything;
the loss is the (weighted) mean over all cells of the input. A column whose domain has one leaf
loses nothing but by suppression. Granularity (Iyengar 2002, KDD) is 1 minus the mean of c / N over
all cells, where a leaf counts 0 and a suppressed cell 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import fsum

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from anping.core.errors import ParameterError, Where
from anping.core.text import Text
from anping.engine.table import missing_column
from anping.protect.deid.encoding import Floats
from anping.protect.deid.hierarchy import MISSING, Hierarchy
from anping.protect.deid.tuples import Bools, Encoded, totals

#: Shape (tuples, columns).
Levels = npt.NDArray[np.int16]
Coverage = Mapping[str, Mapping[str, float]]


def placed_cells(encoded: Encoded, levels: Levels, placed: Bools) -> tuple[Floats, ...]:
    """Return, by column, the rows of the tuples ``placed`` on every level with every leaf.

    ``levels`` has one row per tuple and one column per quasi-identifier; each answer has the shape
    (levels, leaves).
    """
    rows = encoded.tuples.rows * placed
    found = []
    for column, ladder in enumerate(encoded.ladders):
        shape = (len(ladder.sizes), ladder.sizes[0])
        keys = levels[:, column] * np.int64(shape[1])
        keys += encoded.leaves(column)
        found.append(totals(keys, rows, shape[0] * shape[1]).reshape(shape))
    return tuple(found)


def information_loss(encoded: Encoded, cells: Sequence[Floats]) -> float:
    """Return the loss (0 to 1) of releasing these :func:`placed_cells`.

    Rows that are not placed count as lost entirely. A full-domain solution has one level for all.
    """
    if not encoded.rows:
        return 0.0
    total = encoded.rows - float(cells[0].sum())
    for ladder, rows in zip(encoded.ladders, cells, strict=True):
        total += float((np.stack(ladder.cost) * rows).sum())
    return total / encoded.rows


def information_loss_of_release(
    released: pa.Table,
    coverage: Coverage,
    *,
    suppressed_rows: int,
    weights: Mapping[str, float] | None = None,
) -> float:
    """Return the same loss (0 to 1) from what a recipient holds: anyone can recompute it.

    ``coverage`` gives each quasi-identifier's released values their loss (``Anonymized.coverage``).
    Raises SchemaError for a missing column and ParameterError for a value without coverage.
    """
    rows = released.num_rows + suppressed_rows
    asked = weights or {}
    total = fsum(asked.get(column, 1.0) for column in coverage)
    if not rows or not total:
        return 0.0
    lost = fsum(
        asked.get(column, 1.0) / total * _lost(released, column, known)
        for column, known in coverage.items()
    )
    return (lost + suppressed_rows) / float(rows)


def granularity(released: pa.Table, hierarchies: Mapping[str, Hierarchy], rows: int) -> float:
    """Return the granularity (1 nothing lost, 0 everything) of a table that had ``rows`` rows."""
    lost = 0.0
    for column, hierarchy in hierarchies.items():
        share = {
            value: hierarchy.covered(value) / hierarchy.domain_size
            for level in range(1, hierarchy.height + 1)
            for value in hierarchy.values_at(level)
        }
        lost += _lost(released, column, share | dict.fromkeys(hierarchy.leaves, 0.0))
    suppressed = (rows - released.num_rows) * len(hierarchies)
    return 1.0 - (lost + suppressed) / (rows * len(hierarchies)) if rows else 1.0


def _lost(released: pa.Table, column: str, known: Mapping[str, float]) -> float:
    if column not in released.column_names:
        raise missing_column(column, released.column_names)
    counts = released.column(column).value_counts()
    values = [MISSING if value is None else value for value in counts.field("values").to_pylist()]
    if any(value not in known for value in values):
        raise ParameterError(
            "deid.no-coverage",
            Text("有釋出值沒有涵蓋比例。", "A released value has no coverage."),
            where=Where(column=column),
            hint=Text("使用同一次釋出的涵蓋表。", "Use the coverage of the same release."),
        )
    shares = np.asarray([known[value] for value in values], np.float64)
    return float(shares @ counts.field("counts").to_numpy())
