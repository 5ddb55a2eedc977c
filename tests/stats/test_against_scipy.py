from math import isclose

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anping.stats.auc import midranks
from anping.stats.binomial import log_binomial_tail
from anping.stats.distance import kolmogorov_smirnov
from anping.stats.intervals import wilson

stats = pytest.importorskip("scipy.stats", reason="scipy comes with lightgbm")

numbers = st.lists(st.integers(-5, 5), min_size=2, max_size=30)


@given(numbers, numbers)
def test_kolmogorov_smirnov(one: list[int], other: list[int]) -> None:
    expected = stats.ks_2samp(one, other, method="asymp").statistic
    assert isclose(kolmogorov_smirnov(one, other), expected, abs_tol=1e-12)


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson(case: tuple[int, int]) -> None:
    hits, n = case
    expected = stats.binomtest(hits, n).proportion_ci(method="wilson")
    interval = wilson(hits, n)
    assert isclose(interval.low, expected.low, abs_tol=1e-9)
    assert isclose(interval.high, expected.high, abs_tol=1e-9)


@given(numbers)
def test_midranks(values: list[int]) -> None:
    assert midranks(np.array(values, float)).tolist() == stats.rankdata(values).tolist()


@pytest.mark.parametrize(
    ("successes", "n", "p"),
    [(200, 1000, 0.1), (5200, 10_000, 0.5), (99_500, 1_000_000, 0.0995), (1, 1_000_000, 1e-6)],
)
def test_binomial_tail(successes: int, n: int, p: float) -> None:
    expected = float(stats.binom.logsf(successes - 1, n, p))
    assert isclose(log_binomial_tail(successes, n, p), expected, rel_tol=1e-6, abs_tol=1e-9)
