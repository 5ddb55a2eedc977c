"""Dates: day, month, quarter, year, five years, decade.

Gregorian and ROC dates in every form of :mod:`anping.core.dates` are read; what is released is
Gregorian (``1985-03-14``, ``1985-03``, ``1985-Q1``, ``1985``, ``1985-1989``, ``1980-1989``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any, Literal, get_args

from anping.core.dates import parse
from anping.core.errors import ParameterError, Where
from anping.core.text import Text
from anping.protect.deid.hierarchy import MISSING, Hierarchy, levels

Grain = Literal["day", "month", "quarter", "year", "5years", "decade"]
GRAINS: tuple[Grain, ...] = get_args(Grain)


def dates(
    column: str,
    values: Iterable[Any],
    *,
    start: Grain = "day",
    skip: Sequence[Grain] = (),
) -> Hierarchy:
    """Return the levels from ``start`` to the decade, without those in ``skip``, then ``*``.

    Leaves are the observed dates cut to ``start``: with ``month`` no day of birth ever enters the
    domain. What is no date is missing. Raises ParameterError for an unknown grain.
    """
    if start not in GRAINS or any(grain not in GRAINS for grain in skip):
        raise ParameterError(
            "deid.grain",
            Text("不認得這個日期層級。", "This date level is unknown."),
            where=Where(column=column),
            hint=Text(f"可用：{'、'.join(GRAINS)}", f"Use one of: {', '.join(GRAINS)}"),
        )
    prepare = partial(_leaf, grain=start)
    days: dict[str, date] = {}
    observed: set[str] = set()
    for value in set(values):
        day = _day(value)
        observed.add(MISSING if day is None else _cut(day, start))
        if day is not None:
            days.setdefault(_cut(day, start), day)
    coarser = [g for g in GRAINS[GRAINS.index(start) + 1 :] if g not in skip]
    steps: list[Callable[[str], str]] = [partial(_step, days=days, grain=g) for g in coarser]
    return levels(column, sorted(observed or {MISSING}), steps, prepare)


def _day(value: Any) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if value is None:
        return None
    text = str(value).strip()
    written = parse(text) or parse(text.replace("T", " ").partition(" ")[0])
    return None if written is None else written.day


def _cut(day: date, grain: Grain) -> str:
    year = f"{day.year:04d}"
    if grain == "day":
        return day.isoformat()
    if grain == "month":
        return f"{year}-{day.month:02d}"
    if grain == "quarter":
        return f"{year}-Q{(day.month + 2) // 3}"
    if grain == "year":
        return year
    width = 5 if grain == "5years" else 10
    first = day.year // width * width
    return f"{first:04d}-{first + width - 1:04d}"


def _leaf(value: Any, *, grain: Grain) -> str:
    day = _day(value)
    return MISSING if day is None else _cut(day, grain)


def _step(leaf: str, *, days: dict[str, date], grain: Grain) -> str:
    return _cut(days[leaf], grain)
