import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray

from anping.core.errors import ParameterError
from anping.stats.pareto import pareto_front

Costs = NDArray[np.float64]

costs_of = arrays(
    np.float64,
    array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=12),
    elements=st.integers(0, 4).map(float),
)


def dominates(one: Costs, other: Costs) -> bool:
    return bool((one <= other).all() and (one < other).any())


@settings(deadline=None)
@given(costs_of)
def test_the_front_is_exactly_what_nothing_dominates(costs: Costs) -> None:
    front = pareto_front(costs)
    assert front.any()
    for mine, stands in zip(costs, front, strict=True):
        assert stands == (not any(dominates(each, mine) for each in costs))


@settings(deadline=None)
@given(costs_of, st.randoms(use_true_random=False))
def test_the_order_of_choices_does_not_matter(costs: Costs, random: object) -> None:
    order = np.arange(len(costs))
    random.shuffle(order)  # type: ignore[attr-defined]
    assert (pareto_front(costs)[order] == pareto_front(costs[order])).all()


@settings(deadline=None)
@given(costs_of)
def test_another_unit_changes_nothing(costs: Costs) -> None:
    assert (pareto_front(costs) == pareto_front(costs * 7 + 3)).all()


def test_no_choice_has_no_front() -> None:
    assert pareto_front(np.zeros((0, 2))).size == 0


@pytest.mark.parametrize("bad", [[1.0, 2.0], [[1.0, float("nan")]]])
def test_what_was_not_measured_is_refused(bad: object) -> None:
    with pytest.raises(ParameterError) as caught:
        pareto_front(bad)  # type: ignore[arg-type]
    assert caught.value.code == "stats.pareto"
