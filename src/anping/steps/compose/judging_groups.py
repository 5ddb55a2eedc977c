"""Columns to tell results by that protection removed: read from the raw table by way of the links."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from anping.core.errors import WorkspaceError
from anping.core.text import Text
from anping.workspace.step import Context, Inputs

_FROM_RAW = Text(
    "分群的欄位不在保護後的表，由原始表依對照取得：{names}。",
    "Columns to group by that are not in the protected table were read from the raw one by the links: {names}.",
)


def with_raw_columns(
    context: Context, inputs: Inputs, table: pa.Table, *, asked: Sequence[str]
) -> tuple[pa.Table, tuple[Text, ...]]:
    """Return the protected table with the columns asked for that only the raw one has, and say so.

    Cells are as they were before protection; nothing but results by group leaves the step. Raises
    WorkspaceError (``judge.other-raw``) where the raw table or the links are of another protection.
    """
    from anping.engine.links import raw_rows
    from anping.engine.table import Table

    if "links" not in inputs or "raw" not in inputs:
        return table, ()
    raw = Table.open(inputs["raw"].path)
    names = [
        _column(name, raw.columns) for name in asked if _column(name, table.column_names) == ""
    ]
    names = [name for name in dict.fromkeys(names) if name]
    if not names:
        return table, ()
    _check_made_together(context, inputs)
    links = Table.open(inputs["links"].path)
    origin = pa.array(raw_rows(links, protected=table.num_rows, raw=raw.rows))
    found = raw.arrow(names).take(origin)
    for name in names:
        table = table.append_column(name, found.column(name))
    return table, (_FROM_RAW.fill(names=", ".join(names)),)


def _column(asked: str, columns: Sequence[str]) -> str:
    """Return the column that ``age`` or ``age:25,40`` names among columns, or an empty string."""
    return next((name for name in (asked, asked.rpartition(":")[0]) if name in columns), "")


def _check_made_together(context: Context, inputs: Inputs) -> None:
    table, raw, links = (inputs[port].asset.reference for port in ("table", "raw", "links"))
    for record in context.history:
        made = {one["name"] for one in record["subject"]}
        if table in made:
            taken = {one["name"] for one in record["predicate"]["materials"]}
            if links in made and raw in taken:
                return
            break
    raise WorkspaceError(
        "judge.other-raw",
        Text(
            "原始表或對照表不是這次保護所用的。",
            "The raw table or the links are not those that the protection was made with.",
        ),
        hint=Text(
            "以 --input raw=名稱@版本 與 links=名稱@版本 指定。",
            "Name them with --input raw=NAME@VERSION and links=NAME@VERSION.",
        ),
    )
