"""The database of a workspace: assets, statements, tree nodes, checkpoints and runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy as sa

metadata = sa.MetaData()

_WRITES = "anping_writes"

#: Facts about the workspace itself: its id, format version, ledger origin, known key fingerprints.
facts = sa.Table(
    "facts",
    metadata,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)

#: One row per asset version; ``body`` is the asset as JSON, ``statement`` what made it.
assets = sa.Table(
    "assets",
    metadata,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("statement", sa.Integer, nullable=False),
)

#: The ledger: canonical DSSE lines; the index is the leaf's place in the tree.
statements = sa.Table(
    "statements",
    metadata,
    sa.Column("index", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("line", sa.LargeBinary, nullable=False),
)

#: Hashes of the full subtrees of the RFC 6962 tree, so that appends and proofs are logarithmic.
nodes = sa.Table(
    "nodes",
    metadata,
    sa.Column("level", sa.Integer, primary_key=True),
    sa.Column("index", sa.Integer, primary_key=True),
    sa.Column("hash", sa.LargeBinary, nullable=False),
)

#: Signed checkpoints by tree size; the note holds the witnesses' cosignatures, too.
checkpoints = sa.Table(
    "checkpoints",
    metadata,
    sa.Column("size", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("note", sa.LargeBinary, nullable=False),
)

#: Which statement answers a step with the same parameters and inputs.
runs = sa.Table(
    "runs",
    metadata,
    sa.Column("key", sa.String, primary_key=True),
    sa.Column("statement", sa.Integer, nullable=False),
)


def connect(path: Path) -> sa.Engine:
    """Return an engine on an SQLite file whose writers take the lock at the start."""
    engine = sa.create_engine(f"sqlite:///{path}", connect_args={"timeout": 30})

    @sa.event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        # SQLAlchemy must begin transactions, not the driver: a deferred lock can deadlock.
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def on_begin(connection: sa.Connection) -> None:
        writes = connection.get_execution_options().get(_WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def writer(engine: sa.Engine) -> sa.Engine:
    """Return the same engine for transactions that write: they take the lock at the start."""
    return engine.execution_options(**{_WRITES: True})
