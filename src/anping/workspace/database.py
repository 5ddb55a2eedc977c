"""Where a workspace's tables lie: SQLite in its folder, or a PostgreSQL schema at a URL.

Everybody reads from one snapshot per transaction; one writer at a time holds the lock from its
first statement on (SQLite: ``BEGIN IMMEDIATE``; PostgreSQL: an advisory lock of the schema), so what
a writer has read stays true until it commits.
"""

from __future__ import annotations

import shutil
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from anping.core.errors import MissingExtraError
from anping.core.text import Text
from anping.workspace import refusals, tables
from anping.workspace.object_stores.refusals import disk_full

SQLITE = "workspace.sqlite"
#: Seconds that a writer waits for another one before it gives up.
WAIT = 30
_WRITES = "anping_writes"
#: What SQLite says when it cannot write or make the files beside its database.
_OF_FILES = ("SQLITE_IOERR", "SQLITE_CANTOPEN")
_LITTLE = 1 << 20
_POSTGRESQL = frozenset({"postgresql", "postgres", "postgresql+psycopg"})
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('anping:' || current_schema(), 0))"


@dataclass(frozen=True, slots=True)
class Place:
    """What ``--workspace`` names: a local folder with SQLite inside, or a PostgreSQL URL."""

    folder: Path | None = None
    url: sa.URL | None = None

    @property
    def name(self) -> str:
        """The folder or the URL, without its password."""
        return str(self.folder) if self.url is None else _shown(self.url)


def read_place(place: Path | str) -> Place:
    """Return where a workspace lies. Raises WorkspaceError for a URL of another kind."""
    if isinstance(place, Path) or "://" not in place:
        return Place(folder=Path(place))
    try:
        url = sa.make_url(place)
    except (sa.exc.ArgumentError, ValueError):
        # The parser's own message repeats the URL, password and all.
        raise refusals.bad_url() from None
    if url.drivername not in _POSTGRESQL:
        raise refusals.unknown_database(url.drivername)
    return Place(url=url.set(drivername="postgresql+psycopg"))


def connect(place: Place) -> sa.Engine:
    """Return an engine; nothing is connected yet. Raises MissingExtraError without psycopg."""
    if place.url is None:
        return _closing(_sqlite(Path(place.folder or ".") / SQLITE))
    try:
        import psycopg  # noqa: F401 - only whether it is there
    except ImportError as error:
        needed = Text("PostgreSQL 的工作區", "A workspace in PostgreSQL")
        raise MissingExtraError.of("postgres", needed_for=needed) from error
    return _closing(_postgresql(place.url))


@contextmanager
def connected(place: Place) -> Iterator[sa.Engine]:
    """Yield an engine for a while; its connections are closed afterwards."""
    engine = connect(place)
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Yield a connection that sees one snapshot. Raises WorkspaceError if it is lost or damaged."""
    if engine.dialect.name == "postgresql":
        engine = engine.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )
    with _told(engine), engine.connect() as connection:
        yield connection


@contextmanager
def writing(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Yield a connection that alone may write; all of it stands after the block, or nothing.

    Raises WorkspaceError if another writer holds on for more than 30 seconds, the disk is full, or
    the connection is lost. If it is lost while the transaction is being committed, whether it
    stands shows when the same step is performed again: it is found by its key, or done anew.
    """
    with _told(engine), engine.execution_options(**{_WRITES: True}).begin() as connection:
        yield connection


def has_tables(connection: sa.Connection) -> bool:
    """Return whether there is a workspace in this database (in the first schema of the path)."""
    schema = None
    if connection.dialect.name == "postgresql":
        schema = connection.exec_driver_sql("SELECT current_schema()").scalar()
    return sa.inspect(connection).has_table(tables.facts.name, schema=schema)


@contextmanager
def _told(engine: sa.Engine) -> Iterator[None]:
    try:
        yield
    except sa.exc.DBAPIError as error:
        raise _said(engine, error) from error


def _said(engine: sa.Engine, error: sa.exc.DBAPIError) -> Exception:
    if engine.dialect.name != "postgresql":
        return _sqlite_said(engine, getattr(error.orig, "sqlite_errorname", ""))
    state = str(getattr(error.orig, "sqlstate", None) or "")
    name = _shown(engine.url)
    # Without a state the server said nothing, unless the driver itself refused a value.
    silent = not state and isinstance(error, (sa.exc.OperationalError, sa.exc.InterfaceError))
    if error.connection_invalidated or silent or state.startswith(("08", "28", "57P")):
        return refusals.connection_lost(name)
    if state == "3F000":
        return refusals.no_schema(name)
    return disk_full(name) if state == "53100" else refusals.cannot_use(name)


def _sqlite_said(engine: sa.Engine, code: str) -> Exception:
    if code in {"SQLITE_CORRUPT", "SQLITE_NOTADB"}:
        return refusals.damaged(SQLITE)
    if code == "SQLITE_FULL" or (code.startswith(_OF_FILES) and _is_full(engine)):
        return disk_full(SQLITE)
    return refusals.cannot_use(SQLITE)


def _is_full(engine: sa.Engine) -> bool:
    """Return whether the disk is full: SQLite then cannot make the files beside its database."""
    folder = Path(engine.url.database or ".").parent
    return folder.exists() and shutil.disk_usage(folder).free < _LITTLE


def _shown(url: sa.URL) -> str:
    # A password may also stand among the options.
    bare = url.difference_update_query(["password", "sslpassword", "passfile", "sslkey"])
    return bare.set(drivername="postgresql").render_as_string(hide_password=True)


def _sqlite(path: Path) -> sa.Engine:
    url = sa.URL.create("sqlite", database=str(path))
    engine = sa.create_engine(url, connect_args={"timeout": WAIT}, hide_parameters=True)

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


def _postgresql(url: sa.URL) -> sa.Engine:
    engine = sa.create_engine(
        url, pool_pre_ping=True, hide_parameters=True, connect_args={"connect_timeout": WAIT}
    )

    @sa.event.listens_for(engine, "begin")
    def on_begin(connection: sa.Connection) -> None:
        # In READ COMMITTED every statement after the lock sees what the last writer committed.
        if connection.get_execution_options().get(_WRITES, False):
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{WAIT}s'")
            connection.exec_driver_sql(_LOCK)

    return engine


def _closing(engine: sa.Engine) -> sa.Engine:
    """Have the connections that wait in the engine's pool closed when the engine is gone."""
    held: set[Any] = set()
    for name, note in (("connect", held.add), ("close", held.discard)):
        # The finalizer must know the connections and not the pool, which knows the engine.
        sa.event.listen(engine, name, _first(note))
    weakref.finalize(engine, _close, held)
    return engine


def _first(note: Callable[[Any], object]) -> Callable[[Any, Any], None]:
    def noted(connection: Any, _record: Any) -> None:
        note(connection)

    return noted


def _close(connections: set[Any]) -> None:
    for connection in tuple(connections):
        # A connection of another thread, or one that is lost, closes itself.
        with suppress(Exception):
            connection.close()
