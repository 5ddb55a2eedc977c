"""ZIP archives are listed from their directory and one member is streamed out of them.

The directory is bounded before it is read: it lies in memory as a whole. Names without the UTF-8
flag are CP950 where that fits, as Windows in Taiwan writes them (APPNOTE 6.3.10, appendix D).
"""

from __future__ import annotations

import os
import stat
import struct
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from anping.engine.compression import Readable, damaged, too_many_members
from anping.engine.content import TORN, Opening

#: Said of a ZIP file that is an office document: a spreadsheet, not an archive.
OFFICE: Final = "office"

#: Name, size in bytes, offset (always 0) and flaw of a member.
Listed = tuple[str, int, int, str]

_TAIL = 65_535 + 22
_LARGEST_DIRECTORY = 16 << 20
_UNKNOWN = 0xFFFFFFFF
_UTF8 = 0x800
_ENCRYPTED = 0x1


def is_zip(head: bytes) -> bool:
    """Return whether a file that begins with ``head`` is a ZIP archive."""
    return head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"))


def zip_members(path: Path) -> list[Listed] | str:
    """Return the files in a ZIP archive, or ``OFFICE``; raise InputError if it is damaged."""
    require_small_directory(path)
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            if "[Content_Types].xml" in names or {"mimetype", "content.xml"} <= names:
                return OFFICE
            return [_listed(info) for info in archive.infolist() if not info.filename.endswith("/")]
    except TORN as error:
        raise damaged(path.name) from error


def zip_member(name: str) -> Opening:
    """Return what opens the member of that name."""

    @contextmanager
    def opening(stream: IO[bytes]) -> Iterator[Readable]:
        with zipfile.ZipFile(stream) as archive:
            info = next(info for info in archive.infolist() if _name(info) == name)
            with archive.open(info) as member:
                yield member

    return opening


def _listed(info: zipfile.ZipInfo) -> Listed:
    mode = info.external_attr >> 16
    flaw = ""
    if stat.S_ISLNK(mode):
        flaw = "link"
    elif info.flag_bits & _ENCRYPTED:
        flaw = "encrypted"
    elif stat.S_IFMT(mode) not in {0, stat.S_IFREG}:
        flaw = "special"
    return _name(info), info.file_size, 0, flaw


def _name(info: zipfile.ZipInfo) -> str:
    name = info.orig_filename
    if info.flag_bits & _UTF8 or name.isascii():
        return name
    try:
        raw = name.encode("cp437")
    except UnicodeEncodeError:
        return name
    for encoding in ("utf-8", "cp950"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return name


def require_small_directory(path: Path) -> None:
    """Raise InputError unless the archive's directory is one that memory holds."""
    with path.open("rb") as stream:
        size = stream.seek(0, os.SEEK_END)
        stream.seek(max(0, size - _TAIL - 20))
        tail = stream.read()
        end = tail.rfind(b"PK\x05\x06")
        if end < 0 or len(tail) < end + 22:
            raise damaged(path.name)
        directory = struct.unpack_from("<I", tail, end + 12)[0]
        locator = tail[max(0, end - 20) : end]
        if locator.startswith(b"PK\x06\x07") and len(locator) == 20:
            # Readers differ in where they look for the larger record.
            start = max(0, size - _TAIL - 20)
            for place in (struct.unpack_from("<Q", locator, 8)[0], start + end - 20 - 56):
                stream.seek(min(size, max(0, place)))
                record = stream.read(56)
                if len(record) == 56 and record.startswith(b"PK\x06\x06"):
                    directory = max(directory % _UNKNOWN, struct.unpack_from("<Q", record, 40)[0])
    if directory > _LARGEST_DIRECTORY:
        raise too_many_members(path.name)
