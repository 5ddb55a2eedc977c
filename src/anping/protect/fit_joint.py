"""Fit the transforms that look at several columns, or at all rows, together.

They come after the model, because only the rows that leave count.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from anping.core.errors import ParameterError
from anping.core.measure import Measure
from anping.core.text import Text
from anping.engine.aggregate import frequencies
from anping.engine.stream import mapped, through
from anping.engine.table import Table
from anping.protect.deid.generaliser import Generaliser
from anping.protect.entries_perturbing import Anatomize, LocalSuppression, Microaggregate
from anping.protect.fit_anatomy import anatomize
from anping.protect.fit_columns import FittedColumns
from anping.protect.fit_perturbing import (
    MOST_IN_BLOCKS,
    Made,
    blocks_of,
    require_fitting,
    told_blocks,
)
from anping.protect.leaving import Leaving, Reading
from anping.protect.plan import Plan
from anping.protect.transform.columns import Columns
from anping.protect.transform.local_suppression import Combinations, keys_of, suppressed
from anping.protect.transform.microaggregation import Lost, microaggregate
from anping.protect.transform.perturbing import Emptying, Lookup, Placed

Codes = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

#: Different combinations (with people: of cells and a person) that local suppression takes.
MOST_COMBINATIONS = 10_000_000
_PERSON = "anping_person"

E_ = TypeVar("E_", LocalSuppression, Microaggregate, Anatomize)


def fit_joint(
    table: Table, plan: Plan, fitted: FittedColumns, *, generaliser: Generaliser | None
) -> FittedColumns:
    """Return the columns with local suppression, microaggregation and anatomization as last ones.

    Only rows that leave are looked at: ``generaliser`` tells which the model suppresses. Raises
    InfeasibleError where k or l cannot be met, ParameterError for more rows, columns or
    combinations than fit, or rows on a cluster where all must be here.
    """
    if not plan.named(LocalSuppression, Microaggregate, Anatomize):
        return fitted
    leaving = Leaving.of(fitted.columns, generaliser, fitted.chosen)
    joint = _Joint(table, fitted.columns, leaving)
    made: dict[str, Made] = {}
    tables: dict[str, pa.Table] = {}
    for group in _groups(plan, LocalSuppression):
        made |= joint.suppressed(group)
    for averaged in _groups(plan, Microaggregate):
        made |= joint.microaggregated(averaged)
    for alone in _groups(plan, Anatomize):
        for name, entry in alone.items():
            reading = joint.reading([name])[0]
            made[name], tables[name] = anatomize(table, name, entry, reading, key=fitted.key)
    for name, one in made.items():
        fitted = fitted.then(name, one)
    return replace(fitted, tables={**fitted.tables, **tables})


def _groups(plan: Plan, kind: type[E_]) -> list[dict[str, E_]]:
    """Return the entries of a kind by column, those of one group together."""
    groups: dict[str, dict[str, E_]] = {}
    for name, transforms in plan.columns.items():
        for each in transforms:
            if isinstance(each, kind):
                group = name if isinstance(each, Anatomize) else each.group
                groups.setdefault(group, {})[name] = each
    return list(groups.values())


@dataclass(frozen=True)
class _Joint:
    """What the joint transforms look at."""

    table: Table
    columns: Columns
    leaving: Leaving

    def _person(self) -> str | None:
        if self.columns.person is None:
            return None
        name = _PERSON
        while name in self.columns.steps:
            name += "_"
        return name

    def reading(self, names: Sequence[str]) -> tuple[Reading, pa.Schema]:
        alone = self.columns.only(names)
        person = self._person()
        schema = alone.schema(self.table.schema)
        for extra in (person, self.columns.numbers):
            if extra is not None:
                schema = schema.append(pa.field(extra, pa.int64()))
        return Reading(alone, self.leaving, person or ""), schema

    def _read(self, names: Sequence[str]) -> Table:
        reading, schema = self.reading(names)
        return through(
            self.table,
            reading,
            columns=reading.needed or self.table.columns[:1],
            schema=schema,
            numbered=self.columns.numbers,
        )

    def suppressed(self, entries: Mapping[str, LocalSuppression]) -> dict[str, Made]:
        """Return local suppression of a group of columns."""
        names = list(entries)
        k = next(iter(entries.values())).k
        person = self._person()
        counted = [*names, *(() if person is None else (person,))]
        count = "count"
        while count in counted:
            count += "_"
        found = frequencies(self._read(names), counted, count=count)
        if found.num_rows > MOST_COMBINATIONS:
            raise _too_many_combinations()
        cells = [found.column(name).combine_chunks() for name in names]
        lookup, codes, places = Lookup.of(cells)
        counts = np.asarray(found.column(count).to_numpy(), np.int64)
        rows = np.bincount(places, counts, codes.shape[0]).astype(np.int64)
        pairs = None
        if person is not None:
            persons = np.unique(found.column(person).to_numpy(), return_inverse=True)[1]
            pairs = (places, np.asarray(persons.reshape(-1), np.int64))
        combinations = Combinations(codes, rows, pairs)
        emptied = suppressed(combinations, k, weights=[each.weight for each in entries.values()])
        missing = lookup.missing(codes)
        smallest = _smallest(combinations, emptied | missing)
        before = self.columns.only(names)
        return {
            name: Made(
                Emptying(before, lookup, emptied[:, place]),
                tuple(
                    _suppression(
                        name, emptied[:, place] & ~missing[:, place], rows, smallest=smallest
                    )
                ),
            )
            for place, name in enumerate(names)
        }

    def microaggregated(self, entries: Mapping[str, Microaggregate]) -> dict[str, Made]:
        """Return microaggregation of a group of columns.

        Rows that lack the same cells are grouped by themselves on the others; where they are fewer
        than k (or people), their cells are emptied. Very many rows are grouped in blocks.
        """
        require_fitting(self.table, "microaggregate", most=MOST_IN_BLOCKS)
        names, k = list(entries), next(iter(entries.values())).k
        whole = np.full((len(names), self.table.rows), np.nan)
        lost = [Lost() for _ in names]
        blocks = groups = smallest = 0
        for block in self._blocks(names):
            values = np.stack([_numbers(block.column(name)) for name in names], axis=1)
            person = self._person()
            people = None if person is None else block.column(person).to_numpy()
            made, count, least = _averaged(values, k, people)
            numbers = np.asarray(block.column(self.columns.numbers).to_numpy(), np.int64)
            whole[:, numbers] = made.T
            lost = [one.and_more(values[:, at], made[:, at]) for at, one in enumerate(lost)]
            blocks, groups = blocks + 1, groups + count
            smallest = min(smallest or least, least or smallest)
        told = Text(f"最小一組 {smallest} 列", f"smallest group {smallest} rows")
        more = told_blocks(blocks)
        if more is not None:
            told = Text(f"{told.zh}；{more.zh}", f"{told.en}; {more.en}")
        return {
            name: Made(
                Placed(pa.array(column, mask=~np.isfinite(column))),
                tuple(_aggregation(name, one, groups=groups)),
                told,
            )
            for name, column, one in zip(names, whole, lost, strict=True)
        }

    def _blocks(self, names: Sequence[str]) -> Iterator[pa.Table]:
        """Yield the rows that leave, with their numbers, in blocks that are alike in size."""
        reading, schema = self.reading(names)
        batches = mapped(
            self.table,
            reading,
            columns=reading.needed or self.table.columns[:1],
            schema=schema,
            numbered=self.columns.numbers,
        )
        ends = iter([end for _, end in blocks_of(self.table.rows)][:-1])
        held: list[pa.RecordBatch] = []
        end = next(ends, None)
        for batch in batches:
            numbers = batch.column(self.columns.numbers)
            if end is not None and batch.num_rows and numbers[-1].as_py() >= end:
                yield pa.Table.from_batches(held, schema)
                held, end = [], next(ends, None)
            held.append(batch)
        yield pa.Table.from_batches(held, schema)


def _numbers(column: pa.ChunkedArray) -> npt.NDArray[np.float64]:
    cells = pc.cast(column, pa.float64(), safe=False)
    return np.asarray(pc.fill_null(cells, float("nan")).to_numpy(), np.float64)


def _averaged(values: Floats, k: int, people: Codes | None) -> tuple[Floats, int, int]:
    """Return the means of groups, the number of these, and the rows of the smallest (0 for none)."""
    made = np.full(values.shape, np.nan)
    count = smallest = 0
    present = np.isfinite(values)
    for pattern in np.unique(present, axis=0):
        rows = np.flatnonzero((present == pattern).all(axis=1))
        chosen = np.ix_(rows, np.flatnonzero(pattern))
        enough = rows.size if people is None else np.unique(people[rows]).size
        if pattern.any() and enough >= k:
            of_rows = None if people is None else people[rows]
            done = microaggregate(values[chosen], k, people=of_rows)
            made[chosen] = done.values
            count += done.count
            smallest = min(smallest or done.smallest, done.smallest)
    return made, count, smallest


def _smallest(combinations: Combinations, emptied: Bools) -> int:
    """Return the size of the smallest class as it is released: a cell emptied or missing is alike."""
    shown = np.where(emptied, 0, combinations.codes + 1)
    everyone = np.arange(combinations.rows.size)
    return int(combinations.held(keys_of(shown), everyone)[1].min())


def _suppression(name: str, emptied: Bools, rows: Codes, *, smallest: int) -> Iterator[Measure]:
    n = int(rows.sum())
    yield _count(
        "deid.local_suppression.cells",
        name,
        int(rows[emptied].sum()),
        n=n,
        unit="cells",
        title=Text("區域抑制清空的儲存格數", "Cells emptied by local suppression"),
    )
    yield _count(
        "deid.local_suppression.smallest",
        name,
        smallest,
        n=n,
        unit="records",
        title=Text(
            "釋出組合最少有幾人（或列）", "Fewest people (or rows) of a released combination"
        ),
    )


def _aggregation(name: str, lost: Lost, *, groups: int) -> Iterator[Measure]:
    n = lost.present
    yield _count("deid.microaggregation.changed", name, lost.changed, n=n, unit="cells",
                 title=Text("改變的儲存格數", "Cells changed"))  # fmt: skip
    yield _count("deid.microaggregation.emptied", name, lost.emptied, n=n, unit="cells",
                 title=Text("清空的儲存格數", "Cells emptied"))  # fmt: skip
    yield _count("deid.microaggregation.groups", name, groups, n=n, unit="classes",
                 title=Text("微聚合的群組數", "Groups of microaggregation"))  # fmt: skip
    yield Measure(
        "deid.microaggregation.loss",
        lost.share,
        "share",
        n,
        Text("微聚合的資訊損失", "Information loss of microaggregation"),
        subject=name,
        method="SSE/SST: squares within groups over all (Domingo-Ferrer and Mateo-Sanz 2002)",
    )


def _count(key: str, name: str, value: int, *, n: int, unit: str, title: Text) -> Measure:
    return Measure(key, float(value), unit, n, title, subject=name, method="count")


def _too_many_combinations() -> ParameterError:
    return ParameterError(
        "protect.too-many-combinations",
        Text(
            f"區域抑制的一個群組最多 {MOST_COMBINATIONS:,} 種組合。",
            f"A group of local suppression has at most {MOST_COMBINATIONS:,} combinations.",
        ),
        hint=Text(
            "先取整或減少欄位，或改用 generalise。",
            "Round first, take fewer columns, or generalise.",
        ),
    )
