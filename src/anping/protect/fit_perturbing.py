"""Fit the perturbing transforms of single columns: their chances, orders and noise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from math import isfinite
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from anping.core.cells import cell_text
from anping.core.errors import ParameterError, PlanError, Where
from anping.core.measure import Measure
from anping.core.text import Text
from anping.engine.stream import mapped, through
from anping.engine.table import Table
from anping.protect.entries_perturbing import Noise, Pram, RankSwap
from anping.protect.fit_sample import too_many_rows
from anping.protect.transform import pram
from anping.protect.transform.columns import Columns
from anping.protect.transform.draws import Draws
from anping.protect.transform.noise import Mechanism
from anping.protect.transform.numbers import Bounds, beyond
from anping.protect.transform.perturbing import Noising, Placed, Randomising
from anping.protect.transform.rank_swap import rank_swap
from anping.protect.transform.rows import Transformer
from anping.protect.transform.sampling import Chosen

Counts = npt.NDArray[np.int64]

#: What looks at all rows together holds them, and much beside, in memory.
MOST_ROWS = 20_000_000
#: What can be done in blocks of so many rows holds one column of numbers for all of them.
MOST_IN_BLOCKS = 200_000_000
#: On a cluster such a column travels to every worker's process: 160 MB of numbers.
MOST_THERE = 20_000_000
#: A matrix of chances has this many rows and columns at most.
MOST_CATEGORIES = 1_000
#: A value of fewer rows than this points at somebody: it is not named in the account.
FEW = 5
_COUNTED = pa.schema([pa.field("changed", pa.int64()), pa.field("present", pa.int64())])


@dataclass(frozen=True)
class Made:
    """A fitted transform: what to do, what was measured, what is told of it and what proves it."""

    step: Transformer
    measures: tuple[Measure, ...] = ()
    note: Text | None = None
    details: Mapping[str, Any] = field(default_factory=dict)

    def and_measured(self, measure: Measure) -> Made:
        """Return the same with one more measure, before the others."""
        return replace(self, measures=(measure, *self.measures))


def randomised(entry: Pram, name: str, values: pa.Array, counts: Counts, *, key: bytes) -> Made:
    """Return PRAM of a column, from its distinct values and the rows of each.

    Raises PlanError for a matrix that lacks a value, or more than :data:`MOST_CATEGORIES` values.
    """
    present = values.is_valid().to_numpy(zero_copy_only=False)
    known, rows = values.filter(pa.array(present)), counts[present]
    texts = [cell_text(value) for value in known.to_pylist()]
    if entry.matrix is not None and pa.types.is_string(known.type):
        new = {other for row in entry.matrix.values() for other in row} | set(entry.matrix)
        texts += sorted(new - set(texts))
        known, rows = pa.array(texts, known.type), np.pad(rows, (0, len(texts) - rows.size))
    if len(texts) > MOST_CATEGORIES:
        raise _too_many_categories(name)
    transition = _transition(entry, name, texts, rows)
    measures = [
        _share(
            "deid.pram.unchanged",
            name,
            transition.unchanged(rows),
            n=int(rows.sum()),
            title=Text("預期維持原值的比例", "Expected share of cells that stay"),
        )
    ]
    # A matrix that is made from the data promises nothing by itself.
    if (entry.method == "uniform" or entry.matrix is not None) and isfinite(transition.epsilon):
        title = Text("每個值的區域差分隱私 ε", "Local differential privacy of one value: epsilon")
        measures.append(
            Measure(
                "deid.pram.epsilon",
                transition.epsilon,
                "epsilon",
                int(rows.sum()),
                title,
                subject=name,
                method="randomised response: greatest log ratio within a column of the matrix",
            )
        )
    step = Randomising(known, transition, Draws.of(key, "pram", name))
    return Made(step, tuple(measures), details={"pram": _told(entry, texts, rows)})


def _transition(entry: Pram, name: str, texts: list[str], rows: Counts) -> pram.Transition:
    if entry.matrix is not None:
        # A value that only comes out, and never stands in the column, needs no chances.
        alone = {text: {text: 1.0} for text, count in zip(texts, rows, strict=True) if not count}
        try:
            return pram.given(texts, {**alone, **entry.matrix})
        except KeyError:
            raise _matrix_lacks(name) from None
    if entry.method == "uniform":
        return pram.uniform(max(1, len(texts)), entry.keep)
    return pram.invariant(rows if rows.size else np.ones(1, np.int64), entry.keep)


def _told(entry: Pram, texts: list[str], rows: Counts) -> dict[str, Any]:
    """Return what an analyst needs to know the matrix: it is made from this alone.

    Values of fewer than :data:`FEW` rows are not named, but their number and common share are.
    """
    if entry.matrix is not None:
        return {"method": "given", "matrix": entry.matrix}
    if entry.method == "uniform":
        return {"method": "uniform", "keep": entry.keep, "values": len(texts)}
    total = max(1, int(rows.sum()))
    named = {
        text: round(int(row) / total, 6)
        for text, row in zip(texts, rows, strict=True)
        if row >= FEW
    }
    told: dict[str, Any] = {"method": "invariant", "keep": entry.keep, "shares": named}
    if len(named) < len(texts):
        rare = int(rows[rows < FEW].sum())
        told["rare"] = {"values": len(texts) - len(named), "share": round(rare / total, 6)}
    return told


def noised(entry: Noise, name: str, values: pa.Array, counts: Counts) -> Made:
    """Return noise for a column, with its scale and, where its range is given, its epsilon.

    Raises MissingExtraError without OpenDP.
    """
    width = None if entry.low is None or entry.high is None else entry.high - entry.low
    if entry.scale is not None:
        mechanism = Mechanism(entry.distribution, entry.scale)
    else:
        assert entry.epsilon is not None
        assert width is not None
        mechanism = Mechanism.of_epsilon(
            entry.distribution, entry.epsilon, width=width, delta=entry.delta
        )
    present = int(counts[values.is_valid().to_numpy(zero_copy_only=False)].sum())
    measures = [
        Measure(
            "deid.noise.scale",
            mechanism.scale,
            "scale",
            present,
            Text("雜訊的尺度", "Scale of the noise"),
            subject=name,
            method=f"OpenDP {entry.distribution}",
        )
    ]
    if width is not None:
        moved = beyond(values, counts, Bounds(entry.low, entry.high))
        title = Text("先移到界限內的儲存格數", "Cells moved between the bounds first")
        measures.append(_cells("deid.noise.clamped", name, moved, n=present, title=title))
        delta = entry.delta or (1e-6 if entry.distribution == "gaussian" else None)
        measures.append(_epsilon(name, mechanism, width, delta=delta, n=present))
    return Made(Noising(mechanism, entry.low, entry.high), tuple(measures))


def _epsilon(
    name: str, mechanism: Mechanism, width: float, *, delta: float | None, n: int
) -> Measure:
    at = "" if delta is None else f" at delta = {delta:g}"
    return Measure(
        "deid.noise.epsilon",
        mechanism.loss(width, delta=delta),
        "epsilon",
        n,
        Text(
            "每個儲存格的區域差分隱私 ε",
            "Local differential privacy of one cell: epsilon",
        ),
        subject=name,
        method=f"OpenDP privacy map of {mechanism.distribution} noise{at}; cells of one person add up",
    )


@dataclass(frozen=True)
class Looking:
    """A table whose rows are read through transforms, the key of the run's chance, its sample."""

    table: Table
    columns: Columns
    key: bytes = field(repr=False)
    chosen: Chosen | None = None

    def cells(self, name: str, technique: str) -> pa.Array:
        """Return a whole column after its transforms, in memory.

        Raises ParameterError for more than :data:`MOST_IN_BLOCKS` rows, on a cluster
        :data:`MOST_THERE`.
        """
        require_fitting(self.table, technique, most=MOST_IN_BLOCKS)
        alone = self.columns.only([name])
        schema = alone.schema(self.table.schema)
        read = through(
            self.table,
            alone,
            columns=alone.needed,
            schema=schema,
            numbered=self.columns.numbers,
        )
        return read.column(name).combine_chunks()

    def changed(self, name: str, step: Transformer, *, key: str) -> Measure:
        """Return how many cells a transform changes; missing ones are not counted."""
        alone = self.columns.only([name])
        counting = _Changing(alone, name, step, self.chosen)
        needed = tuple(dict.fromkeys((*alone.needed, *step.needs)))
        made = mapped(
            self.table, counting, columns=needed, schema=_COUNTED, numbered=self.columns.numbers
        )
        counts = [(batch.column(0)[0].as_py(), batch.column(1)[0].as_py()) for batch in made]
        changed, present = (sum(each) for each in zip(*counts, strict=True))
        title = Text("改變的儲存格數", "Cells changed")
        return _cells(key, name, changed, n=present, title=title)


@dataclass(frozen=True)
class _Changing:
    """Counts the cells of a batch that a transform changes."""

    columns: Columns
    name: str
    step: Transformer
    chosen: Chosen | None

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        if self.chosen is not None:
            places = batch.column(self.columns.numbers).to_numpy()
            batch = batch.filter(pa.array(self.chosen.holds(places)))
        rows = self.columns.rows(batch)
        before = self.columns.cells(self.name, rows)
        after = self.step(before, rows)
        same = pc.fill_null(pc.equal(before, after), fill_value=False)
        present = len(before) - before.null_count
        kept = int(pc.sum(pc.and_(same, before.is_valid())).as_py() or 0)
        return pa.record_batch({"changed": [present - kept], "present": [present]})


def swapped(entry: RankSwap, name: str, looking: Looking) -> Made:
    """Return rank swapping of a column: the whole column, its values moved between near ranks.

    Missing cells stay where they are; rows that a sample left out are not looked at.
    """
    cells = looking.cells(name, "rank_swap")
    if looking.chosen is not None:
        drawn = looking.chosen.holds(np.arange(len(cells)))
        cells = pc.if_else(pa.array(drawn), cells, pa.scalar(None, cells.type))
    draws = Draws.of(looking.key, "rank_swap", name)
    blocks = blocks_of(len(cells))
    if len(blocks) == 1:
        done = [_swapped(cells, entry.percent, draws)]
    else:
        done = [
            _swapped(
                cells.slice(start, end - start), entry.percent, Draws.of(draws.key, str(start))
            )
            for start, end in blocks
        ]
    made = pa.concat_arrays([each.cells for each in done])
    n = sum(each.present for each in done)
    title = Text("改變的儲存格數", "Cells changed")
    changed = sum(each.changed for each in done)
    measures = [_cells("deid.rank_swap.changed", name, changed, n=n, title=title)]
    if n:
        moved = sum(each.moved * each.present for each in done) / n
        title = Text("平均移動的名次（占全部）", "Mean distance in ranks, as a share of all")
        measures.append(_share("deid.rank_swap.distance", name, moved, n=n, title=title))
    return Made(Placed(made), tuple(measures), told_blocks(len(done)))


@dataclass(frozen=True)
class _Swapped:
    """A column's cells after rank swapping; ``moved`` is the mean distance, a share of all ranks."""

    cells: pa.Array
    present: int
    changed: int
    moved: float


def _swapped(cells: pa.Array, percent: float, draws: Draws) -> _Swapped:
    places = np.flatnonzero(cells.is_valid().to_numpy(zero_copy_only=False))
    order = pc.array_sort_indices(cells).to_numpy()[: places.size]
    keys = _ranks(cells, order)[places]
    source = rank_swap(keys, percent, draws)
    taken = np.arange(len(cells))
    taken[places] = places[source]
    made = cells.take(pa.array(taken))
    same = pc.fill_null(pc.equal(cells, made), fill_value=True)
    n = int(places.size)
    moved = float(np.abs(keys[source] - keys).mean()) / n if n else 0.0
    return _Swapped(made, n, len(cells) - int(pc.sum(same).as_py() or 0), moved)


def blocks_of(rows: int) -> list[tuple[int, int]]:
    """Return the first row, and the one after the last, of blocks that are alike in size."""
    count = max(1, -(-rows // MOST_ROWS))
    borders = [rows * place // count for place in range(count + 1)]
    return list(pairwise(borders))


def told_blocks(count: int) -> Text | None:
    """Return how many blocks of rows were handled by themselves, if there was more than one."""
    if count == 1:
        return None
    return Text(f"分成 {count} 段列各自處理", f"in {count} blocks of rows, each by itself")


def _ranks(cells: pa.Array, order: Counts) -> Counts:
    """Return each cell's place among the sorted ones; equal cells have the first one's."""
    ranks = np.zeros(len(cells), np.int64)
    if order.size:
        ranked = cells.take(pa.array(order))
        new = pc.fill_null(pc.not_equal(ranked.slice(1), ranked.slice(0, len(ranked) - 1)), True)
        starts = np.append(True, new.to_numpy(zero_copy_only=False))
        ranks[order] = np.maximum.accumulate(np.where(starts, np.arange(order.size), 0))
    return ranks


def require_fitting(table: Table, technique: str, *, most: int = MOST_ROWS) -> None:
    """Raise ParameterError for more rows than what is made of them can be held, or can travel."""
    if table.distributed and table.rows > MOST_THERE:
        raise ParameterError(
            "protect.too-many-rows-there",
            Text(
                f"{technique} 要一次看到所有列；在叢集上，它做出的欄位會送到每個工作程序，因此最多 {MOST_THERE:,} 列"
                "（每欄每列至多 8 位元組）。",
                f"{technique} looks at all rows at once. On a cluster the column that it makes travels to"
                f" every worker's process, so it takes {MOST_THERE:,} rows at most (8 bytes a row and"
                " column).",
            ),
            hint=Text(
                "分成數個表處理，或把表取到一台機器上再處理。",
                "Split the table, or bring it to one machine first.",
            ),
        )
    if table.rows > most:
        raise too_many_rows(technique, most)


def _cells(key: str, name: str, count: int, *, n: int, title: Text) -> Measure:
    return Measure(key, float(count), "cells", n, title, subject=name, method="count")


def _share(key: str, name: str, value: float, *, n: int, title: Text) -> Measure:
    return Measure(key, value, "share", n, title, subject=name)


def _too_many_categories(name: str) -> PlanError:
    return PlanError(
        "plan.too-many-categories",
        Text(
            f"pram 一欄最多 {MOST_CATEGORIES:,} 種值。",
            f"pram takes a column of at most {MOST_CATEGORIES:,} values.",
        ),
        where=Where(column=name),
        hint=Text("先取整或概化，或改用 rank_swap。", "Round it first, or use rank_swap."),
    )


def _matrix_lacks(name: str) -> PlanError:
    return PlanError(
        "plan.matrix-lacks-value",
        Text(
            "pram 的 matrix 沒有寫到欄中的某個值。",
            "The pram matrix lacks a value of the column.",
        ),
        where=Where(column=name),
        hint=Text("為每個值寫一列機率。", "Give every value its row of chances."),
    )
