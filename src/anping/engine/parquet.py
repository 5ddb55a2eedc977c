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
import pyarrow as pa
import pyarrow.parquet as pq

from anping.core.errors import InputError, Where
from anping.core.text import Text
from anping.engine import refusals as refusal
from anping.engine.header import check_names
from anping.engine.kinds import ARROW, Kind, misfits
from anping.engine.refusals import Refusals


def read_columns(
    path: Path, declared: Mapping[str, Kind], refusals: Refusals
) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
    """Return the flat schema of a Parquet file and its rows in batches of that schema.

    Integers become int64 (text beyond it), floats float64, times of day, binary (Base64), lists
    and maps text. Raises InputError if the file is damaged, SchemaError for its column names.
    """
    try:
        file = pq.ParquetFile(path)
        empty = _flat(file.schema_arrow.empty_table())
    except (pa.ArrowInvalid, OSError) as error:
        raise _damaged(path) from error
    if not empty.column_names:
        raise _damaged(path)
    check_names(empty.column_names, file=path.name, line=None)
    schema = pa.schema(
        [
            (
                field.name,
                ARROW[declared[field.name]] if field.name in declared else _ours(field.type),
            )
            for field in empty.schema
        ]
    )
    source = _Source(path, schema, declared)
    return schema, _rows(file, source, refusals)


@dataclass(frozen=True, slots=True)
class _Source:
    """A Parquet file, its flat schema, and the declared types of its columns."""

    path: Path
    schema: pa.Schema
    declared: Mapping[str, Kind]


def _rows(file: pq.ParquetFile, source: _Source, refusals: Refusals) -> Iterator[pa.RecordBatch]:
    row = 1
    batches = file.iter_batches()
    while True:
        try:
            batch = next(batches, None)
        except (pa.ArrowInvalid, OSError) as error:
            raise _damaged(source.path) from error
        if batch is None:
            return
        table = _flat(pa.Table.from_batches([batch]))
        columns = {name: _plain(table.column(name).combine_chunks()) for name in table.column_names}
        fits = _declared_fit(columns, source.declared, row, refusals)
        row += table.num_rows
        kept = pa.table(columns).filter(pa.array(fits)) if not fits.all() else pa.table(columns)
        yield from kept.cast(source.schema).to_batches()


def _declared_fit(
    columns: dict[str, pa.Array], declared: Mapping[str, Kind], row: int, refusals: Refusals
) -> np.ndarray[Any, np.dtype[np.bool_]]:
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


def _damaged(path: Path) -> InputError:
    return InputError(
        "input.damaged-parquet",
        Text("Parquet 檔已損壞或不完整。", "The Parquet file is damaged or incomplete."),
        where=Where(file=path.name),
        hint=Text("請重新匯出或重新下載這個檔案。", "Export or download the file again."),
    )
