"""Which kept column tells a quasi-identifier, so that generalising the latter would be in vain.

Goodman and Kruskal's lambda(Y|X) = (Σₓ max_y n(x, y) − max_y n(y)) / (n − max_y n(y)): the share
of the errors in guessing Y by its commonest value that knowing X removes, 0 (none) to 1 (all).
Source: Goodman and Kruskal 1954, Measures of association for cross classifications, JASA 49:732.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from anping.core import dates
from anping.core.cells import trimmed_text
from anping.protect.entries_hierarchies import (
    Icd10Hierarchy,
    OccupationHierarchy,
    PostalCodeHierarchy,
)
from anping.protect.plan_entries import (
    AddressHierarchy,
    AgeHierarchy,
    CategoryHierarchy,
    DateHierarchy,
    HierarchySpec,
    NumberHierarchy,
)
from anping.protect.plan_hierarchies import build_hierarchy
from anping.protect.transform.distinct import encoded

Codes = npt.NDArray[np.int64]

#: A column that removes at least this share of the errors in guessing another one tells it.
TELLS_FROM = 0.5
_MAX_VALUES = 64
# With fewer rows to a value the commonest one fits by chance, and lambda is too high.
_ROWS_PER_VALUE = 5
_QUARTILES = (0.25, 0.5, 0.75)
_RARE = 0.01


@dataclass(frozen=True, slots=True)
class Told:
    """The quasi-identifier that a column tells best, and lambda."""

    column: str
    share: float


def goodman_kruskal_lambda(given: Codes, guessed: Codes) -> float:
    """Return lambda(``guessed`` | ``given``) of two columns of codes (n,), each at least 0.

    0 where there is nothing to guess: no rows, or one value only.
    """
    if not guessed.size:
        return 0.0
    commonest = int(np.bincount(guessed).max())
    if commonest == guessed.size:
        return 0.0
    width = int(guessed.max()) + 1
    pairs, counts = np.unique(given * width + guessed, return_counts=True)
    best = np.zeros(int(given.max()) + 1, np.int64)
    np.maximum.at(best, pairs // width, counts)
    return (int(best.sum()) - commonest) / (guessed.size - commonest)


def tells(cells: pa.ChunkedArray, quasi_identifiers: Mapping[str, Codes]) -> Told | None:
    """Return the quasi-identifier that a column tells best, from lambda 0.5 on; None for none.

    Columns of more than 64 values, or of fewer than five rows to a value, are not looked at.
    """
    values, codes = encoded(cells)
    if not 1 < len(values) <= _MAX_VALUES or len(cells) < _ROWS_PER_VALUE * len(values):
        return None
    found = [
        Told(column, goodman_kruskal_lambda(codes + 1, groups))
        for column, groups in quasi_identifiers.items()
    ]
    best = max(found, key=lambda told: told.share, default=None)
    return best if best is not None and best.share >= TELLS_FROM else None


def groups_of(spec: HierarchySpec, cells: pa.ChunkedArray) -> Codes:
    """Return the group, from 0, of each row's value: what an attacker would want to guess.

    Quarters of the distribution for numbers and dates, the county for addresses and postal codes,
    else the value, where values rarer than 1 % are one group; a missing value is a group.
    """
    values, codes = encoded(cells)
    if isinstance(spec, AgeHierarchy | NumberHierarchy | DateHierarchy):
        return _quarters([_position(value, spec) for value in values], codes)
    if isinstance(spec, AddressHierarchy | PostalCodeHierarchy):
        return _counties(spec, values, codes)
    if isinstance(spec, CategoryHierarchy | Icd10Hierarchy | OccupationHierarchy):
        counts = np.bincount(codes + 1, minlength=len(values) + 1)
        frequent = counts >= _RARE * max(1, codes.size)
        frequent[0] = True
        groups = np.where(frequent, np.arange(counts.size), counts.size)
        return np.asarray(groups[codes + 1], np.int64)
    return codes + 1


def _position(value: Any, spec: HierarchySpec) -> float:
    if not isinstance(spec, DateHierarchy):
        try:
            return float(value)
        except (TypeError, ValueError):
            return float("nan")
    if isinstance(value, datetime | date):
        return float(value.toordinal())
    written = dates.parse(trimmed_text(value).replace("T", " ").partition(" ")[0])
    return float("nan") if written is None else float(written.day.toordinal())


def _quarters(positions: Sequence[float], codes: Codes) -> Codes:
    """Return 0 for a missing or unreadable value, else the quarter, from 1."""
    of_row = np.array([*positions, np.nan])[codes]
    known = np.isfinite(of_row)
    groups = np.zeros(codes.size, np.int64)
    if known.any():
        borders = np.unique(np.quantile(of_row[known], _QUARTILES))
        groups[known] = 1 + np.searchsorted(borders, of_row[known])
    return groups


def _counties(
    spec: AddressHierarchy | PostalCodeHierarchy, values: Sequence[Any], codes: Codes
) -> Codes:
    county = AddressHierarchy(start="county") if isinstance(spec, AddressHierarchy) else spec
    hierarchy = build_hierarchy("", county, [*values, None])
    level = 0 if isinstance(spec, AddressHierarchy) else 1
    names = [hierarchy.paths[hierarchy.leaf_of(value)][level] for value in [*values, None]]
    numbers = {name: number for number, name in enumerate(dict.fromkeys(names))}
    return np.array([numbers[name] for name in names], np.int64)[codes]
