from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from anping.core.errors import SchemaError
from anping.core.measure import find
from anping.engine.table import Table
from anping.judge.distances import measure_distances
from anping.judge.reading import Reading
from anping.judge.utility import UtilityOptions

PATHS = {"zone": {zone: (zone, zone[0], "*") for zone in ("A1", "A2", "B1")}}


def tables(rows: int = 300) -> tuple[pa.Table, pa.Table, pa.Table, pa.Table]:
    """Return raw rows with whole addresses, their leaves, a shuffled release and its links."""
    draw = np.random.default_rng(4)
    zones = draw.choice(["A1", "A2", "B1"], rows)
    amount = draw.normal(10, 3, rows)
    raw = pa.table({"zone": [f"{zone} street 5" for zone in zones], "amount": amount})
    order = draw.permutation(rows)[: rows - 20]
    shown = pa.table({"zone": [zones[row][0] for row in order], "amount": amount[order]})
    links = pa.table({"protected_row": np.arange(order.size), "raw_row": order})
    return raw, pa.table({"zone": zones}), shown, links


def measured(of: int = 300, **settings: Any) -> tuple[Any, ...]:
    raw, leaves, shown, links = tables(of)
    options = UtilityOptions(leaf_table=Table.of(leaves), reading=Reading(PATHS), **settings)
    return measure_distances(raw, shown, links=links, columns=["zone", "amount"], options=options)


def test_leaves_stand_for_the_raw_cells_of_their_column() -> None:
    found = measured()
    zone = find(found, "utility.distribution", "zone")
    assert zone is not None
    # A1 and A2 are about as many, so that half of A each is near to what was there.
    assert zone.value < 0.1
    mean = find(found, "utility.distribution.mean")
    columns = [m.value for m in found if m.name == "utility.distribution"]
    assert mean is not None
    assert mean.value == pytest.approx(np.mean(columns))
    assert find(found, "utility.pairwise", "zone × amount") is not None


def test_of_a_large_table_the_same_people_are_looked_at_before_and_after() -> None:
    found = measured(3000, rows=500)
    assert len({measure.n for measure in found}) == 1
    assert all("of 3,000 rows" in measure.method for measure in found)
    pair = find(found, "utility.pairwise.mean")
    assert pair is not None
    # Only what was suppressed and blurred differs: no noise of two samples.
    assert pair.value < 0.15


def test_nothing_to_compare_gives_nothing_and_a_missing_column_is_named() -> None:
    raw, _, shown, links = tables()
    assert measure_distances(raw, shown, links=links, columns=[]) == ()
    with pytest.raises(SchemaError):
        measure_distances(raw, shown, links=links, columns=["nothing"])
