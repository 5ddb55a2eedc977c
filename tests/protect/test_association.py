from collections import Counter

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anping.protect.association import goodman_kruskal_lambda, groups_of, tells
from anping.protect.entries_hierarchies import PostalCodeHierarchy
from anping.protect.plan_entries import (
    AddressHierarchy,
    AgeHierarchy,
    CategoryHierarchy,
    DateHierarchy,
    HierarchySpec,
)

pairs_of = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=40)


def column(values: list[object]) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array(values)])


@given(pairs_of)
def test_lambda_is_the_share_of_wrong_guesses_removed(pairs: list[tuple[int, int]]) -> None:
    commonest = max(Counter(y for _, y in pairs).values(), default=0)
    wrong = len(pairs) - commonest
    knowing = sum(
        max(Counter(y for x, y in pairs if x == value).values()) for value in {x for x, _ in pairs}
    )
    expected = (knowing - commonest) / wrong if wrong else 0.0
    given_codes = np.array([x for x, _ in pairs], np.int64)
    guessed = np.array([y for _, y in pairs], np.int64)
    assert goodman_kruskal_lambda(given_codes, guessed) == pytest.approx(expected)
    assert 0 <= expected <= 1
    if wrong:
        assert goodman_kruskal_lambda(guessed, guessed) == 1
        assert goodman_kruskal_lambda(np.zeros_like(guessed), guessed) == 0


def test_goodman_and_kruskals_own_worked_shape() -> None:
    """A cross table with row maxima 40, 30, 20 and column totals 50, 30, 40 of n = 120."""
    table = np.array([[40, 0, 10], [5, 30, 10], [5, 0, 20]])
    x, y = (np.repeat(axis.ravel(), table.ravel()) for axis in np.indices(table.shape))
    assert goodman_kruskal_lambda(x, y) == pytest.approx((90 - 50) / (120 - 50))


@pytest.mark.parametrize(
    ("spec", "values", "groups"),
    [
        (AgeHierarchy(), [20, 30, 40, 50, None], 5),
        (DateHierarchy(), ["2020-01-01", "民國100年1月1日", "1990-01-01", "1950-01-01", "?"], 5),
        (AddressHierarchy(), ["臺北市大安區", "台北市信義區忠孝東路1號", "高雄市左營區"], 2),
        (PostalCodeHierarchy(), [106, 110, 813], 2),
        (CategoryHierarchy(), ["a"] * 250 + ["b"] * 250 + ["c", "d"], 3),
    ],
)
def test_what_is_guessed_at_is_coarse(
    spec: HierarchySpec, values: list[object], groups: int
) -> None:
    assert len(set(groups_of(spec, column(values)).tolist())) == groups


def test_many_values_on_few_rows_tell_nothing_by_chance() -> None:
    sexes = np.arange(60) % 2
    assert tells(column(list(range(60))), {"sex": sexes}) is None
    assert tells(column(["m", "f"] * 30), {}) is None
    told = tells(column(["m", "f"] * 30), {"other": np.zeros(60, np.int64), "sex": sexes})
    assert told is not None
    assert (told.column, told.share) == ("sex", 1)
