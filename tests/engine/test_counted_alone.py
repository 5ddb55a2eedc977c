"""What a file lets the engine count by place or by number is counted as DuckDB counts it."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anping.engine import codes, short_texts, whole_counts
from anping.engine.aggregate import distinct_count, frequencies, frequencies_if_few
from anping.engine.short_texts import as_numbers, distinct_short_texts
from anping.engine.stream import rows_at
from anping.engine.table import Table

KINDS = st.sampled_from([pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.date32()])
PACKED = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x5F), max_size=10)


def stored(cells: pa.Array, folder: Path, *, rows: int = 7, told: bool = True) -> Table:
    path = folder / "cells.parquet"
    pq.write_table(pa.table({"a": cells}), path, row_group_size=rows, write_statistics=told)
    return Table.open(path)


@settings(max_examples=60, deadline=None)
@given(
    values=st.lists(st.none() | st.integers(-128, 127), max_size=40),
    kind=KINDS,
    told=st.sampled_from([True, False]),
)
def test_whole_numbers_are_counted_as_in_memory(
    *,
    values: list[int | None],
    kind: pa.DataType,
    told: bool,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    plain = pa.array(values, pa.int32() if pa.types.is_date32(kind) else kind)
    cells = plain.cast(kind)
    table = stored(cells, tmp_path_factory.mktemp("whole"), told=told)
    found = frequencies(table, ["a"])
    assert found.equals(frequencies(Table.of(pa.table({"a": cells})), ["a"]))
    assert found.schema.types == [kind, pa.int64()]
    assert distinct_count(table, "a") == len({value for value in values if value is not None})


def test_numbers_far_apart_are_left_to_the_engine(tmp_path: Path) -> None:
    for number in (2**62, 2**63 - 1, -(2**63)):
        table = stored(pa.array([0, number, None, number]), tmp_path)
        assert whole_counts.whole_counts(table, "a", "n") is None
        assert dict(zip(*frequencies(table, ["a"]).to_pydict().values(), strict=True)) == {
            None: 1, 0: 1, number: 2
        }  # fmt: skip
        assert distinct_count(table, "a") == 2


def test_a_range_told_wrong_is_not_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = stored(pa.array([-1, 5, 9, 9]), tmp_path)
    for told in ((0, 9), (-1, 8)):
        monkeypatch.setattr(Table, "told_range", lambda _, __, told=told: told)
        assert whole_counts.whole_counts(table, "a", "n") is None
        assert frequencies(table, ["a"]).column(1).to_pylist() == [1, 1, 2]


def test_days_beyond_the_calendar_are_counted(tmp_path: Path) -> None:
    days = [-1_000_000, 0, 0, 4_000_000, None]
    table = stored(pa.array(days, pa.int32()).cast(pa.date32()), tmp_path)
    found = whole_counts.whole_counts(table, "a", "n")
    assert found is None or found.column("n").to_pylist() == [1, 1, 2, 1]
    assert distinct_count(table, "a") == 3


def test_few_values_come_with_their_counts_and_many_without(tmp_path: Path) -> None:
    days = pa.array([date(2026, 1, 1) + timedelta(days=n % 5) for n in range(30)] + [None])
    for cells in (days, pa.array(days.to_pylist()).cast(pa.string())):
        table = stored(cells, tmp_path)
        different, counts = frequencies_if_few(table, "a", most=5)
        assert different == 5
        assert counts is not None
        assert counts.equals(frequencies(table, ["a"]))
        assert frequencies_if_few(table, "a", most=4) == (5, None)


@settings(deadline=None)
@given(texts=st.lists(PACKED, max_size=30), start=st.integers(0, 5))
def test_short_texts_have_numbers_of_their_own(texts: list[str], start: int) -> None:
    numbers = as_numbers(pa.array(texts, pa.string()).slice(start))
    assert numbers is not None
    assert len(numbers) == len(texts[start:])
    known: dict[str, int] = {}
    for text, number in zip(texts[start:], numbers.tolist(), strict=True):
        assert known.setdefault(text, number) == number
    assert len(set(known.values())) == len(known)


@pytest.mark.parametrize("text", ["01234567890", "a", "`", "\x1f", "甲", "\x00"])
def test_other_texts_have_none(text: str) -> None:
    assert as_numbers(pa.array(["A", text])) is None


@settings(max_examples=40, deadline=None)
@given(values=st.lists(st.none() | PACKED | st.text(max_size=3), max_size=30))
def test_distinct_texts_are_counted_exactly(
    values: list[str | None], tmp_path_factory: pytest.TempPathFactory
) -> None:
    table = stored(pa.array(values, pa.string()), tmp_path_factory.mktemp("texts"))
    counted = Counter(value for value in values if value is not None)
    assert distinct_count(table, "a") == len(counted)
    assert distinct_short_texts(table, "a") in {None, len(counted)}


def test_short_texts_of_very_many_rows_are_left_to_the_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(short_texts, "_HELD_ROWS", 2)
    table = stored(pa.array(["A", "B", "B"]), tmp_path)
    assert distinct_short_texts(table, "a") is None
    assert distinct_count(table, "a") == 2


def test_rows_of_many_columns_are_read_in_the_order_asked_for(tmp_path: Path) -> None:
    body = pa.table({f"c{n}": [n * 10 + row for row in range(9)] for n in range(150)})
    pq.write_table(body, tmp_path / "wide.parquet", row_group_size=4)
    names = [f"c{n}" for n in reversed(range(150))]
    found = rows_at(Table.open(tmp_path / "wide.parquet"), np.array([1, 5, 8]), columns=names)
    assert found.equals(body.select(names).take([1, 5, 8]))


def test_codes_are_counted_batch_by_batch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codes, "_WAITING", 3)
    values = [("甲", None, "", "乙", "A")[n * n % 5] for n in range(400)]
    cells = pa.array(values, pa.string())
    for some in (cells, cells.drop_null()):
        table = stored(some, tmp_path, rows=90)
        assert table.held_as_codes == {"a"}
        found = frequencies(table, ["a"], count="a_sum")
        assert found.equals(frequencies(Table.of(pa.table({"a": some})), ["a"], count="a_sum"))
        assert distinct_count(table, "a") == len(
            {value for value in some.to_pylist() if value is not None}
        )
