"""A folder or a pattern of files stands for the tables in it, always in the same order."""

from __future__ import annotations

import re
from pathlib import Path

from anping.core.errors import InputError, Where
from anping.core.text import Text
from anping.engine.archives import COMPRESSED, TABLES
from anping.engine.content import unreadable

_PATTERN = re.compile(r"[*?\[]")


def is_pattern(source: Path | str) -> bool:
    """Return whether the source is a pattern (``*``, ``?``, ``[…]``) and not a path that exists."""
    return _PATTERN.search(str(source)) is not None and not Path(source).exists()


def expand(source: Path | str) -> tuple[Path, ...]:
    """Return the files that a path stands for: itself, a folder's tables, or those of a pattern.

    A folder's tables are the files in it (not below it) with a suffix that Anping reads; a pattern
    matches any name and, with ``**``, folders below. Names are sorted as text, hidden files are
    passed over. Raises InputError if nothing is found, or if a link leads out of the folder.
    """
    path = Path(source)
    if is_pattern(source):
        root, pattern = _split(path)
        found = sorted(one for one in root.glob(pattern) if one.is_file())
    elif path.is_dir():
        root = path
        found = sorted(one for one in path.iterdir() if one.is_file() and _is_table(one))
    else:
        return (path,)
    shown = tuple(one for one in found if not _is_hidden(one, root))
    for one in shown:
        if not one.resolve().is_relative_to(root.resolve()):
            raise _leads_out(one)
    if not shown:
        raise _nothing(path) if root.is_dir() else unreadable(path.name)
    return shown


def _is_table(path: Path) -> bool:
    suffixes = [suffix.lower() for suffix in path.suffixes[-2:]]
    return bool(suffixes) and suffixes[-1] in TABLES | COMPRESSED


def _is_hidden(path: Path, root: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(root).parts)


def _split(pattern: Path) -> tuple[Path, str]:
    """Return the folder above the first part of the pattern that is not plain, and the rest."""
    parts = pattern.parts
    plain = next(n for n, part in enumerate(parts) if _PATTERN.search(part))
    return Path(*parts[:plain]), str(Path(*parts[plain:]))


def _leads_out(path: Path) -> InputError:
    return InputError(
        "input.link-leads-out",
        Text("連結指向資料夾之外。", "A link leads out of the folder."),
        where=Where(file=path.name),
        hint=Text(
            "請把檔案本身放進資料夾，或直接指定該檔案。",
            "Put the file itself into the folder, or name that file.",
        ),
    )


def _nothing(path: Path) -> InputError:
    return InputError(
        "input.no-files",
        Text("找不到可讀取的檔案。", "No file that can be read was found."),
        where=Where(file=path.name),
        hint=Text(
            f"可讀取的副檔名：{'、'.join(sorted(TABLES | COMPRESSED))}",
            f"Suffixes that are read: {', '.join(sorted(TABLES | COMPRESSED))}",
        ),
    )
