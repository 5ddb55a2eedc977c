from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anping.engine.table import Table
from anping.judge.distribution import measure_distribution
from anping.judge.features import encode_column
from anping.judge.reading import Reading
from anping.stats.distance import kolmogorov_smirnov, total_variation

AGES = {str(age): (str(age), f"{age // 10 * 10}-", "*") for age in range(20, 40)}
ZONES = {zone: (zone, zone[0], "*") for zone in ("A1", "A2", "B1")}
READING = Reading({"age": AGES, "zone": ZONES})

rows_of = st.lists(
    st.tuples(st.none() | st.integers(20, 39), st.sampled_from([*ZONES, None])),
    min_size=1,
    max_size=30,
)


def parquet(folder: Path, name: str, rows: list[tuple[Any, Any]], group: int) -> Table:
    ages, zones = (list(cells) for cells in zip(*rows, strict=True))
    kind = pa.int64() if name == "raw" else pa.string()
    table = pa.table({"age": pa.array(ages, kind), "zone": pa.array(zones, pa.string())})
    pq.write_table(table, folder / name, row_group_size=group)
    return Table.open(folder / name)


@settings(max_examples=40, deadline=None)
@given(rows=rows_of, levels=st.lists(st.integers(0, 2), min_size=30), group=st.integers(1, 9))
def test_counted_values_say_what_all_rows_say(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[int | None, str | None]],
    levels: list[int],
    group: int,
) -> None:
    folder = tmp_path_factory.mktemp("d")
    shown = [
        (None if age is None else AGES[str(age)][level], None if z is None else ZONES[z][level])
        for (age, z), level in zip(rows, levels, strict=False)
    ]
    raw, released = parquet(folder, "raw", rows, group), parquet(folder, "released", shown, group)
    found = {
        m.subject: (m.value, m.n)
        for m in measure_distribution(raw, released, columns=["age", "zone"], reading=READING)
    }
    expected: dict[str, Any] = {}
    feature = encode_column("age", raw.column("age"), released.column("age"), reading=READING)
    assert feature is not None
    one, other = (
        cells[~np.isnan(cells)] for cells in (feature.raw[:, 0], feature.released.expected()[:, 0])
    )
    if one.size and other.size:
        expected["age"] = (kolmogorov_smirnov(one, other), other.size)
    covered = READING.covered("zone")
    spread: Counter[str] = Counter()
    for _, cell in shown:
        leaves = covered.get(cell or "", (cell or "",))
        for leaf in leaves:
            spread[leaf] += 1 / len(leaves)  # type: ignore[assignment]
    distance = total_variation(Counter(zone or "" for _, zone in rows), spread)
    expected["zone"] = (pytest.approx(distance, abs=1e-12), len(rows))
    assert found == expected


def test_free_text_and_identifiers_are_left_out() -> None:
    table = pa.table({"note": [f"note about {chr(0x4E00 + at)}" for at in range(300)]})
    assert measure_distribution(table, table, columns=["note"]) == ()
