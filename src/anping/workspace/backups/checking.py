"""Reading a backup through, without writing anything: members, digests, the signed list."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from anping.core.digest import sha256
from anping.core.errors import EvidenceError
from anping.core.progress import Progress, silent
from anping.core.text import Text
from anping.evidence.dsse import read_line
from anping.evidence.keys import read_keys
from anping.workspace import tables
from anping.workspace.backups import archive, refusals

FORMAT = "anping-backup/1"
MANIFEST_TYPE = "application/vnd.anping.backup-manifest+json"
OBJECT = "objects/"
TABLE = "tables/"
_CHECKING = Text("檢查備份", "Checking the backup")
_WHOLE = {"format": str, "tables": str, "origin": str, "statements": int}


@dataclass(frozen=True, slots=True)
class Contents:
    """A backup whose bytes are whole: what it says of itself, and each member's digest."""

    file: Path
    header: dict[str, Any]
    sums: dict[str, archive.Sum]
    public: bytes
    sealed: bytes | None
    #: The SHA-256 of the signed list of members: what ``anping backup`` printed.
    digest: str

    @property
    def size(self) -> int:
        """The bytes of all members."""
        return sum(each.size for each in self.sums.values())

    @property
    def statements(self) -> int:
        """How many statements the ledger held."""
        return int(self.header["statements"])

    @property
    def objects(self) -> frozenset[str]:
        """The digests of all objects."""
        return frozenset(name.removeprefix(OBJECT) for name in self.sums if name.startswith(OBJECT))


def check_backup(file: Path, *, progress: Progress = silent) -> Contents:
    """Read a backup through and check every digest and the signature over their list.

    Raises WorkspaceError for a file that is no backup, is damaged, or holds what a backup does not.
    """
    small: dict[str, bytes] = {}
    with opened(file) as stream:
        total = os.fstat(stream.fileno()).st_size
        reader = archive.Reader(stream, file.name)
        for member in reader.members():
            progress(_CHECKING, stream.tell(), total)
            _pass(member, small, file.name)
        progress(_CHECKING, total, total)
    header = _header(small[archive.HEADER], file.name)
    public, signed = small.get(archive.PUBLIC, b""), small.get(archive.MANIFEST, b"")
    listed = {name: each for name, each in reader.sums.items() if name != archive.MANIFEST}
    content = archive.manifest(listed)
    if next(reversed(reader.sums)) != archive.MANIFEST or not _signed(signed, content, public):
        raise refusals.damaged(
            file.name, Text("成員清單的簽章不符", "the signature over its members does not hold")
        )
    return Contents(file, header, listed, public, small.get(archive.SEALED), sha256(content))


@contextmanager
def opened(file: Path) -> Iterator[IO[bytes]]:
    """Yield a backup to be read. Raises WorkspaceError if it cannot be opened."""
    try:
        stream = file.open("rb")
    except OSError as error:
        raise refusals.unreadable(str(file)) from error
    with stream:
        yield stream


def _pass(member: archive.Member, small: dict[str, bytes], file: str) -> None:
    if member.name.startswith(OBJECT):
        state = hashlib.sha256()
        for chunk in member.chunks():
            state.update(chunk)
        if state.hexdigest() != member.name.removeprefix(OBJECT):
            raise refusals.damaged(
                file, Text("有內容與其摘要不符", "content does not match its digest")
            )
    elif member.name.startswith(TABLE):
        for _ in member.chunks():
            pass
    else:
        small[member.name] = member.content()


def _header(content: bytes, file: str) -> dict[str, Any]:
    try:
        header = json.loads(content)
    except ValueError as error:
        raise refusals.foreign(file) from error
    if not isinstance(header, dict) or not all(
        isinstance(header.get(name), kind) for name, kind in _WHOLE.items()
    ):
        raise refusals.foreign(file)
    if header["format"] != FORMAT:
        raise refusals.other_version(file, found=header["format"][:40], wanted=FORMAT)
    if header["tables"] != tables.FORMAT:
        raise refusals.other_version(file, found=header["tables"][:40], wanted=tables.FORMAT)
    return header


def _signed(line: bytes, content: bytes, public: bytes) -> bool:
    try:
        envelope = read_line(line)
        keys = read_keys(public).of("log")
    except EvidenceError:
        return False
    return (
        envelope.payload_type == MANIFEST_TYPE
        and envelope.payload == content
        and any(map(envelope.signed_by, keys))
    )
