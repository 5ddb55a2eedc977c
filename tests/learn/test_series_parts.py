"""The parts of forecasting: members, weights, intervals, comparisons, sums."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from anping.core.errors import ParameterError
from anping.learn.series.boosted import Boosted
from anping.learn.series.clock import Clock
from anping.learn.series.combining import combined, weights_of
from anping.learn.series.diebold_mariano import diebold_mariano
from anping.learn.series.features import Asked, View
from anping.learn.series.hierarchy import fitted, shrunk, sums_of, with_sums
from anping.learn.series.holidays import DRAGON_BOAT, MID_AUTUMN, NEW_YEAR, QINGMING, taiwan_days
from anping.learn.series.linear import LocalLinear, PooledLinear
from anping.learn.series.naive import Naive
from anping.learn.series.panel import Panel
from anping.learn.series.rolling import Rolled, origins_of, roll
from anping.learn.series.spread import LEVELS, spread_of

Floats = NDArray[np.float64]


def panel_of(values: Floats, *, horizon: int = 6, season: int = 4) -> Panel:
    """Return series that all have a value at every step."""
    count, steps = values.shape
    return Panel(
        names=tuple(f"s{row}" for row in range(count)),
        values=values,
        observed=~np.isnan(values),
        start=np.isnan(values).sum(axis=1),
        last=np.full(count, steps - 1),
        horizon=horizon,
        season=season,
        clock=Clock("number", 1, 0, "number"),
        days=None,
        known=np.zeros((count, steps + horizon, 0)),
        groups=np.zeros((count, 0)),
    )


def _waves(count: int = 6, steps: int = 240, *, noise: float = 0.2, seed: int = 0) -> Floats:
    draw = np.random.default_rng(seed)
    pattern = np.tile([0.0, 3.0, 1.0, -2.0], steps // 4)
    level = draw.uniform(5, 50, (count, 1))
    values: Floats = level + pattern + noise * draw.normal(size=(count, steps))
    return values


def test_naive_forecasts_repeat_the_last_value_and_the_last_season() -> None:
    panel = panel_of(np.arange(10.0)[None, :])
    assert Naive(seasonal=False).ahead(panel).tolist() == [[9.0] * 6]
    assert Naive(seasonal=True).ahead(panel).tolist() == [[6, 7, 8, 9, 6, 7]]


@pytest.mark.parametrize("member", [LocalLinear(8, 1e-6), PooledLinear(8, 1e-6)])
def test_linear_members_go_on_with_a_wave_without_noise(member: LocalLinear | PooledLinear) -> None:
    values = _waves(noise=0.0)
    panel = panel_of(values[:, :-6])
    said = member.learnt(panel).ahead(panel)
    assert np.abs(said - values[:, -6:]).max() < 0.05


def test_boosted_trees_beat_the_naive_ones_on_noise() -> None:
    pytest.importorskip("lightgbm")
    values = _waves(count=30, steps=240, noise=1.0)
    panel = panel_of(values[:, :-6])
    learnt = Boosted("l2", 12, rounds=60, leaves=15).learnt(panel)
    errors = np.abs(learnt.ahead(panel) - values[:, -6:]).mean()
    naive = np.abs(Naive(seasonal=True).ahead(panel) - values[:, -6:]).mean()
    assert errors < 0.9 * naive
    again = Boosted("l2", 12, rounds=60, leaves=15).learnt(panel)
    assert (again.ahead(panel) == learnt.ahead(panel)).all()


@settings(max_examples=25, deadline=None)
@given(st.integers(10, 200), st.integers(1, 6), st.integers(0, 1000))
def test_features_never_look_ahead(column: int, step: int, seed: int) -> None:
    values = _waves(count=2, seed=1)
    later = values.copy()
    later[:, column + 1 :] = np.random.default_rng(seed).normal(size=later[:, column + 1 :].shape)
    asked = Asked(np.array([1]), np.array([column]), np.array([step]))
    view = View(12, 4)
    seen, other = (view.features(panel_of(each), asked) for each in (values, later))
    assert (seen.matrix == other.matrix).all()
    assert (seen.level, seen.unit, seen.start) == (other.level, other.unit, other.start)


@pytest.mark.parametrize(
    "member", [LocalLinear(8, 0.1), PooledLinear(8, 0.1), Naive(seasonal=True)]
)
def test_origins_know_nothing_of_what_came_later(member: LocalLinear) -> None:
    values = _waves()
    later = values.copy()
    later[:, -12:] = 1e6
    said, other = (roll(panel_of(each), [member], origins=2).said[0, 1] for each in (values, later))
    assert (said == other).all()


def test_series_that_begin_late_are_left_out_of_early_origins() -> None:
    values = _waves(count=2)
    values[1, :-8] = np.nan
    rolled = roll(panel_of(values), [Naive(seasonal=False)], origins=2)
    assert not np.isnan(rolled.said[0, 0]).any()
    assert np.isnan(rolled.said[0, 1, 1]).all()
    assert origins_of(panel_of(values[:, -10:]), 3) == 0


def _rolled(said: Floats, truth: Floats) -> Rolled:
    names = tuple(f"m{number}" for number in range(len(said)))
    return Rolled(names, said, truth, np.ones(truth.shape[:2]))


def test_weights_leave_out_a_bad_member_and_mix_two_that_err_apart() -> None:
    draw = np.random.default_rng(0)
    truth = draw.normal(size=(2, 30, 6))
    away = draw.normal(size=truth.shape)
    said = np.stack([truth + away, truth - away, truth + 40])
    weights = weights_of(_rolled(said, truth))
    assert weights.sum() == pytest.approx(1)
    assert weights[2] == 0
    assert np.abs(combined(said, weights) - truth).mean() < 0.2
    assert weights_of(_rolled(said * np.nan, truth)).tolist() == [1, 0, 0]


@pytest.mark.parametrize("series", [6, 200])
def test_intervals_hold_what_they_say_of_errors_alike(series: int) -> None:
    draw = np.random.default_rng(1)
    grows = np.sqrt(np.arange(1, 9))
    spread = spread_of(np.abs(draw.normal(size=(3, series, 8))) * grows)
    fresh = np.abs(draw.normal(size=(4000, 8))) * grows
    for level, reach in zip(LEVELS, spread.reach, strict=True):
        assert (fresh <= reach).mean() == pytest.approx(level, abs=0.05)
    assert (np.diff(spread.reach[1]) > -0.9).all()


def test_too_few_errors_tell_no_interval() -> None:
    assert np.isnan(spread_of(np.full((1, 2, 3), np.nan)).reach).all()
    few = spread_of(np.ones((1, 1, 5))).reach
    assert not np.isnan(few[0]).any()
    assert np.isnan(few[1]).all()


def test_the_comparison_is_the_published_formula() -> None:
    scipy_stats = pytest.importorskip("scipy.stats")
    draw = np.random.default_rng(2)
    away = draw.normal(0.3, 1, 40)
    found = diebold_mariano(away, horizon=1)
    assert found is not None
    # One step ahead it is a t test with a variance over n, and a factor of sqrt((n - 1) / n).
    peer = scipy_stats.ttest_1samp(away, 0)
    assert found.statistic == pytest.approx(peer.statistic)
    assert found.p_value == pytest.approx(peer.pvalue)
    assert diebold_mariano(np.zeros(40), horizon=1) is None
    assert diebold_mariano(away[:3], horizon=1) is None


def test_the_comparison_is_wrong_as_seldom_as_it_says() -> None:
    draw = np.random.default_rng(3)
    noise = draw.normal(size=(400, 63))
    related = noise[:, 2:] + noise[:, 1:-1] + noise[:, :-2]
    tests = [diebold_mariano(row, horizon=3) for row in related]
    assert np.mean([found is not None and found.p_value < 0.05 for found in tests]) < 0.11


GROUPS = [("n", "a"), ("n", "b"), ("s", "c"), ("s", "d"), ("s", "e")]


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_sums_hold_and_are_those_of_least_trace(seed: int) -> None:
    draw = np.random.default_rng(seed)
    sums = sums_of(GROUPS)
    assert sums.names == ("Σ", "Σ n", "Σ s")
    errors = draw.normal(size=(30, 8)) @ draw.normal(size=(8, 8))
    said = draw.normal(size=(8, 4))
    made = fitted(sums, errors).reconciled(said)
    assert np.allclose(made[:3], sums.summed(made[3:]))
    whole = np.concatenate([sums.members.astype(float), np.eye(5)])
    inverse = np.linalg.inv(shrunk(errors))
    oracle = whole @ np.linalg.solve(whole.T @ inverse @ whole, whole.T @ inverse @ said)
    assert np.allclose(made, oracle, atol=1e-6)
    below = replace(sums, gain=None).reconciled(said)
    assert (below[3:] == said[3:]).all()


def test_series_that_end_apart_are_not_summed() -> None:
    panel = panel_of(_waves(count=5))
    whole = with_sums(panel, sums_of(GROUPS))
    assert np.allclose(whole.values[0], panel.values.sum(axis=0))
    apart = replace(panel, last=panel.last - np.array([0, 0, 0, 0, 1]))
    with pytest.raises(ParameterError, match=r"series\.hierarchy-ends"):
        with_sums(apart, sums_of(GROUPS))


def test_lunar_holidays_lie_where_calendars_print_them() -> None:
    pytest.importorskip("holidays")
    first = np.datetime64("2024-01-01").astype("datetime64[s]").astype(np.int64)
    days = taiwan_days(int(first), int(first) + 86_400 * 400)

    def kind(text: str) -> int:
        return int(days.at(np.array([np.datetime64(text, "D").astype(np.int64)]))[0])

    for text in ("2024-02-10", "2025-01-29", "2026-02-17"):
        assert kind(text) & NEW_YEAR
    assert kind("2024-06-10") & DRAGON_BOAT
    assert kind("2024-09-17") & MID_AUTUMN
    assert kind("2024-04-04") & QINGMING
    assert kind("2024-02-10") & DRAGON_BOAT == 0
    before, after = days.away(np.array([np.datetime64("2025-02-01", "D").astype(np.int64)]))
    assert (before[0], after[0]) == (4, 60)
    assert days.at(np.array([0, 10**6])).tolist() == [0, 0]
