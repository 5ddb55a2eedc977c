"""Files are written aside and renamed, so that a reader sees the old content or the new, never half.

A name aside says who writes it. What a killed process left is removed by whoever writes there next.
"""

from __future__ import annotations

import glob
import hashlib
import os
import platform
import re
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


_MACHINE = hashlib.sha256(platform.node().encode()).hexdigest()[:8]
_ASIDE = re.compile(r"\..*\.(?P<machine>[0-9a-f]{8})-(?P<process>[0-9]+)-[0-9a-f]{12}\.aside")


def aside_name(name: str) -> str:
    """Return a new name aside for ``name``, which says which process of which machine writes it."""
    return f".{name}.{_MACHINE}-{os.getpid()}-{secrets.token_hex(6)}.aside"


def left_aside(folder: Path, *, of: str = "*") -> Iterator[Path]:
    """Yield files and folders aside (of the name ``of``) whose process on this machine is dead."""
    for left in folder.glob(f".{glob.escape(of) if of != '*' else of}.*.aside"):
        match = _ASIDE.fullmatch(left.name)
        if match and match["machine"] == _MACHINE and not alive(int(match["process"])):
            yield left


def sweep(folder: Path, *, of: str = "*") -> None:
    """Remove files and folders aside (of the name ``of``) whose process on this machine is dead."""
    for left in left_aside(folder, of=of):
        if left.is_dir():
            shutil.rmtree(left, ignore_errors=True)
        else:
            with suppress(OSError):
                left.unlink()


def alive(process: int) -> bool:
    """Return whether a process of this machine is alive, as far as one can tell."""
    if os.name == "nt":
        # There signal 0 is not a question but an interrupt.
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


@contextmanager
def aside(target: Path, *, folder: Path | None = None) -> Iterator[Path]:
    """Yield a path beside ``target`` to write a file to; rename it to ``target`` on success.

    With ``folder``, of the same file system, the path lies there. On any error the aside file is
    removed and ``target`` stays as it was.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    place = target.parent if folder is None else folder
    place.mkdir(parents=True, exist_ok=True)
    sweep(place, of=target.name if folder is None else "*")
    temporary = place / aside_name(target.name)
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
    sweep(target.parent, of=target.name)
    temporary = target.with_name(aside_name(target.name))
    temporary.mkdir()
    try:
        yield temporary
        temporary.rename(target)
    finally:
        if temporary.exists():
            shutil.rmtree(temporary)


@contextmanager
def scratch_beside(target: Path) -> Iterator[Path]:
    """Yield a new folder beside ``target``, private to its owner; it is removed whatever happens.

    What a killed process left beside the same target is removed first: it may hold raw data.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    sweep(target.parent, of=target.name)
    folder = target.with_name(aside_name(target.name))
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def write(target: Path, content: bytes) -> None:
    """Write ``content`` to ``target`` at once or not at all."""
    with aside(target) as temporary:
        temporary.write_bytes(content)
