"""Files are written aside and renamed, so that a reader sees the old content or the new, never half."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def aside(target: Path) -> Iterator[Path]:
    """Yield a path beside ``target`` to write a file to; rename it to ``target`` on success.

    On any error the aside file is removed and ``target`` stays as it was.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(6)}.aside")
    try:
        yield temporary
        _sync(temporary)
        temporary.replace(target)
    finally:
        with suppress(FileNotFoundError):
            temporary.unlink()


@contextmanager
def folder_aside(target: Path) -> Iterator[Path]:
    """Yield a new folder beside ``target``; rename it to ``target`` on success.

    Raises FileExistsError if ``target`` exists: a finished folder is never overwritten.
    """
    if target.exists():
        raise FileExistsError(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(6)}.aside")
    temporary.mkdir()
    try:
        yield temporary
        temporary.rename(target)
    finally:
        if temporary.exists():
            shutil.rmtree(temporary)


def write(target: Path, content: bytes) -> None:
    """Write ``content`` to ``target`` at once or not at all."""
    with aside(target) as temporary:
        temporary.write_bytes(content)
