"""Compressed bytes are expanded as a stream, within an allowance, and never into memory as a whole.

gzip (RFC 1952, several members too), bzip2, xz (several streams too) and Zstandard (RFC 8878) are
told by their first bytes. A few kilobytes can expand to terabytes, so whoever reads names an
allowance; the reader stops at it, long before memory or the disk is full.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any, Literal, Protocol

import pyarrow as pa

from anping.core.errors import InputError, Where
from anping.core.text import Text

Codec = Literal["gzip", "bzip2", "xz", "zstd"]

#: What a file may expand to by default: a ratio, but not less than the floor nor more than the roof.
EXPANSION_RATIO = 200
EXPANSION_FLOOR = 64 << 20
EXPANSION_ROOF = 64 << 30

_PIECE = 1 << 20
_XZ_MEMORY = 512 << 20
_MAGIC: tuple[tuple[bytes, Codec], ...] = (
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
)


class Readable(Protocol):
    """A stream of bytes: all that reading needs of a file."""

    def read(self, size: int, /) -> bytes:
        """Return at most ``size`` bytes; none at the end."""


def codec_of(head: bytes) -> Codec | None:
    """Return how bytes that begin with ``head`` are compressed, or None."""
    return next((codec for magic, codec in _MAGIC if head.startswith(magic)), None)


def allowance(compressed: int, asked: int | None) -> int:
    """Return how many bytes a file of ``compressed`` bytes may expand to."""
    if asked is not None:
        return asked
    return min(EXPANSION_ROOF, max(EXPANSION_FLOOR, EXPANSION_RATIO * compressed))


@contextmanager
def expanded(stream: IO[bytes], codec: Codec) -> Iterator[Readable]:
    """Yield the expanded stream of a compressed one."""
    if codec == "gzip":
        with gzip.GzipFile(fileobj=stream) as opened:
            yield opened
    elif codec == "zstd":
        with pa.CompressedInputStream(pa.PythonFile(stream, mode="r"), "zstd") as opened:
            yield opened
    else:
        yield _Streams(stream, codec)


class _Streams:
    """One or more bzip2 or xz streams in a row, expanded within bounded memory.

    The standard library's file objects give an xz stream as much memory as it asks for.
    """

    def __init__(self, stream: IO[bytes], codec: Codec) -> None:
        self._stream = stream
        self._codec = codec
        self._held = b""
        self._current: Any = None

    def read(self, size: int, /) -> bytes:
        while True:
            if self._current is not None and self._current.eof:
                self._held, self._current = self._current.unused_data, None
            if self._current is None:
                self._held = self._held.lstrip(b"\0") or self._stream.read(_PIECE).lstrip(b"\0")
                if not self._held:
                    return b""
                self._current = self._new()
            elif not self._held and self._current.needs_input:
                self._held = self._stream.read(_PIECE)
                if not self._held:
                    raise EOFError
            piece: bytes = self._current.decompress(self._held, size)
            self._held = b""
            if piece:
                return piece

    def _new(self) -> Any:
        if self._codec == "bzip2":
            return bz2.BZ2Decompressor()
        return lzma.LZMADecompressor(memlimit=_XZ_MEMORY)


class Metered:
    """A stream that raises InputError when more than the allowance was read from it."""

    def __init__(self, stream: Readable, allowed: int, file: str) -> None:
        self._stream = stream
        self._allowed = allowed
        self._file = file
        self._read = 0

    def read(self, size: int, /) -> bytes:
        """Return at most ``size`` bytes; none at the end."""
        piece = self._stream.read(size)
        self._read += len(piece)
        if self._read > self._allowed:
            raise expands_too_much(self._file, self._allowed)
        return piece


def expands_too_much(file: str, allowed: int) -> InputError:
    """Return the error for a file that expands beyond its allowance."""
    return InputError(
        "input.expands-too-much",
        Text(
            f"檔案解壓後超過上限 {allowed:,} 位元組，可能是壓縮炸彈。",
            f"The file expands to more than the limit of {allowed:,} bytes; "
            "it may be a decompression bomb.",
        ),
        where=Where(file=file),
        hint=Text(
            f"預設上限是壓縮檔的 {EXPANSION_RATIO} 倍，且不超過 {EXPANSION_ROOF >> 30} GiB。"
            "若您信任來源，請以 max_expanded_bytes 提高上限。",
            f"By default it is {EXPANSION_RATIO} times the compressed file, at most "
            f"{EXPANSION_ROOF >> 30} GiB. If you trust the source, raise max_expanded_bytes.",
        ),
    )


def damaged(file: str) -> InputError:
    """Return the error for a compressed file that is torn or damaged."""
    return InputError(
        "input.damaged-archive",
        Text("壓縮檔已損壞或不完整。", "The compressed file is damaged or incomplete."),
        where=Where(file=file),
        hint=Text("請重新匯出或重新下載這個檔案。", "Export or download the file again."),
    )


def too_many_members(file: str) -> InputError:
    """Return the error for an archive whose list of members is itself an attack on memory."""
    return InputError(
        "input.too-many-members",
        Text("壓縮檔裡的項目太多。", "The archive holds too many members."),
        where=Where(file=file),
        hint=Text(
            "請把要讀取的檔案另外壓縮，或先自行解壓縮。",
            "Pack the file that is to be read by itself, or unpack the archive yourself.",
        ),
    )
