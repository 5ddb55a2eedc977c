from math import exp, isclose, log2

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anping.core.errors import ParameterError
from anping.stats.distance import kolmogorov_smirnov, population_stability, total_variation
from anping.stats.entropy import entropy, grouped_entropy

weights = st.dictionaries(st.sampled_from("abcde"), st.integers(1, 9), min_size=1)


@given(weights, weights)
def test_total_variation_is_a_distance(one: dict[str, int], other: dict[str, int]) -> None:
    value = total_variation(one, other)
    assert 0 <= value <= 1
    assert value == total_variation(other, one)
    assert total_variation(one, one) == 0
    events = [[v for i, v in enumerate("abcde") if mask >> i & 1] for mask in range(32)]

    def share(counts: dict[str, int], event: list[str]) -> float:
        return sum(counts.get(v, 0) for v in event) / sum(counts.values())

    largest = max(abs(share(one, event) - share(other, event)) for event in events)
    assert isclose(value, largest, abs_tol=1e-12)


def test_disjoint_distributions_are_one_apart() -> None:
    assert total_variation({"a": 3}, {"b": 1}) == 1.0


@given(st.lists(st.integers(0, 50), min_size=2, max_size=8).filter(any))
def test_stability_is_zero_only_for_equal_shares(counts: list[int]) -> None:
    assert population_stability(counts, counts) == 0
    moved = [counts[-1] + 5, *counts[:-1]]
    assert population_stability(counts, moved) >= 0


@pytest.mark.parametrize("pair", [([], [1.0]), ([1.0], [])])
def test_nothing_cannot_be_compared(pair: tuple[list[float], list[float]]) -> None:
    for call in (kolmogorov_smirnov, population_stability):
        with pytest.raises(ParameterError):
            call(*pair)
    with pytest.raises(ParameterError):
        total_variation({}, {"a": 1})


@given(st.lists(st.integers(0, 20), max_size=8))
def test_entropy_is_the_sum_it_says(counts: list[int]) -> None:
    total = sum(counts)
    naive = -sum(c / total * log2(c / total) for c in counts if c) if total else 0.0
    assert isclose(entropy(counts), naive, abs_tol=1e-12)


@given(st.lists(st.lists(st.integers(1, 9), min_size=1, max_size=5), min_size=1, max_size=5))
def test_grouped_entropy_is_entropy_per_group(groups: list[list[int]]) -> None:
    owner = np.repeat(np.arange(len(groups)), [len(group) for group in groups])
    counts = np.array([count for group in groups for count in group])
    values = grouped_entropy(owner, counts, size=len(groups))
    assert np.allclose(values, [entropy(group, base=exp(1)) for group in groups], atol=1e-12)
