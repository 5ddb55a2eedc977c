"""Links tell whose row is whose: which raw row each protected row was made from.

A links table has the integer columns ``protected_row`` and ``raw_row``, counted from 0, and names
every protected row exactly once. It stays inside: with it, anyone could undo the protection.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from anping.core.errors import ParameterError
from anping.core.text import Text
from anping.engine.table import Table

Rows = NDArray[np.int64]


def raw_rows(links: pa.Table, *, protected: int, raw: int) -> Rows:
    """Return, for each of the ``protected`` rows, its raw row among ``raw``.

    Raises SchemaError for a missing column, ParameterError (``links.incomplete``) for links that do
    not fit both tables.
    """
    Table.of(links).require(["protected_row", "raw_row"])
    rows = np.asarray(links.column("protected_row").to_numpy(), dtype=np.int64)
    origins = np.asarray(links.column("raw_row").to_numpy(), dtype=np.int64)
    complete = rows.size == protected and np.array_equal(np.sort(rows), np.arange(protected))
    if not complete or (protected and not (origins.min() >= 0 and origins.max() < raw)):
        raise ParameterError(
            "links.incomplete",
            Text(
                "對照表沒有為每一個受保護的列恰好指出一個原始列。",
                "The links do not name exactly one raw row for every protected row.",
            ),
            hint=Text(
                "請使用同一次保護所產生的對照表。", "Use the links that the same protection made."
            ),
        )
    result = np.empty(protected, dtype=np.int64)
    result[rows] = origins
    return result
