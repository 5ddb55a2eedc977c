from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anping.engine.grouping import among, grouped, repeated, tallied

_ANY = st.integers(-(2**63), 2**63 - 1)


@settings(max_examples=100, deadline=None)
@given(
    drawn=st.sampled_from([1, 7, 3_000, 2**40, 2**62]).flatmap(
        lambda bound: st.tuples(st.just(bound), st.lists(st.integers(0, bound - 1), max_size=60))
    )
)
def test_groups_are_those_of_numpy(drawn: tuple[int, list[int]]) -> None:
    bound, given_numbers = drawn
    numbers = np.array(given_numbers, np.int64)

    found = grouped(numbers, bound)

    distinct, of_row, counts = np.unique(numbers, return_inverse=True, return_counts=True)
    assert found.distinct.tolist() == distinct.tolist()
    assert found.of_row.tolist() == of_row.tolist()
    assert found.counts.tolist() == counts.tolist()
    assert [each.tolist() for each in tallied(numbers, bound)] == [
        distinct.tolist(),
        counts.tolist(),
    ]


@pytest.mark.parametrize("bound", [2**16, 2**20, 2**44, 2**62])
def test_many_numbers_are_grouped_alike_in_every_way(bound: int) -> None:
    draw = np.random.default_rng(3)
    numbers = draw.choice(draw.integers(0, bound, 5_000), 40_000)

    found = grouped(numbers, bound)

    distinct, of_row, counts = np.unique(numbers, return_inverse=True, return_counts=True)
    assert (found.distinct == distinct).all()
    assert (found.of_row == of_row).all()
    assert (found.counts == counts).all()


@settings(max_examples=100, deadline=None)
@given(numbers=st.lists(_ANY | st.integers(-3, 3)), looked_for=st.lists(_ANY | st.integers(-3, 3)))
def test_what_stands_more_than_once_and_what_is_known(
    numbers: list[int], looked_for: list[int]
) -> None:
    several = repeated(np.array(numbers, np.int64))

    assert several.tolist() == sorted({each for each in numbers if numbers.count(each) > 1})
    known = np.array(sorted(set(looked_for)), np.int64)
    found = among(np.array(numbers, np.int64), known)
    assert found.tolist() == [each in set(looked_for) for each in numbers]


def test_many_known_numbers() -> None:
    draw = np.random.default_rng(4)
    numbers, known = draw.integers(-(2**63), 2**63 - 1, 300_000), np.sort(draw.choice(2**40, 9_000))
    numbers[:1_000] = known[:1_000]

    assert (np.flatnonzero(among(numbers, known)) == np.arange(1_000)).all()
