"""Cells become the same numbers one by one and many at once, known or unknown."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anping.core.errors import SchemaError
from anping.learn.columns import Column, column_of
from anping.learn.encoder import Encoder, Pair, encoder_of

_CELLS = st.one_of(
    st.none(),
    st.sampled_from(["", " 北 ", "北", "南", "3", "3.5", "20-34", "2024-01-05", "*", "𠮷"]),
)


@given(st.lists(_CELLS, min_size=1, max_size=80), st.lists(_CELLS, min_size=1, max_size=20))
@settings(deadline=None)
def test_one_by_one_and_many_at_once_are_read_alike(
    seen: list[str | None], asked: list[str | None]
) -> None:
    column = column_of("c", pa.chunked_array([pa.array(seen, pa.string())]))
    one = np.vstack(
        [column.matrix(pa.chunked_array([pa.array([cell], pa.string())])) for cell in asked]
    )
    many = column.matrix(pa.chunked_array([pa.array(asked * 30, pa.string())]))[: len(asked)]
    assert np.array_equal(one, many, equal_nan=True)


def test_a_category_has_a_code_for_the_unknown_and_one_for_the_missing() -> None:
    column = column_of("c", pa.chunked_array([["b", "a", "a", None]]))
    assert column.feature.categories == ("a", "b")
    assert [column.read(cell)[0] for cell in ("a", "b", "c", None, " ")] == [0, 1, 2, 3, 3]


def test_a_number_that_never_was_missing_is_filled_with_the_median() -> None:
    column = column_of("c", pa.chunked_array([[1, 2, 9]]))
    assert column.read(None) == (2.0,)
    assert column.matrix(pa.chunked_array([pa.array([None] * 40, pa.int64())]))[0, 0] == 2.0


def test_a_date_is_its_day_month_and_weekday() -> None:
    column = column_of("c", pa.chunked_array([[date(2024, 1, 5), None]]))
    day = date(2026, 11, 21)
    assert column.read(day) == (float(day.toordinal()), 11.0, 5.0)
    assert np.isnan(column.read(None)).all()


def test_an_encoder_survives_its_json() -> None:
    rows = pa.table({"a": [1.0, 2.0, None], "b": ["x", "y", "x"], "c": [3, 4, 5]})
    encoder = encoder_of(rows, ["a", "b", "c"]).with_pairs(
        [Pair("ratio", 0, 2), Pair("difference", 2, 0)]
    )
    again = Encoder.from_json(encoder.as_json())
    assert again == encoder
    assert np.array_equal(again.matrix(rows), encoder.matrix(rows), equal_nan=True)
    assert encoder.names == ("a", "b", "c", "a ÷ c", "c − a")
    assert encoder.codes == {1: 4}


def test_a_missing_column_is_named() -> None:
    rows = pa.table({"a": [1.0, 2.0]})
    with pytest.raises(SchemaError) as problem:
        encoder_of(rows, ["a"]).matrix(pa.table({"b": [1.0]}))
    assert problem.value.code == "learn.missing-column"


def test_rare_values_of_a_wide_category_share_a_code() -> None:
    cells = [f"v{number}" for number in range(400) for _ in range(6 if number < 250 else 5)]
    column = column_of("c", pa.chunked_array([cells]))
    assert isinstance(column, Column)
    assert column.codes == 252
    assert column.read("v399")[0] == column.read("never")[0] == 250
    assert column.read("v1")[1] == 6 / len(cells)


def test_of_a_wide_category_no_value_of_a_few_rows_is_kept() -> None:
    cells = [f"job {number}" for number in range(40) for _ in range(5)]
    names = [f"name {number}" for number in range(50) for _ in range(4)]
    column = column_of("c", pa.chunked_array([cells + names]))
    assert set(column.feature.categories) == set(cells)
    assert column.read("name 1") == column.read("never")
