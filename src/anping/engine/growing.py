"""A table grows: rows that are kept come from its Parquet file, new ones join them, types widen.

Nothing that was read before is read again, and nothing but one batch is in memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from anping.core.cells import cell_text
from anping.core.errors import SchemaError, Where
from anping.core.text import Text
from anping.engine.columnar import write_groups
from anping.engine.table import Table

#: A whole number among reals has at most 15 digits, so that a double holds it exactly (as in kinds).
_MOST_EXACT = 10**15 - 1
_NAMED = 5


@dataclass(frozen=True, slots=True)
class Span:
    """Rows ``first`` to ``first + rows`` (excluded) of a table, counted from 0."""

    first: int
    rows: int


@dataclass(frozen=True, slots=True)
class Grown:
    """A table that grew, and what a person should know: columns that were widened or added."""

    table: Table
    notes: tuple[Text, ...] = ()


def grow(
    earlier: Table,
    kept: Sequence[Span],
    new: Table | None,
    *,
    into: Path,
    union_columns: bool = False,
) -> Grown:
    """Write the kept rows of ``earlier``, then the rows of ``new``, as one Parquet file at ``into``.

    ``kept`` ascends and does not overlap. A column that both have takes a type that holds both: whole
    and real numbers become real, unlike types become text; a column of missing values only takes the
    other's type. With ``union_columns`` a column that one of them lacks is missing in its rows. Raises
    SchemaError for other columns without it.
    """
    notes: list[Text] = []
    if new is None:
        schema = earlier.schema
    else:
        if not union_columns:
            _require_same_columns(earlier, new)
        schema = _joined(earlier, new, notes)
    schema = pa.schema([pa.field(field.name, field.type) for field in schema])

    def batches() -> Iterator[pa.RecordBatch]:
        for batch in _slices(earlier, kept):
            yield _as(batch, schema)
        for batch in [] if new is None else new.batches():
            yield _as(batch, schema)

    write_groups(batches(), schema, into)
    return Grown(Table.open(into), tuple(notes))


def respelled(earlier: Table, new: Table) -> tuple[str, ...]:
    """Return the columns that are text in ``earlier`` and something else in ``new``.

    Reading ``new`` again with these declared as text keeps every value as it was spelled.
    """
    return tuple(
        name
        for name in new.columns
        if name in earlier.columns
        and pa.types.is_string(earlier.schema.field(name).type)
        and not pa.types.is_string(new.schema.field(name).type)
        and not _all_missing(earlier, name)
    )


def greatest(table: Table, column: str) -> Any:
    """Return the greatest value of a column, None where all are missing; NaN does not count."""
    found: Any = None
    for batch in table.batches([column]):
        here = pc.max(batch.column(0)).as_py()
        if here is not None and here == here and (found is None or here > found):  # noqa: PLR0124 - NaN
            found = here
    return found


def least(table: Table, column: str) -> Any:
    """Return the least value of a column, None where all are missing; NaN does not count."""
    found: Any = None
    for batch in table.batches([column]):
        here = pc.min(batch.column(0)).as_py()
        if here is not None and here == here and (found is None or here < found):  # noqa: PLR0124 - NaN
            found = here
    return found


def _slices(table: Table, kept: Sequence[Span]) -> Iterator[pa.RecordBatch]:
    spans = [span for span in kept if span.rows]
    start = 0
    for batch in table.batches():
        end = start + batch.num_rows
        for span in spans:
            low, high = max(start, span.first), min(end, span.first + span.rows)
            if low < high:
                yield batch.slice(low - start, high - low)
        start = end


def _joined(earlier: Table, new: Table, notes: list[Text]) -> pa.Schema:
    fields = []
    for name in dict.fromkeys([*earlier.columns, *new.columns]):
        holders = [table for table in (earlier, new) if name in table.columns]
        types = [table.schema.field(name).type for table in holders]
        if len(types) == 2 and types[0] != types[1]:
            known = [
                kind
                for table, kind in zip(holders, types, strict=True)
                if not _all_missing(table, name)
            ]
            joined = known[0] if len(known) == 1 else _wider(holders, types, name)
            if joined != types[0] and len(known) == 2:
                notes.append(_widened(name, types[0], joined))
            types = [joined]
        elif len(types) == 1 and holders[0] is new:
            notes.append(_added(name))
        fields.append(pa.field(name, types[0]))
    return pa.schema(fields)


def _wider(tables: Sequence[Table], types: Sequence[pa.DataType], name: str) -> pa.DataType:
    if {str(kind) for kind in types} != {"int64", "double"}:
        return pa.string()
    whole = tables[[str(kind) for kind in types].index("int64")]
    ends = [end for end in (least(whole, name), greatest(whole, name)) if end is not None]
    return pa.float64() if all(abs(end) <= _MOST_EXACT for end in ends) else pa.string()


def _all_missing(table: Table, name: str) -> bool:
    if isinstance(table.source, Path):
        metadata = pq.ParquetFile(table.source).metadata
        place = table.columns.index(name)
        groups = [metadata.row_group(at).column(place) for at in range(metadata.num_row_groups)]
        if all(g.statistics is not None and g.statistics.has_null_count for g in groups):
            return all(g.statistics.null_count == g.num_values for g in groups)
    return all(b.column(0).null_count == b.num_rows for b in table.batches([name]))


def _as(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    columns = [
        _cast(batch.column(field.name), field.type)
        if field.name in batch.schema.names
        else pa.nulls(batch.num_rows, field.type)
        for field in schema
    ]
    return pa.record_batch(columns, schema=schema)


def _cast(column: pa.Array, target: pa.DataType) -> pa.Array:
    if column.type == target:
        return column
    if column.null_count == len(column):
        return pa.nulls(len(column), target)
    types = pa.types
    if types.is_string(target) and (
        types.is_floating(column.type) or types.is_timestamp(column.type)
    ):
        return pa.array([_spelled(value) for value in column.to_pylist()], target)
    return column.cast(target)


def _spelled(value: Any) -> str | None:
    if value is None:
        return None
    return value.isoformat(sep=" ") if hasattr(value, "isoformat") else cell_text(value)


def _require_same_columns(earlier: Table, new: Table) -> None:
    extra = [name for name in new.columns if name not in earlier.columns]
    missing = [name for name in earlier.columns if name not in new.columns]
    if not extra and not missing:
        return
    listed = ", ".join((extra or missing)[:_NAMED])
    raise SchemaError(
        "schema.other-columns",
        Text(
            f"新到的資料欄位與先前的不同：{'多出' if extra else '缺少'} {listed}。",
            f"What arrived has other columns than before: it {'has besides' if extra else 'lacks'} "
            f"{listed}.",
        ),
        where=Where(column=(extra or missing)[0]),
        hint=Text(
            "請統一欄位名稱；若缺少的欄位可視為缺值，請加上 union_columns。",
            "Give the files the same columns; with union_columns a column that a file lacks "
            "is missing in its rows.",
        ),
    )


def _widened(name: str, before: pa.DataType, after: pa.DataType) -> Text:
    return Text(
        f"欄位「{name}」的型別由 {before} 放寬為 {after}，才容得下新到的資料。",
        f"The column “{name}” was widened from {before} to {after} to hold what arrived.",
    )


def _added(name: str) -> Text:
    return Text(
        f"欄位「{name}」是新到的；先前的列在此為缺值。",
        f"The column “{name}” is new; it is missing in the earlier rows.",
    )
