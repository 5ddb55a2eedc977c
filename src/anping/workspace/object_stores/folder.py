"""Objects as files in one folder, written aside and renamed."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from anping.core.digest import sha256_file
from anping.core.files import aside
from anping.workspace.object_stores import refusals
from anping.workspace.object_stores.stored import Stored, is_digest

_CHUNK = 1 << 20
#: Where objects are written before they are renamed: one place to sweep.
_ASIDE = "aside"


@dataclass(frozen=True, slots=True)
class FolderObjects:
    """Content-addressed files under one folder."""

    folder: Path

    @property
    def location(self) -> str:
        """The folder."""
        return str(self.folder)

    @property
    def aside(self) -> Path:
        """Where objects are written before they are renamed."""
        return self.folder / _ASIDE

    def path(self, digest: str) -> Path:
        """Return where the content with this digest lies or would lie."""
        return self.folder / digest[:2] / digest

    def put(self, source: Path) -> str:
        """Store a file's content and return its digest; storing it twice is harmless.

        Raises WorkspaceError if the disk is full or the folder may not be written.
        """
        digest = sha256_file(source)
        self.place(source, digest)
        return digest

    def place(self, source: Path, digest: str) -> None:
        """Store a file whose digest is known; raises as :meth:`put` does."""
        target = self.path(digest)
        with refusals.told(self.location):
            if target.exists() and sha256_file(target) == digest:
                # Whoever sweeps by age must see that it was wanted just now.
                os.utime(target)
                return
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with aside(target, folder=self.aside) as temporary:
                _link_or_copy(source, temporary)
                temporary.chmod(0o600)

    def get(self, digest: str, *, of: str) -> Path:
        """Return the path of stored content, checked against its digest.

        Raises WorkspaceError if the content is missing or torn.
        """
        path = self.path(digest)
        with refusals.told(self.location):
            try:
                found = sha256_file(path)
            except FileNotFoundError as error:
                raise refusals.missing(of, file=path.name) from error
        if found != digest:
            raise refusals.damaged(of, file=path.name)
        return path

    def read(self, digest: str, *, of: str) -> Iterator[bytes]:
        """Yield stored content in chunks; raises as :meth:`get` does, damage at the very end."""
        path = self.path(digest)
        state = hashlib.sha256()
        with refusals.told(self.location):
            try:
                stream = path.open("rb")
            except FileNotFoundError as error:
                raise refusals.missing(of, file=path.name) from error
            with stream:
                while chunk := stream.read(_CHUNK):
                    state.update(chunk)
                    yield chunk
        if state.hexdigest() != digest:
            raise refusals.damaged(of, file=path.name)

    def is_whole(self, digest: str) -> bool:
        """Return whether the content is there and matches its digest."""
        try:
            return sha256_file(self.path(digest)) == digest
        except OSError:
            return False

    def find(self, digest: str) -> Stored | None:
        """Return what is stored under a digest, unread, or None."""
        path = self.path(digest)
        with refusals.told(self.location):
            try:
                status = path.stat()
            except FileNotFoundError:
                return None
        return Stored(digest, status.st_size, datetime.fromtimestamp(status.st_mtime, UTC))

    def stored(self) -> Iterator[Stored]:
        """Yield everything in the store, in no order; files being written are passed over."""
        for path in self.folder.glob("??/*"):
            found = self.find(path.name) if is_digest(path.name) else None
            if found is not None:
                yield found

    def discard(self, digest: str) -> None:
        """Remove an object; one that is gone already is no mistake."""
        with refusals.told(self.location):
            self.path(digest).unlink(missing_ok=True)


def _link_or_copy(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
