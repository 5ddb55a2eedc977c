import numpy as np
from numpy.typing import NDArray

from anping.stats.bootstrap import bootstrap_interval, resamples


def test_the_same_seed_gives_the_same_interval() -> None:
    data = np.random.default_rng(1).normal(size=200)

    def mean(rows: NDArray[np.int64]) -> float:
        return float(data[rows].mean())

    one = bootstrap_interval(mean, 200, seed=5, draws=300)
    assert one == bootstrap_interval(mean, 200, seed=5, draws=300)
    assert one != bootstrap_interval(mean, 200, seed=6, draws=300)
    assert one is not None
    assert abs((one.high - one.low) / 2 - 1.96 * data.std() / np.sqrt(200)) < 0.03


def test_groups_stay_together() -> None:
    groups = np.array([2, 0, 2, 1, 0, 2])
    for rows in resamples(6, draws=20, seed=1, groups=groups):
        drawn = np.bincount(rows, minlength=6)
        assert drawn[0] == drawn[2] == drawn[5]
        assert drawn[1] == drawn[4]


def test_a_statistic_that_often_fails_has_no_interval() -> None:
    assert bootstrap_interval(lambda _: float("nan"), 5, seed=1, draws=20) is None
