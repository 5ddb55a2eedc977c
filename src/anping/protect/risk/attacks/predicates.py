"""Predicates over columns: what a released cell says of a person, asked of the raw table.

A predicate is "the cells of these columns are such that these released values stand for them". A
generalised value holds for the leaves that it covers; a number for whatever lies nearer to it than to
any other released number of its column, so that rounding and noise are allowed for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from anping.core.cells import trimmed_text
from anping.engine.grouping import order_of
from anping.engine.table import Table
from anping.protect.risk.attacks.cells import Floats, numbers_of_both
from anping.protect.risk.attacks.scene import Attacked
from anping.protect.risk.classes import column_codes
from anping.protect.risk.compatible import Compatible
from anping.protect.risk.people import Codes, Codes32


@dataclass(frozen=True)
class Coded:
    """One column of both tables.

    ``released`` (m,) and ``raw`` (n,) are codes of cells; ``fits[v]`` are the raw codes that the
    released value v stands for.
    """

    name: str
    released: Codes32
    raw: Codes32
    fits: tuple[Codes, ...]

    @cached_property
    def frequency(self) -> Codes:
        """How many released rows have each released value (values,)."""
        return np.bincount(self.released, minlength=len(self.fits))

    @cached_property
    def holds_for(self) -> Codes:
        """How many raw rows each released value stands for (values,)."""
        counts = np.diff(self._raw_places[1])
        return np.array([counts[codes].sum() for codes in self.fits], np.int64)

    def released_rows(self, value: int) -> Codes32:
        """Return the released rows that have a value."""
        order, starts = self._released_places
        rows: Codes32 = order[starts[value] : starts[value + 1]]
        return rows

    def raw_rows(self, value: int) -> Codes32:
        """Return the raw rows that a released value stands for."""
        order, starts = self._raw_places
        parts = [order[starts[code] : starts[code + 1]] for code in self.fits[value]]
        return np.concatenate([order[:0], *parts])

    def kept(self, rows: Codes32, value: int) -> Codes32:
        """Return those of some raw rows that a released value stands for."""
        codes = self.fits[value]
        fitting = np.isin(self.raw[rows], codes) if codes.size > 1 else self.raw[rows] == codes[:1]
        return rows[fitting]

    @cached_property
    def _released_places(self) -> tuple[Codes32, Codes]:
        return _places(self.released, len(self.fits))

    @cached_property
    def _raw_places(self) -> tuple[Codes32, Codes]:
        known = max((int(codes.max(initial=-1)) for codes in self.fits), default=-1)
        return _places(self.raw, max(known, int(self.raw.max(initial=-1))) + 1)


@dataclass(frozen=True, slots=True)
class Predicate:
    """Released values of some columns, by their places, and the released row they were read from."""

    columns: tuple[int, ...]
    values: tuple[int, ...]
    row: int


def coded(scene: Attacked, columns: Sequence[str]) -> tuple[Coded, ...]:
    """Return the columns of both tables as codes."""
    return tuple(_coded(scene, name) for name in scene.shared(columns))


def satisfied(predicate: Predicate, columns: Sequence[Coded]) -> Codes32:
    """Return the raw rows for which a predicate holds, the rarest condition asked first."""
    pairs = [
        (columns[at], value) for at, value in zip(predicate.columns, predicate.values, strict=True)
    ]
    pairs.sort(key=lambda pair: int(pair[0].holds_for[pair[1]]))
    rows = pairs[0][0].raw_rows(pairs[0][1])
    for column, value in pairs[1:]:
        if not rows.size:
            break
        rows = column.kept(rows, value)
    return rows


def weight(predicate: Predicate, columns: Sequence[Coded]) -> float:
    """Return the share of raw rows that a predicate would hold for, were columns independent."""
    found = 1.0
    for at, value in zip(predicate.columns, predicate.values, strict=True):
        found *= float(columns[at].holds_for[value]) / max(1, columns[at].raw.size)
    return found


def _coded(scene: Attacked, name: str) -> Coded:
    if name not in scene.compatible.paths:
        numbers = numbers_of_both(scene.raw, scene.released, name)
        if numbers is not None:
            return _nearest(name, *numbers)
    return _compatible(name, scene.raw, scene.released, scene.compatible)


def _nearest(name: str, raw: Floats, released: Floats) -> Coded:
    """Return numbers as the place of the nearest released one; a missing number as a last place."""
    values = np.unique(released[~np.isnan(released)])
    middles = values[:-1] + np.diff(values) / 2
    missing = values.size
    before = np.where(np.isnan(raw), missing, np.searchsorted(middles, raw))
    after = np.where(np.isnan(released), missing, np.searchsorted(values, released))
    return Coded(
        name,
        after.astype(np.int32),
        before.astype(np.int32),
        tuple(np.arange(missing + 1)[:, None]),
    )


def _compatible(name: str, raw: Table, released: Table, compatible: Compatible) -> Coded:
    before, leaves = compatible.leaf_codes(raw, name)
    after = column_codes(released, name)
    texts = [trimmed_text(value) for value in after.values.to_pylist()]
    held: list[list[int]] = [[] for _ in texts]
    for leaf, values in enumerate(compatible.allowed(name, leaves, texts)):
        for value in values:
            held[value].append(leaf)
    return Coded(name, after.codes, before, tuple(np.array(each, np.int64) for each in held))


def _places(codes: Codes32, count: int) -> tuple[Codes32, Codes]:
    """Return the rows in the order of their codes, and where each code begins."""
    order = order_of(codes).astype(np.int32)
    return order, np.append(0, np.cumsum(np.bincount(codes, minlength=count)))
