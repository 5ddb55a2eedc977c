"""Ages in years: nested bands, with everyone above an age in one leaf (top coding)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from anping.core.errors import ParameterError, Where
from anping.core.text import Text
from anping.protect.deid.hierarchy import MISSING, Hierarchy, as_leaf, levels


def ages(
    column: str,
    values: Iterable[Any],
    *,
    widths: Sequence[int] = (5, 10, 20),
    top: int = 90,
) -> Hierarchy:
    """Return bands of ``widths`` years, narrow to wide, then ``*``.

    The domain is every whole year between the youngest and the oldest observed age; ages of ``top``
    and above are the leaf ``90+`` (HIPAA Safe Harbor, 45 CFR 164.514(b)(2)(i)(C), asks for 90).
    A band that reaches ``top`` is written ``80+``. Fractions of a year are cut off; anything that is
    not a number from 0 up is missing. Raises ParameterError if the widths are not nested.
    """
    _check(column, widths)
    to_leaf = partial(_leaf, top=top)
    observed = {to_leaf(value) for value in values}
    years = sorted(_start(leaf) for leaf in observed if leaf != MISSING)
    domain = [_name(year, top) for year in range(years[0], years[-1] + 1)] if years else []
    if MISSING in observed or not domain:
        domain.append(MISSING)
    steps = [partial(_band, width=width, top=top) for width in widths]
    return levels(column, domain, steps, to_leaf)


def _check(column: str, widths: Sequence[int]) -> None:
    pairs = zip((1, *widths), widths, strict=False)
    if any(wide <= narrow or wide % narrow for narrow, wide in pairs):
        raise ParameterError(
            "deid.widths-not-nested",
            Text(
                "年齡級距必須由窄到寬且互相整除。",
                "Age bands must nest: each a multiple of the last.",
            ),
            where=Where(column=column),
            hint=Text("例如 5、10、20。", "For example 5, 10, 20."),
        )


def _name(year: int, top: int) -> str:
    return f"{top}+" if year >= top else str(year)


def _start(leaf: str) -> int:
    return int(leaf.removesuffix("+"))


def _leaf(value: Any, *, top: int) -> str:
    text = as_leaf(value)
    if text == f"{top}+":
        return text
    try:
        year = int(float(text))
    except (ValueError, OverflowError):
        return MISSING
    return MISSING if year < 0 else _name(year, top)


def _band(leaf: str, *, width: int, top: int) -> str:
    start = _start(leaf) // width * width
    if start + width > top:
        return f"{start}+"
    return f"{start}-{start + width - 1}"
