"""The objects: every one that an asset needs is present and whole; what nobody needs is counted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from anping.core.clock import Clock
from anping.core.errors import AnpingError
from anping.core.progress import Progress
from anping.core.text import Text
from anping.workspace.checks.check import Check, count
from anping.workspace.database import reading
from anping.workspace.references import assets_of, listed, references
from anping.workspace.workspace import Workspace

#: An object younger than this may belong to a step that has not finished.
GRACE = timedelta(days=7)
_OBJECTS = Text("內容", "content")
_UNNEEDED = Text("無人引用的內容", "unreferenced content")
_LISTED = 5


@dataclass(slots=True)
class _Seen:
    """What a walk over the references found."""

    needed: set[str] = field(default_factory=set)
    size: int = 0
    wrong: list[str] = field(default_factory=list)


def check_objects(workspace: Workspace, *, thorough: bool, progress: Progress) -> Iterator[Check]:
    """Read every object that an asset needs (or only look for it) and count the others."""
    seen = _walk(workspace, thorough=thorough, progress=progress)
    n = len(seen.needed)
    measures = (
        count("doctor.objects", n, n=n, unit="objects", title=Text("內容", "objects")),
        count("doctor.objects.wrong", len(seen.wrong), n=n, unit="objects",
              title=Text("缺少或損壞的內容", "missing or damaged objects")),
        count("doctor.objects.bytes", seen.size, n=n, unit="bytes",
              title=Text("內容大小", "size of the objects")),
    )  # fmt: skip
    if seen.wrong:
        names = ", ".join(seen.wrong[:_LISTED])
        said = Text(
            f"{len(seen.wrong):,} 項內容缺少或損壞：{names}",
            f"{len(seen.wrong):,} objects are missing or damaged: {names}",
        )
        hint = Text(
            "從備份還原，或重新執行產生它的步驟。",
            "Restore a backup, or run the steps that made them again.",
        )
        yield Check("objects.whole", _OBJECTS, "fail", said, hint, measures)
        return
    done = (
        ("逐位元組核對", "each was read and digested") if thorough else ("存在", "each is present")
    )
    said = Text(f"{n:,} 項內容都在（{done[0]}）。", f"All {n:,} objects are there ({done[1]}).")
    yield Check("objects.whole", _OBJECTS, "pass", said, measures=measures)
    yield _unneeded(workspace, seen.needed)


def sweep_objects(workspace: Workspace, *, older: timedelta = GRACE) -> tuple[int, int]:
    """Remove what no asset needs and is older than a week; return how many and how many bytes.

    Raises WorkspaceError, and removes nothing, where a release's listing cannot be read.
    """
    removed = size = 0
    for digest, _ in _unreferenced(workspace, _needed(workspace), workspace.clock, older):
        # A step may have come to need it since; what it needs, it has put again just now.
        found = workspace.objects.find(digest)
        if found is None or _young(found.modified, workspace.clock, older):
            continue
        workspace.objects.discard(digest)
        removed, size = removed + 1, size + found.size
    return removed, size


def _walk(workspace: Workspace, *, thorough: bool, progress: Progress) -> _Seen:
    seen = _Seen()
    with reading(workspace.database) as connection:
        for asset in assets_of(connection):
            _look(workspace, seen, (asset.digest, asset.reference), thorough=thorough)
            try:
                for named in listed(asset, workspace.objects):
                    _look(workspace, seen, named, thorough=thorough)
            except AnpingError:
                if asset.reference not in seen.wrong:
                    seen.wrong.append(asset.reference)
            progress(_OBJECTS, len(seen.needed), None)
    return seen


def _look(workspace: Workspace, seen: _Seen, named: tuple[str, str], *, thorough: bool) -> None:
    digest, of = named
    if digest in seen.needed:
        return
    seen.needed.add(digest)
    found = workspace.objects.find(digest)
    if found is None:
        seen.wrong.append(of)
        return
    seen.size += found.size
    if thorough:
        try:
            for _ in workspace.objects.read(digest, of=of):
                pass
        except AnpingError:
            seen.wrong.append(of)


def _needed(workspace: Workspace) -> set[str]:
    with reading(workspace.database) as connection:
        return {digest for digest, _ in references(connection, workspace.objects)}


def _unneeded(workspace: Workspace, needed: set[str]) -> Check:
    found = list(_unreferenced(workspace, needed, workspace.clock, GRACE))
    size = sum(each for _, each in found)
    measures = (
        count("doctor.unreferenced", len(found), n=len(needed) + len(found), unit="objects",
              title=Text("無人引用的內容", "unreferenced objects")),
        count("doctor.unreferenced.bytes", size, n=len(found), unit="bytes",
              title=Text("無人引用的大小", "size of unreferenced objects")),
    )  # fmt: skip
    if not found:
        said = Text("沒有。", "There is none.")
        return Check("objects.unreferenced", _UNNEEDED, "pass", said, measures=measures)
    said = Text(
        f"{len(found):,} 項、{size:,} 位元組，超過七天無人引用（未完成的步驟留下的）。",
        f"{len(found):,} objects of {size:,} bytes have been needed by nobody for over a week "
        "(steps that never finished left them).",
    )
    hint = Text("執行 anping doctor --sweep 清除。", "Run anping doctor --sweep to remove them.")
    return Check("objects.unreferenced", _UNNEEDED, "warn", said, hint, measures)


def _unreferenced(
    workspace: Workspace, needed: set[str], clock: Clock, older: timedelta
) -> Iterator[tuple[str, int]]:
    for each in workspace.objects.stored():
        if each.digest not in needed and not _young(each.modified, clock, older):
            yield each.digest, each.size


def _young(modified: datetime, clock: Clock, older: timedelta) -> bool:
    return clock() - modified < older
