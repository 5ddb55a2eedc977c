"""Starts a private PostgreSQL or MariaDB for tests, in a temporary folder, on a free port of loopback."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_SECONDS = 60


@contextmanager
def postgresql_server() -> Iterator[str]:
    """Yield ``postgresql://…`` of a new server with a superuser and the password ``geheim``."""
    binaries = _postgresql_binaries()
    if binaries is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("PostgreSQL is not installed")
    with _folder("postgres") as (folder, user):
        data, port = folder / "data", _free_port()
        password = folder / "password"
        password.write_text("geheim")
        password.chmod(0o644)
        _run(
            user,
            [binaries / "initdb", "-D", data, "-U", "reader", "-E", "UTF8", "--locale=C",
             "-A", "scram-sha-256", f"--pwfile={password}", "--no-sync"],
        )  # fmt: skip
        server = _start(
            user,
            [binaries / "postgres", "-D", data, "-p", str(port), "-k", folder, "-c", "fsync=off",
             "-c", "listen_addresses=127.0.0.1"],
            log=folder / "log",
        )  # fmt: skip
        try:
            _await(port)
            yield f"postgresql://reader:geheim@127.0.0.1:{port}/postgres"
        finally:
            _stop(server)


@contextmanager
def mariadb_server() -> Iterator[str]:
    """Yield ``mysql://…`` of a new server with an empty database ``clinic``."""
    server_binary = shutil.which("mariadbd", path="/usr/sbin:/usr/bin:/usr/local/bin")
    install = shutil.which("mariadb-install-db", path="/usr/bin:/usr/local/bin")
    if server_binary is None or install is None:
        pytest.skip("MariaDB is not installed")
    with _folder("mysql") as (folder, user):
        data, port = folder / "data", _free_port()
        prepare = folder / "prepare.sql"
        prepare.write_text(
            "CREATE DATABASE clinic;\nCREATE USER reader@'%' IDENTIFIED BY 'geheim';\n"
            "GRANT ALL ON clinic.* TO reader@'%';\n"
        )
        prepare.chmod(0o644)
        _run(
            user,
            [install, "--no-defaults", f"--datadir={data}", "--skip-test-db",
             "--auth-root-authentication-method=normal"],
        )  # fmt: skip
        server = _start(
            user,
            [server_binary, "--no-defaults", f"--datadir={data}", f"--port={port}",
             "--bind-address=127.0.0.1", f"--socket={folder / 'socket'}", f"--init-file={prepare}",
             "--skip-name-resolve", "--innodb-flush-log-at-trx-commit=0"],
            log=folder / "log",
        )  # fmt: skip
        try:
            _await(port)
            yield f"mysql://reader:geheim@127.0.0.1:{port}/clinic"
        finally:
            _stop(server)


def _postgresql_binaries() -> Path | None:
    found = [Path(path).parent for path in [shutil.which("initdb")] if path]
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in found if (folder / "postgres").exists()), None)


@contextmanager
def _folder(owner: str) -> Iterator[tuple[Path, str | None]]:
    """Yield a folder of the account that the server runs under: it refuses root."""
    folder = Path(tempfile.mkdtemp(prefix=f"anping-{owner}-"))
    user = None
    if os.getuid() == 0:
        known = {entry.pw_name for entry in pwd.getpwall()}
        user = next(name for name in (owner, "nobody") if name in known)
        shutil.chown(folder, user)
    try:
        yield folder, user
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(user: str | None, command: list[str | Path]) -> None:
    subprocess.run(command, user=user, check=True, capture_output=True, timeout=_SECONDS, cwd="/")


def _start(user: str | None, command: list[str | Path], *, log: Path) -> subprocess.Popen[bytes]:
    with log.open("wb") as stream:
        return subprocess.Popen(command, user=user, stdout=stream, stderr=stream, cwd="/")


def _stop(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    try:
        server.wait(timeout=20)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _await(port: int) -> None:
    for _ in range(_SECONDS * 10):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                time.sleep(0.5)
                return
        time.sleep(0.1)
    pytest.fail("the database server did not start")
