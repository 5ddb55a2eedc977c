"""The object store: content by its SHA-256, in a folder, written aside and renamed."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from anping.core.digest import sha256_file
from anping.core.errors import Where, WorkspaceError
from anping.core.files import aside
from anping.core.text import Text


@dataclass(frozen=True, slots=True)
class Objects:
    """Content-addressed files under one folder."""

    folder: Path

    def path(self, digest: str) -> Path:
        """Return where the content with this digest lies or would lie."""
        return self.folder / digest[:2] / digest

    def put(self, source: Path) -> str:
        """Store a file's content and return its digest; storing it twice is harmless."""
        digest = sha256_file(source)
        target = self.path(digest)
        if target.exists() and sha256_file(target) == digest:
            return digest
        with aside(target) as temporary:
            try:
                os.link(source, temporary)
            except OSError:
                shutil.copyfile(source, temporary)
            temporary.chmod(0o600)
        return digest

    def get(self, digest: str, *, of: str) -> Path:
        """Return the path of stored content, checked against its digest.

        Raises WorkspaceError if the content is missing or torn.
        """
        path = self.path(digest)
        if not path.exists():
            raise WorkspaceError(
                "workspace.object-missing",
                Text(f"資產 {of} 的內容不見了。", f"The content of asset {of} is missing."),
                where=Where(file=path.name),
                hint=Text(
                    "從備份還原工作區，或重新執行產生它的步驟。",
                    "Restore the workspace from a backup, or run the step that made it again.",
                ),
            )
        if sha256_file(path) != digest:
            raise WorkspaceError(
                "workspace.object-damaged",
                Text(
                    f"資產 {of} 的內容與其摘要不符：檔案已損壞或遭更動。",
                    f"The content of asset {of} does not match its digest: "
                    "the file is damaged or was changed.",
                ),
                where=Where(file=path.name),
                hint=Text(
                    "從備份還原該檔案，或重新執行產生它的步驟。",
                    "Restore the file from a backup, or run the step that made it again.",
                ),
            )
        return path


def open_objects(location: str | Path, *, scratch: Path) -> Objects:
    """Return the object store at ``location``; ``scratch`` is a private local folder."""
    del scratch
    return Objects(Path(location))
