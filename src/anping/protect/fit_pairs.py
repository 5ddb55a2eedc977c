"""What a column's values occur with: its different pairs with another column, and their rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from anping.core.errors import PlanError, Where
from anping.core.text import Text
from anping.engine.aggregate import distinct_count, frequencies
from anping.engine.stream import through
from anping.engine.table import Table
from anping.protect.deid.hierarchies.related import MOST_VALUES, too_varied
from anping.protect.plan import Plan, unfit
from anping.protect.transform.columns import Columns
from anping.protect.transform.rows import is_grouped, is_ordinary

#: A partner of more different values says little about any one of them, and fills the memory.
_MOST_PARTNERS = 10_000


def pairs_in(
    table: Table, plan: Plan, column: str, by: str
) -> tuple[Sequence[Any], Sequence[Any], Sequence[int]]:
    """Return the different pairs of two raw columns and the rows of each, in a fixed order.

    Raises SchemaError for an unknown column, and PlanError for too many different values, and
    where ``column`` is changed before it is generalised.
    """
    table.require([by])
    if by == column or len(plan.columns[column]) > 1:
        raise PlanError(
            "plan.related-alone",
            Text(
                "kind: related 要看原始的值，而且要看另一個欄位。",
                "A hierarchy of kind related looks at raw values, and at another column.",
            ),
            where=Where(column=column),
            hint=Text(
                "讓 generalise 成為這一欄唯一的處理，by 寫另一個欄位。",
                "Make generalise the column's only transform, and name another column by.",
            ),
        )
    for name in (column, by):
        if not is_grouped(table.schema.field(name).type):
            raise unfit(name, "generalise (kind: related)", table.schema.field(name).type)
    table = _ordinary(table, [column, by])
    for name, most in ((column, MOST_VALUES), (by, _MOST_PARTNERS)):
        if distinct_count(table, name) > most + 1:
            raise too_varied(name, most)
    found = frequencies(table, [column, by])
    values, partners, rows = (found.column(place).to_pylist() for place in range(3))
    return values, partners, rows


def _ordinary(table: Table, names: Sequence[str]) -> Table:
    """Return the columns in types that can be counted."""
    if all(is_ordinary(table.schema.field(name).type) for name in names):
        return table
    columns = Columns(dict.fromkeys(names, ()), None)
    schema = columns.schema(table.schema)
    return through(table, columns, columns=names, schema=schema)
