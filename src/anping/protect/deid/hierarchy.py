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
from anping.core.text import Text

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
    levels and must still be readable. Raises PlanError where one of these fails.
    """

    column: str
    paths: Mapping[str, tuple[str, ...]]
    prepare: Prepare = field(default=as_leaf, compare=False, repr=False)

    def __post_init__(self) -> None:
        _check_shape(self.column, self.paths)
        _check_monotone(self.column, self.paths)
        _check_unambiguous(self.column, self.paths)

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

    def require(self, leaves: Iterable[str]) -> None:
        """Raise PlanError if a leaf is outside the domain. The message gives a count, no value."""
        unknown = sum(leaf not in self.paths for leaf in set(leaves))
        if unknown:
            raise PlanError(
                "deid.hierarchy-incomplete",
                Text(
                    f"欄位「{self.column}」有 {unknown} 個不同的值不在概化階層裡。",
                    f"Column “{self.column}” has {unknown} distinct values outside its hierarchy.",
                ),
                where=Where(column=self.column),
                hint=Text(
                    "為每個值在階層檔中補一行，或改用自動建立的階層。",
                    "Add one line per value to the hierarchy file, or use a built hierarchy.",
                ),
            )

    @cached_property
    def _covered(self) -> dict[str, int]:
        return {value: len(leaves) for value, leaves in _leaves_of(self.paths).items()}

    @classmethod
    def from_csv(cls, column: str, path: Path, *, prepare: Prepare = as_leaf) -> Hierarchy:
        """Read ARX's format: one line per leaf, from the leaf to the root, ``;`` or ``,`` between.

        UTF-8, with or without a byte order mark; no header. Raises PlanError for an empty file, a
        doubled leaf, lines of unequal length, or a value with two parents.
        """
        text = _read(column, path)
        separator = ";" if text.partition("\n")[0].count(";") else ","
        rows = [row for row in csv.reader(text.splitlines(), delimiter=separator) if row]
        paths = {row[0].strip(): tuple(cell.strip() for cell in row) for row in rows}
        if len(paths) != len(rows):
            raise _broken(
                column,
                Text("有重複的值。", "A value is given twice."),
                Text("每個值只留一行。", "Keep one line per value."),
            )
        return cls(column, paths, prepare)

    def to_csv(self, path: Path) -> None:
        """Write ARX's format, ``;`` between, UTF-8: the inverse of :meth:`from_csv`."""
        with (
            files.aside(path) as temporary,
            temporary.open("w", encoding="utf-8", newline="") as out,
        ):
            writer = csv.writer(out, delimiter=";", lineterminator="\n")
            writer.writerows(self.paths.values())


def levels(
    column: str, leaves: Iterable[str], steps: Sequence[Callable[[str], str]], prepare: Prepare
) -> Hierarchy:
    """Return the hierarchy in which ``steps[i]`` gives a leaf its value on level i + 1.

    :data:`MISSING` keeps its name on every level but the last, which is :data:`TOP` for all.
    """
    paths = {
        leaf: (leaf, *(leaf if leaf == MISSING else step(leaf) for step in steps), TOP)
        for leaf in leaves
    }
    return Hierarchy(column, paths, prepare)


def _read(column: str, path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as problem:
        raise PlanError(
            "deid.hierarchy-unreadable",
            Text("讀不到概化階層檔。", "The hierarchy file cannot be read."),
            where=Where(file=path.name, column=column),
            hint=Text("確認檔案存在且以 UTF-8 儲存。", "Check that it exists and is UTF-8."),
        ) from problem


def _broken(column: str, what: Text, hint: Text) -> PlanError:
    return PlanError(
        "deid.hierarchy-broken",
        Text(f"欄位「{column}」的概化階層{what.zh}", f"The hierarchy of “{column}”: {what.en}"),
        where=Where(column=column),
        hint=hint,
    )


def _check_shape(column: str, paths: Mapping[str, tuple[str, ...]]) -> None:
    if not paths:
        raise _broken(
            column,
            Text("是空的。", "It is empty."),
            Text("至少要有一個值。", "Give at least one value."),
        )
    if len({len(path) for path in paths.values()}) > 1:
        raise _broken(
            column,
            Text("各行層數不同。", "Its lines have different numbers of levels."),
            Text("讓每一行有一樣多的層。", "Give every line the same number of levels."),
        )
    if any(not path or path[0] != leaf for leaf, path in paths.items()):
        raise _broken(
            column,
            Text("第 0 層不是值本身。", "Level 0 is not the value itself."),
            Text("每行第一格放原值。", "Put the value itself first on its line."),
        )


def _check_monotone(column: str, paths: Mapping[str, tuple[str, ...]]) -> None:
    height = len(next(iter(paths.values())))
    for level in range(height - 1):
        parents: dict[str, str] = {}
        for path in paths.values():
            if parents.setdefault(path[level], path[level + 1]) != path[level + 1]:
                raise _broken(
                    column,
                    Text(
                        f"第 {level} 層有一個值對應到第 {level + 1} 層的兩個值。",
                        f"A value of level {level} maps to two values of level {level + 1}.",
                    ),
                    Text("讓每個值只有一個上層值。", "Give every value exactly one parent."),
                )


def _leaves_of(paths: Mapping[str, tuple[str, ...]]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for leaf, path in paths.items():
        for value in path:
            found.setdefault(value, set()).add(leaf)
    return {value: frozenset(leaves) for value, leaves in found.items()}


def _check_unambiguous(column: str, paths: Mapping[str, tuple[str, ...]]) -> None:
    height = len(next(iter(paths.values())))
    total = {value: len(leaves) for value, leaves in _leaves_of(paths).items()}
    for level in range(height):
        here: dict[str, int] = {}
        for path in paths.values():
            here[path[level]] = here.get(path[level], 0) + 1
        if any(count != total[value] for value, count in here.items()):
            raise _broken(
                column,
                Text(
                    "有一個名稱在不同層代表不同的範圍。",
                    "One name stands for different sets of values on different levels.",
                ),
                Text("替其中一層改名。", "Rename it on one of the levels."),
            )
