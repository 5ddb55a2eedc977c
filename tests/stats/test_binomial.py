from fractions import Fraction
from math import comb, isclose, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anping.core.errors import ParameterError
from anping.stats.binomial import binomial_tail, log_binomial_tail


def naive(successes: int, n: int, p: Fraction) -> Fraction:
    return sum(
        (comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(max(successes, 0), n + 1)),
        start=Fraction(0),
    )


@given(
    n=st.integers(0, 60),
    successes=st.integers(-2, 62),
    p=st.fractions(min_value=0, max_value=1, max_denominator=40),
)
def test_the_tail_is_the_sum_of_its_terms(n: int, successes: int, p: Fraction) -> None:
    exact = float(naive(successes, n, p))
    assert isclose(binomial_tail(successes, n, float(p)), exact, rel_tol=1e-9, abs_tol=1e-300)


def test_far_tails_stay_finite_in_logarithms() -> None:
    assert binomial_tail(20_000, 20_000, 0.1) == 0.0
    assert isclose(log_binomial_tail(20_000, 20_000, 0.1), 20_000 * log(0.1), rel_tol=1e-12)


@pytest.mark.parametrize(("n", "p"), [(-1, 0.5), (3, -0.1), (3, 1.1), (3, float("nan"))])
def test_nonsense_is_refused(n: int, p: float) -> None:
    with pytest.raises(ParameterError) as caught:
        binomial_tail(1, n, p)
    assert caught.value.code == "stats.binomial"
