"""What is kept of a version on Spark is what is kept of it on one machine."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from anping.core.columns import ColumnFinding, Role
from anping.engine.table import Table
from anping.know.propose_description import span_of
from anping.know.summarising import Keeping, summarise

Both = tuple[Table, Table]
ROWS = 60_000
KINDS = {
    "number": ("RECORD_ID", Role.DIRECT_IDENTIFIER),
    "amount": ("NUMBER", Role.NONE),
    "grade": ("CATEGORY", Role.NONE),
    "illness": ("DIAGNOSIS", Role.SPECIAL_CATEGORY),
    "seen": ("DATE", Role.NONE),
}


def test_a_version_is_kept_as_on_one_machine(both: Callable[[pa.Table], Both]) -> None:
    draw = np.random.default_rng(5)
    days = draw.integers(0, 200, ROWS)
    here, there = both(
        pa.table(
            {
                "number": [f"C{row:07d}" for row in range(ROWS)],
                "amount": np.round(draw.normal(0, 1e5, ROWS), 3),
                "grade": draw.choice(["甲", "乙", "丙"], ROWS),
                "illness": draw.choice(["高血壓", "糖尿病"], ROWS),
                "seen": [date(2024, 1, 1) + timedelta(days=int(day)) for day in days],
            }
        )
    )
    findings = [ColumnFinding(c, k, role, 1.0, 1.0, 1) for c, (k, role) in KINDS.items()]
    keeping = Keeping(1, key=b"k" * 32)
    first = summarise(here, findings, keeping=keeping)
    assert summarise(there, findings, keeping=keeping) == first
    again = Keeping(2, key=b"k" * 32)
    second = summarise(here, findings, keeping=again, earlier=[first])
    assert summarise(there, findings, keeping=again, earlier=[first]) == second
    assert span_of(there, findings) == span_of(here, findings)
