"""One private PostgreSQL per session of tests, and a fresh schema for each that asks.

The server lies in a folder of its own, speaks through a Unix socket only, and ends with the session.
Without PostgreSQL a test is skipped; where ``CI`` is set it fails.
"""

from __future__ import annotations

import atexit
import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import quote

import pytest
import sqlalchemy as sa

_OWNER = "anping"
_PORT = 5432


@dataclass(frozen=True)
class Server:
    """A running PostgreSQL. ``folder`` holds its data and its socket."""

    folder: Path
    binaries: Path

    def start(self) -> None:
        """Start it and wait until it answers; after a crash it recovers first."""
        options = (
            f"-k {self.folder} -p {_PORT} -c listen_addresses='' -c fsync=off -c max_connections=60"
        )
        self._control("-o", options, "-l", str(self.folder / "log"), "start")

    def stop(self, how: str = "immediate") -> None:
        """Stop it: ``immediate`` as in a crash, ``fast`` in order."""
        self._control("-m", how, "stop")

    def url(self, schema: str = "public") -> str:
        """Return the URL of a schema."""
        where = f"host={quote(str(self.folder), safe='')}&port={_PORT}"
        return f"postgresql://{_OWNER}@/postgres?{where}&options=-csearch_path%3D{schema}"

    def run(self, statement: str) -> list[tuple[object, ...]]:
        """Run one statement as the administrator, in its own connection."""
        engine = sa.create_engine(
            self.url().replace("://", "+psycopg://", 1), poolclass=sa.pool.NullPool
        )
        with engine.begin() as connection:
            result = connection.exec_driver_sql(statement)
            return [tuple(row) for row in result] if result.returns_rows else []

    def make_schema(self) -> str:
        """Make an empty schema and return its name."""
        name = f"t{secrets.token_hex(6)}"
        self.run(f"CREATE SCHEMA {name}")
        return name

    def cut(self, schema: str) -> int:
        """End every connection made with the URL of this schema; return how many."""
        ended = self.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            f"WHERE pid <> pg_backend_pid() AND application_name = '{schema}'"
        )
        return len(ended)

    def _control(self, *arguments: str) -> None:
        _as_server(
            [str(self.binaries / "pg_ctl"), "-D", str(self.folder / "data"), "-w", *arguments]
        )


def postgresql() -> Server:
    """Return the session's server, started when it is first asked for."""
    try:
        return _server()
    except FileNotFoundError as error:
        if os.environ.get("CI"):
            pytest.fail(f"CI must have PostgreSQL (apt-get install postgresql): {error}")
        pytest.skip(f"PostgreSQL is not installed: {error}")


def postgresql_url() -> str:
    """Return the URL of a new, empty schema; the application's name is the schema's, for cutting."""
    server = postgresql()
    schema = server.make_schema()
    return f"{server.url(schema)}&application_name={schema}"


def schema_of(url: str) -> str:
    """Return the schema that a URL of :func:`postgresql_url` names."""
    return str(sa.make_url(url).query["application_name"])


@cache
def _server() -> Server:
    binaries = _binaries()
    folder = Path(tempfile.mkdtemp(prefix="anping-pg-"))
    if os.geteuid() == 0:
        account = pwd.getpwnam(_account())
        os.chown(folder, account.pw_uid, account.pw_gid)
    server = Server(folder, binaries)
    _as_server(
        [
            str(binaries / "initdb"), "-D", str(folder / "data"), "-U", _OWNER,
            "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync",
        ]
    )  # fmt: skip
    server.start()
    atexit.register(_end, server)
    return server


def _end(server: Server) -> None:
    server.stop()
    shutil.rmtree(server.folder, ignore_errors=True)


def _binaries() -> Path:
    # Debian puts wrappers into /usr/bin, but not these two.
    found = [Path(path).parent for path in (shutil.which("initdb"),) if path]
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in found:
        if all((folder / name).exists() for name in ("initdb", "pg_ctl")):
            return folder
    raise FileNotFoundError("initdb")


def _account() -> str:
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _as_server(command: list[str]) -> None:
    # PostgreSQL refuses to run as root.
    account = _account() if os.geteuid() == 0 else None
    subprocess.run(
        command,
        check=True,
        cwd="/",
        user=account,
        group=None if account is None else pwd.getpwnam(account).pw_gid,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
