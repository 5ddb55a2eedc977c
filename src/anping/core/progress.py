"""Progress is told to a callable, so that a shell can draw it and a library user can ignore it."""

from __future__ import annotations

from collections.abc import Callable

from anping.core.text import Text

#: Called with what is being done, how much is done, and how much there is (None: unknown).
Progress = Callable[[Text, int, int | None], None]


def silent(what: Text, done: int, total: int | None) -> None:
    """Ignore progress."""
