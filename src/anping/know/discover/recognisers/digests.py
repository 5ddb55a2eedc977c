"""The digest of a model: of its files' names and bytes, so that the same model has the same digest."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import file_digest, sha256
from pathlib import Path


def files_digest(files: Iterable[tuple[str, Path]]) -> str:
    """Return the SHA-256 over the names and SHA-256 digests of files, by name."""
    whole = sha256()
    for name, path in sorted(files):
        with path.open("rb") as stream:
            whole.update(f"{file_digest(stream, 'sha256').hexdigest()}  {name}\n".encode())
    return whole.hexdigest()


def folder_digest(folder: Path) -> str:
    """Return the digest of a folder's files; caches of compiled code do not count."""
    return files_digest(
        (path.relative_to(folder).as_posix(), path)
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    )
