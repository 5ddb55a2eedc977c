"""The stored log: lookups by index and streams over the tables that hold the ledger."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from anping.core.errors import EvidenceError
from anping.core.text import Text
from anping.evidence import merkle
from anping.evidence.dsse import read_line
from anping.evidence.frontier import Frontier
from anping.workspace import tables
from anping.workspace.step import Record

#: Rows that are in memory at once while a table is read from end to end.
_STREAMED = 500


def record_of(line: bytes) -> Record:
    """Return what a ledger line says."""
    record: dict[str, Any] = json.loads(read_line(line).payload)
    return record


def streamed(connection: sa.Connection, query: sa.Select[Any]) -> Iterator[Sequence[Any]]:
    """Yield the rows of a query, a few hundred in memory at once."""
    with connection.execute(query.execution_options(yield_per=_STREAMED)) as rows:
        yield from rows


def size_of(connection: sa.Connection) -> int:
    """Return how many statements the ledger holds."""
    newest = connection.execute(sa.select(sa.func.max(tables.statements.c.index))).scalar()
    return 0 if newest is None else int(newest) + 1


def head_of(connection: sa.Connection) -> merkle.TreeHead:
    """Return the size and root of the tree as it is stored."""
    return Frontier.of(size_of(connection), node_reader(connection)).head


def newest_record(connection: sa.Connection) -> Record | None:
    """Return what the last statement says, or None for an empty ledger."""
    table = tables.statements
    query = sa.select(table.c.line).order_by(table.c.index.desc()).limit(1)
    line = connection.execute(query).scalar()
    return None if line is None else record_of(bytes(line))


def node_reader(connection: sa.Connection) -> merkle.NodeReader:
    """Return a reader of the stored nodes. It raises EvidenceError for one that is not there."""
    nodes = tables.nodes

    def node(level: int, index: int) -> bytes:
        query = sa.select(nodes.c.hash).where(nodes.c.level == level, nodes.c.index == index)
        found = connection.execute(query).scalar()
        if found is None:
            raise broken(index << level)
        return bytes(found)

    return node


def broken(index: int) -> EvidenceError:
    """Return the error for a ledger that does not hold at a statement."""
    return EvidenceError(
        "ledger.broken",
        Text(
            f"帳本在第 {index} 號不完整：簽章、順序或樹節點不符。",
            f"The ledger does not hold at statement {index}: signature, order or tree differ.",
        ),
        hint=Text(
            "帳本可能遭更動；從備份還原，並與見證人持有的檢查點比對。",
            "It may have been tampered with; restore a backup and compare with the checkpoint "
            "that the witness holds.",
        ),
    )
