"""A generalisation hierarchy says, for every value of a column, what it becomes on each level.

Level 0 is the value itself (a *leaf*), the last level is usually ``*``. A missing value is the
leaf ``""``: a category of its own, which stays apart until the top. Raw cells are turned into
leaves by ``prepare``, so that a full address or an exact date of birth need not be a leaf: the
domain may start at the township or at the month.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from anping.core import files
from anping.core.cells import trimmed_text
from anping.core.errors import PlanError, Where
from anping.protect.deid.hierarchy_checks import (
    check_no_doubles,
    check_one_root,
    check_paths,
    double_faults,
    leaves_covered,
    path_faults,
    root_faults,
)
from anping.protect.deid.hierarchy_faults import misplaced_leaf
from anping.protect.deid.hierarchy_files import incomplete, read_rows

#: The leaf of a missing value (null, empty text, or a text that cannot be read as the column's type).
MISSING = ""
#: The value that covers the whole domain.
TOP = "*"

#: Turns a raw cell into the leaf it belongs to.
Prepare = Callable[[Any], str]


def as_leaf(value: Any) -> str:
    """Return a raw cell as text, blanks trimmed; null is :data:`MISSING`. Whole floats lose ``.0``.

    A cell that is already ``*`` has been suppressed by someone before: it is missing too.
    """
    text = trimmed_text(value)
    return MISSING if text == TOP else text


@dataclass(frozen=True)
class Hierarchy:
    """The levels of one column.

    ``paths`` gives each leaf its values from level 0 (the leaf itself) to level ``height``. Every
    path has the same length; a value maps to exactly one value on the next level; and a value that
    stands on two levels covers the same leaves on both, because a locally recoded column mixes
    levels and must still be readable. Raises PlanError where one of these fails. ``given``: the
    domain is public or was written by a person, and was not read off the table.
    """

    column: str
    paths: Mapping[str, tuple[str, ...]]
    prepare: Prepare = field(default=as_leaf, compare=False, repr=False)
    given: bool = field(default=False, compare=False, kw_only=True)

    def __post_init__(self) -> None:
        paths, here = tuple(self.paths.values()), Where(column=self.column)
        check_paths(paths, place=lambda _: here)
        if any(path[0] != leaf for leaf, path in self.paths.items()):
            raise misplaced_leaf(here)

    @property
    def height(self) -> int:
        """The highest level; 0 means that the column cannot be generalised."""
        return len(next(iter(self.paths.values()))) - 1

    @property
    def leaves(self) -> tuple[str, ...]:
        """The values of level 0, in the order of ``paths``."""
        return tuple(self.paths)

    @property
    def domain_size(self) -> int:
        """The number of leaves."""
        return len(self.paths)

    def leaf_of(self, value: Any) -> str:
        """Return the leaf of a raw cell. It may lie outside the domain: see :meth:`require`."""
        return self.prepare(value)

    def values_at(self, level: int) -> tuple[str, ...]:
        """Return the distinct values of a level, in order of first appearance."""
        return tuple(dict.fromkeys(path[level] for path in self.paths.values()))

    def codes_at(self, level: int) -> npt.NDArray[np.int32]:
        """Return, for each leaf in order, the index of its value in :meth:`values_at`."""
        index = {value: code for code, value in enumerate(self.values_at(level))}
        codes = (index[path[level]] for path in self.paths.values())
        return np.fromiter(codes, np.int32, len(self.paths))

    def covered(self, value: str) -> int:
        """Return how many leaves a value of any level covers; KeyError for an unknown value."""
        return self._covered[value]

    def coverage(self, value: str) -> float:
        """Return the share of the domain that ``value`` gives away as lost: 0 a leaf, 1 everything.

        (leaves covered - 1) / (leaves - 1): the normalised certainty penalty (Xu et al. 2006, KDD),
        which equals one cell's part of ARX's Loss.
        """
        return (self.covered(value) - 1) / max(1, self.domain_size - 1)

    def require(self, leaves: Iterable[str], *, file: str | None = None) -> None:
        """Raise PlanError if a leaf is outside the domain. The message gives a count, no value.

        ``file`` is where the hierarchy was written.
        """
        unknown = {leaf for leaf in leaves if leaf not in self.paths}
        if unknown:
            raise incomplete(unknown, self.paths, where=Where(file=file, column=self.column))

    @cached_property
    def _covered(self) -> dict[str, int]:
        return leaves_covered(self.paths.values())

    @classmethod
    def from_csv(cls, column: str, path: Path, *, prepare: Prepare = as_leaf) -> Hierarchy:
        """Read ARX's format: one line per leaf, from the leaf to the root, ``;`` or ``,`` between.

        UTF-8, with or without a byte order mark; no header; every line ends in the same value.
        Raises PlanError with file and row for the first fault: see
        :mod:`anping.protect.deid.hierarchy_checks`.
        """
        rows, place = read_rows(column, path)
        check_no_doubles([row[0] for row in rows], place=place)
        check_paths(rows, place=place)
        check_one_root(rows, place=place)
        return cls(column, {row[0]: row for row in rows}, prepare, given=True)

    def to_csv(self, path: Path) -> None:
        """Write ARX's format, ``;`` between, UTF-8: the inverse of :meth:`from_csv`."""
        with (
            files.aside(path) as temporary,
            temporary.open("w", encoding="utf-8", newline="") as out,
        ):
            writer = csv.writer(out, delimiter=";", lineterminator="\n")
            writer.writerows(self.paths.values())


def csv_faults(column: str, path: Path) -> list[PlanError]:
    """Return every fault of a file in ARX's form, with its row; empty for a sound one.

    Raises PlanError for a file that cannot be read at all.
    """
    rows, place = read_rows(column, path)
    found = list(path_faults(rows, place=place))
    found += double_faults([row[0] for row in rows], place=place)
    found += root_faults(rows, place=place)
    return sorted(found, key=lambda fault: fault.where.row or 0)


def levels(
    column: str,
    leaves: Iterable[str],
    steps: Sequence[Callable[[str], str]],
    prepare: Prepare,
    *,
    given: bool = False,
) -> Hierarchy:
    """Return the hierarchy in which ``steps[i]`` gives a leaf its value on level i + 1.

    :data:`MISSING` keeps its name on every level but the last, which is :data:`TOP` for all.
    """
    paths = {
        leaf: (leaf, *(leaf if leaf == MISSING else step(leaf) for step in steps), TOP)
        for leaf in leaves
    }
    return Hierarchy(column, paths, prepare, given=given)


def merging(
    leaves: Iterable[str], steps: Sequence[Callable[[str], str]]
) -> list[Callable[[str], str]]:
    """Return the steps that merge leaves which no earlier step merges: the others only rename.

    For domains that were read off the table, where a coarser code often stands for one finer code.
    """
    known = [leaf for leaf in dict.fromkeys(leaves) if leaf != MISSING]
    kept: list[Callable[[str], str]] = []
    left = len(known)
    for step in steps:
        groups = len({step(leaf) for leaf in known})
        if groups < left:
            kept.append(step)
            left = groups
    return kept
