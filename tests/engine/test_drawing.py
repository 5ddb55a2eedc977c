"""Rows that are drawn while a file is read for another purpose are those of a reading of their own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from anping.core.errors import SchemaError
from anping.engine.aggregate import distinct_count, frequencies_if_few
from anping.engine.drawing import Drawing
from anping.engine.stream import rows_at
from anping.engine.table import Table

ROWS = 3_000
PLACES = np.sort(np.random.default_rng(3).choice(ROWS, 200, replace=False))


@pytest.fixture(params=["file", "memory"])
def table(request: pytest.FixtureRequest, tmp_path: Path) -> Table:
    draw = np.random.default_rng(1)
    body = pa.table(
        {
            "code": [f"A{n:07d}" for n in range(ROWS)],
            "sex": pa.array([("男", "女", None)[n % 3] for n in range(ROWS)]),
            "name": [f"名{n % 700}" for n in range(ROWS)],
            "amount": pa.array(draw.integers(0, 900, ROWS), mask=draw.random(ROWS) < 0.1),
            "share": draw.normal(size=ROWS),
            "born": pa.array(draw.integers(0, 9_000, ROWS).astype("datetime64[D]")),
        }
    )
    if request.param == "memory":
        return Table.of(body)
    pq.write_table(body, tmp_path / "table.parquet", row_group_size=700)
    return Table.open(tmp_path / "table.parquet")


def test_what_was_read_is_not_read_again(table: Table) -> None:
    drawing = Drawing(table.source, positions=PLACES)
    for name in table.columns:
        told = frequencies_if_few(drawing, name, most=800)
        assert told[0] == distinct_count(table, name)
        assert (told[1] is None) == (told[0] > 800)
    names = list(reversed(table.columns))
    assert drawing.rows_drawn(names).equals(rows_at(table, PLACES, columns=names))


def test_what_was_left_half_way_is_read_when_asked_for(table: Table) -> None:
    drawing = Drawing(table.source, positions=PLACES)
    next(drawing.batches(["code"], size=100))
    for _ in drawing.batches(["sex", "name"]):
        pass
    assert list(drawing.batches(["amount"])) == list(table.batches(["amount"]))
    assert drawing.rows_drawn(table.columns).equals(rows_at(table, PLACES, columns=table.columns))
    with pytest.raises(SchemaError):
        drawing.rows_drawn(["none"])
