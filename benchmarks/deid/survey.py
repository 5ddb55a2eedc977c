"""A made household survey: 1.2 million rows and nine quasi-identifiers, seeded.

What a person is depends on age and schooling, as in a real survey, so combinations are neither all
alike nor all different: some 900 thousand different ones.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from anping.engine.table import Table
from anping.protect.deid.hierarchy import Hierarchy

ROWS = 1_200_000
SEED = 20260103
Codes = npt.NDArray[np.int64]
#: Leaves of each column, and how many neighbours each level takes together.
_COLUMNS = {
    "year": (6, (3,)), "urban": (2, ()), "region": (4, (2,)), "sex": (2, ()),
    "age": (86, (5, 2, 2, 5)), "race": (6, (3,)), "marital": (7, (3,)),
    "school": (18, (3, 3)), "income": (25, (5,)),
}  # fmt: skip


def survey(rows: int = ROWS) -> tuple[Table, dict[str, Hierarchy]]:
    """Return the survey and its hierarchies, codes as numbers."""
    draw = np.random.default_rng(SEED)
    age = np.minimum(draw.gamma(2.6, 14, rows).astype(np.int64), 85)
    school = np.clip((age / 3 + 6 - age / 9 + draw.normal(0, 3, rows)), 0, 17).astype(np.int64)
    school = np.where(age < 5, 0, school)
    marital = np.where(age < 16, 0, (_skewed(draw, rows, 6, 1.3) + age // 30) % 7)
    income = np.clip(school + draw.normal(2, 3, rows), 0, 24).astype(np.int64)
    columns = {
        "year": draw.integers(0, 6, rows), "urban": _skewed(draw, rows, 2, 1.0),
        "region": _skewed(draw, rows, 4, 1.0), "sex": draw.integers(0, 2, rows), "age": age,
        "race": _skewed(draw, rows, 6, 2.0), "marital": marital, "school": school,
        "income": income,
    }  # fmt: skip
    return Table.of(pa.table(columns)), {name: _hierarchy(name) for name in _COLUMNS}


def _skewed(draw: np.random.Generator, rows: int, values: int, power: float) -> Codes:
    weights = 1 / np.arange(1, values + 1) ** power
    return draw.choice(values, rows, p=weights / weights.sum())


def _hierarchy(column: str) -> Hierarchy:
    leaves, steps = _COLUMNS[column]
    widths = np.cumprod(steps).tolist()
    paths = {}
    for leaf in range(leaves):
        starts = ((leaf // width * width, width) for width in widths)
        bands = (f"{start}-{min(start + width, leaves) - 1}" for start, width in starts)
        paths[str(leaf)] = (str(leaf), *bands, "*")
    return Hierarchy(column, paths)
