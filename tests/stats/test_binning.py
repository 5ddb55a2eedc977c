"""Bins by event rate: the search is exact, the rules are kept, every value has a bin."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from anping.core.errors import ParameterError
from anping.stats.binning import (
    Partition,
    Rules,
    Trend,
    information_value,
    partition,
    weights_of_evidence,
)
from anping.stats.binning_columns import FEWEST_BESIDE, bin_categories, bin_numbers
from anping.stats.count_distances import distances
from anping.stats.separation import gini, separation, separation_interval

Floats = NDArray[np.float64]
COUNTS = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 20)), min_size=1, max_size=8).filter(
    lambda cells: sum(a for a, _ in cells) > 0 and sum(b for _, b in cells) > 0
)
TRENDS: tuple[Trend, ...] = ("ascending", "descending", "peak", "valley", "free")
RULES = st.builds(
    Rules,
    st.sampled_from(TRENDS),
    st.sampled_from([0.0, 5.0, 20.0]),
    st.integers(1, 5),
    st.sampled_from([0.0, 2.0]),
)


def follows(rates: Floats, trend: Trend) -> bool:
    steps = np.diff(rates)
    if trend == "free":
        return True
    sign = 1 if trend in {"ascending", "peak"} else -1
    turns = range(rates.size) if trend in {"peak", "valley"} else [rates.size]
    return any((sign * steps[:t] >= 0).all() and (sign * steps[t:] <= 0).all() for t in turns)


def worth(events: Floats, others: Floats, starts: list[int], rules: Rules) -> float | None:
    bad, good = np.add.reduceat(events, starts), np.add.reduceat(others, starts)
    rows = bad + good
    if not rows.all() or (len(starts) > 1 and (rows < rules.least).any()):
        return None
    if not follows(bad / rows, rules.trend):
        return None
    n, share = rows.sum(), bad.sum() / rows.sum()
    return float(
        information_value(bad, good) - rules.price * len(starts) / (n * share * (1 - share))
    )


@given(COUNTS, RULES)
@settings(max_examples=120, deadline=None)
def test_no_partition_is_better_than_the_one_found(
    cells: list[tuple[int, int]], rules: Rules
) -> None:
    events, others = (np.array(side, dtype=float) for side in zip(*cells, strict=True))
    found = partition(events, others, rules)
    every = (
        worth(events, others, [0, *cuts], rules)
        for bins in range(1, min(rules.most, len(cells)) + 1)
        for cuts in combinations(range(1, len(cells)), bins - 1)
    )
    assert found.value == pytest.approx(max(each for each in every if each is not None))
    own = worth(events, others, found.starts.tolist(), rules)
    assert own == pytest.approx(found.value)


def test_a_peak_is_found_and_told() -> None:
    rows = np.full(9, 1000.0)
    events = rows * np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.4, 0.3, 0.2, 0.1])
    found: Partition = partition(events, rows - events, Rules("any"))
    assert found.trend == "peak"
    assert found.bins == 9
    assert partition(rows - events, events, Rules("any")).trend == "valley"


@given(st.integers(0, 2**32 - 1), st.sampled_from([0.05, 0.2]))
@settings(max_examples=25, deadline=None)
def test_numbers_fall_into_bins_that_keep_the_rules(seed: int, share: float) -> None:
    draw = np.random.default_rng(seed)
    values = np.round(draw.standard_normal(600), 1)
    values[draw.random(600) < 0.1] = np.nan
    values[draw.random(600) < 0.1] = -99
    labels = draw.random(600) < 1 / (1 + np.exp(1 - np.nan_to_num(values.clip(-2))))
    rules = Rules("monotone", share * 600)
    column = bin_numbers(values, labels, rules=rules, specials=[-99.0])
    places = column.places(values)
    assert (
        np.bincount(places, minlength=column.events.size) == column.events + column.others
    ).all()
    rows = (column.events + column.others)[: column.ordinary]
    assert column.ordinary == 1 or (rows >= share * 600).all()
    steps = np.diff(column.events[: column.ordinary] / rows)
    assert (steps >= 0).all() or (steps <= 0).all()
    assert (places[values == -99] == column.ordinary).all()
    assert (places[np.isnan(values)] == column.missing).all()
    assert column.weights[-1] == 0
    assert (column.places(np.array([-np.inf, np.inf])) < column.ordinary).all()


def test_categories_are_grouped_by_event_rate_and_unknown_ones_say_nothing() -> None:
    draw = np.random.default_rng(2)
    codes = draw.integers(0, 6, 6000).astype(float)
    rates = np.array([0.1, 0.1, 0.3, 0.3, 0.5, 0.5])
    labels = draw.random(6000) < rates[codes.astype(int)]
    codes[:200] = np.nan
    codes[200:210] = 17
    column = bin_categories(codes, labels, rules=Rules(least=100, price=10))
    named = [set(group) - {17} for group in column.groups]
    assert {4, 5} in named
    assert {0, 1} in named
    assert column.places(np.array([np.nan, 99.0, -1.0])).tolist() == [
        column.missing, column.missing + 1, column.missing + 1,
    ]  # fmt: skip
    order = column.events[: column.ordinary] / (column.events + column.others)[: column.ordinary]
    assert (np.diff(order) <= 0).all()


def test_a_bin_beside_the_trend_with_few_rows_says_nothing() -> None:
    draw = np.random.default_rng(0)
    values = draw.standard_normal(1000)
    labels = draw.random(1000) < 0.3
    values[: FEWEST_BESIDE - 1] = np.nan
    labels[: FEWEST_BESIDE - 1] = True
    assert bin_numbers(values, labels).weights[-2] == 0
    values[FEWEST_BESIDE - 1 : FEWEST_BESIDE + 1] = np.nan
    assert bin_numbers(values, labels).weights[-2] < 0


def test_noise_stays_in_one_bin_mostly() -> None:
    draw = np.random.default_rng(5)
    labels = draw.random(4000) < 0.2
    bins = [
        bin_numbers(draw.standard_normal(4000), labels, rules=Rules(least=80, price=6)).ordinary
        for _ in range(10)
    ]
    assert np.mean(bins) < 3


def test_information_value_is_the_divergence_of_both_classes() -> None:
    events, others = np.array([50.0, 30.0, 20.0]), np.array([100.0, 300.0, 600.0])
    one, two = events / 100, others / 1000
    assert information_value(events, others) == pytest.approx(
        float(((two - one) * np.log(two / one)).sum()), rel=0.02
    )
    assert weights_of_evidence(events, others)[0] < 0
    values = np.repeat([0.0, 1.0, 2.0, 0.0, 1.0, 2.0], [50, 30, 20, 100, 300, 600])
    labels = np.arange(1100) < 100
    column = bin_numbers(values, labels)
    interval = column.information_interval(seed=3)
    assert interval.low <= column.information <= interval.high
    assert distances(others, events, ordered=False).stability == pytest.approx(
        column.information, rel=0.05
    )


def test_all_missing_and_constant_columns_are_one_bin() -> None:
    labels = np.arange(100) < 30
    for values in (np.full(100, np.nan), np.zeros(100)):
        column = bin_numbers(values, labels)
        assert column.ordinary == 1
        assert column.information == pytest.approx(0, abs=1e-3)
    assert bin_categories(np.full(100, np.nan), labels).information == pytest.approx(0, abs=1e-3)


def test_one_class_and_impossible_rules_are_refused() -> None:
    with pytest.raises(ParameterError) as caught:
        partition(np.zeros(3), np.ones(3))
    assert caught.value.code == "stats.binning.one-class"
    with pytest.raises(ParameterError) as caught:
        partition(np.ones(3), np.ones(3), Rules(most=0))
    assert caught.value.code == "stats.binning.rules"


def test_gini_and_separation_of_known_samples() -> None:
    labels = np.array([True, True, False, False])
    scores = np.array([4.0, 3.0, 2.0, 1.0])
    assert gini(labels, scores) == 1
    assert separation(labels, scores) == 1
    draw = np.random.default_rng(1)
    labels = draw.random(3000) < 0.3
    scores = draw.standard_normal(3000) + labels
    # The distance of two normal distributions one standard deviation apart is 0.383.
    interval = separation_interval(labels, scores, seed=1)
    assert interval.low < 0.383 < interval.high
    assert interval.high - interval.low < 0.15
