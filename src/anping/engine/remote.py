"""Files on the network are fetched whole, digested on the way, then read as any file is.

::

    from anping.engine.remote import fetch
    files = fetch("s3://bucket/visits/*.csv", Path("aside"))
    files[0].path, files[0].sha256

S3 and its likes, HTTP(S) and the other protocols of :data:`anping.engine.source.REMOTE_PROTOCOLS`
by fsspec. Credentials come from where each protocol's own tools look for them (``AWS_PROFILE``,
``AWS_ENDPOINT_URL`` ...) and are never recorded. A chained URL (``simplecache::file:///…``) and a
redirect to another scheme are refused: either could make this machine read what it should not.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any
from urllib.parse import unquote, urlsplit

from anping.core.digest import sha256
from anping.core.errors import AnpingError, InputError, MissingExtraError, ParameterError, Where
from anping.core.progress import Progress, silent
from anping.core.text import Text
from anping.engine.source import REMOTE_PROTOCOLS, shown

#: No more bytes than these are fetched for one source.
MOST_BYTES = 64 << 30
_MOST_FILES = 10_000
_CHUNK = 8 << 20
_LONGEST_NAME = 120
_FETCHING = Text("下載檔案", "Fetching the files")
_WEB = frozenset({"http", "https"})
_SECONDS_TO_CONNECT = 30
_SECONDS_OF_SILENCE = 120


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file that was fetched: where it lies now, what it was called, and facts about its bytes.

    ``url`` is redacted. ``etag`` is what the store calls this version, None where it says nothing.
    """

    path: Path
    url: str
    sha256: str
    bytes: int
    etag: str | None = None


def fetch(
    url: str, folder: Path, *, most_bytes: int = MOST_BYTES, progress: Progress = silent
) -> tuple[Fetched, ...]:
    """Fetch a file, the files of a pattern, or those directly in a prefix (``…/``) into ``folder``.

    Files come in the order of their names, readable by their owner only; names beginning with a dot
    or an underscore are passed over in patterns. ``progress`` is told bytes.

    Raises InputError if nothing is there, it may not be read, cannot be reached, breaks off, changes
    meanwhile or is more than ``most_bytes``; ParameterError for a URL that is not plain;
    MissingExtraError without the extra ``remote``.
    """
    place = Where(file=shown(url))
    _require_plain(url)
    system, location = _opened(url)
    found: list[Fetched] = []
    done = 0
    try:
        for number, each in enumerate(_matching(system, location, url)):
            target = folder / f"{number:04d}" / _file_name(each)
            meter = _Meter(done, most_bytes, place, progress)
            found.append(_fetched(system, each, target, meter))
            done += found[-1].bytes
    except AnpingError:
        raise
    except Exception as error:  # noqa: BLE001 - each protocol's library raises errors of its own
        raise _failure(error, place) from None
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Meter:
    """How much was fetched before this file, and how much may be in all."""

    before: int
    most: int
    place: Where
    progress: Progress

    def count(self, here: int, total: int | None) -> None:
        if self.before + here > self.most:
            raise _error("input.remote-too-big", self.place)
        self.progress(_FETCHING, here, total)


def _require_plain(url: str) -> None:
    scheme = url.partition("://")[0].lower()
    if "::" in url or scheme not in REMOTE_PROTOCOLS:
        raise ParameterError(
            "parameter.source-chained",
            Text(
                "只接受單純的網址；不接受串接的或指向本機的。",
                "Only a plain URL is taken, not a chained one or one that points to this machine.",
            ),
            hint=Text(
                f"可用的協定：{'、'.join(sorted(REMOTE_PROTOCOLS))}。本機的檔案請直接寫路徑。",
                f"Protocols: {', '.join(sorted(REMOTE_PROTOCOLS))}. Write a local file as its path.",
            ),
        )


def _opened(url: str) -> tuple[Any, str]:
    needed = Text("讀取網路上的檔案", "Reading files on the network")
    scheme = url.partition("://")[0].lower()
    try:
        from fsspec.core import url_to_fs

        options: dict[str, Any] = {"skip_instance_cache": True, "use_listings_cache": False}
        if scheme in _WEB:
            options["client_kwargs"] = _client_options()
        system, location = url_to_fs(url, **options)
    except ImportError as error:
        if scheme in {*_WEB, "s3", "s3a"}:
            raise MissingExtraError.of("remote", needed_for=needed) from None
        raise _no_library(scheme, str(error.name or scheme)) from None
    except (ValueError, TypeError, OSError) as error:
        raise _failure(error, Where(file=shown(url))) from None
    return system, location


def _client_options() -> dict[str, Any]:
    import aiohttp

    watch = aiohttp.TraceConfig()
    watch.on_request_redirect.append(_stay_with_scheme)
    timeout = aiohttp.ClientTimeout(
        total=None, sock_connect=_SECONDS_TO_CONNECT, sock_read=_SECONDS_OF_SILENCE
    )
    return {"trace_configs": [watch], "timeout": timeout}


class _LeftSchemeError(Exception):
    """A redirect leaves HTTPS, or the web."""


async def _stay_with_scheme(_session: Any, _context: Any, told: Any) -> None:
    """Refuse a redirect that leaves the scheme; from HTTP to HTTPS is an improvement."""
    given = told.response.headers.get("Location") or told.response.headers.get("URI") or ""
    target = urlsplit(given).scheme.lower() or told.url.scheme
    if target != told.url.scheme and (told.url.scheme, target) != ("http", "https"):
        raise _LeftSchemeError


def _matching(system: Any, location: str, url: str) -> Iterator[str]:
    if urlsplit(url).scheme.lower() in _WEB:
        yield location
        return
    pattern = f"{location.rstrip('/')}/*" if url.endswith("/") else location
    if not any(letter in pattern for letter in "*?["):
        yield location
        return
    listed = system.glob(pattern, detail=True)
    files = sorted(name for name, facts in listed.items() if facts.get("type") == "file")
    files = [name for name in files if PurePosixPath(name).name[:1] not in {".", "_"}]
    if not files:
        raise FileNotFoundError
    if len(files) > _MOST_FILES:
        raise _error("input.remote-too-big", Where(file=shown(url)))
    yield from files


def _file_name(location: str) -> str:
    """Return a safe name for the local file that keeps the suffixes by which a format is known."""
    path = urlsplit(location).path if _is_web(location) else location
    name = unquote(PurePosixPath(path).name)
    name = "".join(letter for letter in name if letter.isprintable() and letter not in '/\\:*?"<>|')
    if not name.strip(". ") or len(name.encode()) > _LONGEST_NAME:
        suffixes = "".join(PurePosixPath(name).suffixes[-2:])[-20:] if name.strip(". ") else ""
        return f"{sha256(location.encode())[:16]}{suffixes}"
    return name.lstrip(".")


def _fetched(system: Any, location: str, target: Path, meter: _Meter) -> Fetched:
    facts = _facts(system, location)
    total = facts.get("size")
    state, here = hashlib.sha256(), 0
    meter.count(total or 0, total)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # Block size 0 is one streamed answer over HTTP; other stores are read range by range.
    how = {"block_size": 0 if _is_web(location) else _CHUNK}
    with closing(system.open(location, "rb", **how)) as stream, _private(target) as into:
        while chunk := stream.read(_CHUNK):
            here += len(chunk)
            meter.count(here, total)
            state.update(chunk)
            into.write(chunk)
    after = _facts(system, location)
    if any(facts.get(fact) != after.get(fact) for fact in ("ETag", "size")):
        raise _error("input.changed-while-reading", meter.place)
    tag = facts.get("ETag")
    full = location if _is_web(location) else f"{_protocol(system)}://{location}"
    return Fetched(target, shown(full), state.hexdigest(), here, None if tag is None else str(tag))


def _private(target: Path) -> IO[bytes]:
    return os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _is_web(location: str) -> bool:
    return location.startswith(("http://", "https://"))


def _facts(system: Any, location: str) -> dict[str, Any]:
    """Return what the store says of a file; a web server may say nothing before it is asked for it."""
    try:
        system.invalidate_cache()
        found: dict[str, Any] = dict(system.info(location))
    except FileNotFoundError:
        if _is_web(location):
            return {}
        raise
    if found.get("type") == "directory":
        raise FileNotFoundError
    # Over HTTP the size is that of the compressed answer, which need not be the file's.
    return {"ETag": found.get("ETag")} if _is_web(location) else found


def _protocol(system: Any) -> str:
    protocol = system.protocol
    return str(protocol if isinstance(protocol, str) else protocol[0])


_TEXTS = {
    "input.remote-missing": (
        Text("那裡沒有這個檔案。", "There is no such file there."),
        Text("請檢查網址、桶名與檔名樣式。", "Check the URL, the bucket and the pattern."),
    ),
    "input.remote-forbidden": (
        Text("沒有權限讀取這個來源。", "This source may not be read."),
        Text(
            "請檢查憑證（如 AWS_PROFILE）；需要密碼的網址請用 env:名稱。",
            "Check the credentials (such as AWS_PROFILE); a URL with a password goes into env:NAME.",
        ),
    ),
    "input.remote-redirect": (
        Text("伺服器要轉往另一種協定，已拒絕。", "The server redirects to another scheme; refused."),
        Text("請直接寫最終的網址。", "Write the final URL."),
    ),
    "input.remote-too-big": (
        Text("來源比允許的還大。", "The source is larger than allowed."),
        Text("請分批收進，或縮小檔名樣式。", "Take it in by parts, or narrow the pattern."),
    ),
    "input.changed-while-reading": (
        Text("讀取期間檔案被改動。", "The file was changed while it was read."),
        Text("待寫入完成後再讀一次。", "Read it again when nothing writes to it."),
    ),
    "input.remote-unreachable": (
        Text("連不上來源，或傳到一半中斷。", "The source cannot be reached, or broke off."),
        Text("請檢查網路後再執行一次；什麼都沒有寫入。", "Check the network and run it again; nothing was written."),
    ),
}  # fmt: skip


def _error(code: str, place: Where) -> InputError:
    what, hint = _TEXTS[code]
    return InputError(code, what, where=place, hint=hint)


def _failure(error: Exception, place: Where) -> AnpingError:
    """Return our error; the library's text may hold a signed URL, so it is not kept."""
    causes = [*_causes(error)]
    names = " ".join(type(cause).__name__.lower() for cause in causes)
    statuses = {getattr(cause, "status", None) for cause in causes}
    if "leftscheme" in names or "redirect" in names:
        return _error("input.remote-redirect", place)
    if any(isinstance(cause, PermissionError) for cause in causes) or "credentials" in names:
        return _error("input.remote-forbidden", place)
    if statuses & {401, 403, 407}:
        return _error("input.remote-forbidden", place)
    # fsspec calls every failure of a web server a missing file; the answer's status says more.
    missing = isinstance(error, FileNotFoundError) and not (statuses - {None, 404, 410})
    unreachable = "connector" in names or "timeout" in names or "payload" in names
    if missing and not unreachable:
        return _error("input.remote-missing", place)
    return _error("input.remote-unreachable", place)


def _causes(error: BaseException) -> Iterator[BaseException]:
    at: BaseException | None = error
    for _ in range(10):
        if at is None:
            return
        yield at
        at = at.__cause__ or at.__context__


def _no_library(scheme: str, module: str) -> ParameterError:
    return ParameterError(
        "parameter.source-driver",
        Text(
            f"讀取 {scheme}:// 需要尚未安裝的程式庫（{module}）。",
            f"Reading {scheme}:// needs a library ({module}) that is not installed.",
        ),
        hint=Text(
            "依 fsspec 文件以 pip 安裝。", "Install it with pip, as fsspec's documentation says."
        ),
    )
