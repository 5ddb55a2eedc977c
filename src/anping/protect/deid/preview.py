"""See a hierarchy before it is used: its levels, how many values each has, and examples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import repeat
from typing import Any

from anping.core.measure import Measure
from anping.core.text import Text
from anping.protect.deid.hierarchy import MISSING, Hierarchy, as_leaf


@dataclass(frozen=True)
class LevelPreview:
    """One level: its number of values, the most leaves that one of them covers, some of them.

    ``alone`` counts the rows that have a value of this level to themselves, ``fewest`` the rows of
    the rarest one; both are 0 where no rows were given.
    """

    level: int
    values: int
    largest: int
    examples: tuple[str, ...]
    alone: int = 0
    fewest: int = 0


@dataclass(frozen=True)
class Preview:
    """A column's hierarchy at a glance.

    ``unread`` counts the rows with a value that the hierarchy cannot read and takes for missing;
    ``missing`` those without a value; ``rows`` all.
    """

    column: str
    levels: tuple[LevelPreview, ...]
    rows: int
    missing: int
    unread: int

    def measures(self) -> tuple[Measure, ...]:
        """Return the numbers as measures: values per level, and rows that cannot be read."""
        found = [
            Measure(
                name="deid.hierarchy.values",
                value=float(each.values),
                unit="values",
                n=self.levels[0].values,
                title=Text(f"第 {each.level} 層的不同值", f"Distinct values of level {each.level}"),
                subject=f"{self.column}:{each.level}",
            )
            for each in self.levels
        ]
        found += [
            Measure(
                name="deid.hierarchy.alone",
                value=each.alone / self.rows,
                unit="share",
                n=self.rows,
                title=Text(
                    f"第 {each.level} 層仍獨一無二的列", f"Rows still unique on level {each.level}"
                ),
                subject=f"{self.column}:{each.level}",
            )
            for each in self.levels
            if self.rows
        ]
        if self.rows:
            unread = Measure(
                name="deid.hierarchy.unread",
                value=self.unread / self.rows,
                unit="share",
                n=self.rows,
                title=Text(
                    "階層讀不懂、當作缺值的列", "Rows whose value the hierarchy takes for missing"
                ),
                subject=self.column,
            )
            found.append(unread)
        return tuple(found)

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "column": self.column,
            "rows": self.rows,
            "missing": self.missing,
            "unread": self.unread,
            "levels": [
                {
                    "level": each.level,
                    "values": each.values,
                    "largest": each.largest,
                    "examples": list(each.examples),
                    "alone": each.alone,
                    "fewest": each.fewest,
                }
                for each in self.levels
            ],
        }


def preview(
    hierarchy: Hierarchy,
    values: Iterable[Any] = (),
    *,
    counts: Iterable[int] | None = None,
    examples: int = 3,
) -> Preview:
    """Return what a hierarchy does, level by level.

    ``values`` are the column's distinct raw values and ``counts`` their rows (1 by default): they
    tell how many rows cannot be read, and how many stay unique on each level. Examples are shown only of a domain that is public or was
    written by a person (:attr:`Hierarchy.given`), never of values read off the table.
    """
    rows: Counter[str] = Counter()
    held: Counter[str] = Counter()
    for value, count in zip(values, counts or repeat(1), strict=False):
        leaf = hierarchy.leaf_of(value)
        absent = as_leaf(value) == MISSING
        unread = not absent and leaf == MISSING
        rows["missing" if absent else "unread" if unread else "read"] += count
        held[leaf] += count
    levels = []
    for level in range(hierarchy.height + 1):
        found = hierarchy.values_at(level)
        told = [value for value in found if value != MISSING] if hierarchy.given else []
        largest = max(hierarchy.covered(value) for value in found)
        sizes = _sizes(hierarchy, held, level)
        alone, fewest = sum(size == 1 for size in sizes), min(sizes, default=0)
        shown = tuple(told[:examples])
        levels.append(LevelPreview(level, len(found), largest, shown, alone, fewest))
    return Preview(
        hierarchy.column, tuple(levels), sum(rows.values()), rows["missing"], rows["unread"]
    )


def _sizes(hierarchy: Hierarchy, held: Mapping[str, int], level: int) -> list[int]:
    """Return how many rows each value of a level has, of those that any row has."""
    sizes: Counter[str] = Counter()
    for leaf, count in held.items():
        if leaf in hierarchy.paths:
            sizes[hierarchy.paths[leaf][level]] += count
    return list(sizes.values())
