"""The object store: content by its SHA-256, in a folder or in any store that fsspec reaches."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from anping.workspace.object_stores.cache import LIMIT, Cache
from anping.workspace.object_stores.folder import FolderObjects
from anping.workspace.object_stores.stored import Stored

#: Bytes of remote objects that are kept on this machine.
CACHE_BYTES = "ANPING_CACHE_BYTES"
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://|.*::")
_FILE = "file://"


class Objects(Protocol):
    """Content-addressed objects; ``location`` names the folder or URL."""

    @property
    def location(self) -> str:
        """The folder or URL, without any credential."""

    def put(self, source: Path) -> str:
        """Store a file's content and return its digest; storing it twice is harmless."""

    def get(self, digest: str, *, of: str) -> Path:
        """Return a local path of stored content, checked against its digest.

        Raises WorkspaceError if the content is missing or torn; ``of`` names the asset.
        """

    def read(self, digest: str, *, of: str) -> Iterator[bytes]:
        """Yield stored content in chunks; raises as :meth:`get` does, damage at the very end."""

    def is_whole(self, digest: str) -> bool:
        """Return whether the content is there and unharmed, here or in the store."""

    def find(self, digest: str) -> Stored | None:
        """Return what is stored under a digest, unread, or None."""

    def stored(self) -> Iterator[Stored]:
        """Yield everything in the store, in no order."""

    def discard(self, digest: str) -> None:
        """Remove an object; one that is gone already is no mistake."""


def open_objects(location: str | Path, *, scratch: Path) -> Objects:
    """Return the object store at a folder or URL (``s3://bucket/prefix``, ``memory://prefix``).

    ``scratch`` is a private local folder, where copies of remote objects are kept within
    ANPING_CACHE_BYTES. Raises WorkspaceError for an unusable location and MissingExtraError where
    a driver is missing; nothing is read yet.
    """
    if isinstance(location, Path) or not _URL.match(location):
        return FolderObjects(Path(location))
    if location.startswith(_FILE) and "::" not in location:
        return FolderObjects(Path(location.removeprefix(_FILE)))
    from anping.workspace.object_stores.remote import open_remote

    limit = os.environ.get(CACHE_BYTES, "")
    bytes_kept = int(limit) if limit.isdigit() else LIMIT
    return open_remote(location, cache=Cache(scratch / "objects", bytes_kept))


def settled(objects: Objects) -> str:
    """Return where objects lie in words that hold for every process: a whole path, or the URL."""
    if isinstance(objects, FolderObjects):
        return str(objects.folder.absolute())
    return objects.location
