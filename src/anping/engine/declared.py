"""What a database declares a column to be, by its driver's codes or by its schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from anping.engine.spelling import Declared

# Object identifiers of PostgreSQL's built-in types (pg_type.dat); they never change.
_POSTGRESQL: Mapping[int, Declared] = {
    16: "boolean", 20: "number", 21: "number", 23: "number", 26: "number", 700: "number",
    701: "number", 1700: "number", 1082: "date", 1114: "moment", 1184: "moment",
    18: "text", 19: "text", 25: "text", 1043: "text", 1042: "padded",
}  # fmt: skip
# Column types of the MySQL protocol (field_types.h). CHAR is 254; the server itself trims it.
_MYSQL: Mapping[int, Declared] = {
    0: "number", 1: "number", 2: "number", 3: "number", 4: "number", 5: "number", 8: "number",
    9: "number", 13: "number", 246: "number", 10: "date", 14: "date", 7: "moment", 12: "moment",
    15: "text", 252: "text", 253: "text", 254: "text", 249: "text", 250: "text", 251: "text",
    247: "text", 248: "text",
}  # fmt: skip
_CODES = {"postgresql": _POSTGRESQL, "mysql": _MYSQL, "mariadb": _MYSQL}
_SCHEMA: tuple[tuple[type[sa.types.TypeEngine[Any]], Declared], ...] = (
    (sa.types.Boolean, "boolean"),
    (sa.types.Integer, "number"),
    (sa.types.Numeric, "number"),
    (sa.types.DateTime, "moment"),
    (sa.types.Date, "date"),
    (sa.types.CHAR, "padded"),
    (sa.types.NCHAR, "padded"),
    (sa.types.String, "text"),
    (sa.types.NullType, "unknown"),
)


def from_driver(dialect: str, code: Any) -> Declared | None:
    """Return what the driver's type code says; None where it has none (SQLite) or is not known here."""
    codes = _CODES.get(dialect)
    if codes is None or code is None:
        return None
    return codes.get(int(code), "other")


def from_schema(declared: sa.types.TypeEngine[Any]) -> Declared:
    """Return what the schema of a table says about a column."""
    return next((word for kind, word in _SCHEMA if isinstance(declared, kind)), "other")
