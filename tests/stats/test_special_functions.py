"""Our own special functions against scipy's."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anping.stats.gamma import digamma, log_gamma
from anping.stats.normal import bivariate_normal_cdf, normal_cdf, normal_quantile

special = pytest.importorskip("scipy.special", reason="scipy comes with lightgbm")
stats = pytest.importorskip("scipy.stats", reason="scipy comes with lightgbm")


@given(st.floats(1e-6, 1e9))
def test_digamma(x: float) -> None:
    assert digamma(x) == pytest.approx(float(special.digamma(x)), rel=1e-12, abs=1e-12)


def test_digamma_has_a_pole_at_zero() -> None:
    assert digamma(0.0) == -np.inf


def test_log_gamma() -> None:
    x = np.array([1e-3, 0.5, 1, 7, 1e6])
    np.testing.assert_allclose(log_gamma(x), special.gammaln(x), rtol=1e-13, atol=1e-13)


def test_normal_cdf() -> None:
    x = np.concatenate([np.linspace(-9, 9, 20_011), [-np.inf, np.inf, 30.0]])
    np.testing.assert_allclose(normal_cdf(x), special.ndtr(x), atol=1e-15)


@given(st.floats(1e-300, 1, exclude_max=True))
def test_normal_quantile(p: float) -> None:
    found = float(normal_quantile(np.array([p]))[0])
    assert found == pytest.approx(float(special.ndtri(p)), rel=1e-12, abs=1e-12)


def test_quantiles_at_the_ends() -> None:
    assert normal_quantile(np.array([0.0, 1.0])).tolist() == [-np.inf, np.inf]


@pytest.mark.parametrize("correlation", [0.0, 0.3, -0.7, 0.95, -0.99])
def test_two_dimensions(correlation: float) -> None:
    x, y = np.array([-3.0, -0.4, 0.0, 1.7, np.inf]), np.array([-1.1, 0.2, 2.5])
    ours = bivariate_normal_cdf(x, y, correlation)
    joint = stats.multivariate_normal(cov=[[1, correlation], [correlation, 1]])
    for i, a in enumerate(x):
        for j, b in enumerate(y):
            expected = joint.cdf([min(a, 30.0), b])
            assert ours[i, j] == pytest.approx(expected, abs=1e-7)
