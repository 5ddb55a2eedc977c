"""Masked examples for the owner's own screen; never part of a scan, a measure or evidence."""

from __future__ import annotations

from anping.core.columns import ColumnFinding, Role
from anping.engine.stream import rows_at
from anping.engine.table import Table
from anping.know.discover.column_values import counted
from anping.know.discover.table_values import sampled_rows

_ROWS = 2_000


def masked_examples(
    table: Table, column: str, finding: ColumnFinding, *, limit: int = 3
) -> tuple[str, ...]:
    """Return up to ``limit`` values with their inner characters hidden (``A1●●●●●●●9``).

    They still hold a little of a person: show them to the owner of the data, and store them
    nowhere. Free texts are not shown at all. Raises SchemaError for an unknown column.
    """
    table.require([column])
    if finding.role is Role.FREE_TEXT:
        return ()
    rows = rows_at(table, sampled_rows(table.rows, _ROWS), columns=[column])
    return tuple(mask(text) for text in list(counted(rows.column(0)))[:limit])


def mask(text: str) -> str:
    """Return the value with about an eighth of its characters kept at each end, at least one.

    Of three characters or fewer only the first is kept, of a single one none.
    """
    if len(text) <= 3:
        return text[: len(text) > 1] + "●" * (len(text) - (len(text) > 1))
    kept = max(1, len(text) // 8)
    return text[:kept] + "●" * (len(text) - 2 * kept) + text[-kept:]
