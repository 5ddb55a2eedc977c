"""A function of batches runs in processes of its own, where threads would wait for each other.

Python runs one thread at a time wherever a library does not let go of it: hashing a million short
texts keeps one core busy, whatever the threads. So a function that can be pickled is sent once to a
few new processes, and each item to one of them. Nothing is written to disk, so a function may hold
keys. The processes are started anew (not forked: the caller has threads; and a script needs no
guard), know nothing but the function, and end with their caller, whatever ends it.
"""

from __future__ import annotations

import io
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from queue import Empty, SimpleQueue
from threading import Lock
from typing import IO, Any, TypeVar

import pyarrow as pa

from anping.core.errors import InputError
from anping.core.text import Text
from anping.engine.cores import cores

Item = TypeVar("Item")
Made = TypeVar("Made")

#: Fewer rows than this are done before new processes have started.
WORTH_ROWS = 500_000
_START = "import sys; sys.path[:] = {path!r}; from anping.engine.workers import serve; serve()"
_LENGTH = 8
_SECONDS_TO_END = 5
#: Bytes on their way before a writer waits: what Linux lets anybody ask for.
_PIPE = 1 << 20


def worthwhile(rows: int) -> bool:
    """Return whether other processes are started for so many rows."""
    return rows >= WORTH_ROWS and cores() > 1 and bool(sys.executable)


@contextmanager
def elsewhere(function: Callable[[Item], Made], *, rows: int) -> Iterator[Callable[[Item], Made]]:
    """Yield ``function`` as one that is done in other processes, at most as many as there are cores.

    It may be called by several threads at once; each call waits for its answer, and raises what
    ``function`` raised. For few ``rows`` in all, or on one core, it is ``function`` itself. Function,
    items and answers must be picklable; record batches travel as Arrow. Raises InputError
    (``engine.worker-ended``) if a process ends by itself.
    """
    if not worthwhile(rows):
        yield function
        return
    sent = _pickled(function)
    with ExitStack() as stack:
        free: SimpleQueue[_Worker] = SimpleQueue()
        starting, waiting = Lock(), [sent] * cores()
        # It may be as large as the fit, and the processes have it soon.
        del sent

        def taken() -> _Worker:
            with suppress(Empty):
                return free.get_nowait()
            with starting:
                if waiting:
                    return stack.enter_context(_started(waiting.pop()))
            return free.get()

        def done(item: Item) -> Made:
            worker = taken()
            try:
                made: Made = worker.answer(item)
            finally:
                free.put(worker)
            return made

        yield done


class _Worker:
    """A process that holds the function."""

    def __init__(self, sending: IO[bytes], receiving: IO[bytes]) -> None:
        self._sending = sending
        self._receiving = receiving

    def send(self, content: bytes) -> None:
        try:
            _write(self._sending, content)
        except (BrokenPipeError, ValueError) as error:
            raise _ended() from error

    def answer(self, item: Any) -> Any:
        self.send(_pickled(item))
        try:
            well, made = pickle.loads(_read(self._receiving))  # noqa: S301 - from our own process
        except EOFError as error:
            raise _ended() from error
        if well:
            return made
        raise made


@contextmanager
def _started(function: bytes) -> Iterator[_Worker]:
    process = subprocess.Popen(  # noqa: S603 - this interpreter and this module
        [sys.executable, "-c", _START.format(path=sys.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        pipesize=_PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        worker = _Worker(process.stdin, process.stdout)
        worker.send(function)
        yield worker
    finally:
        with suppress(BrokenPipeError):
            process.stdin.close()
        try:
            process.wait(_SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


def serve() -> None:
    """Answer the items on standard input until it ends; what a process started here does."""
    # An interrupt is sent to all processes of a terminal; the caller ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with os.fdopen(os.dup(0), "rb") as asked, os.fdopen(os.dup(1), "wb") as answers:
        # What a library prints must not come between the answers.
        os.dup2(2, 1)
        with suppress(EOFError, BrokenPipeError):
            function = _received(_read(asked))
            while True:
                _write(answers, _answered(function, _read(asked)))


def _received(content: bytes) -> Callable[[Any], Any]:
    try:
        function: Callable[[Any], Any] = pickle.loads(content)  # noqa: S301 - from who started this
    except Exception as error:  # noqa: BLE001 - whatever it is, the caller raises it
        return partial(_refuse, error)
    return function


def _refuse(error: Exception, _: Any) -> Any:
    raise error


def _answered(function: Callable[[Any], Any], item: bytes) -> bytes:
    try:
        return _pickled((True, function(pickle.loads(item))))  # noqa: S301 - from who started this
    except Exception as error:  # noqa: BLE001 - whatever it is, the caller raises it
        try:
            answer = _pickled((False, error))
            pickle.loads(answer)  # noqa: S301 - made here
        except Exception:  # noqa: BLE001 - an error that cannot travel
            return _pickled((False, RuntimeError(type(error).__name__)))
        return answer


class _Pickler(pickle.Pickler):
    """Pickles record batches as Arrow streams: of a slice only the slice."""

    def reducer_override(self, value: Any) -> Any:
        if type(value) is not pa.RecordBatch:
            return NotImplemented
        stream = pa.BufferOutputStream()
        with pa.ipc.new_stream(stream, value.schema) as writer:
            writer.write_batch(value)
        return _batch, (stream.getvalue().to_pybytes(),)


def _batch(content: bytes) -> pa.RecordBatch:
    with pa.ipc.open_stream(content) as reader:
        return reader.read_next_batch()


def _pickled(value: Any) -> bytes:
    stream = io.BytesIO()
    _Pickler(stream, pickle.HIGHEST_PROTOCOL).dump(value)
    return stream.getvalue()


def _write(stream: IO[bytes], content: bytes) -> None:
    stream.write(len(content).to_bytes(_LENGTH, "big"))
    stream.write(content)
    stream.flush()


def _read(stream: IO[bytes]) -> bytes:
    size = int.from_bytes(_exactly(stream, _LENGTH), "big")
    return _exactly(stream, size)


def _exactly(stream: IO[bytes], size: int) -> bytes:
    content = stream.read(size)
    if len(content) < size:
        raise EOFError
    return content


def _ended() -> InputError:
    return InputError(
        "engine.worker-ended",
        Text(
            "一個處理資料列的行程自己結束了，多半是記憶體不足。沒有寫出任何結果。",
            "A process that worked on the rows ended by itself, most likely for want of memory. "
            "Nothing was written.",
        ),
        hint=Text(
            "釋出一些記憶體，或減少欄位，再試一次。",
            "Free some memory, or take fewer columns, and try again.",
        ),
    )
