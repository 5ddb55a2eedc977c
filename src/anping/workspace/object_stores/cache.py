"""Local copies of remote objects, by digest, private, bounded.

What was used within the grace period may still be read by a step, so it stays even beyond the
limit; the least recently used goes first.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from anping.core.digest import sha256_file
from anping.workspace.object_stores.folder import FolderObjects

LIMIT = 32 << 30
GRACE = 6 * 3600


@dataclass(frozen=True, slots=True)
class Cache:
    """A folder of at most ``limit`` bytes of objects, besides those used in ``grace`` seconds."""

    folder: Path
    limit: int = LIMIT
    grace: float = GRACE

    @property
    def _objects(self) -> FolderObjects:
        return FolderObjects(self.folder)

    @property
    def aside(self) -> Path:
        """Where copies are written before they are renamed."""
        return self._objects.aside

    def path(self, digest: str) -> Path:
        """Return where the copy lies or would lie."""
        return self._objects.path(digest)

    def has(self, digest: str) -> bool:
        """Return whether a whole copy is here; a torn one is removed."""
        path = self.path(digest)
        if not path.exists():
            return False
        if sha256_file(path) != digest:
            path.unlink(missing_ok=True)
            return False
        with suppress(OSError):
            path.touch()
        return True

    def keep(self, source: Path, digest: str) -> None:
        """Keep a copy of a file that was just stored, if there is room for it."""
        with suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._objects.place(source, digest)
        self.sweep()

    @contextmanager
    def sweeping(self) -> Iterator[None]:
        """Make the folder, and sweep after something was added."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        yield
        self.sweep()

    def sweep(self) -> None:
        """Remove the least recently used copies beyond the limit, and what killed runs left."""
        now = time.time()
        for left in self.aside.glob(".*.aside"):
            with suppress(OSError):
                if now - left.stat().st_mtime > self.grace:
                    left.unlink()
        held = sorted(self._objects.stored(), key=lambda each: each.modified)
        total = sum(each.size for each in held)
        for each in held:
            if total <= self.limit or now - each.modified.timestamp() < self.grace:
                break
            self._objects.discard(each.digest)
            total -= each.size
