"""The tables of a workspace: assets, statements, tree nodes, checkpoints and runs.

They are the same in SQLite and PostgreSQL. Older ones become these through the revisions in
``migrations/versions``; a change here needs a new revision there and the next ``FORMAT``.
"""

from __future__ import annotations

import sqlalchemy as sa

#: The format of the tables below; it is the name of the newest revision, too.
FORMAT = "2"

metadata = sa.MetaData()

#: Where things stand in the ledger. SQLite's INTEGER has 64 bits and is its row's own number.
_Position = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

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
    sa.Column("version", _Position, primary_key=True, autoincrement=False),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("statement", _Position, nullable=False),
    sa.Index("assets_of_statement", "statement"),
)

#: The ledger: canonical DSSE lines; the index is the leaf's place in the tree.
statements = sa.Table(
    "statements",
    metadata,
    sa.Column("index", _Position, primary_key=True, autoincrement=False),
    sa.Column("line", sa.LargeBinary, nullable=False),
)

#: Hashes of the full subtrees of the RFC 6962 tree, so that appends and proofs are logarithmic.
nodes = sa.Table(
    "nodes",
    metadata,
    sa.Column("level", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("index", _Position, primary_key=True, autoincrement=False),
    sa.Column("hash", sa.LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

#: Signed checkpoints by tree size; the note holds the witnesses' cosignatures, too.
checkpoints = sa.Table(
    "checkpoints",
    metadata,
    sa.Column("size", _Position, primary_key=True, autoincrement=False),
    sa.Column("note", sa.LargeBinary, nullable=False),
)

#: Which statement answers a step with the same parameters and inputs.
runs = sa.Table(
    "runs",
    metadata,
    sa.Column("key", sa.String, primary_key=True),
    sa.Column("statement", _Position, nullable=False),
)
