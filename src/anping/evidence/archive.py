"""A dossier as one zip file, with exactly one possible spelling.

Entries are sorted, stored without compression, dated 1980-01-01 and readable by all. Since the
archive is checked to be the one that its content makes, no byte of it can change unseen, and a
small file cannot unpack into a huge one.
"""

from __future__ import annotations

import errno
import shutil
import struct
import zipfile
from itertools import zip_longest
from pathlib import Path

from anping.core.errors import EvidenceError, Where
from anping.core.files import aside
from anping.core.text import Text
from anping.evidence.tree import is_portable, plain_files

_MAXIMUM_ENTRIES = 100_000
_EPOCH = (1980, 1, 1, 0, 0, 0)
_UNIX = 3
_MODE = 0o100644 << 16
_CHUNK = 1 << 20
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
    files, odd = plain_files(folder)
    if odd:
        raise _refused("zip.not-plain", odd[0])
    with (
        aside(path) as temporary,
        zipfile.ZipFile(temporary, "x", zipfile.ZIP_STORED) as archive,
    ):
        for name, source in files.items():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.create_system = _UNIX
            entry.external_attr = _MODE
            entry.file_size = source.stat().st_size
            with source.open("rb") as content, archive.open(entry, "w") as target:
                shutil.copyfileobj(content, target, _CHUNK)


def unzip_dossier(path: Path, folder: Path) -> None:
    """Unpack a canonical zip into an empty folder.

    Raises EvidenceError, before anything is unpacked where that can be told, if the archive is
    damaged, holds unsafe, doubled, linked, compressed or too many entries, or is in any byte not the
    canonical zip of its content.
    """
    try:
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
    again = folder.with_name(f"{folder.name}.again.zip")
    try:
        zip_dossier(folder, again)
        if not _same(path, again):
            raise _refused("zip.not-canonical", path.name)
    finally:
        again.unlink(missing_ok=True)


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


def _same(one: Path, other: Path) -> bool:
    if one.stat().st_size != other.stat().st_size:
        return False
    with one.open("rb") as left, other.open("rb") as right:
        pieces = zip_longest(
            iter(lambda: left.read(_CHUNK), b""), iter(lambda: right.read(_CHUNK), b"")
        )
        return all(a == b for a, b in pieces)


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
