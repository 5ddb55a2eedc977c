"""Versions of one table, drawn by a seed, with the faults that a version can have."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa

from anping.core.columns import ColumnFinding, Role
from anping.engine.table import Table
from anping.know.summarising import Keeping, summarise
from anping.know.summary import Summary

KEY = b"k" * 32
ROLES = {
    "number": ("RECORD_ID", Role.DIRECT_IDENTIFIER),
    "amount": ("NUMBER", Role.NONE),
    "grade": ("CATEGORY", Role.NONE),
    "illness": ("DIAGNOSIS", Role.SPECIAL_CATEGORY),
    "seen": ("DATE", Role.NONE),
    "born": ("DATE_OF_BIRTH", Role.QUASI_IDENTIFIER),
    "email": ("EMAIL", Role.DIRECT_IDENTIFIER),
    "memo": ("FREE_TEXT", Role.FREE_TEXT),
}
FINDINGS = tuple(
    ColumnFinding(column, kind, role, 1.0, 1.0, 1) for column, (kind, role) in ROLES.items()
)


def columns_of(version: int, rows: int = 1200) -> dict[str, list[Any]]:
    """Return the columns of a version without a fault."""
    draw = np.random.default_rng(version)
    start = dt.date(2024, 1, 1) + dt.timedelta(days=30 * version)
    return {
        "number": [f"C{version:02d}{row:06d}" for row in range(rows)],
        "amount": np.round(draw.normal(5000, 800, rows)).tolist(),
        "grade": draw.choice(["甲", "乙", "丙"], rows).tolist(),
        "illness": draw.choice(["高血壓", "糖尿病", "無"], rows).tolist(),
        "seen": [start + dt.timedelta(days=int(d)) for d in draw.integers(0, 30, rows)],
        "born": [
            f"民國{50 + int(y)}年{1 + int(m)}月3日"
            for y, m in zip(draw.integers(0, 40, rows), draw.integers(0, 12, rows), strict=True)
        ],
        "email": [
            None if draw.random() < 0.02 else f"user{row}@mail.example" for row in range(rows)
        ],
        "memo": [f"第{row}次來電詢問，已回覆。" for row in range(rows)],
    }


def table_of(columns: dict[str, list[Any]]) -> Table:
    """Return columns as a table."""
    return Table.of(pa.table(columns))


Columns = dict[str, list[Any]]


def _some(values: list[Any], other: Callable[[Any], Any]) -> list[Any]:
    return [other(value) if n % 9 == 0 else value for n, value in enumerate(values)]


#: What each fault makes of the columns of a version.
FAULTS: dict[str, Callable[[Columns], Columns]] = {
    "": lambda c: c,
    "column": lambda c: {name: values for name, values in c.items() if name != "grade"},
    "type": lambda c: {**c, "amount": [f"about {n}" for n in c["amount"]]},
    "completeness": lambda c: {**c, "email": _some(c["email"], lambda _: None)},
    "unique": lambda c: {**c, "number": [c["number"][1], *c["number"][1:]]},
    "values": lambda c: {**c, "grade": _some(c["grade"], lambda _: "丁")},
    "format": lambda c: {**c, "number": _some(c["number"], lambda v: f"{v}-X")},
    "range": lambda c: {**c, "amount": _some(c["amount"], lambda v: v * 100)},
    "newest-day": lambda c: {**c, "seen": columns_of(5)["seen"]},
    "rows": lambda c: {name: values[:300] for name, values in c.items()},
    "drift": lambda c: {**c, "amount": [v + 400 for v in c["amount"]]},
    "new-column": lambda c: {**c, "more": [n % 3 for n in range(len(c["number"]))]},
}


def faulty(fault: str, version: int = 6) -> Table:
    """Return a version with one fault of :data:`FAULTS`."""
    return table_of(FAULTS[fault](columns_of(version)))


def summary_of(table: Table, version: int, earlier: list[Summary]) -> Summary:
    """Return the summary of a version that arrived in its month."""
    month = dt.date(2024, 1, 1) + dt.timedelta(days=31 * version)
    keeping = Keeping(version, f"{month}T08:00:00Z", key=KEY)
    present = tuple(f for f in FINDINGS if f.column in table.columns)
    return summarise(table, present, keeping=keeping, earlier=earlier)


def history(versions: int) -> list[Summary]:
    """Return the summaries of the first versions, each made after those before it."""
    made: list[Summary] = []
    for version in itertools.islice(itertools.count(1), versions):
        made.append(summary_of(table_of(columns_of(version)), version, made))
    return made
