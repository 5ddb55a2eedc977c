"""A backup's container: plain members in a tar file, each digested as it passes.

It is written and read as a stream of POSIX ustar blocks (GNU's base-256 sizes above 8 GiB), so any
``tar`` can list it. Only regular files with the names of a backup are read: no links, no
directories, no extended headers, no compression: a member is never larger than its own bytes.
"""

from __future__ import annotations

import hashlib
import os
import re
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import IO, Any

from anping.core.digest import canonical_json
from anping.core.text import Text
from anping.workspace.backups import refusals

HEADER = "anping-backup.json"
PUBLIC = "keys.json"
SEALED = "keys.sealed"
MANIFEST = "manifest.dsse"
_BLOCK = 512
_CHUNK = 1 << 20
_NAME = re.compile(
    r"anping-backup\.json|keys\.json|keys\.sealed|manifest\.dsse"
    r"|tables/[a-z_]{1,40}-[0-9]{6}\.jsonl|objects/[0-9a-f]{64}"
)
#: What is read into memory at once is bounded; objects are streamed.
_LIMITS = {HEADER: 1 << 16, PUBLIC: 1 << 20, SEALED: 1 << 24, MANIFEST: 1 << 30}
_TABLE_LIMIT = 1 << 28


@dataclass(frozen=True, slots=True)
class Sum:
    """The size in bytes and the SHA-256 of one member."""

    size: int
    sha256: str


@dataclass(slots=True)
class Writer:
    """Writes members to a stream and remembers their digests."""

    stream: IO[bytes]
    sums: dict[str, Sum] = field(default_factory=dict)

    def add(self, name: str, content: bytes) -> None:
        """Write a small member."""
        self.add_stream(name, len(content), (content,))

    def add_stream(self, name: str, size: int, chunks: Iterable[bytes]) -> None:
        """Write a member of ``size`` bytes. Raises ValueError if it has another size."""
        assert _NAME.fullmatch(name)
        assert name not in self.sums
        information = tarfile.TarInfo(name)
        information.size, information.mode = size, 0o600
        self.stream.write(information.tobuf(tarfile.GNU_FORMAT))
        state, written = hashlib.sha256(), 0
        for chunk in chunks:
            self.stream.write(chunk)
            state.update(chunk)
            written += len(chunk)
        if written != size:
            msg = "a member has another size than announced"
            raise ValueError(msg)
        self.stream.write(bytes(-size % _BLOCK))
        self.sums[name] = Sum(size, state.hexdigest())

    def finish(self) -> None:
        """Write the end of the archive."""
        self.stream.write(bytes(2 * _BLOCK))


@dataclass(slots=True)
class Member:
    """One member while it passes: its chunks can be read once."""

    name: str
    size: int
    _reader: Reader

    def chunks(self) -> Iterator[bytes]:
        """Yield the content. Raises WorkspaceError if the archive ends too early."""
        left = self.size
        while left:
            chunk = self._reader.take(min(left, _CHUNK))
            left -= len(chunk)
            yield chunk

    def content(self) -> bytes:
        """Return the whole content of a small member."""
        return b"".join(self.chunks())

    def skip(self) -> None:
        """Pass over the content without reading it; its digest is then that of nothing."""
        self._reader.stream.seek(self.size, os.SEEK_CUR)


@dataclass(slots=True)
class Reader:
    """Reads members in order; ``sums`` holds what has passed."""

    stream: IO[bytes]
    file: str
    sums: dict[str, Sum] = field(default_factory=dict)
    _state: Any = field(default_factory=hashlib.sha256)
    _read: int = 0

    def members(self) -> Iterator[Member]:
        """Yield every member; each must be read before the next one is asked for.

        Raises WorkspaceError for anything that a backup does not hold.
        """
        while True:
            block = self.stream.read(_BLOCK) if not self.sums else self._exactly(_BLOCK)
            if not self.sums and (len(block) < _BLOCK or block == bytes(_BLOCK)):
                raise refusals.foreign(self.file)
            if block == bytes(_BLOCK):
                if self._exactly(_BLOCK) != bytes(_BLOCK) or self.stream.read(1):
                    raise refusals.damaged(self.file, Text("結尾不符", "its end is wrong"))
                return
            member = self._member(block)
            self._state, self._read = hashlib.sha256(), 0
            passed = self.stream.tell()
            yield member
            if self.stream.tell() - passed != member.size:
                raise refusals.damaged(self.file, Text("成員不完整", "a member is incomplete"))
            if self._exactly(-member.size % _BLOCK).strip(b"\0"):
                raise refusals.damaged(self.file, Text("填補不符", "its padding is wrong"))
            self.sums[member.name] = self.passing()

    def passing(self) -> Sum:
        """Return the sum of what was read of the member that passes."""
        return Sum(self._read, self._state.hexdigest())

    def take(self, size: int) -> bytes:
        """Return the next bytes of the member that passes."""
        content = self._exactly(size)
        self._state.update(content)
        self._read += len(content)
        return content

    def _exactly(self, size: int) -> bytes:
        content = self.stream.read(size)
        if len(content) != size:
            raise refusals.damaged(self.file, Text("檔案被截斷", "it is cut off"))
        return content

    def _member(self, block: bytes) -> Member:
        try:
            found = tarfile.TarInfo.frombuf(block, "ascii", "strict")
        except (tarfile.TarError, ValueError) as error:
            if not self.sums:
                raise refusals.foreign(self.file) from error
            raise refusals.damaged(self.file, Text("標頭不符", "a header is wrong")) from error
        first = not self.sums
        wanted = found.type in (tarfile.REGTYPE, tarfile.AREGTYPE) and _NAME.fullmatch(found.name)
        if first and not (wanted and found.name == HEADER):
            raise refusals.foreign(self.file)
        if not wanted or found.name in self.sums or not 0 <= found.size <= _limit(found.name):
            raise refusals.damaged(
                self.file, Text("有不該有的成員", "it holds a member that a backup does not hold")
            )
        return Member(found.name, found.size, self)


def _limit(name: str) -> int:
    if name.startswith("objects/"):
        return 1 << 62
    return _LIMITS.get(name, _TABLE_LIMIT)


def manifest(sums: dict[str, Sum]) -> bytes:
    """Return the canonical list of members with size and SHA-256: what is signed."""
    return canonical_json(
        {name: {"size": each.size, "sha256": each.sha256} for name, each in sums.items()}
    )
