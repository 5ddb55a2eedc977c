"""Which tables are alike: the same rows, the same in another order, part of one another, or columns.

What was sampled is told with its interval; what was seen whole is told as such.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from anping.core.measure import Measure
from anping.core.text import Text
from anping.know.sampled_values import Share, Values, alike, contained
from anping.know.sketch import Sketch

Relation = Literal[
    "identical", "reordered", "subset", "superset", "near", "overlap", "schema", "columns", "none"
]

RELATIONS: Mapping[Relation, Text] = {
    "identical": Text("相同：同樣的列、同樣的順序", "identical: the same rows in the same order"),
    "reordered": Text("同樣的列，順序不同", "the same rows in another order"),
    "subset": Text("它的列都在另一表裡", "all of its rows are in the other table"),
    "superset": Text("另一表的列都在它裡", "it holds all rows of the other table"),
    "near": Text("幾乎相同的列", "nearly the same rows"),
    "overlap": Text("有共同的列", "some rows in common"),
    "schema": Text("欄位相同，沒有看到共同的列", "the same columns; no row in common was seen"),
    "columns": Text("有共同的欄位", "columns in common"),
    "none": Text("沒有看到相同之處", "nothing in common was seen"),
}
_ORDER = tuple(RELATIONS)
#: Rows in common from which tables are nearly the same, and how sure a subset must be.
NEAR, SURE = 0.9, 0.95
#: A column's values say nothing if fewer than these are different; and are shared from this share on.
_FEW, _SHARED = 16, 0.8
#: Pairs of columns of other names that are compared at most.
_PAIRS = 40_000


@dataclass(frozen=True, slots=True)
class SharedColumn:
    """A column whose values are found in a column of the other table."""

    column: str
    other: str
    share: Share

    def measure(self) -> Measure:
        """Return the share as a measure."""
        return _measure(
            "similarity.column", self.share, Text("值也在另一表的欄位裡", "Values that the other column holds"),
            subject=f"{self.column} → {self.other}",
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Similar:
    """How a table stands to another one, named by its reference."""

    table: str
    relation: Relation
    #: The share of the asked table's different rows that the other has, and the other way round.
    within: Share
    holds: Share
    jaccard: Share
    columns: tuple[SharedColumn, ...]
    same_columns: bool

    @property
    def measures(self) -> tuple[Measure, ...]:
        """The shares of rows, then those of columns."""
        rows = () if not self.same_columns else (
            _measure("similarity.within", self.within, Text("它的列也在另一表的比率", "Its rows that the other holds"), subject=self.table),
            _measure("similarity.holds", self.holds, Text("另一表的列也在它裡的比率", "The other's rows that it holds"), subject=self.table),
            _measure("similarity.jaccard", self.jaccard, Text("共同的列（Jaccard）", "Rows in common (Jaccard)"), subject=self.table),
        )  # fmt: skip
        return (*rows, *(one.measure() for one in self.columns))

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "table": self.table,
            "relation": self.relation,
            "said": RELATIONS[self.relation].as_json(),
            "sharedColumns": [{"column": one.column, "other": one.other} for one in self.columns],
            "measures": [measure.as_json() for measure in self.measures],
        }


def similar(asked: Sketch, others: Mapping[str, Sketch]) -> tuple[Similar, ...]:
    """Return how each other table stands to the asked one, the most alike first; not those unlike.

    All sketches must be made under one key: under another one nothing is alike.
    """
    found = [compare(asked, other, name) for name, other in others.items()]
    kept = [one for one in found if one.relation != "none"]
    return tuple(
        sorted(
            kept,
            key=lambda one: (
                _ORDER.index(one.relation), -one.jaccard.value, -len(one.columns), one.table,
            ),
        )
    )  # fmt: skip


def compare(asked: Sketch, other: Sketch, name: str) -> Similar:
    """Return how one table stands to another."""
    same = {field.name for field in asked.columns} == {field.name for field in other.columns}
    within, holds = contained(asked.sample, other.sample), contained(other.sample, asked.sample)
    jaccard = alike(asked.sample, other.sample)
    columns = tuple(_shared(asked, other))
    relation = _relation(asked, other, (within, holds, jaccard)) if same else None
    if relation is None:
        relation = "schema" if same else "columns" if columns else "none"
    return Similar(name, relation, within, holds, jaccard, columns, same)


def _relation(asked: Sketch, other: Sketch, shares: tuple[Share, Share, Share]) -> Relation | None:
    """Return how the rows of two tables of the same columns stand, or None if none is in both."""
    within, holds, jaccard = shares
    if asked.content == other.content:
        return "identical" if asked.sequence == other.sequence else "reordered"
    # All of what was seen is in the other, and enough was seen to be sure.
    part = within.value == 1.0 and within.low >= SURE and within.n > 0
    whole = holds.value == 1.0 and holds.low >= SURE and holds.n > 0
    if part and whole:
        # The same different rows: one repeats some of them more often.
        return "near"
    if part or whole:
        return "subset" if part else "superset"
    if jaccard.value >= NEAR:
        return "near"
    return "overlap" if within.value > 0 or holds.value > 0 else None


def _shared(asked: Sketch, other: Sketch) -> Iterator[SharedColumn]:
    """Yield the asked table's columns whose values the other has, each with the best of its columns."""
    wide = len(asked.cells) * len(other.cells) > _PAIRS
    for name, values in asked.cells.items():
        if values.codes.size < _FEW:
            continue
        best: SharedColumn | None = None
        for theirs in [name] if wide else other.cells:
            share = _of(values, other.cells.get(theirs))
            if share is None:
                continue
            one = SharedColumn(name, theirs, share)
            if best is None or (share.value, theirs == name) > (
                best.share.value,
                best.other == name,
            ):
                best = one
        if best is not None:
            yield best


def _of(values: Values, other: Values | None) -> Share | None:
    """Return the share of values that another column holds, where that says something."""
    if other is None or other.codes.size < _FEW:
        return None
    share = contained(values, other)
    return share if share.n >= _FEW and share.value >= _SHARED else None


def _measure(name: str, share: Share, title: Text, *, subject: str) -> Measure:
    return Measure(
        name=name,
        value=share.value,
        unit="share",
        n=share.n,
        title=title,
        subject=subject,
        interval=share.interval,
        method="count" if share.interval is None else "adaptive sampling (Flajolet 1990), Wilson",
    )
