"""A file or the one table within a ZIP or TAR archive becomes content, streamed where it lies.

An archive is refused as a whole when it holds what no table needs and every attack does: names that
leave the folder, links, devices, members that are themselves archives or encrypted (CWE-22,
CWE-59, CWE-409). Nothing is unpacked to find out.
"""

from __future__ import annotations

import io
import re
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from anping.core.errors import InputError, Where
from anping.core.text import Text
from anping.engine.compression import (
    Codec,
    Metered,
    Readable,
    allowance,
    codec_of,
    damaged,
    expanded,
    too_many_members,
)
from anping.engine.content import TORN, Content, Opening
from anping.engine.reading import ReadOptions
from anping.engine.zips import OFFICE, is_zip, zip_member, zip_members

#: Suffixes by which a member is known for a table.
TABLES = frozenset(
    {
        ".csv", ".tsv", ".tab", ".txt", ".dat", ".json", ".jsonl", ".ndjson", ".parquet",
        ".xlsx", ".xlsm", ".xls", ".ods",
    }
)  # fmt: skip
COMPRESSED = frozenset({".gz", ".bz2", ".xz", ".zst", ".tgz", ".tbz2", ".txz", ".zip", ".tar"})

_MOST_MEMBERS = 10_000
_LISTED = 20
_LONGEST_BLOCK = 16 << 20
_DRIVE = re.compile(r"[A-Za-z]:")


@dataclass(frozen=True, slots=True)
class Member:
    """A file within an archive: its name, its size in bytes, and where a TAR holds it."""

    name: str
    size: int
    offset: int = 0
    flaw: str = ""


def content_of(path: Path, options: ReadOptions) -> Content:
    """Return the content of a table: the file itself, expanded, or the archive's one table.

    Raises InputError if an archive holds several tables and none is named, if it is unsafe,
    encrypted, damaged or nested, or if it expands beyond its allowance.
    """
    plain = Content(path)
    head = plain.head()
    if is_zip(head):
        kind = zip_members(path)
        if kind is OFFICE:
            return plain
        return _member(path, [Member(*found) for found in kind], None, options)
    codec = codec_of(head)
    if codec is None:
        return _member(path, _tar_members(plain), None, options) if _is_tar(head) else plain
    inner = Content(
        path,
        _without_suffix(path),
        opening=lambda stream: expanded(stream, codec),
        allowed=allowance(path.stat().st_size, options.max_expanded_bytes),
    )
    head = inner.head()
    if _is_tar(head):
        return _member(path, _tar_members(inner), codec, options)
    if codec_of(head) or (is_zip(head) and inner.suffix not in TABLES):
        raise _unsafe(path, _NESTED, inner.inner)
    return inner


def _without_suffix(path: Path) -> str:
    return path.stem if path.suffix.lower() in COMPRESSED else path.name


def _member(
    path: Path, members: list[Member], codec: Codec | None, options: ReadOptions
) -> Content:
    for member in members:
        _require_safe(path, member)
    chosen = _chosen(path, members, options.member)
    if PurePosixPath(chosen.name).suffix.lower() in COMPRESSED:
        raise _unsafe(path, _NESTED, chosen.name)
    allowed = allowance(path.stat().st_size, options.max_expanded_bytes)
    opening = _from_tar(chosen, codec) if chosen.offset else zip_member(chosen.name)
    content = Content(path, chosen.name, member=True, opening=opening, allowed=allowed)
    head = content.head()
    office = PurePosixPath(chosen.name).suffix.lower() in {".xlsx", ".xlsm", ".ods"}
    if codec_of(head) or _is_tar(head) or (is_zip(head) and not office):
        raise _unsafe(path, _NESTED, chosen.name)
    return content


def _chosen(path: Path, members: list[Member], asked: str | None) -> Member:
    shown = [member for member in members if not _is_hidden(member.name)]
    if asked is not None:
        named = [m for m in shown if m.name == asked]
        named = named or [m for m in shown if PurePosixPath(m.name).name == asked]
        if len(named) == 1:
            return named[0]
        raise _which_member(
            path, shown, Text("壓縮檔裡沒有這個名稱的檔案。", "The archive holds no such file.")
        )
    tables = [m for m in shown if PurePosixPath(m.name).suffix.lower() in TABLES]
    if len(tables) == 1:
        return tables[0]
    if not tables and len(shown) == 1:
        return shown[0]
    if not shown:
        raise InputError(
            "input.empty",
            Text("壓縮檔裡沒有檔案。", "The archive holds no file."),
            where=Where(file=path.name),
            hint=Text(
                "請確認壓縮檔已完整匯出。", "Check that the archive was exported completely."
            ),
        )
    raise _which_member(
        path, tables or shown, Text("壓縮檔裡有好幾個表。", "The archive holds several tables.")
    )


def _is_hidden(name: str) -> bool:
    return any(part.startswith((".", "__MACOSX")) for part in PurePosixPath(name).parts)


def _which_member(path: Path, members: list[Member], what: Text) -> InputError:
    listed = [f"{m.name} ({m.size:,} B)" for m in members[:_LISTED]]
    if len(members) > _LISTED:
        listed.append(f"… {len(members):,}")
    return InputError(
        "input.which-member",
        what,
        where=Where(file=path.name),
        hint=Text(
            f"請以 member 指定其中一個：{'、'.join(listed)}",
            f"Name one of them as the member: {', '.join(listed)}",
        ),
    )


_NESTED = Text("壓縮檔裡還有壓縮檔", "it holds a compressed file within itself")
_FLAWS = {
    "path": Text("有檔名離開所在的資料夾", "a name in it leaves the folder"),
    "link": Text("含有連結", "it holds a link"),
    "special": Text("含有不是檔案的項目", "it holds something that is not a file"),
    "encrypted": Text("已加密", "it is encrypted"),
}


def _require_safe(path: Path, member: Member) -> None:
    name = member.name.replace("\\", "/")
    leaves = name.startswith("/") or _DRIVE.match(name) or ".." in name.split("/")
    flaw = member.flaw or ("path" if leaves or "\0" in name else "")
    if flaw:
        raise _unsafe(path, _FLAWS[flaw], member.name)


def _unsafe(path: Path, why: Text, name: str) -> InputError:
    shown = "".join(letter for letter in name if letter.isprintable())[:100]
    encrypted = why is _FLAWS["encrypted"]
    return InputError(
        "input.encrypted" if encrypted else "input.unsafe-archive",
        Text(
            f"不讀取這個壓縮檔：{why.zh}（{shown}）。",
            f"The archive is refused: {why.en} ({shown}).",
        ),
        where=Where(file=path.name),
        hint=Text(
            "請先自行解壓縮，確認內容後再讀取其中的檔案。",
            "Unpack it yourself, look at what it holds, and read the file from there.",
        ),
    )


def _is_tar(head: bytes) -> bool:
    return head[257:262] == b"ustar"


class _Forward(io.RawIOBase):
    """A stream that can only go on, for an archive that is read from front to end.

    A header that claims to be longer than any honest one is refused before it fills the memory.
    """

    def __init__(self, stream: Readable) -> None:
        super().__init__()
        self._stream = stream
        self._place = 0

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place

    def seek(self, place: int, whence: int = io.SEEK_SET) -> int:
        if whence != io.SEEK_SET or place < self._place:
            raise tarfile.ReadError
        while self._place < place:
            if not self.read(min(_LONGEST_BLOCK, place - self._place)):
                break
        return self._place

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= _LONGEST_BLOCK:
            raise tarfile.ReadError
        pieces, held = [], 0
        while held < size and (piece := self._stream.read(size - held)):
            pieces.append(piece)
            held += len(piece)
        self._place += held
        return b"".join(pieces)


def _tar_members(archive: Content) -> list[Member]:
    """Return the members of a TAR, which may be compressed, by one pass over it."""
    found: list[Member] = []
    with archive.path.open("rb") as file:
        try:
            with _unpacked(archive, file) as stream:
                forward = _Forward(stream)
                with tarfile.open(fileobj=forward, mode="r:") as tar:
                    for count, info in enumerate(tar):
                        if count >= _MOST_MEMBERS:
                            raise too_many_members(archive.name)
                        if not info.isdir():
                            found.append(_tar_member(info))
        except TORN as error:
            raise damaged(archive.name) from error
    return found


@contextmanager
def _unpacked(archive: Content, file: IO[bytes]) -> Iterator[Readable]:
    if archive.opening is None:
        yield file
        return
    with archive.opening(file) as stream:
        yield Metered(stream, archive.allowed, archive.name)


def _tar_member(info: tarfile.TarInfo) -> Member:
    flaw = "link" if info.issym() or info.islnk() else ""
    if not flaw and (not info.isreg() or info.issparse()):
        flaw = "special"
    return Member(info.name, info.size, info.offset_data, flaw)


class _Within:
    """The bytes of one member: so many of a stream, from where it stands."""

    def __init__(self, stream: _Forward, size: int) -> None:
        self._stream = stream
        self._left = size

    def read(self, size: int, /) -> bytes:
        piece = self._stream.read(min(size, self._left, _LONGEST_BLOCK))
        if not piece and self._left:
            raise EOFError
        self._left -= len(piece)
        return piece


def _from_tar(member: Member, codec: Codec | None) -> Opening:
    @contextmanager
    def opening(stream: IO[bytes]) -> Iterator[Readable]:
        if codec is None:
            yield _at(stream, member)
            return
        with expanded(stream, codec) as inner:
            yield _at(inner, member)

    return opening


def _at(stream: Readable, member: Member) -> Readable:
    forward = _Forward(stream)
    forward.seek(member.offset)
    return _Within(forward, member.size)
