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


def raw_rows(links: Table | pa.Table, *, protected: int, raw: int) -> Rows:
    """Return, for each of the ``protected`` rows, its raw row among ``raw``.

    The links are read in batches. Raises SchemaError for a missing column, ParameterError
    (``links.incomplete``) for links that do not fit both tables.
    """
    table = Table.of(links) if isinstance(links, pa.Table) else links
    table.require(["protected_row", "raw_row"])
    if table.rows != protected:
        raise _incomplete()
    origin = np.full(protected, -1, np.int64)
    for batch in table.batches(["protected_row", "raw_row"]):
        if any(column.null_count for column in batch.columns):
            raise _incomplete()
        rows, origins = (np.asarray(column.to_numpy(), np.int64) for column in batch.columns)
        for found, limit in ((rows, protected), (origins, raw)):
            if found.size and (found.min() < 0 or found.max() >= limit):
                raise _incomplete()
        origin[rows] = origins
    # As many links as rows, all within: a row that no link names means one that two links name.
    if protected and origin.min() < 0:
        raise _incomplete()
    return origin


def _incomplete() -> ParameterError:
    return ParameterError(
        "links.incomplete",
        Text(
            "對照表沒有為每一個受保護的列恰好指出一個原始列。",
            "The links do not name exactly one raw row for every protected row.",
        ),
        hint=Text(
            "請使用同一次保護所產生的對照表。", "Use the links that the same protection made."
        ),
    )
