"""Tables go out as Parquet and CSV, with the same bytes for the same rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import BinaryIO, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from anping.core.errors import ParameterError
from anping.core.files import aside
from anping.core.text import Text
from anping.engine.columnar import write_groups
from anping.engine.csv_text import cell_texts
from anping.engine.table import Table

_NEEDS_QUOTES = r'[",\r\n]|^[ \t]|[ \t]$'
_FORMULA = "^[=+\\-@\t\r]"
#: Every letter that quotes or guards a text: a text without any is written as it is.
_SPECIAL = b'",\r\n \t=+-@'


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
    rows = 0
    with aside(path) as temporary, temporary.open("wb") as stream:
        stream.write("\ufeff".encode() if options.byte_order_mark else b"")
        header = pa.record_batch(
            [pa.array([name], pa.string()) for name in source.columns], list(source.columns)
        )
        _write_lines(header, options, stream)
        for batch in source.batches():
            if batch.num_rows:
                _write_lines(batch, options, stream)
            rows += int(batch.num_rows)
    return rows


def _write_lines(batch: pa.RecordBatch, options: CsvOptions, stream: BinaryIO) -> None:
    columns = [_field_texts(column, options) for column in batch.columns]
    if len(columns) == 1:
        # A blank line would be no row at all, so a single missing value is written as "".
        columns = [pc.if_else(pc.equal(columns[0], ""), '""', columns[0])]
    columns[-1] = pc.binary_join_element_wise(columns[-1], options.newline, "")
    stream.write(_content(pc.binary_join_element_wise(*columns, ",")))


def _field_texts(column: pa.Array, options: CsvOptions) -> pa.Array:
    if not _is_text(column.type):
        return pc.fill_null(cell_texts(column), "")
    texts = pc.fill_null(cell_texts(column), "")
    if not _has_any(texts, _SPECIAL):
        return texts
    # Texts repeat, so each distinct one is looked at once.
    coded = texts.dictionary_encode()
    return _quoted(coded.dictionary, options).take(coded.indices)


def _quoted(texts: pa.StringArray, options: CsvOptions) -> pa.StringArray:
    if options.guard_formulas:
        guarded = pc.binary_join_element_wise("'", texts, "")
        texts = pc.if_else(pc.match_substring_regex(texts, _FORMULA), guarded, texts)
    quoted = pc.binary_join_element_wise('"', pc.replace_substring(texts, '"', '""'), '"', "")
    return pc.if_else(pc.match_substring_regex(texts, _NEEDS_QUOTES), quoted, texts)


def _has_any(texts: pa.StringArray, letters: bytes) -> bool:
    """Return whether any text holds one of the letters (ASCII), looking at all of them at once."""
    held = _content(texts).to_pybytes()
    return any(letter in held for letter in letters)


def _content(texts: pa.StringArray) -> pa.Buffer:
    """Return all texts one after another, without a Python text for each."""
    _, offsets, content = texts.buffers()
    if content is None:
        return pa.py_buffer(b"")
    ends = np.frombuffer(offsets, np.int32)
    start, end = int(ends[texts.offset]), int(ends[texts.offset + len(texts)])
    return content.slice(start, end - start)


def _is_text(given: pa.DataType) -> bool:
    types = pa.types
    if types.is_dictionary(given):
        return _is_text(given.value_type)
    return bool(types.is_string(given) or types.is_large_string(given))
