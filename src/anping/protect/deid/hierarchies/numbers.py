"""Any number: nested intervals, by equal shares of the rows or by round bounds.

An interval ``[low, high)`` holds low and not high; the outermost are open (``<low``, ``>=high``),
because their true ends are the smallest and the largest person's value. Leaves are the numbers
themselves, or the narrowest intervals when the plan starts there (``start="interval"``).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable
from functools import partial
from math import floor, isfinite, log10
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from anping.core.errors import ParameterError, Where
from anping.core.text import Text
from anping.protect.deid.hierarchy import MISSING, Hierarchy, levels

Cuts = tuple[float, ...]
Numbers = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]


def numbers(
    column: str,
    values: Iterable[Any],
    *,
    method: Literal["quantile", "round"] = "quantile",
    bins: int = 32,
    start: Literal["value", "interval"] = "value",
    counts: Iterable[int] | None = None,
) -> Hierarchy:
    """Return nested intervals over the observed numbers, then ``*``.

    ``quantile`` cuts the values into at most ``bins`` parts of about equal numbers of rows and
    halves their number on each further level; cuts are rounded, so that none is one person's exact
    value. ``round`` cuts at multiples of 1, 2 or 5 times a power of ten, about ``bins`` of them, and
    widens by 5 and 2 in turn. What is not a finite number is missing. ``counts`` are the rows of
    each of ``values``, 1 by default. Raises ParameterError for fewer than 2 bins or an unknown
    method or start.
    """
    if bins < 2 or method not in ("quantile", "round") or start not in ("value", "interval"):
        raise ParameterError(
            "deid.intervals",
            Text("區間的設定不能用。", "These interval settings cannot be used."),
            where=Where(column=column),
            hint=Text(
                "bins 至少 2；method 用 quantile 或 round；start 用 value 或 interval。",
                "bins: at least 2; method: quantile or round; start: value or interval.",
            ),
        )
    leaves = [number_leaf(value) for value in values]
    given = [*counts] if counts is not None else [1] * len(leaves)
    pairs = [(float(leaf), n) for leaf, n in zip(leaves, given, strict=True) if leaf != MISSING]
    known = np.asarray([number for number, _ in pairs])
    rows = np.asarray([n for _, n in pairs], np.int64)
    found = _quantile_cuts(known, rows, bins) if method == "quantile" else _round_cuts(known, bins)
    steps = [partial(_interval, cuts=cuts) for cuts in found]
    domain = sorted(set(leaves) or {MISSING}, key=_order)
    if start == "interval" and steps:
        return _from_intervals(column, domain, steps)
    return levels(column, domain, steps, number_leaf)


def number_leaf(value: Any) -> str:
    """Return a number as its shortest text (``1200``, ``0.5``), or the missing leaf."""
    if value is None:
        return MISSING
    try:
        number = float(str(value).replace(",", ""))
    except ValueError:
        return MISSING
    return _written(number) if isfinite(number) else MISSING


def _written(number: float) -> str:
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(float(number))


def _order(leaf: str) -> tuple[bool, float]:
    return (True, 0.0) if leaf == MISSING else (False, float(leaf))


def _quantile_cuts(known: Numbers, rows: Counts, bins: int) -> list[Cuts]:
    """Return the inner cuts of each level, finest first; each level's cuts are among the last's."""
    exact = _equal_parts(known, rows, bins)
    if not exact or not _usable(known):
        return []
    low, high = float(known.min()), float(known.max())
    gap = max(float(np.median(np.diff([low, *exact]))), (high - low) / 1e12)
    cuts = _rounded(exact, start=low, unit=10.0 ** floor(log10(gap)))
    found: list[Cuts] = []
    while cuts:
        found.append(cuts)
        cuts = cuts[1::2]
    return found


def _usable(known: Numbers) -> bool:
    """Return whether the numbers differ, by an amount that arithmetic can divide and multiply."""
    return known.size > 0 and 1e-290 < float(known.max()) - float(known.min()) < 1e290


def _equal_parts(known: Numbers, rows: Counts, bins: int) -> list[float]:
    """Return the first values of all parts but the lowest; a value too common for one part is alone."""
    values, place = np.unique(known, return_inverse=True)
    reached = np.cumsum(np.bincount(place, rows, values.size).astype(np.int64))
    every = int(rows.sum())
    starts: list[float] = []
    done = 0
    for left in range(bins, 1, -1):
        last = int(np.searchsorted(reached, done + (every - done) / left))
        if last + 1 >= values.size:
            break
        done = int(reached[last])
        starts.append(float(values[last + 1]))
    return starts


def _rounded(exact: list[float], *, start: float, unit: float) -> Cuts:
    """Return the cuts rounded to ``unit``, or finer where that is needed to keep them rising."""
    cuts: list[float] = []
    for cut in exact:
        before = cuts[-1] if cuts else start
        tries = (unit / 10**digits for digits in range(4))
        rounded = (_multiple(fine, round(cut / fine)) for fine in tries)
        cuts.extend([value for value in rounded if value > before][:1])
    return tuple(cuts)


def _round_cuts(known: Numbers, bins: int) -> list[Cuts]:
    if not _usable(known):
        return []
    low, high = float(known.min()), float(known.max())
    wide, factor = _first_width((high - low) / bins)
    found: list[Cuts] = []
    while floor(high / wide) > floor(low / wide):
        inner = range(floor(low / wide) + 1, floor(high / wide) + 1)
        cuts = tuple(_multiple(wide, times) for times in inner)
        found.extend([cuts] if cuts not in found else [])
        if len(cuts) == 1:
            break
        wide, factor = wide * factor, 7 - factor
    return found


def _first_width(least: float) -> tuple[float, int]:
    """Return the narrowest width of at least ``least``, and what to widen it by (5 or 2) next."""
    power = 10.0 ** floor(log10(least))
    for times, factor in ((1, 5), (2, 5), (5, 2)):
        if times * power >= least:
            return times * power, factor
    return 10 * power, 5


def _multiple(width: float, times: int) -> float:
    return float(f"{width * times:.12g}")


def _interval(leaf: str, *, cuts: Cuts) -> str:
    place = bisect_right(cuts, float(leaf))
    if place == 0:
        return f"<{_written(cuts[0])}"
    if place == len(cuts):
        return f">={_written(cuts[-1])}"
    return f"[{_written(cuts[place - 1])}, {_written(cuts[place])})"


def _from_intervals(column: str, domain: list[str], steps: list[partial[str]]) -> Hierarchy:
    narrow, wider = steps[0], steps[1:]
    member = {MISSING if leaf == MISSING else narrow(leaf): leaf for leaf in domain}
    above: list[Callable[[str], str]] = [
        partial(_of_member, step=step, member=member) for step in wider
    ]
    return levels(column, member, above, partial(_prepared, step=narrow))


def _prepared(value: Any, *, step: Callable[[str], str]) -> str:
    leaf = number_leaf(value)
    return MISSING if leaf == MISSING else step(leaf)


def _of_member(name: str, *, step: Callable[[str], str], member: dict[str, str]) -> str:
    return step(member[name])
