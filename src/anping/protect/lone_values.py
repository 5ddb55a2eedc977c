"""How far numbers are to be rounded so that hardly anybody alone holds a value.

A kept number that nobody else holds is a key into any other file that holds it too.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import floor, log10

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from anping.engine.numbering import numbered
from anping.protect.transform.numbers import (
    Bounds,
    counted_bound,
    counted_quantile,
    finite,
    round_to,
    top_bottom,
)

#: A number for the person of each row, -1 where nobody knows.
People = npt.NDArray[np.int64]

#: More rows than this with a value of their own make a number a linkage key.
ALLOWED_ALONE = 0.05
#: The quantiles beyond which numbers are top- and bottom-coded.
TAILS = (0.01, 0.99)
_USUAL = (0.05, 0.95)
# No step is coarser than this share of the usual range, and few are finer than a millionth of it.
_COARSEST = 1 / 20
_FINEST = 1e-6


@dataclass(frozen=True, slots=True)
class Coarsening:
    """What to do to a number: code its tails or not, round to ``step`` or not, and what it brings.

    ``before`` and ``after`` are the shares of rows whose value nobody else holds.
    """

    tails: bool
    step: float | None
    before: float
    after: float


def share_alone(cells: pa.ChunkedArray, person: People | None = None) -> float:
    """Return the share of the rows with a value whose value nobody else holds; 0 without any.

    ``person`` (n,) numbers the person of each row (-1: nobody knows); without it each row is
    somebody else. NaN counts as missing.
    """
    return Holders.of(cells, person).alone()


def coarsening(cells: pa.ChunkedArray, person: People | None = None) -> Coarsening | None:
    """Return how to coarsen a column of numbers; see :func:`coarsening_of`."""
    return coarsening_of(Holders.of(cells, person))


def coarsening_of(holders: Holders) -> Coarsening | None:
    """Return how to coarsen a column of numbers; None where at most 5 % of the rows stand alone.

    After coding both tails at the 1 % and 99 % quantiles, the step is the smallest 1, 2 or 5 × 10^m
    that leaves at most 5 % of the rows alone, but never more than a twentieth of the range from
    the 5 % to the 95 % quantile: then ``after`` is above 5 %.
    """
    before = holders.alone()
    if before <= ALLOWED_ALONE:
        return None
    values, rows = holders.values, holders.rows
    low, high = (counted_bound(values, rows, share) for share in TAILS)
    tails = low is not None and high is not None and low < high
    coded = top_bottom(values, Bounds(low, high)).column if tails else values
    step, after = None, holders.alone(coded)
    for step_tried in _steps(values, rows):
        if after <= ALLOWED_ALONE:
            break
        step, after = step_tried, holders.alone(round_to(coded, step_tried))
    return Coarsening(tails, step, before, after)


@dataclass(frozen=True)
class Holders:
    """Who holds which value of a column: a few numbers for each of its m distinct ``values``.

    ``rows`` (m,) are the rows of each, ``one`` (m,) a person who holds it, and ``shared`` (m,) tells
    whether somebody else does, too. Cells that are missing are left out.
    """

    values: pa.Array
    rows: npt.NDArray[np.int64]
    one: People
    shared: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, cells: pa.ChunkedArray, person: People | None) -> Holders:
        """Return the holders of a column; without ``person`` each row is somebody else."""
        if pa.types.is_floating(cells.type):
            cells = pc.if_else(pc.is_nan(cells), None, cells)
        values, codes = _coded(cells)
        rows = np.bincount(codes, minlength=len(values))
        if person is None:
            return cls(values, rows, np.arange(rows.size), rows > 1)
        who = _somebody(person)
        if codes.size < who.size:
            who = who[pc.is_valid(cells).to_numpy().astype(np.bool_)]
        one = np.empty(rows.size, np.int64)
        one[codes] = who
        shared = np.zeros(rows.size, np.bool_)
        shared[codes[who != one[codes]]] = True
        return cls(values, rows, one, shared)

    def alone(self, changed: pa.Array | None = None) -> float:
        """Return the share of the rows whose value, or what it was ``changed`` to, nobody else holds."""
        if not self.rows.size:
            return 0.0
        if changed is None:
            return float(self.rows[~self.shared].sum() / self.rows.sum())
        coded = changed.dictionary_encode()
        group = coded.indices.fill_null(0).to_numpy()
        one = np.empty(len(coded.dictionary), np.int64)
        one[group] = self.one
        shared = np.zeros(one.size, np.bool_)
        shared[group[self.shared | (self.one != one[group])]] = True
        return float(self.rows[~shared[group]].sum() / self.rows.sum())


def _coded(cells: pa.ChunkedArray) -> tuple[pa.Array, npt.NDArray[np.int32]]:
    """Return the distinct values of a column and, for each cell that has one, which of them."""
    flat = cells.combine_chunks()
    if pa.types.is_signed_integer(flat.type):
        keys = flat.drop_null().cast(pa.int64()).to_numpy()
        codes, count = numbered(keys)
        distinct = np.empty(count, np.int64)
        distinct[codes] = keys
        return pa.array(distinct).cast(flat.type), codes
    coded = flat.dictionary_encode()
    return coded.dictionary, coded.indices.drop_null().to_numpy().astype(np.int32)


def _somebody(person: People) -> People:
    """Return the people's numbers, each row that names nobody being somebody of its own."""
    unknown = person < 0
    if not unknown.any():
        return person
    return np.where(unknown, person.max(initial=0) + 1 + np.arange(person.size), person)


def _steps(values: pa.Array, rows: npt.NDArray[np.int64]) -> list[float]:
    """Return the steps of 1, 2 or 5 × 10^m up to the coarsest one, ascending."""
    numbers, counts = finite(values, rows)
    low, high = (counted_quantile(numbers, counts, at) if numbers.size else 0.0 for at in _USUAL)
    coarsest = (high - low) * _COARSEST
    finest = max(coarsest * _FINEST, 2.0 if pa.types.is_integer(values.type) else 0.0)
    if coarsest <= 0:
        return []
    powers = range(floor(log10(coarsest * _FINEST)), floor(log10(coarsest)) + 1)
    steps = [float(f"{digit}e{power}") for power in powers for digit in (1, 2, 5)]
    return [step for step in steps if finest <= step <= coarsest]
