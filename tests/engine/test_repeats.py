"""Rows are counted by the columns that tell them apart, exactly as all at once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anping.engine import aggregate
from anping.engine.aggregate import distinct_count, distinct_rows, frequencies
from anping.engine.repeats import rows_that_repeat
from anping.engine.table import Table
from anping.engine.write import write_parquet

ROWS = st.lists(
    st.tuples(
        st.one_of(st.none(), st.integers(0, 9)),
        st.sampled_from(["甲", "乙", "", None]),
        st.one_of(st.none(), st.sampled_from([0.0, -0.0, 1.5, float("nan")])),
    ),
    min_size=1,
    max_size=40,
)


def stored(rows: Sequence[tuple[object, ...]], folder: Path) -> Table:
    columns = zip(*rows, strict=True)
    kinds = (pa.int64(), pa.string(), pa.float64())
    arrays = [pa.array(column, kind) for column, kind in zip(columns, kinds, strict=True)]
    write_parquet(Table.of(pa.table(arrays, names=["a", "b", "c"])), folder / "table.parquet")
    return Table.open(folder / "table.parquet")


@settings(max_examples=40, deadline=None)
@given(rows=ROWS, telling=st.permutations(["a", "b", "c"]), used=st.integers(0, 3))
def test_rows_told_apart_by_columns_are_the_same_number(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[object, ...]],
    telling: list[str],
    used: int,
) -> None:
    table = stored(rows, tmp_path_factory.mktemp("rows"))
    assert distinct_rows(table, telling=telling[:used]) == distinct_rows(table)


def test_only_rows_that_share_every_value_are_left(tmp_path: Path) -> None:
    table = stored([(1, "甲", 1.5), (1, "乙", 1.5), (2, "甲", 1.5), (1, "甲", None)], tmp_path)
    assert rows_that_repeat(table, ["a"]).tolist() == [0, 1, 3]
    assert rows_that_repeat(table, ["a", "b"]).tolist() == [0, 3]
    assert rows_that_repeat(table, ["a", "b", "c"]).tolist() == []


def test_too_many_doubtful_rows_are_left_to_the_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = stored([(1, "甲", 1.5)] * 9 + [(2, "甲", 1.5)], tmp_path)
    monkeypatch.setattr(aggregate, "_HELD_CELLS", 3)
    assert distinct_rows(table, telling=["a"]) == 2


def test_values_held_as_codes_are_counted_as_the_engine_does(tmp_path: Path) -> None:
    draw = np.random.default_rng(1)
    words = np.array(["甲", "乙", "", "丙丁", None], object)
    cells = pa.array(words[draw.integers(0, 5, 4_000)], pa.string())
    write_parquet(Table.of(pa.table({"a": cells})), tmp_path / "coded.parquet")
    table = Table.open(tmp_path / "coded.parquet")
    assert table.held_as_codes == {"a"}
    assert distinct_count(table, "a") == 4
    in_memory = frequencies(Table.of(pa.table({"a": cells})), ["a"])
    assert frequencies(table, ["a"]).to_pylist() == in_memory.to_pylist()
