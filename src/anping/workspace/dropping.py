"""A file drop keeps checkpoints outside: a network folder, a bucket, whatever others can read.

Whoever keeps a checkpoint can later contradict a rewritten log: ``anping verify --witness`` takes
any kept checkpoint. It names the log, its size and its root hash, and nothing else.
"""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

from anping.core.errors import EvidenceError, MissingExtraError, Where, WorkspaceError
from anping.core.files import write
from anping.core.text import Text
from anping.evidence.checkpoint import SignedCheckpoint, read_checkpoint

SUFFIX = ".checkpoint"


def drop_name(signed: SignedCheckpoint) -> str:
    """Return the name of a dropped checkpoint: its log's origin and its size."""
    origin = re.sub(r"[^A-Za-z0-9._-]", "-", signed.checkpoint.origin)
    return f"{origin}-{signed.head.size:012d}{SUFFIX}"


def drop(signed: SignedCheckpoint, place: str) -> str:
    """Put a checkpoint into a folder or under an fsspec URL and return where it lies.

    What was dropped before is never changed. Raises EvidenceError (``drop.contradicts``) if another
    root was dropped for this size: the log was rewritten; WorkspaceError if the place cannot be
    written; MissingExtraError for a URL without the extra ``remote``.
    """
    name = drop_name(signed)
    if "://" in place:
        return _drop_remotely(signed, place.rstrip("/"), name)
    target = Path(place) / name
    try:
        if target.exists():
            _agree(signed, target.read_bytes(), name)
        else:
            write(target, signed.encode())
    except OSError as error:
        raise cannot_drop(place) from error
    return str(target)


def _drop_remotely(signed: SignedCheckpoint, place: str, name: str) -> str:
    try:
        import fsspec
    except ImportError as error:
        needed = Text("把檢查點放到網址", "Dropping a checkpoint at a URL")
        raise MissingExtraError.of("remote", needed_for=needed) from error
    try:
        system, folder = fsspec.core.url_to_fs(place)
        target = f"{folder}/{name}"
        if system.exists(target):
            _agree(signed, system.cat_file(target), name)
        else:
            system.makedirs(folder, exist_ok=True)
            system.pipe_file(target, signed.encode())
    except (OSError, ValueError, ImportError) as error:
        raise cannot_drop(urlsplit(place).scheme) from error
    return f"{place}/{name}"


def _agree(signed: SignedCheckpoint, earlier: bytes, name: str) -> None:
    if read_checkpoint(earlier).checkpoint != signed.checkpoint:
        raise EvidenceError(
            "drop.contradicts",
            Text(
                "先前放出去的檢查點與現在的不同：帳本在那之後被改寫。",
                "The checkpoint dropped earlier differs from this one: the ledger was rewritten since.",
            ),
            where=Where(file=name),
            hint=Text(
                "從備份還原工作區，並調查是誰更動了帳本。",
                "Restore the workspace from a backup and find out who changed the ledger.",
            ),
        )


def cannot_drop(place: str) -> WorkspaceError:
    """Return the error for a place that a checkpoint cannot be written to."""
    return WorkspaceError(
        "drop.place",
        Text("無法把檢查點寫到指定的位置。", "The checkpoint cannot be written to that place."),
        where=Where(file=place),
        hint=Text(
            "檢查路徑、權限、磁碟空間與網路。",
            "Check the path, permissions, disk space and the network.",
        ),
    )
