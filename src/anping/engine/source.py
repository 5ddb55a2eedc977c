"""Where data comes from: a file, a folder, a pattern, a database, or a place on the network.

A source is one text. It may stand in a pipeline file, in the ledger and in errors, so it never holds
a secret: a location that needs one is put into an environment variable and named ``env:NAME``.
"""

from __future__ import annotations

import os
import re
from pathlib import Path, PurePosixPath
from typing import Literal
from urllib.parse import parse_qsl, unquote, urlsplit, urlunsplit

from anping.core.errors import ParameterError
from anping.core.text import Text

SourceKind = Literal["local", "database", "remote"]

_ENVIRONMENT = "env:"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_SECRET = re.compile(
    r"pass|pwd|secret|token|credential|signature|(^|[-_])(sig|key|auth)|apikey|odbc_connect",
    re.IGNORECASE,
)

#: Protocols of fsspec that reach another machine. Those that read this machine's files or unpack
#: others (``file``, ``simplecache``, ``zip`` ...) are not among them, and new ones must be added.
REMOTE_PROTOCOLS = frozenset({
    "http", "https", "s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "adl", "oci", "oss", "ftp",
    "sftp", "ssh", "smb", "hdfs", "webhdfs", "dbfs", "hf",
})  # fmt: skip


def is_elsewhere(source: str) -> bool:
    """Return whether a source is a URL or ``env:NAME``, not a path on this machine."""
    chained = "::" in source and "://" in source
    if source.startswith(_ENVIRONMENT) or chained:
        return True
    return _URL.match(source) is not None and not source.lower().startswith("file://")


def kind_of(source: str) -> SourceKind:
    """Return what a source (as :func:`resolved` gives it) is."""
    if not is_elsewhere(source):
        return "local"
    return "remote" if "::" in source or _scheme(source) in REMOTE_PROTOCOLS else "database"


def local_path(source: str) -> Path:
    """Return the path that a local source means; a plain ``file://`` URL is one."""
    if source.lower().startswith("file://"):
        return Path(unquote(urlsplit(source).path))
    return Path(source)


def rooted_in(folder: Path, source: str) -> str:
    """Return the source as one that is relative to ``folder``: URLs and ``env:NAME`` stay."""
    return source if is_elsewhere(source) or "://" in source else str(folder / source)


def resolved(source: str) -> str:
    """Return the source itself, or for ``env:NAME`` the value of that environment variable.

    Raises ParameterError if the variable is not set or does not hold a URL.
    """
    if not source.startswith(_ENVIRONMENT):
        return source
    name = source.removeprefix(_ENVIRONMENT)
    value = os.environ.get(name, "")
    if _NAME.fullmatch(name) is None or not value:
        raise ParameterError(
            "parameter.source-unset",
            Text(
                "來源所指的環境變數沒有設定。",
                "The environment variable that the source names is not set.",
            ),
            hint=Text(
                "以 export 名稱=網址 設定後再執行；來源寫成 env:名稱。",
                "Set it with export NAME=URL and run again; the source is written env:NAME.",
            ),
        )
    if not is_elsewhere(value) or value.startswith(_ENVIRONMENT):
        raise ParameterError(
            "parameter.source-no-url",
            Text(
                "來源所指的環境變數不是網址。",
                "The environment variable that the source names does not hold a URL.",
            ),
            hint=Text(
                "例：postgresql://帳號:密碼@主機/資料庫。檔案路徑請直接寫。",
                "Such as postgresql://user:password@host/database. Write a file's path directly.",
            ),
        )
    return value


def holds_secret(source: str) -> bool:
    """Return whether a source has a password, a key or a signature in it."""
    if not is_elsewhere(source) or source.startswith(_ENVIRONMENT):
        return False
    parts = urlsplit(source)
    _, at, _ = parts.netloc.rpartition("@")
    names = [name for name, _ in parse_qsl(parts.query, keep_blank_values=True)]
    with_password = bool(at) and (
        ":" in parts.netloc.rpartition("@")[0] or _scheme(source) in REMOTE_PROTOCOLS
    )
    return with_password or any(_SECRET.search(name) for name in names)


def require_no_secret(source: str) -> None:
    """Raise ParameterError if a source holds a secret: it would be kept for good."""
    if holds_secret(source):
        raise ParameterError(
            "parameter.source-secret",
            Text("網址裡有密碼或金鑰。", "The URL holds a password or a key."),
            hint=Text(
                "把整個網址放進環境變數，來源寫成 env:名稱；帳本與紀錄不會留下它。",
                "Put the whole URL into an environment variable and write the source as env:NAME; "
                "the ledger and logs never keep it.",
            ),
        )


def shown(source: str) -> str:
    """Return a source as evidence and errors may name it: no user, password, query or local folder.

    A path is its base name, ``env:NAME`` stays as it is.
    """
    if source.startswith(_ENVIRONMENT):
        return source
    if not is_elsewhere(source):
        return local_path(source).name
    parts = urlsplit(source)
    host = parts.netloc.rpartition("@")[2]
    path = parts.path
    if not host and kind_of(source) == "database":
        path = f"/{PurePosixPath(path).name}"
    return urlunsplit((parts.scheme, host, path, "", "")) if host else f"{parts.scheme}://{path}"


def _scheme(source: str) -> str:
    return source.partition("://")[0].partition("+")[0].lower()
