from collections import Counter
from itertools import product
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anping.core.errors import SchemaError
from anping.engine.table import Table
from anping.judge.pairwise import MOST_COLUMNS, compare_pairs, measure_pairs
from anping.judge.reading import Reading
from anping.stats.distance import total_variation

AGES = {str(age): (str(age), f"{age // 10 * 10}-", "*") for age in range(20, 40)}
ZONES = {zone: (zone, zone[0], "*") for zone in ("A1", "A2", "B1")}
READING = Reading({"age": AGES, "zone": ZONES})
LEVELS = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=30, max_size=30)
ROWS = st.lists(st.tuples(st.integers(20, 39), st.sampled_from([*ZONES])), min_size=1, max_size=30)


def table(rows: list[tuple[Any, ...]]) -> pa.Table:
    ages, zones = zip(*rows, strict=True)
    return pa.table({"age": [str(age) for age in ages], "zone": list(zones)})


def spread(rows: list[tuple[str, str]]) -> dict[tuple[str, str], float]:
    """Return the joint distribution, every released cell evenly on its leaves, without bins."""
    ages, zones = READING.covered("age"), READING.covered("zone")
    found: Counter[tuple[str, str]] = Counter()
    for age, zone in rows:
        pairs = [*product(ages[age], zones[zone])]
        for pair in pairs:
            found[pair] += 1 / len(pairs)  # type: ignore[assignment]
    return dict(found)


@settings(max_examples=60, deadline=None)
@given(rows=ROWS, levels=LEVELS)
def test_the_distance_is_that_of_evenly_spread_cells(
    rows: list[tuple[int, str]], levels: list[tuple[int, int]]
) -> None:
    shown = [
        (AGES[str(age)][one], ZONES[zone][other])
        for (age, zone), (one, other) in zip(rows, levels, strict=False)
    ]
    found = compare_pairs(table(rows), table(shown), columns=["age", "zone"], reading=READING)
    assert found is not None
    # Twenty ages fit the bins as they are.
    expected = total_variation(spread([(str(a), z) for a, z in rows]), spread(shown))
    assert found.distances["age", "zone"] == pytest.approx(expected, abs=1e-5)
    assert found.rows == len(rows)
    assert found.worst == (("age", "zone"),)


def test_the_same_table_is_at_no_distance_and_a_shuffled_column_at_some() -> None:
    raw = pa.table(
        {
            "x": [value % 7 for value in range(700)],
            "y": [str(value % 7) for value in range(700)],
            "amount": [float(value) for value in range(700)],
        }
    )
    shuffled = raw.set_column(0, "x", pa.array([value // 100 for value in range(700)]))
    same = {m.key: m.value for m in measure_pairs(raw, raw, columns=raw.column_names)}
    other = {m.key: m.value for m in measure_pairs(raw, shuffled, columns=raw.column_names)}
    assert set(same.values()) == {0.0}
    assert other["utility.pairwise[x × y]"] == pytest.approx(6 / 7, abs=1e-5)
    assert other["utility.pairwise[y × amount]"] == 0.0
    assert other["utility.pairwise.max"] >= other["utility.pairwise.mean"] > 0


def test_what_is_missing_counts_as_a_value_of_its_own() -> None:
    raw = pa.table({"x": ["a", "b", None, "b"], "y": [1.0, 2.0, None, 2.0]})
    gone = raw.set_column(1, "y", pa.array([None, None, None, None], pa.float64()))
    found = compare_pairs(raw, gone, columns=["x", "y"])
    assert found is not None
    assert found.distances["x", "y"] == pytest.approx(0.75)


def test_batches_and_a_whole_table_say_the_same(tmp_path: Any) -> None:
    import pyarrow.parquet as pq

    raw = table([(20 + row % 20, [*ZONES][row % 3]) for row in range(100)])
    shown = table([(AGES[str(20 + row % 20)][row % 3], "*") for row in range(100)])
    pq.write_table(shown, tmp_path / "shown", row_group_size=7)
    one, other = (
        measure_pairs(raw, each, columns=["age", "zone"], reading=READING)
        for each in (shown, Table.open(tmp_path / "shown"))
    )
    assert one == other
    assert {m.n for m in one} == {100}


def test_free_text_and_lone_columns_are_left_out() -> None:
    notes = pa.table({"note": [f"note {row}" for row in range(200)], "x": [1, 2] * 100})
    assert measure_pairs(notes, notes, columns=["note", "x"]) == ()
    assert measure_pairs(notes.slice(0, 0), notes, columns=["x"]) == ()


def test_of_too_many_columns_the_first_are_compared_and_this_is_told() -> None:
    many = pa.table({f"c{at}": [1, 2, 3, at] for at in range(MOST_COLUMNS + 5)})
    found = measure_pairs(many, many, columns=many.column_names)
    assert [measure.key for measure in found] == ["utility.pairwise.mean", "utility.pairwise.max"]
    assert f"of {MOST_COLUMNS} columns of {MOST_COLUMNS + 5}" in found[0].method


def test_a_missing_column_is_named() -> None:
    with pytest.raises(SchemaError):
        measure_pairs(table([(20, "A1")]), pa.table({"age": ["20"]}), columns=["age", "zone"])
