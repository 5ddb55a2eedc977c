"""A table on Spark has the very sketch that it has on one machine."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa

from anping.engine.table import Table
from anping.know.similar import compare
from anping.know.sketch import sketch

KEY = b"0123456789abcdef0123456789abcdef"


def test_the_sketch_is_the_same(both: Callable[[pa.Table], tuple[Table, Table]]) -> None:
    rng = np.random.default_rng(3)
    n = 20_000
    table = pa.table(
        {
            "id": [f"A{number:05d}" for number in range(n)],
            "age": rng.integers(0, 100, n),
            "amount": rng.normal(size=n),
            "city": rng.choice(np.array(["臺北", "高雄", None], object), n),
        }
    )
    here, there = both(table)
    assert sketch(there, KEY).as_json() == sketch(here, KEY).as_json()
    part, _ = both(table.slice(0, 15_000))
    assert compare(sketch(part, KEY), sketch(there, KEY), "all").relation == "subset"
