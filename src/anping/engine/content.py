"""Content is bytes that can be read again and again: a file's own, or what a compressed file holds.

Readers ask content for its chunks and do not know whether it lies in a file, in a gzip file or in
an archive. Nothing is unpacked under a name that an archive chose.
"""

from __future__ import annotations

import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

import pyarrow as pa

from anping.core.errors import InputError, Where
from anping.core.files import scratch_beside
from anping.core.text import Text
from anping.engine.compression import Metered, Readable, damaged

#: Opens a file's stream as another one: expanded, or the member of an archive.
Opening = Callable[[IO[bytes]], AbstractContextManager[Readable]]

#: What the standard library and Arrow raise for compressed bytes that are torn or damaged.
TORN = (
    EOFError, OSError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, tarfile.TarError,
    NotImplementedError, RuntimeError, MemoryError, ValueError, pa.ArrowException,
)  # fmt: skip

_CHUNK = 8 << 20
_HEAD = 65_536


@dataclass(frozen=True, slots=True)
class Content:
    """The bytes of a table: the file they lie in and how they are got out of it.

    ``inner`` is the name inside the file: without the compression's suffix, or the member's name.
    ``member`` says that it is an archive's. ``allowed`` is how many bytes may come out where there
    is an ``opening``.
    """

    path: Path
    inner: str = ""
    member: bool = False
    opening: Opening | None = None
    allowed: int = 0

    @property
    def name(self) -> str:
        """What an error calls it: the file's name, and the member's within an archive."""
        return f"{self.path.name}/{self.inner}" if self.member else self.path.name

    @property
    def suffix(self) -> str:
        """The suffix that tells a format by name, in small letters."""
        return PurePosixPath(self.inner or self.path.name).suffix.lower()

    def chunks(self, size: int = _CHUNK) -> Generator[bytes, None, None]:
        """Yield the bytes; raise InputError if they cannot be read or are more than allowed."""
        with _opened(self.path) as file:
            if self.opening is None:
                yield from _read(file, size, self.path.name)
                return
            try:
                with self.opening(file) as stream:
                    metered = Metered(stream, self.allowed, self.name)
                    while chunk := _filled(metered, size):
                        yield chunk
            except TORN as error:
                raise damaged(self.name) from error

    def head(self) -> bytes:
        """Return the first bytes."""
        with closing(self.chunks(_HEAD)) as chunks:
            return next(chunks, b"")

    @contextmanager
    def on_disk(self, beside: Path) -> Iterator[Path]:
        """Yield a path for readers that must seek; expanded bytes lie beside a file for the while.

        They are readable by their owner only and have a name of ours.
        """
        if self.opening is None:
            yield self.path
            return
        with scratch_beside(beside) as folder:
            path = folder / "expanded"
            with path.open("wb") as target:
                for chunk in self.chunks():
                    target.write(chunk)
            yield path


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    try:
        stream = path.open("rb")
    except OSError as error:
        raise unreadable(path.name) from error
    with stream:
        yield stream


def _read(stream: IO[bytes], size: int, file: str) -> Iterator[bytes]:
    while True:
        try:
            chunk = stream.read(size)
        except OSError as error:
            raise unreadable(file) from error
        if not chunk:
            return
        yield chunk


def _filled(stream: Readable, size: int) -> bytes:
    """Return ``size`` bytes unless the stream ends: what is read does not hang on its pieces."""
    pieces, held = [], 0
    while held < size and (piece := stream.read(size - held)):
        pieces.append(piece)
        held += len(piece)
    return b"".join(pieces)


def unreadable(file: str) -> InputError:
    """Return the error for a file that is missing or may not be read."""
    return InputError(
        "input.unreadable-file",
        Text("檔案不存在或無法開啟。", "The file does not exist or cannot be opened."),
        where=Where(file=file),
        hint=Text("請檢查路徑與讀取權限。", "Check the path and the permission to read it."),
    )
