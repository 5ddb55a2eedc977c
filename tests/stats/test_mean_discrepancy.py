"""The mean discrepancy: near 0 for one distribution, its p-value honest, and joint changes seen."""

import numpy as np
import pytest

from anping.core.errors import ParameterError
from anping.stats.mean_discrepancy import mean_discrepancy


def test_it_sees_columns_that_no_longer_move_together() -> None:
    generator = np.random.default_rng(1)
    one = generator.normal(size=(600, 1)) @ np.ones((1, 2)) + 0.1 * generator.normal(size=(600, 2))
    other = np.column_stack([generator.permutation(one[:, 0]), generator.permutation(one[:, 1])])
    assert mean_discrepancy(one, other, seed=1).p < 0.01
    half = np.random.default_rng(2).permutation(600) < 300
    apart = mean_discrepancy(one[half], one[~half], seed=1)
    assert apart.p > 0.05


def test_its_p_value_is_uniform_where_nothing_differs() -> None:
    found = []
    for seed in range(60):
        rows = np.random.default_rng(seed).normal(size=(160, 3))
        found.append(mean_discrepancy(rows[:80], rows[80:], seed=seed, features=32, draws=60).p)
    # 60 draws of a uniform p: below 0.1 for 6 on average, 13 and more with a chance under 0.01.
    assert sum(p <= 0.1 for p in found) < 13
    assert 0.35 < float(np.mean(found)) < 0.65


def test_it_is_the_same_for_a_seed_and_refuses_what_cannot_be_compared() -> None:
    rows = np.random.default_rng(3).normal(size=(50, 2))
    assert mean_discrepancy(rows, rows + 1, seed=5) == mean_discrepancy(rows, rows + 1, seed=5)
    for one, other in ((rows, rows[:, :1]), (rows[:0], rows)):
        with pytest.raises(ParameterError, match="mean-discrepancy"):
            mean_discrepancy(one, other, seed=1)
