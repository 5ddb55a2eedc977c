from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anping.core.errors import ParameterError, SchemaError
from anping.engine.aggregate import (
    ValueCount,
    distinct_count,
    distinct_mapped,
    distinct_rows,
    frequencies,
    histogram,
    null_counts,
    numeric_summary,
    top_values,
)
from anping.engine.table import Table
from anping.engine.write import write_parquet

NAMES = ['a "x"', "數 量", "A", "a"]
COLUMNS = {
    'a "x"': ["甲", "乙", None, "甲"],
    "數 量": [1.5, float("nan"), None, 2.5],
    "A": ["q", "r", "s", "q"],
    "a": [1, 2, 3, 1],
}


@pytest.fixture(params=["memory", "parquet"])
def table(request: pytest.FixtureRequest, tmp_path: Path) -> Table:
    if request.param == "memory":
        return Table.of(pa.table(COLUMNS))
    path = tmp_path / "odd [1]*'?.parquet"
    write_parquet(pa.table(COLUMNS), path)
    return Table.open(path)


def test_frequencies(table: Table) -> None:
    found = frequencies(table, ["a", 'a "x"', "A"])

    assert found.to_pydict() == {
        "a": [1, 2, 3],
        'a "x"': ["甲", "乙", None],
        "A": ["q", "r", "s"],
        "count": [2, 1, 1],
    }
    assert found.schema.field("a").type == pa.int64()


def test_frequencies_refuses_a_clash(table: Table) -> None:
    with pytest.raises(ParameterError):
        frequencies(table, ["a"], count="a")
    with pytest.raises(SchemaError):
        frequencies(table, ["none"])


def test_counts(table: Table) -> None:
    assert distinct_count(table, 'a "x"') == 2
    assert [(c.column, c.nulls, c.rows) for c in null_counts(table)] == [
        ('a "x"', 1, 4),
        ("數 量", 1, 4),
        ("A", 0, 4),
        ("a", 0, 4),
    ]
    assert top_values(table, 'a "x"', 1) == (ValueCount("甲", 2),)
    assert top_values(table, "A", 9) == (ValueCount("q", 2), ValueCount("r", 1), ValueCount("s", 1))


def test_summary_leaves_out_nan_and_nulls(table: Table) -> None:
    found = numeric_summary(table, "數 量")

    assert (found.n, found.nulls, found.minimum, found.maximum, found.mean) == (2, 2, 1.5, 2.5, 2.0)


def test_text_has_no_summary(table: Table) -> None:
    with pytest.raises(SchemaError) as caught:
        numeric_summary(table, "A")
    assert caught.value.code == "schema.not-numeric"
    with pytest.raises(ParameterError):
        histogram(table, "a", 0)


def test_no_values() -> None:
    empty = Table.of(pa.table({"x": pa.array([None, None], pa.float64())}))

    found = numeric_summary(empty, "x")
    assert (found.n, found.nulls, found.mean, found.quantiles) == (0, 2, None, ())
    assert histogram(empty, "x").counts == ()
    assert top_values(empty, "x") == ()


def test_types_come_back() -> None:
    columns = {
        "coded": pa.array(["甲", "乙"]).dictionary_encode(),
        "nothing": pa.nulls(2),
        "at": pa.array([0, 1], pa.timestamp("us", "UTC")),
        "day": pa.array([0, 1], pa.date32()),
        "ok": [True, False],
    }
    table = Table.of(pa.table(columns))

    found = frequencies(table, list(columns))

    assert [str(field.type) for field in found.schema] == [
        "string", "string", "timestamp[us, tz=UTC]", "date32[day]", "bool", "int64",
    ]  # fmt: skip
    assert [len(top_values(table, name)) for name in columns] == [2, 0, 2, 2, 2]


NUMBERS = st.lists(st.none() | st.floats(-1e6, 1e6), min_size=1, max_size=40)


@settings(max_examples=20, deadline=None)
@given(NUMBERS, st.integers(1, 9))
def test_numbers_agree_with_numpy(values: list[float | None], bins: int) -> None:
    table = Table.of(pa.table({"x": pa.array(values, pa.float64())}))
    numbers = np.array([value for value in values if value is not None])

    found, drawn = numeric_summary(table, "x"), histogram(table, "x", bins)

    assert (found.n, found.nulls) == (len(numbers), len(values) - len(numbers))
    assert sum(drawn.counts) == len(numbers)
    if len(numbers) == 0:
        return
    assert found.mean == pytest.approx(numbers.mean(), rel=1e-9, abs=1e-6)
    for probability, cut in found.quantiles:
        assert cut == pytest.approx(np.quantile(numbers, probability), rel=1e-9, abs=1e-6)
    if len(numbers) > 1:
        assert found.standard_deviation == pytest.approx(numbers.std(ddof=1), rel=1e-6, abs=1e-6)
    expected, _ = np.histogram(numbers, bins=np.array(drawn.edges))
    if drawn.edges[0] < drawn.edges[-1] and (np.diff(drawn.edges) > 0).all():
        assert drawn.counts == tuple(expected)


@settings(max_examples=20, deadline=None)
@given(
    st.lists(
        st.tuples(st.none() | st.sampled_from("甲乙"), st.none() | st.integers(0, 2)), min_size=1
    )
)
def test_frequencies_agree_with_a_counter(rows: list[tuple[Any, Any]]) -> None:
    columns = {
        "x": pa.array([row[0] for row in rows], pa.string()),
        "y": pa.array([row[1] for row in rows], pa.int64()),
    }
    found = frequencies(Table.of(pa.table(columns)), ["x", "y"]).to_pydict()

    pairs = zip(found["x"], found["y"], strict=True)
    assert dict(zip(pairs, found["count"], strict=True)) == dict(Counter(rows))


def test_rows_that_repeat_are_counted_by_comparing_them() -> None:
    table = Table.of(pa.table({"a": [1, 1, None, None, 2], "b": ["x", "x", None, None, "y"]}))
    assert distinct_rows(table) == 3
    assert distinct_rows(Table.of(pa.table({"a": [[1], [1]]}))) is None
    assert distinct_rows(Table.of(pa.table({"a": [1.5, float("nan"), float("nan")]}))) == 2


def _first_letter(batch: pa.RecordBatch) -> pa.RecordBatch:
    return pa.record_batch([pc.utf8_slice_codeunits(batch.column(0), 0, 1)], names=["made"])


def test_distinct_values_of_a_function(table: Table) -> None:
    assert distinct_mapped(table, _first_letter, columns=["A"], kind=pa.string()) == 3
    assert distinct_mapped(table, _first_letter, columns=['a "x"'], kind=pa.string()) == 2


def test_a_histogram_between_two_values_counts_the_tails_in_its_outer_bins() -> None:
    table = Table.of(pa.table({"x": [-100.0, 0.5, 1.0, 1.5, 2.0, 900.0]}))
    found = histogram(table, "x", 2, between=(0.0, 2.0))
    assert (found.edges, found.counts) == ((0.0, 1.0, 2.0), (2, 4))
