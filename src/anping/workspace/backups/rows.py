"""Rows of the workspace's tables as JSON lines, the same from SQLite and PostgreSQL.

A line is an object of column names and values; bytes are base64.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from typing import Any

import sqlalchemy as sa

from anping.core.digest import canonical_json

#: A part is closed when it holds this many bytes, so that memory stays bounded.
PART_BYTES = 8 << 20
_BATCH = 1000


def parts(connection: sa.Connection, table: sa.Table) -> Iterator[bytes]:
    """Yield the table's rows, by primary key, in parts of some megabytes."""
    query = sa.select(table).order_by(*table.primary_key.columns)
    binary = _binary(table)
    part: list[bytes] = []
    size = 0
    result = connection.execution_options(stream_results=True, yield_per=_BATCH).execute(query)
    for row in result.mappings():
        line = canonical_json(
            {
                name: base64.b64encode(bytes(value)).decode() if name in binary else value
                for name, value in row.items()
            }
        )
        part.append(line + b"\n")
        size += len(line) + 1
        if size >= PART_BYTES:
            yield b"".join(part)
            part, size = [], 0
    yield b"".join(part)


def insert(connection: sa.Connection, table: sa.Table, part: bytes) -> None:
    """Insert the rows of one part.

    Raises ValueError for what is no row of the table.
    """
    for batch in _batches(_rows(table, part.splitlines())):
        connection.execute(sa.insert(table), batch)


def _rows(table: sa.Table, lines: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    binary, names = _binary(table), {column.name for column in table.columns}
    for line in lines:
        value = json.loads(line)
        if not isinstance(value, dict) or value.keys() != names:
            msg = "not a row of this table"
            raise ValueError(msg)
        for name in binary:
            value[name] = base64.b64decode(value[name], validate=True)
        yield value


def _batches(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _binary(table: sa.Table) -> frozenset[str]:
    return frozenset(
        column.name for column in table.columns if isinstance(column.type, sa.LargeBinary)
    )
