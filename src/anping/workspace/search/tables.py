"""The tables of the search index: made when first needed, the same in SQLite and PostgreSQL.

The index follows from the ledger and the assets. It is no evidence and no part of the workspace's
format; a backup leaves it out, and what is lost or of another form is made again.
"""

from __future__ import annotations

import sqlalchemy as sa

#: Another form of terms, blocks or entries needs another number: the index is then made anew.
FORM = "1"

metadata = sa.MetaData()

_Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
#: Terms are compared byte by byte, whatever language the database speaks.
_Term = sa.String().with_variant(sa.String(collation="C"), "postgresql")

#: The form, and how many statements of the ledger the index knows.
state = sa.Table(
    "search_state",
    metadata,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)

#: One row per entry that can be found; numbers are never given twice.
entries = sa.Table(
    "search_entries",
    metadata,
    sa.Column("number", _Number, primary_key=True, autoincrement=False),
    sa.Column("scope", sa.String, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Index("search_entries_of_scope", "scope"),
)

#: How many places each entry of a block takes; 0 for one that is gone.
blocks = sa.Table(
    "search_blocks",
    metadata,
    sa.Column("block", _Number, primary_key=True, autoincrement=False),
    sa.Column("lengths", sa.LargeBinary, nullable=False),
)

#: Where a term stands in the entries of a block.
postings = sa.Table(
    "search_postings",
    metadata,
    sa.Column("term", _Term, primary_key=True),
    sa.Column("block", _Number, primary_key=True, autoincrement=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
