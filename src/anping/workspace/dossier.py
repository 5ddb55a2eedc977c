"""Handing over: a release's content and its evidence, in one folder and one zip."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from anping.core.asset import Asset
from anping.core.errors import Where, WorkspaceError
from anping.core.files import folder_aside
from anping.core.text import Text
from anping.evidence.archive import Packing, packing, zip_dossier
from anping.evidence.checkpoint import read_checkpoint
from anping.evidence.dossier import STATEMENTS, seal
from anping.evidence.tree import plain_files
from anping.workspace.timestamping import held_timestamp
from anping.workspace.witnessing import checkpoint
from anping.workspace.workspace import Workspace

_EVIDENCE = "evidence/"


@dataclass(frozen=True, slots=True)
class Handed:
    """Where a dossier was written."""

    folder: Path
    archive: Path


def export(workspace: Workspace, subject: str, folder: Path) -> Handed:
    """Write the newest release of ``subject`` as a dossier folder and its canonical zip.

    ``customers`` is the release of the table, ``customers.model`` that of the model.

    Raises WorkspaceError if nothing was released or the folder exists; nothing is written then.
    """
    release = workspace.find(f"{subject}.release")
    if release is None:
        command = "release-model" if subject.endswith(".model") else "release"
        raise WorkspaceError(
            "release.none",
            Text(f"「{subject}」還沒有釋出。", f"“{subject}” has not been released."),
            hint=Text(
                f"先執行 anping {command} {subject} --tier controlled。",
                f"Run anping {command} {subject} --tier controlled first.",
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
    # The folder comes first: whoever finds it without its zip can make the zip.
    with packing(archive) as zipped, folder_aside(folder) as temporary:
        _fill(workspace, release, temporary, zipped)
    return Handed(folder, archive)


def _is_of(workspace: Workspace, release: Asset, folder: Path) -> bool:
    """Return whether a folder is the finished dossier of a release: folders are finished at once."""
    statements = folder / STATEMENTS
    *_, newest = workspace.ledger.ancestors([release.reference])
    return statements.is_file() and statements.read_bytes().endswith(newest.line + b"\n")


def _fill(workspace: Workspace, release: Asset, folder: Path, zipped: Packing) -> None:
    """Write the dossier's files into its folder and its zip at once, each read a single time."""
    listing: dict[str, str] = json.loads(workspace.path(release).read_bytes())

    def copied(name: str) -> Iterator[bytes]:
        """Yield a file's content while it is copied and checked against its digest."""
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as copy:
            for chunk in workspace.objects.read(listing[name], of=f"{release.reference}/{name}"):
                copy.write(chunk)
                yield chunk

    def size(name: str) -> int:
        stored = workspace.objects.find(listing[name])
        return 0 if stored is None else stored.size

    # What seals the dossier follows from the evidence that lies in it.
    evidence = [name for name in listing if name.startswith(_EVIDENCE)]
    for name in evidence:
        deque(copied(name), maxlen=0)
    _seal(workspace, release, folder)
    sealed, _ = plain_files(folder)
    for name in sorted({*listing, *sealed}):
        if name in sealed:
            content = sealed[name].read_bytes()
            zipped.add(name, len(content), [content])
        else:
            zipped.add(name, size(name), copied(name))


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
