from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anping.core.dates import parse
from anping.protect.transform.date_shift import Unknown, date_shift, offset_of, offsets
from anping.protect.transform.distinct import encoded, map_distinct
from anping.protect.transform.mask import mask, masked
from anping.protect.transform.numbers import Bounds, quantile_bound, round_to, top_bottom

SECRET = b"s" * 32
NOBODY = Unknown(b"u" * 32, np.zeros(0, np.int64))


def _column(values: list[object], kind: pa.DataType | None = None) -> pa.ChunkedArray:
    middle = len(values) // 2
    kind = kind or pa.array(values).type
    return pa.chunked_array([pa.array(values[:middle], kind), pa.array(values[middle:], kind)])


def test_mask_keeps_only_the_ends_and_hides_short_values_entirely() -> None:
    made = mask(_column(["0912345678", "12345", None, "王小明"]), keep_last=3)
    assert made.to_pylist() == ["*******678", "*****", None, "***"]
    assert mask(_column([912345678]), keep_first=1, keep_last=2).to_pylist() == ["9******78"]


@given(st.text(max_size=20), st.integers(0, 5), st.integers(0, 5))
def test_mask_hides_at_least_half(value: str, first: int, last: int) -> None:
    made = masked(value, keep_first=first, keep_last=last)
    assert len(made) == len(value)
    assert made.count("*") * 2 >= len(value)


def test_map_distinct_calls_once_for_each_value() -> None:
    calls: list[object] = []

    def upper(values: list[str]) -> list[str]:
        calls.extend(values)
        return [value.upper() for value in values]

    assert map_distinct(_column(["a", None, "b", "a"]), upper).to_pylist() == ["A", None, "B", "A"]
    assert calls == ["a", "b"]


@given(st.text(), st.integers(1, 400))
def test_an_offset_is_within_bounds_never_zero_and_fixed(person: str, days: int) -> None:
    offset = offset_of(person, SECRET, max_days=days)
    assert 1 <= abs(offset) <= days
    assert offset == offset_of(person, SECRET, max_days=days)


def test_offsets_are_spread_evenly() -> None:
    counts = Counter(offset_of(str(i), SECRET, max_days=3) for i in range(6_000))
    assert sorted(counts) == [-3, -2, -1, 1, 2, 3]
    # Six cells of 1,000 expected: chi-squared with 5 degrees of freedom is below 30 (p > 1e-5).
    assert sum((count - 1_000) ** 2 / 1_000 for count in counts.values()) < 30


_day = st.dates(date(1930, 1, 1), date(2040, 12, 31))


@given(_day, _day, st.text(min_size=1))
def test_intervals_of_a_person_and_the_written_form_stay(
    one: date, other: date, person: str
) -> None:
    roc = f"民國{one.year - 1911}年{one.month}月{one.day}日"
    written = [roc, other.isoformat(), f"{other:%Y/%m/%d}", f"{other:%Y%m%d} 08:30"]
    days = offsets(pa.array([person] * len(written)), SECRET, max_days=60, unknown=NOBODY)
    made = date_shift(_column(list(written)), days)
    moved = [str(text).split(" ")[0] for text in made.column.to_pylist()]
    readings = [parse(text) for text in moved]
    assert [reading.form for reading in readings if reading] == [
        "roc-han",
        "iso",
        "slash",
        "compact",
    ]
    assert made.column.to_pylist()[3].endswith(" 08:30")
    found = [reading.day for reading in readings if reading]
    assert found[1] - found[0] == other - one
    assert found[0] - one == timedelta(days=int(days[0]))


def test_what_is_no_date_is_emptied_and_counted() -> None:
    made = date_shift(_column(["2024-01-05", "昨天", None, "2024-13-01"]), np.array([1, 1, 1, 1]))
    assert made.column.to_pylist() == ["2024-01-06", None, None, None]
    assert made.unreadable == 2


def test_a_shift_out_of_the_calendar_is_emptied() -> None:
    made = date_shift(_column(["9999-12-31", "民國1年1月1日"]), np.array([5, -5]))
    assert made.column.to_pylist() == [None, None]


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        (date(2024, 2, 28), pa.date32(), date(2024, 3, 1)),
        (date(2024, 2, 28), pa.date64(), date(2024, 3, 1)),
        (datetime(2024, 2, 28, 9, 30), pa.timestamp("us"), datetime(2024, 3, 1, 9, 30)),  # noqa: DTZ001 - a local time without zone is what the file holds
        (datetime(2024, 2, 28, 9, 30), pa.timestamp("ms"), datetime(2024, 3, 1, 9, 30)),  # noqa: DTZ001 - as above
        (20240228, pa.int64(), 20240301),
        (1130228, pa.int64(), 1130301),
        (990228, pa.int32(), 990302),
    ],
)
def test_typed_dates_move_and_keep_their_type(
    value: object, kind: pa.DataType, expected: object
) -> None:
    made = date_shift(_column([value, None], kind), np.array([2, 2]))
    assert made.column.to_pylist() == [expected, None]
    assert made.column.type == kind
    assert made.unreadable == 0


def test_rows_without_a_person_each_get_an_own_offset() -> None:
    nobody = pa.nulls(200, pa.string())
    unknown = Unknown(b"u" * 32, np.arange(200))
    drawn = offsets(nobody, SECRET, max_days=1_000, unknown=unknown)
    assert len(set(drawn.tolist())) > 100
    later = Unknown(b"u" * 32, np.arange(50, 200))
    assert (offsets(nobody[50:], SECRET, max_days=1_000, unknown=later) == drawn[50:]).all()


def test_top_bottom_moves_the_tails_and_keeps_type_and_nulls() -> None:
    coded = top_bottom(_column([1, 5, None, 99], pa.int32()), Bounds(2.5, 50.9))
    assert coded.column.to_pylist() == [3, 5, None, 50]
    assert coded.column.type == pa.int32()
    assert coded.cells == 2
    floats = top_bottom(_column([float("nan"), 1.5, 9.5]), Bounds(None, 2.0))
    assert floats.column.to_pylist()[1:] == [1.5, 2.0]
    assert floats.cells == 1


def test_bounds_outside_the_type_code_nobody() -> None:
    small = _column([1, 100], pa.int8())
    assert top_bottom(small, Bounds(-1e6, 1e6)).column.to_pylist() == [1, 100]
    exact = _column([Decimal("1.25"), Decimal("9.75")], pa.decimal128(5, 2))
    coded = top_bottom(exact, Bounds(1.5, 1e9))
    assert coded.column.to_pylist() == [Decimal("1.50"), Decimal("9.75")]
    assert round_to(exact, 0.5).to_pylist() == [Decimal("1.00"), Decimal("10.00")]
    assert quantile_bound(_column([2**60, 2**61], pa.int64()), 0.95) == 2.2e18


def test_nested_cells_are_encoded_as_their_text() -> None:
    values, codes = encoded(_column([[1, 2], None, [1, 2]], pa.list_(pa.int64())))
    assert values == ["[1, 2]"]
    assert codes.tolist() == [0, -1, 0]


@given(
    st.lists(st.integers(-(10**9), 10**9), min_size=1), st.sampled_from([0.01, 0.05, 0.95, 0.99])
)
def test_a_quantile_bound_has_two_digits_and_is_not_beyond_the_quantile(
    values: list[int], share: float
) -> None:
    bound = quantile_bound(_column(list(values), pa.int64()), share)
    assert bound is not None
    exact = float(np.quantile(values, share))
    assert float(f"{bound:.2g}") == bound
    slack = 1e-9 * max(1.0, abs(exact))
    assert bound >= exact - slack if share < 0.5 else bound <= exact + slack


def test_quantile_bound_of_nothing_is_none() -> None:
    assert quantile_bound(_column([None, None], pa.float64()), 0.5) is None


def test_round_to_multiples() -> None:
    assert round_to(_column([12, 13, None, -7]), 5).to_pylist() == [10, 15, None, -5]
    assert round_to(_column([0.12, 0.26]), 0.25).to_pylist() == [0.0, 0.25]
    assert round_to(_column([7], pa.int8()), 10).type == pa.int8()
    assert round_to(_column([7]), 0.5).to_pylist() == [7]


@pytest.mark.parametrize("to", [0.002, 0.05, 0.1, 2.5])
def test_rounded_numbers_have_no_more_decimals_than_the_step(to: float) -> None:
    cells = pa.chunked_array([pa.array([place / 1_000 for place in range(3_000)])])
    decimals = len(f"{to}".partition(".")[2])
    assert all(cell == round(cell, decimals) for cell in round_to(cells, to).to_pylist())
