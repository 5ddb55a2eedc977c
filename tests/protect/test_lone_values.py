from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anping.protect.lone_values import ALLOWED_ALONE, coarsening, share_alone
from anping.protect.transform.numbers import Bounds, quantile_bound, round_to, top_bottom

SHARED = Path(__file__).parents[2].parent / "shared"

numbers_of = st.lists(
    st.one_of(st.none(), st.integers(-1_000, 1_000), st.floats(-1e6, 1e6)), max_size=60
)


def column(values: object, kind: pa.DataType | None = None) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array(values, kind)])


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(-1, 3)), max_size=30))
def test_a_value_is_alone_when_one_person_holds_it(rows: list[tuple[int, int]]) -> None:
    values = [value for value, _ in rows]
    holders: dict[int, set[object]] = {value: set() for value in values}
    for place, (value, who) in enumerate(rows):
        holders[value].add(who if who >= 0 else f"row {place}")
    cells = column(values, pa.int64())
    alone = sum(len(holders[value]) == 1 for value in values)
    people = np.array([who for _, who in rows], np.int64)
    assert share_alone(cells, people) == pytest.approx(alone / max(1, len(rows)))
    once = sum(count == 1 for count in Counter(values).values())
    assert share_alone(cells) == pytest.approx(once / max(1, len(rows)))


@given(numbers_of)
def test_the_step_does_what_the_measure_says(values: list[float | None]) -> None:
    cells = column(values, pa.float64())
    found = coarsening(cells)
    if found is None:
        assert share_alone(cells) <= ALLOWED_ALONE
        return
    coded = cells
    if found.tails:
        bounds = Bounds(*(quantile_bound(cells, share) for share in (0.01, 0.99)))
        coded = top_bottom(cells, bounds).column
    if found.step is not None:
        coded = round_to(coded, found.step)
        known = np.array([value for value in values if value is not None])
        low, high = np.quantile(known, (0.05, 0.95))
        assert found.step <= (high - low) / 20
        assert f"{found.step:e}"[0] in "125"
    assert found.before == share_alone(cells) > ALLOWED_ALONE
    assert found.after == share_alone(coded)
    assert found == coarsening(cells)


def test_whole_numbers_stay_whole_and_the_smallest_step_is_taken() -> None:
    draw = np.random.default_rng(3)
    values = draw.integers(0, 20_000, 5_000)
    cells = column(values, pa.int64())
    found = coarsening(cells)
    assert found is not None
    assert found.step == 20
    assert found.after <= ALLOWED_ALONE < found.before
    assert round_to(cells, found.step).type == pa.int64()
    coded = top_bottom(cells, Bounds(*(quantile_bound(cells, share) for share in (0.01, 0.99))))
    assert share_alone(round_to(coded.column, 10)) > ALLOWED_ALONE


def test_where_few_rows_stay_alone_at_the_bound_the_share_says_so() -> None:
    found = coarsening(column(np.arange(24) ** 3, pa.int64()))
    assert found is not None
    assert found.step is not None
    assert found.after > ALLOWED_ALONE


def test_missing_nan_infinite_and_equal_cells_are_taken_in() -> None:
    assert share_alone(column([None, None], pa.float64())) == 0
    assert share_alone(column([1.0, float("nan"), 1.0, None])) == 0
    assert coarsening(column([7] * 100)) is None
    found = coarsening(column([float("inf"), float("-inf"), 1.0, 2.0, 3.0]))
    assert found is not None
    nothing = coarsening(column([5] * 18 + [1, 2]))
    assert nothing is not None
    assert nothing.step is None


@pytest.mark.parametrize("name", ["adult.data", "adult.test"])
def test_adults_census_weight_is_no_key_any_more(name: str) -> None:
    path = SHARED / "data" / "adult" / name
    if not path.is_file():
        pytest.skip(f"the folder of public data lacks {name}")
    lines = [line.split(",") for line in path.read_text().splitlines()]
    cells = column([int(line[2]) for line in lines if len(line) == 15], pa.int64())
    found = coarsening(cells)
    assert found is not None
    assert found.before > 0.4
    assert found.after <= ALLOWED_ALONE
    assert found.step in (50, 100)
