from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anping.core.errors import SchemaError
from anping.engine.codes import combinations, combine, encode, encode_columns
from anping.engine.table import Table
from anping.engine.write import write_parquet


@settings(max_examples=100, deadline=None)
@given(values=st.lists(st.none() | st.sampled_from(["甲", "乙", "", "z"])), coded=st.booleans())
def test_codes_give_back_the_column(values: list[str | None], *, coded: bool) -> None:
    column = pa.array(values, pa.string())
    table = Table.of(pa.table({"x": column.dictionary_encode() if coded else column}))

    found = encode(table, "x")

    distinct = found.values.to_pylist()
    assert distinct == sorted({value for value in values if value is not None})
    assert [None if code < 0 else distinct[code] for code in found.codes] == values
    assert found.codes.dtype == np.int32


def test_many_batches(tmp_path: Path) -> None:
    numbers = np.random.default_rng(1).integers(0, 5000, 200_000)
    write_parquet(pa.table({"n": numbers}), tmp_path / "n.parquet")

    found = encode(Table.open(tmp_path / "n.parquet"), "n")

    assert (found.values.to_numpy()[found.codes] == numbers).all()


def test_a_missing_column() -> None:
    with pytest.raises(SchemaError):
        encode_columns(Table.of(pa.table({"x": [1]})), ["x", "y"])


CELLS = st.tuples(st.none() | st.integers(0, 2), st.none() | st.sampled_from("ab"))


@settings(max_examples=100, deadline=None)
@given(st.lists(CELLS))
def test_classes_are_the_rows_that_are_equal(rows: list[tuple[Any, Any]]) -> None:
    table = Table.of(
        pa.table(
            {
                "x": pa.array([row[0] for row in rows], pa.int64()),
                "y": pa.array([row[1] for row in rows], pa.string()),
            }
        )
    )

    found = combinations(table, ["x", "y"])

    assert sorted(found.counts) == sorted(Counter(rows).values())
    assert len({*zip(found.classes.tolist(), rows, strict=True)}) == len(found.counts)
    codes = np.stack([encoded.codes for encoded in encode_columns(table, ["x", "y"])], axis=1)
    assert (found.codes[found.classes] == codes).all()


def test_many_wide_columns_do_not_overflow() -> None:
    generator = np.random.default_rng(2)
    columns = [generator.integers(0, 2**30, 50).astype(np.int32) for _ in range(8)]

    assert len(combine(columns).counts) == 50
