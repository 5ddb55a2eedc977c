"""Policies and licences: a shipped one is named, one's own is a file whose content is an input."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path


def own_file(given: Path, shipped: Collection[str]) -> tuple[Path, ...]:
    """Return the file that is meant, or nothing where a shipped document is named."""
    return () if str(named(given, shipped)) in shipped else (given,)


def named(given: Path, shipped: Collection[str]) -> Path:
    """Return the bare name of a shipped document, else the path.

    A pipeline makes every path relative to its folder, so a shipped name may come with a folder.
    """
    return Path(given.name) if given.name in shipped and not given.exists() else given
