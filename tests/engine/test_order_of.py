"""Equal numbers keep the order in which they stand, whichever way they are sorted."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anping.engine.grouping import order_of


@given(
    st.lists(st.integers(-1, 9), max_size=60),
    st.sampled_from([1, 9_000, 10**9, 2**59]),
)
def test_the_order_is_stable(few: list[int], spread: int) -> None:
    numbers = np.array([each if each < 1 else each * spread for each in few], np.int64)
    assert order_of(numbers).tolist() == np.argsort(numbers, kind="stable").tolist()


@pytest.mark.parametrize("kind", [np.int16, np.int32])
def test_narrow_numbers_do_not_overflow(kind: type[np.signedinteger]) -> None:  # type: ignore[type-arg]
    numbers = np.array([np.iinfo(kind).max, -1, 0, np.iinfo(kind).max, -1], kind)
    assert order_of(numbers).tolist() == [1, 4, 2, 0, 3]
