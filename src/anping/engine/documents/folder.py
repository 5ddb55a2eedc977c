"""A folder of documents: which files are in it, in which order, and which are none of its own."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from anping.core.errors import InputError, Where
from anping.core.text import Text
from anping.engine.documents import refusals as refusal


def documents_in(source: Path) -> Iterator[tuple[Path, str, InputError | None]]:
    """Yield every file of a folder and those below it: its path, its name there, and its refusal.

    Names are sorted; hidden files and folders are passed over; links are refused, not followed. A
    single file stands for itself. Raises InputError if the path does not exist.
    """
    if source.is_file():
        yield source, source.name, None
        return
    if not source.is_dir():
        raise InputError(
            "input.missing-file",
            Text("找不到檔案或資料夾。", "The file or folder does not exist."),
            where=Where(file=source.name),
            hint=Text("請檢查路徑。", "Check the path."),
        )
    yield from _walk(source, source)


def _walk(folder: Path, root: Path) -> Iterator[tuple[Path, str, InputError | None]]:
    name = folder.relative_to(root).as_posix()
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        yield folder, name, refusal.unreadable()
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        path = Path(entry.path)
        name = path.relative_to(root).as_posix()
        if entry.is_symlink():
            yield path, name, refusal.is_link()
        elif entry.is_dir(follow_symlinks=False):
            yield from _walk(path, root)
        elif stat.S_ISREG(entry.stat(follow_symlinks=False).st_mode):
            yield path, name, None
        else:
            yield path, name, refusal.special()
