"""The plain files of a folder, by portable relative name; links and odd things are told apart."""

from __future__ import annotations

import os
import stat
import unicodedata
from pathlib import Path

_UNPORTABLE = frozenset('\\:*?"<>|')
_MAXIMUM_NAME = 1000


def is_invisible(letter: str) -> bool:
    """Return whether a character controls rather than shows: terminal codes, text direction.

    Private-use characters stay: Taiwanese files use them for rare characters in names.
    """
    return unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Zl", "Zp"}


def is_portable(name: str) -> bool:
    """Return whether a relative posix name is safe to write on any system, inside its folder."""
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    parts = name.split("/")
    return (
        len(name) <= _MAXIMUM_NAME
        and not any(letter in _UNPORTABLE or is_invisible(letter) for letter in name)
        and all(part not in {"", ".", ".."} and part[-1] not in " ." for part in parts)
    )


def plain_files(folder: Path) -> tuple[dict[str, Path], tuple[str, ...]]:
    """Return the plain files below ``folder`` sorted by name, and the names of everything odd.

    Odd are links, devices, empty folders, and names that are not portable. Links are not followed.
    """
    files: dict[str, Path] = {}
    odd: list[str] = []
    for base, folders, names in os.walk(folder, followlinks=False):
        links = [name for name in folders if Path(base, name).is_symlink()]
        if not names and not folders and Path(base) != folder:
            odd.append(_relative(folder, Path(base)))
        for name in (*names, *links):
            path = Path(base, name)
            relative = _relative(folder, path)
            if stat.S_ISREG(path.lstat().st_mode) and is_portable(relative):
                files[relative] = path
            else:
                odd.append(relative)
    return dict(sorted(files.items())), tuple(sorted(odd))


def _relative(folder: Path, path: Path) -> str:
    text = path.relative_to(folder).as_posix()
    return text.encode("utf-8", "replace").decode()
