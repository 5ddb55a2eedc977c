"""Documents are parsed in a process apart, which may be ended: no file keeps anybody waiting.

A parser can be led into work without end, or into all the memory there is. So files that need one
are handed to a child process, one at a time, and it is ended when a file takes longer than allowed.
The next file gets a new child. Plain text needs no parser and is read here.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import IO, Any

from anping.core.errors import AnpingError
from anping.engine.documents import refusals as refusal
from anping.engine.documents.document import Document, Limits
from anping.engine.documents.opening import is_plain, read_document

_START = (
    "import sys; sys.path[:] = {path!r}; from anping.engine.documents.apart import serve; serve()"
)
_LENGTH = 8


class Reader:
    """Reads documents, those that need a parser in a child process; use :func:`reader`."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._child: subprocess.Popen[bytes] | None = None
        self._answers: SimpleQueue[bytes | None] = SimpleQueue()
        self._listener: Thread | None = None

    def read(self, path: Path, name: str) -> Document:
        """Return one document. Raises InputError (``document.*``) or MissingExtraError."""
        if is_plain(path) or not sys.executable:
            return read_document(path, name, limits=self._limits)
        if path.stat().st_size > self._limits.file_bytes:
            raise refusal.too_large(path.stat().st_size, self._limits)
        child = self._running()
        assert child.stdin is not None
        with suppress(OSError):
            _send(child.stdin, (path, name, self._limits))
        try:
            answer = self._answers.get(timeout=self._limits.seconds)
        except Empty as error:
            self.end()
            raise refusal.too_slow(self._limits) from error
        if answer is None:
            self.end()
            raise refusal.reader_ended()
        made = pickle.loads(answer)  # noqa: S301 - our own child wrote it
        if isinstance(made, AnpingError):
            raise made
        assert isinstance(made, Document)
        return made

    def _running(self) -> subprocess.Popen[bytes]:
        if self._child is None:
            code = _START.format(path=sys.path)
            self._child = subprocess.Popen(  # noqa: S603 - this interpreter, with code of ours
                [sys.executable, "-c", code],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
            self._answers = SimpleQueue()
            assert self._child.stdout is not None
            told = (self._child.stdout, self._answers)
            self._listener = Thread(target=_listen, args=told, daemon=True)
            self._listener.start()
        return self._child

    def end(self) -> None:
        """End the child, whatever it is doing."""
        if self._child is not None:
            self._child.kill()
            self._child.wait()
            if self._listener is not None:
                self._listener.join()
            for stream in (self._child.stdin, self._child.stdout):
                with suppress(OSError):
                    assert stream is not None
                    stream.close()
            self._child = None


@contextmanager
def reader(limits: Limits | None = None) -> Iterator[Reader]:
    """Yield a reader of documents; its child ends with the block."""
    made = Reader(limits or Limits())
    try:
        yield made
    finally:
        made.end()


def _listen(stream: IO[bytes], answers: SimpleQueue[bytes | None]) -> None:
    with suppress(OSError, ValueError):
        while (answer := _received(stream)) is not None:
            answers.put(answer)
    answers.put(None)


def _send(stream: IO[bytes], value: Any) -> None:
    content = pickle.dumps(value)
    stream.write(len(content).to_bytes(_LENGTH, "big") + content)
    stream.flush()


def _received(stream: IO[bytes]) -> bytes | None:
    head = stream.read(_LENGTH)
    if len(head) < _LENGTH:
        return None
    content = stream.read(int.from_bytes(head, "big"))
    return content if len(content) == int.from_bytes(head, "big") else None


def serve() -> None:
    """Read documents as they are asked for on standard input, until it ends: the child's life."""
    asked, answers = sys.stdin.buffer, sys.stdout.buffer
    # What a library prints must not stand between the answers.
    sys.stdout = sys.stderr
    while (message := _received(asked)) is not None:
        path, name, limits = pickle.loads(message)  # noqa: S301 - our own parent wrote it
        _bound_memory(limits)
        made: Document | AnpingError
        try:
            made = read_document(path, name, limits=limits)
        except AnpingError as error:
            made = error
        except MemoryError:
            made = refusal.reader_ended()
        _send(answers, made)


def _bound_memory(limits: Limits) -> None:
    try:
        import resource
    except ImportError:
        return
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
