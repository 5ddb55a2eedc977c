"""Decisions on their way to disk: none is told to anybody before it is written.

Two promises (``Durability``). *process*: a record is with the operating system before the reply is
sent, so that killing the server loses nothing, and on the disk at most ``flush`` seconds later; only
a failing machine loses those. *disk*: the reply waits until the record is on the disk; records that
come while the disk works go together (group commit).
"""

from __future__ import annotations

import asyncio
import errno
import os
import secrets
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from anping.core.digest import canonical_json
from anping.run.serving.holding import hold
from anping.run.serving.segment import SUFFIX, first_line

Durability = Literal["process", "disk"]
#: Where there is no such thing, a file's times are brought to the disk, too.
_sync = getattr(os, "fdatasync", os.fsync)


@dataclass(frozen=True, slots=True)
class Spooling:
    """Where and how decisions are kept until they are sealed.

    A segment ends after ``records`` lines or ``seconds``, whichever comes first.
    """

    folder: Path
    name: str
    durability: Durability = "process"
    flush: float = 0.05
    records: int = 10_000
    seconds: float = 300.0


@dataclass(eq=False)
class _Open:
    """The segment that is being written."""

    id: str
    path: Path
    descriptor: int
    began: float
    lines: int = 0


@dataclass(eq=False)
class Spool:
    """The one writer of a server's decisions; ``ended`` hears of every segment that is complete.

    ``append`` is for the event loop; a thread of its own waits for the disk. ``ended`` is called
    there and must return at once.
    """

    asked: Spooling
    ended: Callable[[Path], None]
    _open: _Open | None = None
    _waiting: list[asyncio.Future[None]] = field(default_factory=list)
    _old: list[_Open] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _wake: threading.Event = field(default_factory=threading.Event)
    _stop: bool = False
    _dirty: bool = False
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Make the folder, and start the thread that waits for the disk."""
        self.asked.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._thread = threading.Thread(target=self._flushing, name="decisions", daemon=True)
        self._thread.start()

    async def append(self, records: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
        """Write records and return their ids, once they are as safe as was promised.

        Raises OSError where they cannot be written; the request must then fail.
        """
        ids, lines = [], []
        with self._lock:
            if self._stop:
                raise OSError(errno.ESHUTDOWN, os.strerror(errno.ESHUTDOWN))
            segment = self._current()
            for at, record in enumerate(records, segment.lines):
                ids.append(f"{segment.id}-{at:06d}")
                lines.append(canonical_json({**record, "id": ids[-1]}) + b"\n")
            _write(segment.descriptor, b"".join(lines))
            segment.lines += len(lines)
            self._dirty = True
            waiting = None
            if self.asked.durability == "disk":
                waiting = asyncio.get_running_loop().create_future()
                self._waiting.append(waiting)
            if segment.lines >= self.asked.records:
                self._end()
        if waiting is not None:
            self._wake.set()
            await waiting
        return tuple(ids)

    def close(self) -> None:
        """End the segment, wait for the disk, and tell who hears of complete segments."""
        with self._lock:
            self._end()
            self._stop = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join()

    def _current(self) -> _Open:
        """Return the open segment, a new one where there is none."""
        if self._open is None:
            self._open = self._begun()
        return self._open

    def _begun(self) -> _Open:
        """Begin a segment; one whose first line cannot be written is none."""
        identity = secrets.token_hex(8)
        path = self.asked.folder / f"{time.time_ns():020d}-{identity}{SUFFIX}"
        flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND
        descriptor = os.open(path, flags, 0o600)
        try:
            hold(descriptor)
            _write(descriptor, first_line(identity, self.asked.name))
        except OSError:
            os.close(descriptor)
            path.unlink()
            raise
        return _Open(identity, path, descriptor, time.monotonic())

    def _end(self) -> None:
        if self._open is not None:
            self._old.append(self._open)
            self._open = None

    def _flushing(self) -> None:
        """Bring what was written to the disk, again and again, until the end."""
        while True:
            self._wake.wait(self.asked.flush)
            self._wake.clear()
            with self._lock:
                stop, one = self._stop, self._open
                if one is not None and time.monotonic() - one.began > self.asked.seconds:
                    self._end()
                    one = None
                old, self._old = self._old, []
                waiting, self._waiting = self._waiting, []
                written = [] if one is None or not self._dirty else [one]
                self._dirty = False
            failed = _synced([*old, *written])
            for future in waiting:
                future.get_loop().call_soon_threadsafe(_settle, future, failed)
            for each in old:
                os.close(each.descriptor)
                self.ended(each.path)
            if stop:
                return


def _synced(segments: Sequence[_Open]) -> OSError | None:
    try:
        for each in segments:
            _sync(each.descriptor)
    except OSError as error:
        return error
    return None


def _settle(future: asyncio.Future[None], failed: OSError | None) -> None:
    if future.done():
        return
    if failed is None:
        future.set_result(None)
    else:
        future.set_exception(failed)


def _write(descriptor: int, content: bytes) -> None:
    """Write everything, or leave nothing of it."""
    before = os.fstat(descriptor).st_size
    written = 0
    try:
        while written < len(content):
            written += os.write(descriptor, content[written:])
    except OSError:
        os.ftruncate(descriptor, before)
        raise
