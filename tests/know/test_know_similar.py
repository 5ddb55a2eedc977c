"""Sketches against exact answers: containment with intervals, order, types, keys and bounded size."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anping.engine.table import Table
from anping.engine.text_hashes import mixed_bits
from anping.engine.write import write_parquet
from anping.know import sketch as making
from anping.know.sampled_values import Sample, Values, alike, contained
from anping.know.similar import Relation, compare, similar
from anping.know.sketch import Sketch, sketch

KEY = b"0123456789abcdef0123456789abcdef"
PEOPLE: dict[str, list[Any]] = {
    "name": [f"王{n}" for n in range(300)],
    "age": [20 + n % 60 for n in range(300)],
    "born": [date(1950 + n % 60, 1, 1 + n % 28) for n in range(300)],
}


def of(columns: dict[str, Any] | pa.Table, key: bytes = KEY) -> Sketch:
    return sketch(Table.of(columns if isinstance(columns, pa.Table) else pa.table(columns)), key)


def relation(one: Any, other: Any) -> Relation:
    return compare(of(one), of(other), "other").relation


def test_what_tables_can_be_to_each_other() -> None:
    table = pa.table(PEOPLE)
    order = np.random.default_rng(1).permutation(300)
    assert relation(table, table) == "identical"
    assert relation(table, table.select(["born", "name", "age"])) == "identical"
    assert relation(table, table.take(order)) == "reordered"
    assert relation(table, table.slice(0, 200)) == "superset"
    assert relation(table.slice(50, 100), table) == "subset"
    assert relation(table.slice(0, 290), table.slice(10)) == "near"
    assert relation(table.slice(0, 200), table.slice(150)) == "overlap"
    assert relation(table, pa.concat_tables([table, table.slice(0, 9)])) == "near"
    strangers = pa.table({**PEOPLE, "name": [f"x{n}" for n in range(300)]})
    assert relation(table, strangers) == "schema"
    assert relation(table, table.drop_columns(["age"])) == "columns"
    assert relation(table, pa.table({"other": list(range(9_000, 9_300))})) == "none"


def test_columns_of_other_names_are_found() -> None:
    other = pa.table({"姓名": PEOPLE["name"][:250], "n": range(1_000, 1_250)})
    found = compare(of(PEOPLE), of(other), "other")
    (column,) = found.columns
    assert (column.column, column.other) == ("name", "姓名")
    assert column.share.value == pytest.approx(250 / 300)
    assert column.share.interval is None


def test_types_of_the_same_values_are_one() -> None:
    whole = pa.table({"a": pa.array([1, 2, None], pa.int64())})
    for other in (
        pa.array([1.0, 2.0, None]),
        pa.array([1.0, 2.0, float("nan")]),
        pa.array([1, 2, None], pa.int32()),
        pa.array([1, 2, None], pa.int64()).dictionary_encode(),
    ):
        assert relation(whole, pa.table({"a": other})) == "identical"
    texts = pa.array(["x", None, "x", "y"])
    assert relation({"a": texts}, {"a": texts.dictionary_encode()}) == "identical"
    days = pa.table({"d": pa.array([date(2020, 1, 2)])})
    assert relation(days, pa.table({"d": pa.array([datetime(2020, 1, 2)])})) == "identical"  # noqa: DTZ001 - a table's moment has no zone
    assert relation({"a": [1]}, {"a": ["1"]}) == "schema"


@pytest.mark.parametrize(
    "column",
    [
        pa.array([], pa.string()), pa.array([None, None]), pa.array([[1, 2], None]),
        pa.array([{"a": 1}, None]), pa.array([b"\xff", b"a"]), pa.array([True, None]),
        pa.array(["a"], pa.large_string()),
    ],
)  # fmt: skip
def test_any_column_is_sketched(column: pa.Array) -> None:
    table = pa.table({"a": column})
    assert relation(table, table) == "identical"


def test_another_key_compares_nothing_and_no_value_is_told() -> None:
    mine, theirs = of(PEOPLE), of(PEOPLE, b"another key of the other place..")
    assert not similar(mine, {"theirs": theirs}) or compare(mine, theirs, "t").jaccard.value == 0
    assert not np.isin(mine.sample.codes, theirs.sample.codes).any()
    assert mine.content != theirs.content
    assert "王1" not in json.dumps(mine.as_json(), ensure_ascii=False)


def test_a_sketch_is_read_back() -> None:
    made = of(PEOPLE)
    again = Sketch.from_json(json.loads(json.dumps(made.as_json())))
    assert again.as_json() == made.as_json()
    assert compare(made, again, "x").relation == "identical"


def test_batches_and_files_make_no_difference(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    n = 150_000
    table = pa.table({"id": range(n), "x": rng.normal(size=n), "c": rng.choice(["a", "b"], n)})
    path = tmp_path / "t.parquet"
    write_parquet(table, path)
    one, other = of(table), sketch(Table.open(path), KEY)
    assert one.as_json() == other.as_json()
    assert one.sample.codes.size <= making.ROWS
    assert all(values.codes.size <= making.CELLS for values in one.cells.values())


def test_a_wide_table_has_a_small_sketch() -> None:
    wide = pa.table({f"c{n}": range(100) for n in range(3_000)})
    assert sum(values.codes.size for values in of(wide).cells.values()) <= making.ALL_CELLS


NUMBERS = st.lists(st.integers(0, 400), max_size=300)


@given(one=NUMBERS, other=NUMBERS)
@settings(max_examples=60)
def test_small_tables_are_counted_exactly(one: list[int], other: list[int]) -> None:
    found = compare(
        of(pa.table({"a": pa.array(one, pa.int64())})),
        of(pa.table({"a": pa.array(other, pa.int64())})),
        "o",
    )
    mine, theirs = set(one), set(other)
    assert found.within.interval is None
    assert found.within.value == (len(mine & theirs) / len(mine) if mine else 0)
    assert found.jaccard.value == (len(mine & theirs) / len(mine | theirs) if mine | theirs else 0)
    assert (found.relation in {"identical", "reordered"}) == (sorted(one) == sorted(other))
    assert (found.relation == "identical") == (one == other)


def values_of(numbers: range, most: int, seed: int) -> Values:
    hashes = np.array(
        [hash((seed, n)) * 0x9E3779B97F4A7C15 % 2**64 for n in numbers], np.uint64
    )  # fmt: skip
    sample = Sample(most)
    for start in range(0, hashes.size, 1_000):
        sample.add(mixed_bits(hashes[start : start + 1_000]))
    return Values.of(sample, KEY)


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    held = told = 0
    for seed in range(120):
        one = values_of(range(3_000), 256, seed)
        other = values_of(range(1_200, 6_000), 256, seed)
        for share, truth in (
            (contained(one, other), 1_800 / 3_000),
            (contained(other, one), 1_800 / 4_800),
            (alike(one, other), 1_800 / 6_000),
        ):
            assert share.interval is not None
            held += share.interval.low <= truth <= share.interval.high
            told += 1
        distinct, interval = one.distinct
        assert interval is not None
        assert distinct == one.codes.size * 2**one.level
        held += interval.low <= 3_000 <= interval.high
        told += 1
    assert held / told > 0.92


@given(st.lists(st.lists(st.integers(0, 2**64 - 1), max_size=200), max_size=6))
def test_samples_do_not_depend_on_how_values_come(parts: list[list[int]]) -> None:
    together, apart = Sample(32), Sample(32)
    for part in parts:
        apart.add(np.array(part, np.uint64))
    together.add(np.array([one for part in parts for one in part], np.uint64))
    assert (together.level, together.held.tolist()) == (apart.level, apart.held.tolist())
    assert together.held.size <= 32
