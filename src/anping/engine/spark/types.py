"""Arrow's types and Spark's: which travel as they are, which in a wider one, which not at all.

Spark has no unsigned numbers, no dictionaries and no views, and its timestamps count microseconds:
such columns travel in a wider type and get their own back. Nothing is rounded on the way.
"""

from __future__ import annotations

import pyarrow as pa

from anping.core.errors import SchemaError, Where
from anping.core.text import Text

_WIDER = {
    pa.uint8(): pa.int16(),
    pa.uint16(): pa.int32(),
    pa.uint32(): pa.int64(),
    pa.uint64(): pa.decimal128(20, 0),
    pa.null(): pa.string(),
    pa.large_string(): pa.string(),
    pa.string_view(): pa.string(),
    pa.large_binary(): pa.binary(),
    pa.binary_view(): pa.binary(),
}
_PLAIN = {
    pa.float32(), pa.float64(), pa.string(), pa.binary(), pa.bool_(), pa.date32(),
    pa.timestamp("us"), pa.timestamp("us", "UTC"),
}  # fmt: skip
_MOST_DIGITS = 38


def travelling(schema: pa.Schema) -> pa.Schema:
    """Return the schema in which Spark carries these columns.

    Raises SchemaError (``spark.type``) for a column that Spark cannot carry whole: nanoseconds,
    times of day, half floats, decimals of more than 38 digits.
    """
    fields = []
    for field in schema:
        kind = _carried(field.type)
        if kind is None:
            raise SchemaError(
                "spark.type",
                Text(
                    f"Spark 無法完整承載型別 {field.type}。",
                    f"Spark cannot carry the type {field.type} whole.",
                ),
                where=Where(column=field.name),
                hint=Text(
                    "請先在單機上轉成其他型別，例如微秒的時間戳記。",
                    "Turn it into another type on one machine first, such as microseconds.",
                ),
            )
        fields.append(pa.field(field.name, kind))
    return pa.schema(fields)


def _carried(kind: pa.DataType) -> pa.DataType | None:
    types = pa.types
    if kind in _WIDER:
        return _WIDER[kind]
    if types.is_dictionary(kind):
        return _carried(kind.value_type)
    if types.is_timestamp(kind):
        return None if kind.unit == "ns" else pa.timestamp("us", kind.tz and "UTC")
    if types.is_fixed_size_binary(kind) and not types.is_decimal(kind):
        return pa.binary()
    return kind if _plain(kind) else None


def _plain(kind: pa.DataType) -> bool:
    """Return whether Spark has the very type."""
    types = pa.types
    if types.is_list(kind):
        return _plain(kind.value_type)
    if types.is_struct(kind):
        return all(_plain(kind.field(place).type) for place in range(kind.num_fields))
    if types.is_decimal(kind):
        return bool(types.is_decimal128(kind)) and int(kind.precision) <= _MOST_DIGITS
    return bool(types.is_signed_integer(kind)) or kind in _PLAIN
