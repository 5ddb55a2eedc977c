"""People stay together, classes are spread, and the future stays unseen."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anping.core.errors import ParameterError
from anping.learn.folds import folds_of, hold_out, numbered


@given(
    st.lists(st.integers(0, 1), min_size=20, max_size=200), st.integers(2, 5), st.integers(0, 99)
)
def test_every_row_is_tested_once_and_classes_are_spread(
    target: list[int], count: int, seed: int
) -> None:
    values = np.array(target, dtype=float)
    folds = folds_of(values, count=count, seed=seed)
    assert folds.count == count
    sizes = [(folds.of == fold).sum() for fold in range(count)]
    assert max(sizes) - min(sizes) <= 1
    ones = [values[folds.of == fold].sum() for fold in range(count)]
    assert max(ones) - min(ones) <= 1
    for train, test in folds:
        assert not set(train) & set(test)
        assert train.size + test.size == values.size


@given(st.lists(st.integers(0, 30), min_size=40, max_size=150), st.integers(0, 99))
def test_a_person_is_in_one_fold(people: list[int], seed: int) -> None:
    who = np.array([*people, *range(31, 36)])
    folds = folds_of(np.zeros(who.size), count=5, seed=seed, people=who)
    for person in set(who):
        assert len(set(folds.of[who == person])) == 1


@given(st.lists(st.integers(0, 400), min_size=30, max_size=150, unique=True), st.integers(2, 5))
def test_by_time_nothing_is_learnt_from_the_future(days: list[int], count: int) -> None:
    when = np.array(days, dtype=float)
    folds = folds_of(np.zeros(when.size), count=count, seed=0, when=when)
    for train, test in folds:
        assert train.size
        assert when[train].max() < when[test].min()


def test_the_last_rows_are_held_out_by_time() -> None:
    when = np.random.default_rng(1).permutation(100).astype(float)
    learnt, kept = hold_out(np.zeros(100), 0.2, seed=1, when=when)
    assert when[learnt].max() < when[kept].min()
    assert kept.size == 20


def test_too_few_people_are_an_error() -> None:
    with pytest.raises(ParameterError) as problem:
        folds_of(np.zeros(30), count=5, seed=1, people=np.zeros(30, dtype=np.int64))
    assert problem.value.code == "learn.too-few"


def test_who_is_not_named_is_somebody_of_their_own() -> None:
    assert numbered(["a", None, "a", "", None]).tolist() == [0, 1, 0, 2, 3]
