"""Tests, corrections and tolerance limits agree with scipy, and hold what they promise."""

from math import isclose, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anping.core.errors import ParameterError
from anping.stats.chi_square import chi_square_tail, kolmogorov_tail, same_distribution
from anping.stats.distance import (
    binned_kolmogorov_smirnov,
    jensen_shannon,
    kolmogorov_smirnov,
)
from anping.stats.multiple import benjamini_hochberg, holm
from anping.stats.student import (
    incomplete_beta,
    prediction_spread,
    student_quantile,
    student_tail,
)
from anping.stats.tolerance import beyond_tail, most_beyond

stats = pytest.importorskip("scipy.stats", reason="scipy comes with lightgbm")
special = pytest.importorskip("scipy.special", reason="scipy comes with lightgbm")
distance = pytest.importorskip("scipy.spatial.distance", reason="scipy comes with lightgbm")

counts = st.lists(st.integers(0, 60), min_size=4, max_size=4).filter(any)
p_values = st.lists(st.floats(0, 1), min_size=1, max_size=30)


@given(st.floats(0.01, 500), st.floats(0.01, 500), st.floats(0, 1, allow_subnormal=False))
def test_incomplete_beta(a: float, b: float, x: float) -> None:
    assert isclose(incomplete_beta(a, b, x), special.betainc(a, b, x), rel_tol=1e-9, abs_tol=1e-11)


@given(st.floats(-300, 300), st.floats(0.5, 1e6))
def test_student(t: float, freedom: float) -> None:
    expected = 2 * stats.t.sf(abs(t), freedom)
    assert isclose(student_tail(t, freedom), expected, rel_tol=1e-8, abs_tol=1e-13)


@given(st.floats(0.01, 0.9999), st.floats(0.5, 1e5))
def test_student_quantile(level: float, freedom: float) -> None:
    expected = stats.t.ppf(0.5 + level / 2, freedom)
    assert isclose(student_quantile(level, freedom), expected, rel_tol=1e-7)


@given(st.floats(0, 5000), st.integers(1, 2000))
def test_chi_square(value: float, freedom: int) -> None:
    expected = stats.chi2.sf(value, freedom)
    assert isclose(chi_square_tail(value, freedom), expected, rel_tol=1e-8, abs_tol=1e-12)


@given(counts, counts)
def test_g_test(one: list[int], other: list[int]) -> None:
    value, freedom = same_distribution(one, other)
    table = np.array([one, other])
    table = table[:, table.sum(axis=0) > 0]
    if table.shape[1] == 1:
        assert (value, freedom) == (0.0, 0)
        return
    found = stats.chi2_contingency(table, correction=False, lambda_="log-likelihood")
    assert freedom == found.dof
    assert isclose(value, found.statistic, abs_tol=1e-9)


@given(st.floats(0, 1), st.integers(1, 10**7), st.integers(1, 10**7))
def test_kolmogorov(gap: float, n: int, other: int) -> None:
    expected = stats.kstwobign.sf(gap * sqrt(n * other / (n + other)))
    assert isclose(kolmogorov_tail(gap, n, other), expected, rel_tol=1e-7, abs_tol=1e-12)


@given(counts, counts)
def test_jensen_shannon(one: list[int], other: list[int]) -> None:
    # The root makes rounding near 0 as large as 1e-8.
    expected = distance.jensenshannon(one, other, base=2)
    assert isclose(jensen_shannon(one, other), 0 if np.isnan(expected) else expected, abs_tol=1e-7)
    assert jensen_shannon(one, other) == jensen_shannon(other, one)


@given(counts, counts)
def test_the_distance_of_bins_is_that_of_values_in_them(one: list[int], other: list[int]) -> None:
    expected = kolmogorov_smirnov(np.repeat(range(4), one), np.repeat(range(4), other))
    assert isclose(binned_kolmogorov_smirnov(one, other), expected, abs_tol=1e-12)


@given(p_values)
def test_corrections(values: list[float]) -> None:
    expected = stats.false_discovery_control(values)
    assert np.allclose(benjamini_hochberg(values), expected)
    adjusted = holm(values)
    assert np.all(adjusted >= np.array(values) - 1e-15)
    assert np.all(adjusted <= np.minimum(1, np.array(values) * len(values)) + 1e-12)
    # By its definition: step down from the least, stop at the first that is not small enough.
    order = np.argsort(values)
    for alpha in (0.01, 0.05, 0.5):
        rejected = set()
        for rank, place in enumerate(order):
            if values[place] * (len(values) - rank) > alpha:
                break
            rejected.add(int(place))
        assert rejected == set(np.flatnonzero(adjusted <= alpha).tolist())


cases = st.tuples(st.integers(1, 400), st.integers(0, 400), st.integers(1, 20))


@given(cases, st.floats(0, 1))
def test_beyond_is_beta_binomial(case: tuple[int, int, int], share: float) -> None:
    n, inside, outside = case
    beyond = round(share * n)
    expected = stats.betabinom.sf(beyond - 1, n, outside, inside + 1)
    found = beyond_tail(beyond, n, inside=inside, outside=outside)
    assert isclose(found, expected, rel_tol=1e-7, abs_tol=1e-11)


@given(cases)
@settings(max_examples=50)
def test_most_beyond_is_the_quantile(case: tuple[int, int, int]) -> None:
    n, inside, outside = case
    found = most_beyond(n, inside=inside, outside=outside)
    assert beyond_tail(min(n, found), n, inside=inside, outside=outside) > 0.05 or found == 0
    if found < n:
        assert beyond_tail(found + 1, n, inside=inside, outside=outside) <= 0.05


def test_the_next_of_many_versions_lies_in_the_prediction() -> None:
    generator = np.random.default_rng(7)
    for n in (2, 4, 12):
        drawn = generator.normal(3, 2, (4000, n + 1))
        spread = prediction_spread(n) * drawn[:, :n].std(axis=1, ddof=1)
        held = np.abs(drawn[:, n] - drawn[:, :n].mean(axis=1)) <= spread
        assert abs(held.mean() - 0.95) < 0.015


@pytest.mark.parametrize(
    "call",
    [
        lambda: incomplete_beta(0, 1, 0.5),
        lambda: student_tail(1, 0),
        lambda: student_quantile(1.0, 3),
        lambda: prediction_spread(1),
        lambda: chi_square_tail(-1, 2),
        lambda: kolmogorov_tail(0.1, 0, 3),
        lambda: same_distribution([0, 0], [1, 2]),
        lambda: holm([0.5, 2]),
        lambda: benjamini_hochberg([float("nan")]),
        lambda: beyond_tail(5, 3, inside=1, outside=1),
        lambda: most_beyond(5, inside=1, outside=0),
        lambda: jensen_shannon([1], [1, 2]),
        lambda: binned_kolmogorov_smirnov([], []),
    ],
)
def test_what_cannot_be_asked_is_refused(call: object) -> None:
    assert callable(call)
    with pytest.raises(ParameterError):
        call()
