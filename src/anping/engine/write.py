"""Tables go out as Parquet and CSV, with the same bytes for the same rows."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc

from anping.core.errors import ParameterError
from anping.core.files import aside
from anping.core.text import Text
from anping.engine.columnar import write_groups
from anping.engine.table import Table

_NEEDS_QUOTES = r'[",\r\n]|^[ \t]|[ \t]$'
_FORMULA = "^[=+\\-@\t\r]"


@dataclass(frozen=True, slots=True)
class CsvOptions:
    """How CSV is written (RFC 4180; a missing value is an empty field).

    ``byte_order_mark`` makes spreadsheets read UTF-8. ``guard_formulas`` puts an apostrophe before
    text that a spreadsheet would run as a formula (OWASP, CSV Injection); the text changes.
    """

    byte_order_mark: bool = False
    newline: Literal["\n", "\r\n"] = "\n"
    guard_formulas: bool = False


_DEFAULTS = CsvOptions()


def write_parquet(data: Table | pa.Table | Iterable[pa.RecordBatch], path: Path) -> int:
    """Write Parquet (zstd, fixed row groups) at once or not at all; return the number of rows.

    Raises ParameterError for an empty iterable of batches: it has no columns.
    """
    if isinstance(data, pa.Table):
        data = Table.of(data)
    if isinstance(data, Table):
        return write_groups(data.batches(), data.schema, path)
    batches = iter(data)
    first = next(batches, None)
    if first is None:
        raise ParameterError(
            "write.no-columns",
            Text("沒有任何資料批次，無從得知欄位。", "There is no batch, so there are no columns."),
            hint=Text("請至少給一個（可以沒有列的）批次。", "Give at least one batch."),
        )
    return write_groups(chain([first], batches), first.schema, path)


def write_csv(table: Table | pa.Table, path: Path, options: CsvOptions = _DEFAULTS) -> int:
    """Write CSV in UTF-8 at once or not at all; return the number of rows.

    Numbers are written so that reading them gives the same number, times as ISO 8601, booleans as
    true and false. Raises ParameterError for a column of lists, structs or bytes.
    """
    source = Table.of(table) if isinstance(table, pa.Table) else table
    end = options.newline
    rows = 0
    with aside(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as stream:
        stream.write("\ufeff" if options.byte_order_mark else "")
        header = pa.record_batch(
            [pa.array([name], pa.string()) for name in source.columns], list(source.columns)
        )
        stream.write("".join(line + end for line in _lines(header, options)))
        for batch in source.batches():
            stream.write("".join(line + end for line in _lines(batch, options)))
            rows += batch.num_rows
    return rows


def _lines(batch: pa.RecordBatch, options: CsvOptions) -> Iterator[str]:
    columns = [_field_texts(column, options) for column in batch.columns]
    if len(columns) == 1:
        # A blank line would be no row at all, so a single missing value is written as "".
        columns = [pc.if_else(pc.equal(columns[0], ""), '""', columns[0])]
    yield from pc.binary_join_element_wise(*columns, ",").to_pylist()


def _field_texts(column: pa.Array, options: CsvOptions) -> pa.Array:
    texts = _texts(column)
    if options.guard_formulas and _is_text(column.type):
        guarded = pc.binary_join_element_wise("'", texts, "")
        texts = pc.if_else(pc.match_substring_regex(texts, _FORMULA), guarded, texts)
    texts = pc.fill_null(texts, "")
    if not _is_text(column.type):
        return texts
    quoted = pc.binary_join_element_wise('"', pc.replace_substring(texts, '"', '""'), '"', "")
    return pc.if_else(pc.match_substring_regex(texts, _NEEDS_QUOTES), quoted, texts)


def _is_text(given: pa.DataType) -> bool:
    types = pa.types
    if types.is_dictionary(given):
        return _is_text(given.value_type)
    return bool(types.is_string(given) or types.is_large_string(given))


def _texts(column: pa.Array) -> pa.Array:
    given = column.type
    if pa.types.is_dictionary(given):
        return _texts(column.dictionary_decode())
    if pa.types.is_floating(given):
        return pa.array([_number(value) for value in column.to_pylist()], pa.string())
    if pa.types.is_timestamp(given):
        return pa.array([_moment(value) for value in column.to_pylist()], pa.string())
    if pa.types.is_nested(given) or pa.types.is_binary(given) or pa.types.is_large_binary(given):
        raise ParameterError(
            "write.nested-column",
            Text("CSV 不能容納巢狀或二進位欄位。", "CSV cannot hold nested or binary columns."),
            hint=Text("請改寫成 Parquet。", "Write Parquet instead."),
        )
    return column.cast(pa.string())


def _number(value: float | None) -> str | None:
    if value is None or math.isnan(value):
        return None
    return repr(value)


def _moment(value: Any) -> str | None:
    return None if value is None else value.isoformat(sep=" ")
