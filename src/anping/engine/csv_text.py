"""Cells as the texts that CSV holds, a whole column of a batch at a time.

Numbers are Python's shortest text that reads back the same, moments are ISO 8601. Arrow's kernels
write the same digits but choose otherwise between a plain number and an exponent; where the choices
differ, the number is left to Python.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from anping.core.errors import ParameterError
from anping.core.text import Text

#: Between these sizes Python writes no exponent.
_SMALL, _LARGE = 1e-4, 1e16
_PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


def cell_texts(column: pa.Array) -> pa.StringArray:
    """Return every cell's text, missing (and NaN) as null; nothing is quoted yet.

    Raises ParameterError for lists, structs and bytes.
    """
    given = column.type
    if pa.types.is_dictionary(given):
        return cell_texts(column.dictionary_decode())
    if pa.types.is_floating(given):
        return _numbers(column.cast(pa.float64()))
    if pa.types.is_timestamp(given):
        return _moments(column)
    if pa.types.is_nested(given) or pa.types.is_binary(given) or pa.types.is_large_binary(given):
        raise ParameterError(
            "write.nested-column",
            Text("CSV 不能容納巢狀或二進位欄位。", "CSV cannot hold nested or binary columns."),
            hint=Text("請改寫成 Parquet。", "Write Parquet instead."),
        )
    return column.cast(pa.string())


def _numbers(column: pa.DoubleArray) -> pa.StringArray:
    numbers = pc.if_else(pc.is_nan(column), None, column)
    sizes = pc.abs(numbers)
    texts = numbers.cast(pa.string())
    within = pc.less(sizes, _LARGE)
    whole = pc.and_not(pc.equal(numbers, pc.floor(numbers)), pc.equal(texts, "-0"))
    whole = pc.and_(whole, within)
    digits = pc.if_else(whole, numbers, 0.0).cast(pa.int64()).cast(pa.string())
    exponent = pc.and_(within, pc.match_substring(texts, "e"))
    texts = pc.if_else(whole, pc.binary_join_element_wise(digits, ".0", ""), texts)
    other = pc.and_not(pc.or_(pc.less(sizes, _SMALL), exponent), whole)
    other = pc.fill_null(other, fill_value=False)
    if pc.any(other).as_py():
        written = [repr(value) for value in numbers.filter(other).to_pylist()]
        texts = pc.replace_with_mask(texts, other, pa.array(written, pa.string()))
    return texts


def _moments(column: pa.TimestampArray) -> pa.StringArray:
    """Return ``YYYY-MM-DD HH:MM:SS[.ffffff[fff]][+HH:MM]``, the fraction only where there is one."""
    zone = column.type.tz
    local = column if zone is None else pc.local_timestamp(column)
    micros = local.cast(pa.timestamp("us"), safe=False)
    texts = pc.replace_substring_regex(micros.cast(pa.string()), r"\.0+$", "")
    if local.type.unit == "ns":
        finer = pc.fill_null(pc.not_equal(micros.cast(pa.timestamp("ns")), local), fill_value=False)
        texts = pc.if_else(finer, local.cast(pa.string()), texts)
    if zone is None:
        return texts
    there = column.cast(pa.int64())
    ahead = pc.subtract(local.cast(pa.int64()), there)
    offsets = pc.divide(ahead, _PER_SECOND[column.type.unit]).dictionary_encode()
    written = pa.array([_offset(offset) for offset in offsets.dictionary.to_pylist()], pa.string())
    return pc.binary_join_element_wise(texts, written.take(offsets.indices), "")


def _offset(seconds: int) -> str:
    """Return an offset from UTC as ISO 8601 writes it; seconds only where there are any."""
    sign, size = ("-", -seconds) if seconds < 0 else ("+", seconds)
    minutes, rest = divmod(size, 60)
    text = f"{sign}{minutes // 60:02d}:{minutes % 60:02d}"
    return f"{text}:{rest:02d}" if rest else text
