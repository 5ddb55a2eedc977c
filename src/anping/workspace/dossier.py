"""Handing over: a release's content and its evidence, in one folder and one zip."""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass
from pathlib import Path

from anping.core.asset import Asset
from anping.core.errors import Where, WorkspaceError
from anping.core.files import folder_aside
from anping.core.text import Text
from anping.engine.cores import in_order
from anping.evidence.archive import zip_dossier
from anping.evidence.checkpoint import read_checkpoint
from anping.evidence.dossier import STATEMENTS, seal
from anping.workspace.timestamping import held_timestamp
from anping.workspace.witnessing import checkpoint
from anping.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Handed:
    """Where a dossier was written."""

    folder: Path
    archive: Path


def export(workspace: Workspace, subject: str, folder: Path) -> Handed:
    """Write the newest release of ``subject`` as a dossier folder and its canonical zip.

    Raises WorkspaceError if nothing was released or the folder exists; nothing is written then.
    """
    release = workspace.find(f"{subject}.release")
    if release is None:
        raise WorkspaceError(
            "release.none",
            Text(f"「{subject}」還沒有釋出。", f"“{subject}” has not been released."),
            hint=Text(
                f"先執行 anping release {subject} --tier controlled。",
                f"Run anping release {subject} --tier controlled first.",
            ),
        )
    archive = folder.with_name(f"{folder.name}.zip")
    if folder.is_dir() and not archive.exists() and _is_of(workspace, release, folder):
        # Whoever handed it over was stopped between the folder and its zip.
        zip_dossier(folder, archive)
        return Handed(folder, archive)
    for taken in (folder, archive):
        if taken.exists():
            raise _taken(taken)
    with folder_aside(folder) as temporary:
        _copy_content(workspace, release, temporary)
        _seal(workspace, release, temporary)
    zip_dossier(folder, archive)
    return Handed(folder, archive)


def _is_of(workspace: Workspace, release: Asset, folder: Path) -> bool:
    """Return whether a folder is the finished dossier of a release: folders are finished at once."""
    statements = folder / STATEMENTS
    *_, newest = workspace.ledger.ancestors([release.reference])
    return statements.is_file() and statements.read_bytes().endswith(newest.line + b"\n")


def _copy_content(workspace: Workspace, release: Asset, folder: Path) -> None:
    listing: dict[str, str] = json.loads(workspace.path(release).read_bytes())

    def copy(name: str) -> None:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        # Read once: the content is checked against its digest while it is copied.
        with target.open("xb") as copied:
            for chunk in workspace.objects.read(listing[name], of=f"{release.reference}/{name}"):
                copied.write(chunk)

    deque(in_order(copy, listing), maxlen=0)


def _seal(workspace: Workspace, release: Asset, folder: Path) -> None:
    ledger = workspace.ledger
    statements = [(entry.index, entry.line) for entry in ledger.ancestors([release.reference])]
    size, note = next(ledger.backwards(), (0, b""))
    covers = size > max(index for index, _ in statements)
    signed = read_checkpoint(note) if covers else checkpoint(workspace)
    with ledger.reader() as node:
        witnesses = workspace.key_store.witnesses()
        seal(
            folder,
            statements,
            checkpoint=signed,
            node=node,
            witnesses=witnesses,
            timestamp=held_timestamp(workspace, signed.head.size),
        )


def _taken(path: Path) -> WorkspaceError:
    return WorkspaceError(
        "dossier.exists",
        Text(
            "卷宗的位置已有檔案，不會覆寫。",
            "Something is there already; a dossier never overwrites.",
        ),
        where=Where(file=str(path)),
        hint=Text("請換一個新的資料夾名稱。", "Choose a new folder name."),
    )
