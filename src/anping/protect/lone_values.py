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

from anping.protect.transform.numbers import Bounds, quantile_bound, round_to, top_bottom

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


def share_alone(cells: pa.ChunkedArray, person: npt.NDArray[np.int64] | None = None) -> float:
    """Return the share of the rows with a value whose value nobody else holds; 0 without any.

    ``person`` (n,) numbers the person of each row (-1: nobody knows); without it each row is
    somebody else. NaN counts as missing.
    """
    flat = cells.combine_chunks().dictionary_encode()
    codes = flat.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    present = codes >= 0
    if pa.types.is_floating(cells.type):
        present &= ~pc.fill_null(pc.is_nan(cells), fill_value=True).to_numpy()
    codes = codes[present]
    if not codes.size:
        return 0.0
    rows = np.bincount(codes)
    if person is None:
        return float((rows == 1).sum() / codes.size)
    who = np.where(person < 0, person.max(initial=0) + 1 + np.arange(person.size), person)[present]
    pairs = np.unique(np.stack([codes, who]), axis=1)
    holders = np.bincount(pairs[0], minlength=rows.size)
    return float(rows[holders == 1].sum() / codes.size)


def coarsening(
    cells: pa.ChunkedArray, person: npt.NDArray[np.int64] | None = None
) -> Coarsening | None:
    """Return how to coarsen a column of numbers; None where at most 5 % of the rows stand alone.

    After coding both tails at the 1 % and 99 % quantiles, the step is the smallest 1, 2 or 5 × 10^m
    that leaves at most 5 % of the rows alone, but never more than a twentieth of the range from
    the 5 % to the 95 % quantile: then ``after`` is above 5 %.
    """
    before = share_alone(cells, person)
    if before <= ALLOWED_ALONE:
        return None
    low, high = (quantile_bound(cells, share) for share in TAILS)
    tails = low is not None and high is not None and low < high
    coded = top_bottom(cells, Bounds(low, high)).column if tails else cells
    step, after = None, share_alone(coded, person)
    for step_tried in _steps(cells):
        if after <= ALLOWED_ALONE:
            break
        step, after = step_tried, share_alone(round_to(coded, step_tried), person)
    return Coarsening(tails, step, before, after)


def _steps(cells: pa.ChunkedArray) -> list[float]:
    """Return the steps of 1, 2 or 5 × 10^m up to the coarsest one, ascending."""
    numbers = pc.drop_null(pc.cast(cells, pa.float64(), safe=False)).to_numpy()
    numbers = numbers[np.isfinite(numbers)]
    low, high = np.quantile(numbers, _USUAL) if numbers.size else (0.0, 0.0)
    coarsest = float(high - low) * _COARSEST
    finest = max(coarsest * _FINEST, 2.0 if pa.types.is_integer(cells.type) else 0.0)
    if coarsest <= 0:
        return []
    powers = range(floor(log10(coarsest * _FINEST)), floor(log10(coarsest)) + 1)
    steps = [float(f"{digit}e{power}") for power in powers for digit in (1, 2, 5)]
    return [step for step in steps if finest <= step <= coarsest]
