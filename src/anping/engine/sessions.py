"""A database is read in one read-only transaction that sees one moment; nothing in it is changed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    InvalidRequestError,
    NoSuchModuleError,
    SQLAlchemyError,
)
from sqlalchemy.pool import NullPool

from anping.core.errors import AnpingError, InputError, MissingExtraError, ParameterError, Where
from anping.core.text import Text
from anping.engine.source import shown

_SECONDS_TO_CONNECT = 15
_DRIVERS = {
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
}
_EXTRAS = {"postgresql": "postgres", "mysql": "mysql", "mariadb": "mysql"}
_AS_TEXT = ("date", "timestamp", "timestamptz", "interval", "time", "timetz", "json", "jsonb")
_POSTGRES_SESSION = (
    "SET client_encoding TO 'UTF8'",
    "SET datestyle TO 'ISO'",
    "SET intervalstyle TO 'iso_8601'",
    "SET timezone TO 'UTC'",
    "SET default_transaction_read_only TO on",
)


@contextmanager
def snapshot(url: str) -> Iterator[sa.Connection]:
    """Yield a connection within one read-only transaction; roll it back afterwards.

    PostgreSQL, MySQL and MariaDB: REPEATABLE READ, READ ONLY. SQLite: ``query_only``, one read
    transaction. Others: REPEATABLE READ where the driver has it, and never a commit. Raises
    InputError if the database cannot be reached or the account is refused, MissingExtraError for a
    missing driver. No message holds a password.
    """
    parsed = _parsed(url)
    place = Where(file=shown(url))
    engine = _engine(parsed)
    try:
        with _told(place):
            connection = _begun(engine)
        try:
            yield connection
        except BaseException:
            # The server ends a transaction whose connection closes; what it still sends is dropped.
            with suppress(SQLAlchemyError):
                connection.invalidate()
            raise
        finally:
            with suppress(SQLAlchemyError):
                connection.rollback()
            with suppress(SQLAlchemyError):
                connection.close()
    finally:
        engine.dispose()


def failure(error: Exception, place: Where) -> AnpingError:
    """Return our error for a driver's, by its code; its text may hold values, so it is not kept."""
    cause = getattr(error, "orig", None) or error
    state = str(getattr(cause, "sqlstate", None) or "")
    number = cause.args[0] if cause.args and isinstance(cause.args[0], int) else None
    said = str(cause).lower()
    if getattr(error, "connection_invalidated", False) or state[:2] == "57" or number in _LOST:
        return _error("input.database-lost", place, state)
    code = next(
        (code for code, states, numbers, _ in _FAILURES if state in states or number in numbers),
        None,
    ) or next(
        (code for code, *_, words in _FAILURES if any(word in said for word in words)),
        "input.database-refused",
    )
    return _error(code, place, state or str(number or ""))


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise _bad_url() from None
    name = _DRIVERS.get(parsed.drivername, parsed.drivername)
    if parsed.get_backend_name() == "sqlite":
        file = parsed.database or ""
        if (
            not file
            or file == ":memory:"
            or (not file.startswith("file:") and not Path(file).is_file())
        ):
            raise _error("input.database-missing", Where(file=shown(url)))
    return parsed.set(drivername=name)


def _engine(url: URL) -> sa.Engine:
    backend = url.drivername.partition("+")[0]
    try:
        engine = sa.create_engine(url, poolclass=NullPool, connect_args=_arguments(url))
    except NoSuchModuleError:
        raise _bad_url() from None
    except ImportError as error:
        extra = _EXTRAS.get(backend)
        if extra is None:
            raise _no_driver(str(error.name or backend)) from None
        needed = Text(f"讀取 {backend} 資料庫", f"Reading a {backend} database")
        raise MissingExtraError.of(extra, needed_for=needed) from None
    except (ArgumentError, InvalidRequestError, TypeError):
        raise _bad_url() from None
    if engine.dialect.is_async:
        raise _bad_url()
    prepare = _PREPARE.get(engine.dialect.name)
    if prepare is not None:
        sa.event.listen(engine, "connect", prepare)
    return engine


def _arguments(url: URL) -> dict[str, Any]:
    driver = url.drivername.partition("+")[2]
    if driver in {"psycopg", "pymysql"} and "connect_timeout" not in url.query:
        return {"connect_timeout": _SECONDS_TO_CONNECT}
    return {}


def _begun(engine: sa.Engine) -> sa.Connection:
    connection = engine.connect()
    name = engine.dialect.name
    try:
        if name == "postgresql":
            connection = connection.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
        elif name in {"mysql", "mariadb"}:
            connection.exec_driver_sql("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            connection.exec_driver_sql("SET SESSION TRANSACTION READ ONLY")
            connection.exec_driver_sql("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
        elif name != "sqlite":
            connection = _isolated(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _isolated(connection: sa.Connection) -> sa.Connection:
    try:
        return connection.execution_options(isolation_level="REPEATABLE READ")
    except (ArgumentError, NotImplementedError):
        return connection


def _prepare_postgres(connection: Any, _record: Any) -> None:
    from psycopg.types.string import TextLoader

    # As text, dates before year 1 and after 9999, infinity, months in intervals and the digits of
    # JSON numbers arrive as the server writes them; as Python values they raise or lose something.
    for name in _AS_TEXT:
        connection.adapters.register_loader(name, TextLoader)
    with connection.cursor() as cursor:
        for statement in _POSTGRES_SESSION:
            cursor.execute(statement)
    connection.commit()


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
    connection.execute("PRAGMA query_only=ON")


_PREPARE: Mapping[str, Callable[[Any, Any], None]] = {
    "postgresql": _prepare_postgres,
    "sqlite": _prepare_sqlite,
}


@contextmanager
def _told(place: Where) -> Iterator[None]:
    try:
        yield
    except ImportError:
        raise _no_driver("") from None
    except (DBAPIError, OSError, UnicodeError) as error:
        raise failure(error, place) from None


_LOST = frozenset({2006, 2013, 2055})
_FAILURES: tuple[tuple[str, frozenset[str], frozenset[int], tuple[str, ...]], ...] = (
    (
        "input.database-login", frozenset({"28P01", "28000"}), frozenset({1045, 1698}),
        ("password authentication failed", "no password supplied", "access denied for user"),
    ),
    (
        "input.database-missing", frozenset({"3D000"}), frozenset({1049, 1044}),
        ("unable to open database", "unknown database", 'database "'),
    ),
    (
        "input.database-forbidden", frozenset({"42501", "25006"}), frozenset({1142, 1143, 1792}),
        ("permission denied", "readonly database"),
    ),
    (
        "input.database-lost", frozenset({"08003", "08006"}), frozenset(),
        ("server closed the connection", "terminating connection", "lost connection",
         "consuming input failed"),
    ),
    (
        "input.database-unreachable", frozenset({"08001", "08004"}), frozenset({2002, 2003, 2005}),
        ("connection refused", "could not translate host", "timeout", "name or service",
         "no route", "failed to resolve", "connection failed", "can't connect"),
    ),
    (
        "input.database-damaged", frozenset(), frozenset(),
        ("not a database", "malformed", "disk image"),
    ),
)  # fmt: skip
_TEXTS: Mapping[str, tuple[Text, Text]] = {
    "input.database-unreachable": (
        Text("連不上資料庫。", "The database cannot be reached."),
        Text("請檢查主機、連接埠與網路。", "Check the host, the port and the network."),
    ),
    "input.database-login": (
        Text("資料庫不接受這個帳號或密碼。", "The database refuses the account or its password."),
        Text("請檢查環境變數裡的帳號與密碼。", "Check the account and password in the URL's variable."),
    ),
    "input.database-missing": (
        Text("沒有這個資料庫。", "There is no such database."),
        Text("請檢查網址最後的資料庫名稱或檔案路徑。", "Check the database's name or file at the end of the URL."),
    ),
    "input.database-forbidden": (
        Text("這個帳號不可讀取，或查詢想要寫入。", "The account may not read this, or the query tried to write."),
        Text("請給帳號 SELECT 權限；查詢只能讀取。", "Grant the account SELECT; a query may only read."),
    ),
    "input.database-lost": (
        Text("與資料庫的連線中斷，什麼都沒有寫入。", "The connection was lost; nothing was written."),
        Text("請再執行一次。", "Run it again."),
    ),
    "input.database-damaged": (
        Text("這不是資料庫檔，或已損壞。", "This is no database file, or it is damaged."),
        Text("請檢查路徑，或從備份還原。", "Check the path, or restore it from a backup."),
    ),
    "input.database-refused": (
        Text("資料庫拒絕了這個查詢。", "The database refused the query."),
        Text("請先在資料庫的工具裡試這個查詢。", "Try the query in the database's own tool first."),
    ),
}  # fmt: skip
_STATE = re.compile(r"[0-9A-Z]{4,5}")


def _error(code: str, place: Where, state: str = "") -> InputError:
    what, hint = _TEXTS[code]
    if _STATE.fullmatch(state):
        hint = Text(f"{hint.zh}資料庫的代碼：{state}。", f"{hint.en} The database's code: {state}.")
    return InputError(code, what, where=place, hint=hint)


def _bad_url() -> ParameterError:
    return ParameterError(
        "parameter.source-url",
        Text("看不懂這個資料來源的網址。", "The source's URL cannot be understood."),
        hint=Text(
            "例：postgresql://主機/資料庫、mysql://主機/資料庫、sqlite:///檔案、s3://桶/檔案、https://…",
            "Such as postgresql://host/database, mysql://host/database, sqlite:///file, "
            "s3://bucket/key, https://…; asynchronous drivers are not used.",
        ),
    )


def _no_driver(module: str) -> ParameterError:
    named = module or "DB-API"
    return ParameterError(
        "parameter.source-driver",
        Text(
            f"沒有安裝這種資料庫的驅動程式（{named}）。",
            f"The driver of this kind of database ({named}) is not installed.",
        ),
        hint=Text(
            "依 SQLAlchemy 文件以 pip 安裝該資料庫的驅動程式。",
            "Install the database's driver with pip, as SQLAlchemy's documentation says.",
        ),
    )
