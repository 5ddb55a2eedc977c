"""Objects in any store that fsspec reaches: S3, GCS, Azure, SFTP, HDFS and more.

*Put.* In stores whose put is atomic (an S3 object is whole or absent) there is one put; elsewhere
the upload goes to a name aside, which is moved when its size is right. Afterwards the size is read
back; that the bytes arrived is the driver's checksum in transit, and every read is digested.
*Get.* Content is fetched into a local cache and counts only when it has its digest.
Credentials are the driver's business (its environment variables and files); none is ever kept.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from anping.core.digest import sha256_file
from anping.core.errors import AnpingError, MissingExtraError
from anping.core.files import aside
from anping.core.text import Text
from anping.workspace.object_stores import refusals
from anping.workspace.object_stores.cache import Cache
from anping.workspace.object_stores.stored import Stored, is_digest

#: Stores where an object appears whole or not at all.
_ATOMIC = frozenset({"s3", "s3a", "gs", "gcs", "abfs", "abfss", "az", "adl", "memory"})
#: Two parts of 50 MiB in flight bound the memory of an upload.
_OPTIONS = {"s3": {"max_concurrency": 2}, "s3a": {"max_concurrency": 2}}
_UPLOAD = re.compile(r"\.[0-9a-f]{64}\.[0-9a-f]{12}\.aside")
_CHUNK = 1 << 20
#: An object put longer ago is put again when wanted, so that nobody who sweeps by age takes it.
_FRESH = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class RemoteObjects:
    """Content-addressed objects under one prefix of a remote file system."""

    location: str
    files: Any
    prefix: str
    scheme: str
    cache: Cache

    def _key(self, digest: str) -> str:
        return f"{self.prefix}/{digest[:2]}/{digest}"

    def put(self, source: Path) -> str:
        """Store a file's content and return its digest; storing it twice is harmless.

        Raises WorkspaceError if the store refuses, fails or holds another size afterwards.
        """
        digest = sha256_file(source)
        if not self._holds(digest):
            with self._told():
                if self.scheme in _ATOMIC:
                    self.files.put_file(str(source), self._key(digest))
                else:
                    self._put_aside(source, digest)
            kept = self.find(digest)
            if kept is None or kept.size != source.stat().st_size:
                raise refusals.not_kept(self.location)
        self.cache.keep(source, digest)
        return digest

    def _holds(self, digest: str) -> bool:
        kept = self.find(digest)
        if kept is None or datetime.now(UTC) - kept.modified > _FRESH:
            return False
        return self._reads_well(digest)

    def _reads_well(self, digest: str) -> bool:
        try:
            for _ in self.read(digest, of=digest):
                pass
        except AnpingError:
            return False
        return True

    def _put_aside(self, source: Path, digest: str) -> None:
        key = self._key(digest)
        folder, _, name = key.rpartition("/")
        temporary = f"{folder}/.{name}.{secrets.token_hex(6)}.aside"
        self.files.makedirs(folder, exist_ok=True)
        try:
            self.files.put_file(str(source), temporary)
            if self.files.size(temporary) != source.stat().st_size:
                raise refusals.not_kept(self.location)
            self.files.mv(temporary, key)
        finally:
            with suppress(FileNotFoundError):
                self.files.rm_file(temporary)

    def get(self, digest: str, *, of: str) -> Path:
        """Return a local path of stored content, checked against its digest.

        Raises WorkspaceError if the content is missing or torn, or the store does not answer.
        """
        path = self.cache.path(digest)
        if not self.cache.has(digest):
            with (
                refusals.told(str(self.cache.folder)),
                self.cache.sweeping(),
                aside(path, folder=self.cache.aside) as temporary,
            ):
                temporary.touch(mode=0o600)
                with temporary.open("wb") as stream:
                    for chunk in self.read(digest, of=of):
                        stream.write(chunk)
        return path

    def read(self, digest: str, *, of: str) -> Iterator[bytes]:
        """Yield stored content in chunks; raises as :meth:`get` does, damage at the very end."""
        state = hashlib.sha256()
        with (
            self._told(missing=refusals.missing(of, file=digest)),
            self.files.open(self._key(digest), "rb", cache_type="readahead") as stream,
        ):
            while chunk := bytes(stream.read(_CHUNK)):
                state.update(chunk)
                yield chunk
        if state.hexdigest() != digest:
            raise refusals.damaged(of, file=digest)

    def is_whole(self, digest: str) -> bool:
        """Return whether the content is there and unharmed; without a local copy it is read."""
        return self.cache.has(digest) or self._reads_well(digest)

    def find(self, digest: str) -> Stored | None:
        """Return what is stored under a digest, unread, or None."""
        try:
            with self._told():
                return _stored(digest, self.files.info(self._key(digest)))
        except FileNotFoundError:
            return None

    def stored(self) -> Iterator[Stored]:
        """Yield everything in the store, in no order."""
        try:
            with self._told():
                found = self.files.find(self.prefix, detail=True)
        except FileNotFoundError:
            return
        for key, information in found.items():
            name = str(key).rpartition("/")[2]
            if is_digest(name):
                yield _stored(name, information)

    def discard(self, digest: str) -> None:
        """Remove an object; one that is gone already is no mistake."""
        try:
            with self._told():
                self.files.rm_file(self._key(digest))
        except FileNotFoundError:
            return

    def sweep_uploads(self, *, before: datetime) -> int:
        """Remove uploads aside that were begun before a moment and never finished; return how many."""
        left = 0
        try:
            with self._told():
                for key, information in self.files.find(self.prefix, detail=True).items():
                    name = str(key).rpartition("/")[2]
                    begun = _stored(name, information).modified
                    if _UPLOAD.fullmatch(name) and begun < before:
                        self.files.rm_file(key)
                        left += 1
        except FileNotFoundError:
            return left
        return left

    @contextmanager
    def _told(self, missing: AnpingError | None = None) -> Iterator[None]:
        """Turn what the driver says into WorkspaceError; its words may hold keys and are left out."""
        try:
            yield
        except (AnpingError, GeneratorExit):
            raise
        except FileNotFoundError as error:
            if missing is None:
                raise
            raise missing from error
        except OSError as error:
            raise refusals.of_system(error, self.location) from error
        except Exception as error:
            # Every driver has exceptions of its own.
            raise refusals.unreachable(self.location, type(error).__name__) from error


def open_remote(location: str, *, cache: Cache) -> RemoteObjects:
    """Return the objects at a URL. Raises WorkspaceError, or MissingExtraError without its driver."""
    scheme, _, rest = location.partition("://")
    if "::" in location or not rest.strip("/") or "?" in rest or "#" in rest:
        raise refusals.bad_location("要有一個前綴，且不可串接", "it needs a prefix, and no chain")
    if "@" in rest.partition("/")[0]:
        raise refusals.bad_location("帳號密碼不可寫在網址裡", "a URL may hold no user or password")
    try:
        from fsspec.core import url_to_fs
    except ImportError as error:
        raise _missing(scheme) from error
    try:
        files, prefix = url_to_fs(
            location.rstrip("/"), use_listings_cache=False, **_OPTIONS.get(scheme, {})
        )
    except ImportError as error:
        raise _missing(scheme) from error
    except ValueError as error:
        raise refusals.bad_location(
            f"不認得「{scheme}://」", f"“{scheme}://” is not known"
        ) from error
    except Exception as error:
        raise refusals.unreachable(location, type(error).__name__) from error
    return RemoteObjects(location.rstrip("/"), files, str(prefix).rstrip("/"), scheme, cache)


def _missing(scheme: str) -> MissingExtraError:
    return MissingExtraError.of(
        "remote", needed_for=Text(f"物件庫 {scheme}://", f"An object store at {scheme}://")
    )


def _stored(digest: str, information: dict[str, Any]) -> Stored:
    size = information.get("size")
    for name in ("LastModified", "last_modified", "mtime", "updated", "created"):
        moment = information.get(name)
        if isinstance(moment, datetime):
            return Stored(digest, int(size or 0), moment.astimezone(UTC))
        if isinstance(moment, int | float):
            return Stored(digest, int(size or 0), datetime.fromtimestamp(moment, UTC))
    # A store that tells no time: as old as can be, so that a put refreshes it and nobody
    # may call it new.
    return Stored(digest, int(size or 0), datetime.fromtimestamp(0, UTC))
