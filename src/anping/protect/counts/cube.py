"""A table of counts with all its margins, as arrays with one more place in each dimension."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain, combinations
from math import prod

import numpy as np
import numpy.typing as npt

from anping.core.errors import InputError, ParameterError, Where
from anping.core.text import Text
from anping.engine.codes import MISSING, encode
from anping.engine.table import Table
from anping.protect.pseudonym.normal import normal_texts
from anping.protect.transform.rows import plain

#: Cells of a table with its margins; more are no table that anybody reads.
MOST_CELLS = 250_000
#: Dimensions of a table.
MOST_DIMENSIONS = 4

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Cube:
    """Everything that is known of the cells; the last place of each dimension is its total.

    All arrays have the shape of the table with margins. ``count`` is what is published: people, each
    once in every innermost cell (rows without a person column), so that margins are sums. ``people``
    are the different people of a cell. ``total`` is the sum of the values, ``largest``, ``second``
    and ``top`` the contributions of the largest, the second and the n largest people; zeros without
    a value column.
    """

    by: tuple[str, ...]
    labels: tuple[tuple[str, ...], ...] = field(repr=False)
    rows: int
    count: Whole = field(repr=False)
    people: Whole = field(repr=False)
    total: Floats = field(repr=False)
    largest: Floats = field(repr=False)
    second: Floats = field(repr=False)
    top: Floats = field(repr=False)

    @property
    def shape(self) -> tuple[int, ...]:
        """The numbers of places, totals included."""
        return self.count.shape

    @property
    def inner(self) -> tuple[slice, ...]:
        """The place of the cells without margins."""
        return tuple(slice(size - 1) for size in self.shape)


def cube_of(
    table: Table, by: Sequence[str], *, value: str | None, person: str | None, top: int
) -> Cube:
    """Return the cells of ``table`` grouped by the columns ``by``, with all margins.

    A missing category is one of its own. People are compared in the normal form of identifiers;
    rows without a person are one person together, and rows without a value are left out. Raises
    ParameterError (no columns, too many, too many cells), and InputError (values that are no
    numbers, or negative).
    """
    table.require([*by, *([value] if value else []), *([person] if person else [])])
    _check_columns(by)
    codes, labels = _codes(table, by)
    sizes = [len(names) for names in labels]
    _check_size(sizes)
    values, there = _values(table, value)
    key = np.ravel_multi_index([each[there] for each in codes], sizes).astype(np.int64)
    whose = np.flatnonzero(there)
    if person is not None:
        whose = _people(table, person)[there]
    given = _Given(sizes, *_contributions(key, whose, values[there]))
    parts = [given.part(axes, top) for axes in _subsets(len(sizes))]
    count = given.part((), top)[0]
    whole = [_margins(count), *(_assembled(sizes, parts, place) for place in range(5))]
    return Cube(
        tuple(by),
        tuple(labels),
        int(there.sum()),
        whole[0].astype(np.int64),
        whole[1].astype(np.int64),
        *whole[2:],
    )


def _subsets(dimensions: int) -> list[tuple[int, ...]]:
    every = range(dimensions)
    return list(chain.from_iterable(combinations(every, size) for size in range(dimensions + 1)))


@dataclass(frozen=True)
class _Given:
    """What each person gives to each innermost cell, each pair once."""

    sizes: list[int]
    cell: Whole
    person: Whole
    value: Floats

    def part(self, axes: tuple[int, ...], top: int) -> tuple[Floats, ...]:
        """Return people, sum, largest, second and top n of the cells with ``axes`` summed up."""
        left = [size if axis not in axes else 1 for axis, size in enumerate(self.sizes)]
        places = np.unravel_index(self.cell, self.sizes)
        kept = [np.zeros_like(at) if axis in axes else at for axis, at in enumerate(places)]
        cell, _, value = _contributions(np.ravel_multi_index(kept, left), self.person, self.value)
        cells = prod(left)
        people = np.bincount(cell, minlength=cells).astype(np.float64)
        order = np.lexsort((-value, cell))
        starts = np.cumsum(people) - people
        rank = np.arange(cell.size) - starts[cell[order]]
        cell, value = cell[order], value[order]
        sums = [
            np.bincount(cell[few], value[few], cells)
            for few in (rank >= 0, rank < 1, rank == 1, rank < top)
        ]
        return tuple(np.asarray(each, np.float64).reshape(left) for each in (people, *sums))


def _contributions(cell: Whole, person: Whole, value: Floats) -> tuple[Whole, Whole, Floats]:
    """Return each pair of a cell and a person once, with the sum of its values."""
    people, who = np.unique(person, return_inverse=True)
    keys, place = np.unique(cell * max(1, people.size) + who.reshape(-1), return_inverse=True)
    sums = np.bincount(place.reshape(-1), value, keys.size)
    cells, whose = np.divmod(keys, max(1, people.size))
    return cells.astype(np.int64), people[whose].astype(np.int64), np.asarray(sums, np.float64)


def _assembled(sizes: list[int], parts: Sequence[tuple[Floats, ...]], place: int) -> Floats:
    whole = np.zeros([size + 1 for size in sizes])
    for axes, part in zip(_subsets(len(sizes)), parts, strict=True):
        at = [slice(-1, None) if axis in axes else slice(-1) for axis in range(len(sizes))]
        whole[tuple(at)] = part[place]
    return whole


def _margins(cells: Floats) -> Floats:
    for axis in range(cells.ndim):
        cells = np.concatenate([cells, cells.sum(axis=axis, keepdims=True)], axis=axis)
    return cells


def _codes(table: Table, by: Sequence[str]) -> tuple[list[Whole], list[tuple[str, ...]]]:
    codes, labels = [], []
    for name in by:
        found = encode(table, name)
        names = [str(each) for each in found.values.to_pylist()]
        if "*" in names:
            raise ParameterError(
                "counts.star",
                Text("有一個類別叫「*」，而它代表合計。", "A category is called *, as totals are."),
                where=Where(column=name),
                hint=Text("先替這個類別改名。", "Rename the category first."),
            )
        own = found.codes.astype(np.int64)
        if (own == MISSING).any():
            own[own == MISSING] = len(names)
            names.append("")
        codes.append(own)
        labels.append(tuple(names))
    return codes, labels


def _people(table: Table, person: str) -> Whole:
    """Return a number for each row's person, in normal form; 0 for all who are not named."""
    coded = normal_texts(plain(table.column(person).combine_chunks())).dictionary_encode()
    codes = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    return np.asarray(codes + 1, np.int64)


def _values(table: Table, value: str | None) -> tuple[Floats, Bools]:
    if value is None:
        return np.zeros(table.rows), np.ones(table.rows, np.bool_)
    found = encode(table, value, ordered=False)
    try:
        known = np.array([float(each) for each in found.values.to_pylist()], np.float64)
    except (TypeError, ValueError):
        known = np.array([np.nan])
    if not np.isfinite(known).all() or (known < 0).any():
        raise InputError(
            "counts.values",
            Text("加總的欄位有負數或不是數字的值。", "A value to sum is negative or no number."),
            where=Where(column=value),
            hint=Text(
                "優勢規則只適用於非負數；先清理或換一欄。",
                "The rules hold for numbers from 0 on: clean the column or take another.",
            ),
        )
    return np.append(known, 0.0)[found.codes], found.codes != MISSING


def _check_columns(by: Sequence[str]) -> None:
    if not 1 <= len(by) <= MOST_DIMENSIONS or len(set(by)) < len(by):
        raise ParameterError(
            "counts.columns",
            Text(
                f"表格要有 1 到 {MOST_DIMENSIONS} 個不同的分組欄位。",
                f"A table has 1 to {MOST_DIMENSIONS} different columns to group by.",
            ),
            hint=Text("減少欄位，或分成數張表。", "Take fewer columns, or make several tables."),
        )


def _check_size(sizes: Sequence[int]) -> None:
    cells = prod(size + 1 for size in sizes)
    if cells > MOST_CELLS:
        raise ParameterError(
            "counts.too-large",
            Text(
                f"表格連合計有 {cells:,} 格，超過 {MOST_CELLS:,}。",
                f"The table has {cells:,} cells with its totals, over {MOST_CELLS:,}.",
            ),
            hint=Text("先合併類別，或減少欄位。", "Merge categories first, or take fewer columns."),
        )
