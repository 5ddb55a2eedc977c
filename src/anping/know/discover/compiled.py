"""Where rules match in a buffer: in compiled code where it is there and pays, else over arrays."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np

from anping.core.errors import MissingExtraError
from anping.core.text import Text
from anping.know.discover.buffer import Buffer, Places
from anping.know.discover.rules import Rules
from anping.know.discover.standing import Matches, apart, stand_alone
from anping.know.discover.walking import every_match, walk_many

#: Loading numba and its compiled code takes some CPU second: fewer characters do not win that back,
#: unless somebody has loaded it already.
_WORTH_LOADING = 60_000_000
_NEEDED_FOR = Text("編譯過的掃描核心", "The compiled scanner")


def use_compiled(size: int, *, fast: bool | None) -> bool:
    """Return whether texts of so many characters go to compiled code.

    ``fast`` None lets the size decide. Raises MissingExtraError where True is asked for in vain.
    """
    if fast is None:
        return "numba" in sys.modules or (size >= _WORTH_LOADING and find_spec("numba") is not None)
    if fast and find_spec("numba") is None:
        raise MissingExtraError.of("fast", needed_for=_NEEDED_FOR)
    return fast


@dataclass(frozen=True)
class Matcher:
    """Finds matches of rules; compiled or not, the same ones."""

    rules: Rules
    compiled: bool

    def matches(self, buffer: Buffer, starts: Places, group: int | Places) -> Matches:
        """Return the longest matches that stand by themselves and, of one rule, do not overlap.

        ``group`` is that of all starts, or of each.
        """
        if self.compiled:
            from anping.know.discover import kernel

            return kernel.matches_in(self.rules, buffer, starts, group)
        found = walk_many(self.rules.automaton, buffer.classes, starts, group)
        alone = np.flatnonzero(stand_alone(self.rules, buffer, found))
        entity, start, end = (column[alone] for column in found)
        kept = np.flatnonzero(apart(entity, start, end))
        return entity[kept], start[kept], end[kept]

    def words(self, buffer: Buffer, starts: Places, group: int) -> Matches:
        """Return all matches from the starts."""
        if self.compiled:
            from anping.know.discover import kernel

            return kernel.words_in(self.rules, buffer, starts, group)
        return every_match(self.rules.automaton, buffer.classes, starts, group)
