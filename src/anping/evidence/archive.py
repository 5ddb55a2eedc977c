"""A dossier as one zip file, with exactly one possible spelling.

Entries are sorted, stored without compression, dated 1980-01-01 and readable by all. Since the
archive is checked to be the one that its content makes, no byte of it can change unseen, and a
small file cannot unpack into a huge one.
"""

from __future__ import annotations

import errno
import os
import shutil
import struct
import zipfile
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO, cast

from anping.core.errors import EvidenceError, Where
from anping.core.files import aside
from anping.core.text import Text
from anping.evidence.tree import is_portable, plain_files

_MAXIMUM_ENTRIES = 100_000
_EPOCH = (1980, 1, 1, 0, 0, 0)
_UNIX = 3
_MODE = 0o100644 << 16
_CHUNK = 1 << 20
#: So many bytes are written before their memory is freed: finding new memory takes longer than writing.
_FRESH = 64 << 20
#: Chunks that wait to be written.
_WAITING = 2
_HEADER = b"PK\x03\x04"
#: The end record; the locator and the ZIP64 end record before it.
_END, _LOCATOR, _TAIL = 22, 20, 22 + 20 + 56
#: Bytes of one entry in the list: its name in UTF-8, and what is said of it.
_MAXIMUM_ENTRY = 4 * 1000 + 100
_UNREADABLE = (
    zipfile.BadZipFile,
    OSError,
    EOFError,
    ValueError,
    OverflowError,
    NotImplementedError,
    RuntimeError,
    struct.error,
)


def zip_dossier(folder: Path, path: Path) -> None:
    """Write the canonical zip of a dossier folder to ``path``, at once or not at all.

    Raises EvidenceError if the folder holds a link or an unportable name.
    """
    with aside(path) as temporary, temporary.open("xb") as stream:
        _write(folder, stream)


class Packing:
    """A canonical zip being written while its content is being made, entry after entry."""

    def __init__(
        self, archive: zipfile.ZipFile, stream: BinaryIO, thread: ThreadPoolExecutor
    ) -> None:
        self._archive = archive
        self._stream = stream
        self._thread = thread
        self._last = ""
        self._fresh = 0

    def add(self, name: str, size: int, chunks: Iterable[bytes]) -> None:
        """Add a file of ``size`` bytes; a thread writes each chunk while the caller makes the next.

        Files come in the order of their names. Raises EvidenceError for an unportable name.
        """
        if not is_portable(name):
            raise _refused("zip.not-plain", name)
        assert name > self._last, "files come in the order of their names"
        self._last = name
        waiting: deque[Future[None]] = deque()
        with self._archive.open(_entry(name, size), "w") as target:
            try:
                for chunk in chunks:
                    while len(waiting) >= _WAITING:
                        waiting.popleft().result()
                    waiting.append(self._thread.submit(self._write, target, chunk))
            finally:
                # Nothing may be written any more when the entry is closed.
                wait(waiting)
            for future in waiting:
                future.result()

    def _write(self, target: IO[bytes], chunk: bytes) -> None:
        target.write(chunk)
        self._fresh += len(chunk)
        if self._fresh >= _FRESH:
            self._fresh = 0
            _let_go(self._stream)


def _let_go(stream: BinaryIO) -> None:
    """Bring to the disk what was written and free its memory: nobody reads it again here."""
    if hasattr(os, "posix_fadvise"):
        os.fdatasync(stream.fileno())
        os.posix_fadvise(stream.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


@contextmanager
def packing(path: Path) -> Iterator[Packing]:
    """Yield a canonical zip to add files to: the one that :func:`zip_dossier` makes of them.

    It is at ``path`` when all went well; whatever fails, nothing is there.
    """
    with (
        aside(path) as temporary,
        temporary.open("xb") as stream,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive,
        ThreadPoolExecutor(1) as thread,
    ):
        yield Packing(archive, stream, thread)


def _entry(name: str, size: int) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.create_system = _UNIX
    entry.external_attr = _MODE
    entry.file_size = size
    return entry


def _write(folder: Path, stream: BinaryIO | _Compared) -> None:
    files, odd = plain_files(folder)
    if odd:
        raise _refused("zip.not-plain", odd[0])
    with zipfile.ZipFile(cast("BinaryIO", stream), "w", zipfile.ZIP_STORED) as archive:
        for name, source in files.items():
            entry = _entry(name, source.stat().st_size)
            with source.open("rb") as content, archive.open(entry, "w") as target:
                shutil.copyfileobj(content, target, _CHUNK)


def unzip_dossier(path: Path, folder: Path) -> None:
    """Unpack a canonical zip into an empty folder.

    Raises EvidenceError, before anything is unpacked where that can be told, if the archive is
    damaged, holds unsafe, doubled, linked, compressed or too many entries, or is in any byte not the
    canonical zip of its content.
    """
    try:
        _check_directory(path)
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            _check(entries, path)
            for entry in entries:
                target = folder / entry.filename
                target.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(entry) as content, target.open("xb") as copy:
                    shutil.copyfileobj(content, copy, _CHUNK)
    except _UNREADABLE as error:
        full = isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}
        raise _refused("zip.no-space" if full else "zip.damaged", path.name) from error
    with path.open("rb") as held:
        again = _Compared(held)
        _write(folder, again)
        if not again.same:
            raise _refused("zip.not-canonical", path.name)


class _Compared:
    """Takes the canonical zip as it is written, and compares it with a file instead of keeping it.

    An entry's header is written twice, the second time with the checksum of its content.
    """

    def __init__(self, held: BinaryIO) -> None:
        self._held = held
        self._place = self._end = 0
        self._differing: set[tuple[int, int]] = set()
        self._other = False

    @property
    def same(self) -> bool:
        """Whether what was written is, in every byte, what the file holds."""
        whole = self._end == self._held.seek(0, os.SEEK_END)
        return whole and not self._other and not self._differing

    def write(self, content: bytes) -> int:
        """Compare ``content`` with the file at the current place."""
        written = (self._place, len(content))
        if not self._other:
            self._held.seek(self._place)
            if self._held.read(len(content)) == content:
                self._differing.discard(written)
            elif content.startswith(_HEADER):
                self._differing.add(written)
            else:
                self._other = True
        self._place += len(content)
        self._end = max(self._end, self._place)
        return len(content)

    def tell(self) -> int:
        """Return the current place."""
        return self._place

    def seek(self, place: int, whence: int = os.SEEK_SET) -> int:
        """Move to a place, as files do."""
        self._place = place + (0, self._place, self._end)[whence]
        return self._place

    def flush(self) -> None:
        """Do nothing: nothing is kept."""


def _check_directory(path: Path) -> None:
    """Refuse a list of entries so long that reading it would fill the memory.

    A canonical zip has no comment, so it ends with the end record (PKWARE APPNOTE 6.3.10, 4.3.16),
    which says how long the list is; a larger file has the ZIP64 end record and its locator before.
    """
    size = path.stat().st_size
    with path.open("rb") as stream:
        stream.seek(max(0, size - _TAIL))
        tail = stream.read()
    if tail[-_END:][:4] != b"PK\x05\x06":
        raise _refused("zip.damaged", path.name)
    entries, directory = struct.unpack_from("<HL", tail, len(tail) - _END + 10)
    # Whoever reads the list believes the ZIP64 record wherever there is a locator.
    if tail[-_END - _LOCATOR :][:4] == b"PK\x06\x07":
        if tail[:4] != b"PK\x06\x06":
            raise _refused("zip.damaged", path.name)
        entries, directory = struct.unpack_from("<QQ", tail, 32)
    if entries > _MAXIMUM_ENTRIES or directory > entries * _MAXIMUM_ENTRY:
        raise _refused("zip.too-big", path.name)


def _check(entries: list[zipfile.ZipInfo], path: Path) -> None:
    names = [entry.filename for entry in entries]
    folded = {name.casefold() for name in names}
    parents = {parent for name in folded for parent in _parents(name)}
    if (
        len(names) > _MAXIMUM_ENTRIES
        or sum(entry.file_size for entry in entries) > path.stat().st_size
    ):
        raise _refused("zip.too-big", path.name)
    if len(folded) < len(names) or folded & parents:
        raise _refused("zip.doubled", path.name)
    for entry in entries:
        plain = entry.external_attr == _MODE and entry.compress_type == zipfile.ZIP_STORED
        if not plain or not is_portable(entry.filename):
            raise _refused("zip.unsafe", path.name)


def _parents(name: str) -> list[str]:
    parts = name.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts))]


_REASONS = {
    "zip.not-plain": Text(
        "卷宗裡有連結或無法通用的檔名。", "The folder holds a link or an unportable name."
    ),
    "zip.no-space": Text(
        "磁碟空間不足，無法解開壓縮檔來檢查。",
        "There is not enough disk space to unpack the zip file for checking.",
    ),
    "zip.damaged": Text("壓縮檔損壞或被截斷。", "The zip file is damaged or cut short."),
    "zip.not-canonical": Text(
        "壓縮檔的位元組與其內容應有的不同：檔案被更動或重新壓縮過。",
        "The bytes of the zip file are not those that its content makes: it was changed or repacked.",
    ),
    "zip.too-big": Text(
        "壓縮檔解開後會比本身還大，或檔案數過多。",
        "The zip file would unpack to more than it holds, or has too many entries.",
    ),
    "zip.doubled": Text(
        "壓縮檔裡有重複的檔名。", "The zip file holds the same name more than once."
    ),
    "zip.unsafe": Text(
        "壓縮檔裡有不安全的項目：連結、資料夾外的路徑或壓縮過的內容。",
        "The zip file holds an unsafe entry: a link, a path outside the folder, or compressed content.",
    ),
}


def _refused(code: str, name: str) -> EvidenceError:
    return EvidenceError(
        code,
        _REASONS[code],
        where=Where(file=name),
        hint=Text(
            "請向提供者重新索取 anping 產生的原始壓縮檔。",
            "Ask whoever gave it to you for the zip file exactly as Anping wrote it.",
        ),
    )
