"""Parquet is copied column by column: nested columns flattened, other types brought to ours."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from anping.core.errors import InputError, Where
from anping.core.text import Text
from anping.engine import refusals as refusal
from anping.engine.header import check_names
from anping.engine.intake import Intake, RawRows, Taken, fitting_declared
from anping.engine.kinds import ARROW, Kind, misfits
from anping.engine.refusals import Refusals

#: What Arrow raises for a torn or forged file: names that are no text, sizes beyond all memory.
_FORGED = (pa.ArrowException, ValueError, OverflowError, MemoryError)
_TORN = (*_FORGED, OSError)


def flat_schema(path: Path, *, file: str) -> pa.Schema:
    """Return the column names and types that a Parquet file's table has here.

    Raises InputError if the file, called ``file``, is damaged, SchemaError for its column names.
    """
    try:
        empty = _flat(_opened(path, file).schema_arrow.empty_table())
    except _TORN as error:
        raise _damaged(file) from error
    if not empty.column_names:
        raise _damaged(file)
    check_names(empty.column_names, file=file, line=None)
    return pa.schema([(field.name, _ours(field.type)) for field in empty.schema])


def read_parquet_as_text(intake: Intake) -> Taken:
    """Read a Parquet file as text columns, to be one table with files of other formats.

    What is a number, a date or text in Parquet can be nothing narrower in the whole table.
    """
    with intake.content.on_disk(intake.stage.folder) as path:
        schema = flat_schema(path, file=intake.content.name)
        intake.require_declared(tuple(schema.names))
        source = _Source(path, schema, {}, intake.content.name)
        rows = done = 0
        for batch in _rows(source, intake.refusals):
            texts = pa.record_batch(
                [column.cast(pa.string()) for column in batch.columns], names=schema.names
            )
            lines = tuple(range(rows + 1, rows + 1 + batch.num_rows))
            kept = fitting_declared(
                RawRows(texts, lines, lambda _: ""), intake.declared, intake.refusals
            )
            for field in schema:
                among = _AMONG.get(_kind_of(field.type), ())
                intake.inference.narrow(field.name, kept.column(field.name), among)
            if kept.num_rows:
                intake.stage.add(kept)
            rows += kept.num_rows
            done = min(intake.seen.size, done + batch.nbytes)
            intake.tell(done)
    return Taken(rows, tuple(schema.names), intake.seen.sha256)


_AMONG: Mapping[str, tuple[Kind, ...]] = {
    "boolean": ("boolean",),
    "integer": ("integer", "real"),
    "real": ("real",),
    "date": ("date",),
    "timestamp": ("timestamp",),
    "instant": ("instant",),
}


def _kind_of(ours: pa.DataType) -> str:
    if pa.types.is_decimal(ours):
        return "real"
    return next((kind for kind, arrow in ARROW.items() if arrow == ours), "string")


def _opened(path: Path, file: str) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(path)
    except _TORN as error:
        raise _damaged(file) from error


def read_columns(
    path: Path, declared: Mapping[str, Kind], refusals: Refusals, *, file: str
) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
    """Return the flat schema of a Parquet file and its rows in batches of that schema.

    Integers become int64 (text beyond it), floats float64, times of day, binary (Base64), lists
    and maps text. Raises InputError if the file is damaged, SchemaError for its column names.
    """
    found = flat_schema(path, file=file)
    schema = pa.schema(
        [(f.name, ARROW[declared[f.name]] if f.name in declared else f.type) for f in found]
    )
    return schema, _rows(_Source(path, schema, declared, file), refusals)


_Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Source:
    """A Parquet file, its flat schema, and the declared types of its columns."""

    path: Path
    schema: pa.Schema
    declared: Mapping[str, Kind]
    file: str


def _rows(source: _Source, refusals: Refusals) -> Iterator[pa.RecordBatch]:
    row = 1
    opened = _opened(source.path, source.file)
    try:
        batches = opened.iter_batches()
    except _TORN as error:
        raise _damaged(source.file) from error
    while True:
        try:
            batch = next(batches, None)
        except _TORN as error:
            raise _damaged(source.file) from error
        if batch is None:
            return
        try:
            table = _flat(pa.Table.from_batches([batch]))
            fits = _possible_days(table, row, refusals)
            columns = {
                name: _plain(_where(table.column(name).combine_chunks(), fits))
                for name in table.column_names
            }
        except _FORGED as error:
            raise _damaged(source.file) from error
        fits &= _declared_fit(columns, source.declared, row, refusals)
        row += table.num_rows
        kept = pa.table(columns).filter(pa.array(fits)) if not fits.all() else pa.table(columns)
        yield from kept.cast(source.schema).to_batches()


def _where(column: pa.Array, fits: _Flags) -> pa.Array:
    if fits.all():
        return column
    return pc.if_else(pa.array(fits), column, pa.scalar(None, column.type))


def _possible_days(table: pa.Table, row: int, refusals: Refusals) -> _Flags:
    """Return which rows have dates that exist in a calendar of years 1 to 9999; refuse the rest."""
    fits = np.ones(table.num_rows, bool)
    for field in table.schema:
        limits = _limits(field.type)
        if limits is None:
            continue
        counts = (
            table.column(field.name)
            .combine_chunks()
            .view(pa.int64() if field.type.bit_width == 64 else pa.int32())
        )
        outside = pc.or_(pc.less(counts, limits[0]), pc.greater(counts, limits[1]))
        for index in np.flatnonzero(pc.fill_null(outside, False).to_numpy(zero_copy_only=False)):
            if fits[index]:
                refusals.add(refusal.impossible_day(row + int(index), field.name), "")
            fits[index] = False
    return fits


_FIRST_DAY, _LAST_DAY = -719_162, 2_932_896
_PER_DAY = {"s": 86_400, "ms": 86_400_000, "us": 86_400_000_000}


def _limits(given: pa.DataType) -> tuple[int, int] | None:
    """Return the least and the greatest count that a temporal type may hold, or None."""
    if pa.types.is_date32(given):
        return _FIRST_DAY, _LAST_DAY
    if pa.types.is_date64(given):
        per_day = _PER_DAY["ms"]
    elif pa.types.is_timestamp(given) and given.unit in _PER_DAY:
        per_day = _PER_DAY[given.unit]
    else:
        return None
    return _FIRST_DAY * per_day, (_LAST_DAY + 1) * per_day - 1


def _declared_fit(
    columns: dict[str, pa.Array], declared: Mapping[str, Kind], row: int, refusals: Refusals
) -> _Flags:
    size = len(next(iter(columns.values())))
    fits = np.ones(size, bool)
    for name, kind in declared.items():
        if columns[name].type == ARROW[kind]:
            continue
        texts = columns[name].cast(pa.string())
        columns[name] = texts
        for index in misfits(texts, kind):
            if fits[index]:
                refusals.add(refusal.wrong_type(row + index, name, kind), "")
            fits[index] = False
    return fits


def _flat(table: pa.Table) -> pa.Table:
    while any(pa.types.is_struct(field.type) for field in table.schema):
        table = table.flatten()
    return table


def _ours(given: pa.DataType) -> pa.DataType:
    types = pa.types
    if types.is_dictionary(given):
        return _ours(given.value_type)
    if types.is_timestamp(given):
        return pa.timestamp("us", "UTC" if given.tz else None)
    if types.is_boolean(given) or types.is_decimal(given):
        return given
    ours = {
        pa.float64(): types.is_floating(given),
        pa.date32(): types.is_date(given),
        pa.int64(): types.is_integer(given) and given != pa.uint64(),
    }
    return next((ours_type for ours_type, holds in ours.items() if holds), pa.string())


def _plain(column: pa.Array) -> pa.Array:
    """Return the column in our type for it."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    target = _ours(column.type)
    if target != pa.string() or pa.types.is_integer(column.type):
        # Nanoseconds and times within a day's date are cut, not refused.
        return column.cast(target, safe=not pa.types.is_temporal(column.type))
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        return column.cast(target)
    return pa.array(
        [None if value is None else _text(value) for value in column.to_pylist()], target
    )


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, time):
        return value.isoformat()
    plain = _jsonable(value)
    return plain if isinstance(plain, str) else json.dumps(plain, ensure_ascii=False)


def _jsonable(value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, (date, datetime, time)):
        return value.isoformat()
    if isinstance(value, (Decimal, timedelta)):
        return str(value)
    if isinstance(value, dict):
        return {str(key): _jsonable(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_jsonable(inner) for inner in value]
    return value


def _damaged(file: str) -> InputError:
    return InputError(
        "input.damaged-parquet",
        Text("Parquet 檔已損壞或不完整。", "The Parquet file is damaged or incomplete."),
        where=Where(file=file),
        hint=Text("請重新匯出或重新下載這個檔案。", "Export or download the file again."),
    )
