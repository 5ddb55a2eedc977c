"""Bytes are digested beside the work on them: hashing runs in a thread while the caller goes on."""

from __future__ import annotations

import hashlib
from concurrent.futures import Future, ThreadPoolExecutor

#: Fewer bytes are hashed at once: handing them over would cost more.
_LITTLE = 1 << 20


class Digest:
    """The SHA-256 of chunks of bytes, in their order."""

    def __init__(self) -> None:
        self._state = hashlib.sha256()
        self._thread: ThreadPoolExecutor | None = None
        self._waiting: Future[None] | None = None

    def update(self, chunk: bytes | memoryview) -> None:
        """Digest a chunk; at most one waits while the caller goes on."""
        self._settle()
        if len(chunk) < _LITTLE:
            self._state.update(chunk)
            return
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1)
        self._waiting = self._thread.submit(self._state.update, chunk)

    def hexdigest(self) -> str:
        """Return the digest of all chunks so far, in hex."""
        self._settle()
        return self._state.hexdigest()

    def close(self) -> None:
        """End the thread, if there is one."""
        self._settle()
        if self._thread is not None:
            self._thread.shutdown()
            self._thread = None

    def _settle(self) -> None:
        if self._waiting is not None:
            self._waiting.result()
            self._waiting = None
