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
    return _Holders.of(cells, person).alone()


def coarsening(cells: pa.ChunkedArray, person: People | None = None) -> Coarsening | None:
    """Return how to coarsen a column of numbers; None where at most 5 % of the rows stand alone.

    After coding both tails at the 1 % and 99 % quantiles, the step is the smallest 1, 2 or 5 × 10^m
    that leaves at most 5 % of the rows alone, but never more than a twentieth of the range from
    the 5 % to the 95 % quantile: then ``after`` is above 5 %.
    """
    holders = _Holders.of(cells, person)
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
class _Holders:
    """The distinct ``values`` of a column, its rows' ``codes`` into them, and who each row is about.

    Cells that are missing are left out. Without ``person`` each row is somebody else.
    """

    values: pa.Array
    codes: npt.NDArray[np.int32]
    person: People | None

    @classmethod
    def of(cls, cells: pa.ChunkedArray, person: People | None) -> _Holders:
        if pa.types.is_floating(cells.type):
            cells = pc.if_else(pc.is_nan(cells), None, cells)
        coded = cells.combine_chunks().dictionary_encode()
        present = coded.is_valid().to_numpy(zero_copy_only=False)
        codes = coded.indices.drop_null().to_numpy().astype(np.int32)
        who = None if person is None else _somebody(person)[present]
        return cls(coded.dictionary, codes, who)

    @property
    def rows(self) -> npt.NDArray[np.int64]:
        """The rows of each value."""
        return np.bincount(self.codes, minlength=len(self.values))

    def alone(self, changed: pa.Array | None = None) -> float:
        """Return the share of the rows whose value, or what it was ``changed`` to, nobody else holds."""
        if not self.codes.size:
            return 0.0
        codes = self.codes
        if changed is not None:
            new = changed.dictionary_encode().indices.fill_null(0).to_numpy()
            codes = new.astype(np.int32)[codes]
        rows = np.bincount(codes)
        if self.person is None:
            return float((rows == 1).sum() / codes.size)
        one = np.empty(rows.size, np.int64)
        one[codes] = self.person
        shared = np.zeros(rows.size, np.bool_)
        shared[codes[self.person != one[codes]]] = True
        return float(rows[~shared].sum() / codes.size)


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
