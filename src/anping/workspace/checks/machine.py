"""The machine around the workspace: keys, permissions, leftovers of killed runs, space, extras."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import sqlalchemy as sa

from anping.core.errors import AnpingError
from anping.core.files import left_aside
from anping.core.text import Text
from anping.workspace import tables
from anping.workspace.checks.check import Check, count, failed
from anping.workspace.database import reading
from anping.workspace.key_stores.entries import FolderEntries
from anping.workspace.keys import ROLES
from anping.workspace.object_stores.folder import FolderObjects
from anping.workspace.object_stores.remote import RemoteObjects
from anping.workspace.workspace import Workspace

_KEYS = Text("金鑰", "keys")
_PRIVATE = Text("權限", "permissions")
_LEFT = Text("殘留", "leftovers")
_SPACE = Text("磁碟空間", "disk space")
_EXTRAS = Text("選用套件", "optional parts")
_MADE = "key:"
_LEAST_BYTES = 1 << 30
_LEAST_SHARE = 0.05
_EXTRA = re.compile(r"([A-Za-z0-9._-]+)[^;]*;.*extra == ['\"]([\w-]+)['\"]")


def check_keys(workspace: Workspace) -> Iterator[Check]:
    """Look for every signing key and every symmetric key that was ever made."""
    store, wrong = workspace.key_store, []
    with reading(workspace.database) as connection:
        names = connection.execute(sa.select(tables.facts.c.name)).scalars().all()
    secrets = [name.removeprefix(_MADE) for name in names if name.startswith(_MADE)]
    for ask, name in [*((store.signing, role) for role in ROLES),
                      *((store.secret, name) for name in secrets)]:  # fmt: skip
        try:
            ask(name)
        except AnpingError as error:
            wrong.append(failed("keys.present", _KEYS, error))
    n = len(ROLES) + len(secrets)
    if wrong:
        yield from wrong
        return
    measure = count("doctor.keys", n, n=n, unit="keys", title=Text("金鑰", "keys"))
    said = Text(f"{n} 把金鑰都在。", f"All {n} keys are there.")
    yield Check("keys.present", _KEYS, "pass", said, measures=(measure,))


def check_permissions(workspace: Workspace) -> Check:
    """Look whether other users of this machine could read keys or data."""
    if os.name == "nt":
        said = Text("Windows 的權限不在檢查範圍。", "Permissions of Windows are not looked at.")
        return Check("permissions.private", _PRIVATE, "info", said)
    keys = [path for path in _key_files(workspace) if _open_to_others(path)]
    data = [path for path in _data_places(workspace) if _open_to_others(path)]
    if not keys and not data:
        said = Text("只有擁有者能讀。", "Only the owner can read.")
        return Check("permissions.private", _PRIVATE, "pass", said)
    names = ", ".join(path.name for path in (*keys, *data)[:5])
    said = Text(f"其他使用者讀得到：{names}", f"Other users could read: {names}")
    places = " ".join(sorted({str(path) for path in (*keys, *data) if path.is_dir()}))
    hint = Text(
        f"執行 chmod -R go-rwx {places or '（該檔案）'}", f"Run chmod -R go-rwx {places or 'FILE'}"
    )
    return Check("permissions.private", _PRIVATE, "fail" if keys else "warn", said, hint)


def _key_files(workspace: Workspace) -> list[Path]:
    entries = workspace.key_store.entries
    if not isinstance(entries, FolderEntries) or not entries.folder.exists():
        return []
    return [entries.folder, *sorted(entries.folder.iterdir())]


def _data_places(workspace: Workspace) -> list[Path]:
    """Return the outermost folders: behind a private one, files need no look."""
    places = [workspace.scratch]
    if workspace.place.folder is not None:
        places = [workspace.place.folder]
    if isinstance(workspace.objects, FolderObjects):
        places.append(workspace.objects.folder)
    outer = {place.absolute() for place in places if place.exists()}
    return sorted(
        each for each in outer
        if not any(other in each.parents and not _open_to_others(other) for other in outer)
    )  # fmt: skip


def _open_to_others(path: Path) -> bool:
    return path.stat().st_mode & 0o077 != 0


def left_over(workspace: Workspace) -> list[Path]:
    """Return the files and folders that killed processes of this machine left behind."""
    places = [workspace.scratch]
    if workspace.place.folder is not None:
        places.append(workspace.place.folder)
    if isinstance(workspace.objects, FolderObjects):
        places.append(workspace.objects.aside)
    if isinstance(workspace.objects, RemoteObjects):
        places.append(workspace.objects.cache.aside)
    if isinstance(workspace.key_store.entries, FolderEntries):
        places.append(workspace.key_store.entries.folder)
    return sorted({left for place in places if place.exists() for left in left_aside(place)})


def check_leftovers(workspace: Workspace) -> Check:
    """Count what killed runs left; it may hold raw data."""
    left = left_over(workspace)
    measure = count("doctor.leftovers", len(left), n=len(left), unit="files", title=_LEFT)
    if not left:
        said = Text("沒有。", "There are none.")
        return Check("leftovers.none", _LEFT, "pass", said, measures=(measure,))
    said = Text(
        f"{len(left)} 個由中斷的程序留下，可能含原始資料。",
        f"Killed processes left {len(left)}; they may hold raw data.",
    )
    hint = Text(
        "執行 anping doctor --sweep；下一個步驟也會清除。",
        "Run anping doctor --sweep; the next step removes them, too.",
    )
    return Check("leftovers.none", _LEFT, "warn", said, hint, (measure,))


def check_space(workspace: Workspace) -> Iterator[Check]:
    """Look how much room is left where something is written."""
    places = [workspace.scratch]
    if workspace.place.folder is not None:
        places = [workspace.place.folder]
    if isinstance(workspace.objects, FolderObjects):
        places.append(workspace.objects.folder)
    for place in dict.fromkeys(_existing(place) for place in places):
        usage = shutil.disk_usage(place)
        tight = usage.free < max(_LEAST_BYTES, usage.total * _LEAST_SHARE)
        measure = count("doctor.free", usage.free, n=1, unit="bytes",
                        title=Text("可用空間", "free space"))  # fmt: skip
        free = f"{usage.free / (1 << 30):,.1f} GiB"
        said = Text(f"{place}：剩 {free}。", f"{place}: {free} free.")
        hint = Text("清出空間。", "Make room.") if tight else None
        yield Check("space.free", _SPACE, "warn" if hint else "pass", said, hint, (measure,))


def _existing(place: Path) -> Path:
    return next(each for each in (place.absolute(), *place.absolute().parents) if each.exists())


def check_extras() -> Check:
    """List the optional parts that are installed and those that are not."""
    wanted: dict[str, list[str]] = {}
    for requirement in metadata.requires("anping") or ():
        found = _EXTRA.match(requirement)
        if found:
            wanted.setdefault(found[2], []).append(found[1])
    here = sorted(name for name, needs in wanted.items() if all(map(_installed, needs)))
    absent = ", ".join(sorted(wanted.keys() - set(here))) or "-"
    said = Text(
        f"已安裝：{', '.join(here) or '-'}；未安裝：{absent}",
        f"Installed: {', '.join(here) or '-'}; not installed: {absent}",
    )
    return Check("extras.installed", _EXTRAS, "info", said)


def _installed(name: str) -> bool:
    try:
        metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return False
    return True
