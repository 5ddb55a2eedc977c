"""Format 2: positions of 64 bits, an index from a statement to what it made, denser tree nodes."""

import sqlalchemy as sa
from alembic import op

revision = "2"
down_revision = "1"
branch_labels = None
depends_on = None

_POSITIONS = (
    ("assets", "version"),
    ("assets", "statement"),
    ("statements", "index"),
    ("nodes", "index"),
    ("checkpoints", "size"),
    ("runs", "statement"),
)


def upgrade() -> None:
    """Widen the positions, add the index, and store the nodes in the order of their key."""
    if op.get_bind().dialect.name == "sqlite":
        _pack_nodes()
    else:
        _widen()
    op.create_index("assets_of_statement", "assets", ["statement"])


def _pack_nodes() -> None:
    # SQLite's integers have 64 bits already; without a row's own number a node lies in its key.
    op.rename_table("nodes", "nodes_1")
    op.create_table(
        "nodes",
        sa.Column("level", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("index", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )
    names = ("level", "index", "hash")
    old, new = (
        sa.table(table, *(sa.column(name) for name in names)) for table in ("nodes_1", "nodes")
    )
    op.execute(sa.insert(new).from_select(names, sa.select(*old.c)))
    op.drop_table("nodes_1")


def _widen() -> None:
    for table, column in _POSITIONS:
        op.alter_column(
            table,
            column,
            type_=sa.BigInteger(),
            existing_type=sa.Integer(),
            existing_nullable=False,
        )


def downgrade() -> None:
    """Refuse: a workspace goes back by restoring the backup that was made before."""
    raise NotImplementedError
