"""The doctor looks at a workspace and what it stands on, and says what to do; it only reads.

Every check is made even if an earlier one fails, as far as it can be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from anping.core.clock import Clock, system_clock
from anping.core.errors import AnpingError, WorkspaceError
from anping.core.files import sweep
from anping.core.progress import Progress, silent
from anping.core.text import Text
from anping.workspace.checks import content, evidence, machine, searched
from anping.workspace.checks.check import Check, failed
from anping.workspace.keys import KeyStore
from anping.workspace.object_stores.remote import RemoteObjects
from anping.workspace.workspace import Workspace

_OPEN = Text("工作區", "workspace")


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep removed."""

    objects: int
    size: int
    leftovers: int


def examine(
    place: Path | str,
    *,
    keys: Path | str | KeyStore | None = None,
    thorough: bool = True,
    clock: Clock = system_clock,
    progress: Progress = silent,
) -> Iterator[Check]:
    """Yield every check of the workspace at ``place``; without ``thorough``, objects go unread."""
    yield machine.check_extras()
    try:
        workspace = Workspace.open(place, keys=keys, clock=clock)
        found = workspace.objects.location
    except AnpingError as error:
        yield failed("workspace.opens", _OPEN, error)
        return
    said = Text(
        f"{workspace.location}；內容在 {found}", f"{workspace.location}; content at {found}"
    )
    yield Check("workspace.opens", _OPEN, "pass", said)
    try:
        for name, title, look in _looks(workspace, thorough=thorough, progress=progress):
            try:
                yield from look()
            except AnpingError as error:
                yield failed(name, title, error)
    finally:
        workspace.database.dispose()


_Look = Callable[[], Iterator[Check]]


def _looks(
    workspace: Workspace, *, thorough: bool, progress: Progress
) -> Iterator[tuple[str, Text, _Look]]:
    """Yield what is looked at, in order, with the name under which its failure is told."""

    def one(look: Callable[[Workspace], Check]) -> _Look:
        return lambda: iter((look(workspace),))

    yield "database.whole", Text("資料庫", "database"), one(evidence.check_database)
    yield "keys.present", Text("金鑰", "keys"), lambda: machine.check_keys(workspace)
    yield "ledger.whole", Text("帳本", "ledger"), lambda: evidence.check_ledger(workspace)
    yield "checkpoints.covered", Text("檢查點", "checkpoints"), one(evidence.check_checkpoints)
    yield (
        "objects.whole",
        Text("內容", "content"),
        lambda: content.check_objects(workspace, thorough=thorough, progress=progress),
    )
    yield "search.current", Text("搜尋索引", "search index"), one(searched.check_search)
    yield "permissions.private", Text("權限", "permissions"), one(machine.check_permissions)
    yield "leftovers.none", Text("殘留", "leftovers"), one(machine.check_leftovers)
    yield "space.free", Text("磁碟空間", "disk space"), lambda: machine.check_space(workspace)


def clean(workspace: Workspace) -> Swept:
    """Remove what no asset has needed for a week, and what killed processes left behind.

    Raises WorkspaceError, and removes no object, where it cannot be told what is needed.
    """
    removed, size = content.sweep_objects(workspace)
    uploads = 0
    if isinstance(workspace.objects, RemoteObjects):
        uploads = workspace.objects.sweep_uploads(before=workspace.clock() - content.GRACE)
    left = machine.left_over(workspace)
    for folder in {path.parent for path in left}:
        sweep(folder)
    return Swept(removed, size, len(left) + uploads)


def unwell(checks: int) -> WorkspaceError:
    """Return the error that says how many checks failed."""
    return WorkspaceError(
        "doctor.unwell",
        Text(f"{checks} 項檢查不通過。", f"{checks} checks failed."),
        hint=Text("照上面各項的指示處理。", "Do what the checks above say."),
    )
