"""Small private values by name, and signing keys kept among them as PEM."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from anping.core.files import aside, aside_name, sweep
from anping.evidence.keys import Signer, SigningKey
from anping.workspace.key_stores import refusals


class Entries(Protocol):
    """Small values that only their owner may read; names are letters, digits, ``-_.``."""

    def read(self, name: str) -> bytes | None:
        """Return the value, or None. Raises KeyStoreError if the store cannot be used."""

    def add(self, name: str, content: bytes) -> bytes:
        """Keep a value under a name that is free and return what is held: the first one wins."""

    def replace(self, name: str, content: bytes) -> None:
        """Keep a value under a name, in place of an earlier one."""

    def names(self) -> tuple[str, ...]:
        """Return every name, sorted."""


@dataclass(frozen=True, slots=True)
class FolderEntries:
    """One file per entry in a folder that is readable by its owner only."""

    folder: Path

    def read(self, name: str) -> bytes | None:
        """Return the file's content, or None if there is none."""
        with _told():
            try:
                return (self.folder / name).read_bytes()
            except FileNotFoundError:
                return None

    def add(self, name: str, content: bytes) -> bytes:
        """Write the file unless there is one already; return what it holds."""
        held = self.read(name)
        if held is not None:
            return held
        target = self.folder / name
        with _told():
            sweep(self.folder)
            temporary = target.with_name(aside_name(name))
            try:
                _private(temporary, content)
                # Of two processes that make a key at once, the second must use the first one's.
                _name_once(temporary, target, content)
            except FileExistsError:
                return target.read_bytes()
            finally:
                temporary.unlink(missing_ok=True)
        return content

    def replace(self, name: str, content: bytes) -> None:
        """Write the file at once or not at all."""
        with _told(), aside(self.folder / name) as temporary:
            _private(temporary, content)

    def names(self) -> tuple[str, ...]:
        """Return the names of the files that are not being written."""
        with _told():
            return tuple(
                sorted(
                    path.name
                    for path in self.folder.iterdir()
                    if path.is_file() and not path.name.startswith(".")
                )
            )


@contextmanager
def _told() -> Iterator[None]:
    """Turn what the operating system says about the key folder into KeyStoreError."""
    try:
        yield
    except OSError as error:
        raise refusals.of_system(error) from error


def _private(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _name_once(temporary: Path, target: Path, content: bytes) -> None:
    """Give a finished file its name. Raises FileExistsError if the name is taken."""
    try:
        os.link(temporary, target)
    except FileExistsError:
        raise
    except OSError:
        # A file system without hard links (FAT, some network shares).
        _private(target, content)


@dataclass(frozen=True, slots=True)
class EntrySigners:
    """Signing keys as PEM entries (``producer.pem``), loaded into memory to sign."""

    entries: Entries

    def find(self, role: str) -> Signer | None:
        """Return the signer of a role, or None. Raises KeyStoreError if its key is damaged."""
        content = self.entries.read(_pem(role))
        return None if content is None else SigningKey.decode(content, file=_pem(role))

    def make(self, role: str, name: str) -> Signer:
        """Make a signing key for a role that has none."""
        key = SigningKey.generate(role, name)
        return SigningKey.decode(self.entries.add(_pem(role), key.encode()), file=_pem(role))


def _pem(role: str) -> str:
    return f"{role}.pem"
