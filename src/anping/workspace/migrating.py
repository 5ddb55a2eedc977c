"""Bringing a workspace of an earlier version to today's format, whole or not at all.

Everything happens in one transaction under the writers' lock: the ledger is audited, the tables are
changed (alembic, one revision per format), the ledger is audited again, and the new format is stated.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from anping.workspace import refusals, tables
from anping.workspace.audit import Audited, audit
from anping.workspace.database import SQLITE, connected, read_place, writing
from anping.workspace.keys import KeyStore, open_keys
from anping.workspace.log import broken
from anping.workspace.workspace import fact_of, format_of, keys_of

_SCRIPTS = Path(__file__).with_name("migrations")
_VERSION_TABLE = "revisions"


@dataclass(frozen=True, slots=True)
class Migrated:
    """The formats before and after, and how many statements the audited ledger holds."""

    before: int
    after: int
    statements: int


def migrate(place: Path | str, *, keys: Path | str | KeyStore | None = None) -> Migrated:
    """Bring a workspace to today's format; one that is of it already is only audited.

    Raises WorkspaceError for a missing, damaged or newer workspace, EvidenceError if the ledger does
    not hold before or after; nothing is changed then.
    """
    where = read_place(place)
    if where.folder is not None and not (where.folder / SQLITE).exists():
        raise refusals.missing(where.name)
    public = open_keys(keys_of(where, keys)).public()
    with connected(where) as engine, writing(engine) as connection:
        before = format_of(connection, where)
        if before > int(tables.FORMAT):
            raise refusals.newer(where.name, found=str(before), wanted=tables.FORMAT)
        held = _audited(connection, public)
        if before < int(tables.FORMAT):
            upgrade(connection, since=str(before))
            table = tables.facts
            stated = sa.update(table).where(table.c.name == "format").values(value=tables.FORMAT)
            connection.execute(stated)
            if _audited(connection, public) != held:
                raise broken(held.statements)
    return Migrated(before, int(tables.FORMAT), held.statements)


def upgrade(connection: sa.Connection, *, since: str | None, until: str = tables.FORMAT) -> None:
    """Run the revisions after format ``since`` (None: all, on an empty database) up to ``until``.

    It runs within the caller's transaction.
    """
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext
    from alembic.script import ScriptDirectory

    script = ScriptDirectory(str(_SCRIPTS))

    def revisions(held: Any, _context: Any) -> Any:
        return script._upgrade_revs(until, held)  # noqa: SLF001 - as alembic's own command does

    with EnvironmentContext(Config(), script, fn=revisions, destination_rev=until) as environment:
        environment.configure(connection=connection, version_table=_VERSION_TABLE)
        context = environment.get_context()
        if since is not None and not context.get_current_heads():
            # The first formats did not know alembic.
            context.stamp(script, since)
        environment.run_migrations()


def _audited(connection: sa.Connection, public: bytes) -> Audited:
    return audit(connection, public, origin=fact_of(connection, "origin") or "")
