"""Top and bottom coding, and rounding (ISO/IEC 20889, generalisation techniques)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from math import ceil, floor, isfinite, log10

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Numbers = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Bounds:
    """The lowest and highest released number; None leaves that end open."""

    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Coded:
    """A top- and bottom-coded column, its bounds, and how many cells were moved to one."""

    column: pa.ChunkedArray
    bounds: Bounds
    cells: int


def quantile_bound(column: pa.ChunkedArray, share: float) -> float | None:
    """Return a quantile, moved inwards to two significant digits; None without any number.

    Rounded, because the quantile itself can be one person's exact value; inwards, because a bound
    beyond the quantile could be a bound that codes nobody.
    """
    numbers = pc.drop_null(_as_float(column)).to_numpy()
    numbers = numbers[np.isfinite(numbers)]
    if len(numbers) == 0:
        return None
    exact = float(np.quantile(numbers, share))
    return _two_digits(exact, up=share < 0.5)


def counted_bound(values: pa.Array, counts: Counts, share: float) -> float | None:
    """Return :func:`quantile_bound` of a column from its distinct values and the rows of each."""
    numbers, rows = finite(values, counts)
    if not numbers.size:
        return None
    return _two_digits(counted_quantile(numbers, rows, share), up=share < 0.5)


def counted_quantile(numbers: Numbers, rows: Counts, share: float) -> float:
    """Return the quantile (Hyndman and Fan 1996, type 7) of ascending ``numbers``, with repeats."""
    reached = np.cumsum(rows)
    place = (int(reached[-1]) - 1) * share
    low, high = (
        numbers[np.searchsorted(reached, at, "right")] for at in (floor(place), ceil(place))
    )
    return float(np.quantile([low, high], place - floor(place)))


def finite(values: pa.Array, counts: Counts) -> tuple[Numbers, Counts]:
    """Return the finite numbers among distinct ``values``, ascending, and the rows of each."""
    numbers = pc.fill_null(_as_float(values), np.nan).to_numpy()
    finite = np.isfinite(numbers)
    order = np.argsort(numbers[finite], kind="stable")
    return numbers[finite][order], counts[finite][order]


def _two_digits(number: float, *, up: bool) -> float:
    if number == 0 or not isfinite(number):
        return number
    unit = 10.0 ** (floor(log10(abs(number))) - 1)
    if unit == 0:
        # Of the smallest numbers that there are, two digits cannot be told.
        return number
    steps = ceil(number / unit) if up else floor(number / unit)
    return float(f"{steps * unit:.12g}")


def top_bottom(column: pa.ChunkedArray, bounds: Bounds) -> Coded:
    """Return the column with numbers beyond a bound replaced by it; type, null and NaN stay."""
    kind = column.type
    if pa.types.is_null(kind):
        return Coded(column, bounds, 0)
    low, high = bounds.low, bounds.high
    moved = 0
    coded = column
    if low is not None:
        lowest = _scalar(low, kind, up=True)
        below = pc.fill_null(pc.less(coded, lowest), fill_value=False)
        moved += pc.sum(below).as_py() or 0
        coded = pc.if_else(below, lowest, coded)
    if high is not None:
        highest = _scalar(high, kind, up=False)
        above = pc.fill_null(pc.greater(coded, highest), fill_value=False)
        moved += pc.sum(above).as_py() or 0
        coded = pc.if_else(above, highest, coded)
    return Coded(coded, bounds, moved)


def beyond(values: pa.Array, counts: Counts, bounds: Bounds) -> int:
    """Return how many cells top and bottom coding moves, from distinct values and their rows."""
    if pa.types.is_null(values.type):
        return 0
    low, high = bounds.low, bounds.high
    moved = np.zeros(len(values), np.bool_)
    if low is not None:
        moved |= _holds(pc.less(values, _scalar(low, values.type, up=True)))
    if high is not None:
        moved |= _holds(pc.greater(values, _scalar(high, values.type, up=False)))
    return int(counts[moved].sum())


def _holds(answers: pa.BooleanArray) -> npt.NDArray[np.bool_]:
    return np.asarray(pc.fill_null(answers, fill_value=False).to_numpy(zero_copy_only=False))


def _scalar(bound: float, kind: pa.DataType, *, up: bool) -> pa.Scalar:
    """Return a bound in the column's type; one outside the type's range codes nobody."""
    if pa.types.is_integer(kind):
        limits = np.iinfo(kind.to_pandas_dtype())
        whole = ceil(bound) if up else floor(bound)
        return pa.scalar(min(max(whole, int(limits.min)), int(limits.max)), kind)
    if pa.types.is_decimal(kind):
        exact = Decimal(repr(bound)).quantize(
            Decimal(1).scaleb(-kind.scale), rounding=ROUND_CEILING if up else ROUND_FLOOR
        )
        most = Decimal(10) ** (kind.precision - kind.scale) - Decimal(1).scaleb(-kind.scale)
        return pa.scalar(min(max(exact, -most), most), kind)
    return pa.scalar(bound, kind)


def _as_float(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.cast(column, pa.float64(), safe=False)


def round_to(column: pa.ChunkedArray, to: float) -> pa.ChunkedArray:
    """Return the numbers rounded to the nearest multiple of ``to``, half to even; type stays.

    An integer column takes a whole ``to`` of at least 1; a smaller one leaves it as it is.
    """
    kind = column.type
    if pa.types.is_null(kind) or (pa.types.is_integer(kind) and to < 1):
        return column
    numbers = _as_float(column)
    rounded = pc.round_to_multiple(numbers, multiple=to, round_mode="half_to_even")
    return _as_multiples(rounded, kind, to)


def round_randomly(column: pa.Array, to: float, uniform: Numbers) -> pa.Array:
    """Return the numbers rounded up or down to a multiple of ``to`` by chance; the type stays.

    A number goes up where ``uniform`` (one in [0, 1) for each cell) is below the part of the way
    that it stands above the multiple below, so that its expectation stays (Fellegi 1975). An integer
    column takes a whole ``to`` of at least 1; a smaller one leaves it as it is.
    """
    kind = column.type
    if pa.types.is_null(kind) or (pa.types.is_integer(kind) and to < 1):
        return column
    steps = pc.divide(_as_float(column), to)
    below = pc.floor(steps)
    # What is a multiple but for its last digits must not move by a whole step.
    near = pc.round(steps)
    exact = pc.less(pc.abs(pc.subtract(steps, near)), 1e-9)
    up = pc.less(pa.array(uniform), pc.subtract(steps, below))
    moved = pc.add(below, pc.cast(up, pa.float64()))
    return _as_multiples(pc.multiply(pc.if_else(exact, near, moved), to), kind, to)


def _as_multiples(rounded: pa.ChunkedArray, kind: pa.DataType, to: float) -> pa.ChunkedArray:
    """Return multiples of ``to`` in a column's type, with no more decimals than ``to`` has."""
    if pa.types.is_integer(kind):
        return pc.cast(pc.round(rounded), kind, safe=False)
    # 286 × 0.002 is 0.5720000000000001: as many decimals as the step has, and no more.
    decimals = -int(Decimal(repr(float(to))).normalize().as_tuple().exponent)
    if decimals > 0:
        scale = 10.0**decimals
        short = pc.divide(pc.round(pc.multiply(rounded, scale)), scale)
        rounded = pc.if_else(pc.is_finite(short), short, rounded)
    return pc.cast(rounded, kind, safe=False)
