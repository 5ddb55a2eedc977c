"""Keys are numbered without sorting, whatever meets in one place of the table."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anping.engine import numbering
from anping.engine.numbering import numbered


def check(keys: np.ndarray[tuple[int], np.dtype[np.int64]]) -> None:
    codes, count = numbered(keys)
    distinct = np.unique(keys).size
    assert count == distinct
    assert codes.dtype == np.int32
    assert np.array_equal(np.unique(codes), np.arange(distinct))
    assert len(set(zip(keys.tolist(), codes.tolist(), strict=True))) == distinct


@given(st.lists(st.integers(-(2**63), 2**63 - 1), max_size=40), st.integers(1, 3))
def test_equal_keys_and_no_others_share_a_number(keys: list[int], times: int) -> None:
    check(np.array(keys * times, np.int64))


@pytest.mark.parametrize("rounds", [0, 1, 16])
def test_keys_that_meet_in_one_place_are_told_apart(
    monkeypatch: pytest.MonkeyPatch, rounds: int
) -> None:
    monkeypatch.setattr(numbering, "_ROUNDS", rounds)
    monkeypatch.setattr(numbering, "_LEAST_BITS", 1)
    monkeypatch.setattr(numbering, "_MOST_BITS", 1)
    draw = np.random.default_rng(rounds)
    check(draw.integers(0, 300, 5_000))


def test_numbers_are_the_same_in_every_run() -> None:
    keys = np.random.default_rng(1).integers(0, 1_000, 20_000)
    assert np.array_equal(numbered(keys)[0], numbered(keys)[0])
