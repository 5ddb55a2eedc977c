from math import isclose, sqrt
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anping.core.errors import ParameterError
from anping.stats.auc import auc, auc_difference_interval, auc_interval

Array = np.ndarray[Any, Any]

scored = st.lists(
    st.tuples(st.booleans(), st.integers(0, 6), st.integers(0, 6)), min_size=4
).filter(lambda rows: {flag for flag, _, _ in rows} == {True, False})


def naive_auc(rows: list[tuple[bool, int, int]], which: int = 1) -> float:
    positives = [row[which] for row in rows if row[0]]
    negatives = [row[which] for row in rows if not row[0]]
    wins = sum((a > b) + (a == b) / 2 for a in positives for b in negatives)
    return wins / (len(positives) * len(negatives))


def columns(rows: list[tuple[bool, int, int]]) -> tuple[Array, Array, Array]:
    return (
        np.array([row[0] for row in rows]),
        np.array([row[1] for row in rows], float),
        np.array([row[2] for row in rows], float),
    )


@given(scored)
def test_it_counts_the_pairs_that_are_in_order(rows: list[tuple[bool, int, int]]) -> None:
    flags, scores, _ = columns(rows)
    assert isclose(auc(flags, scores), naive_auc(rows), abs_tol=1e-12)
    assert isclose(auc(flags, scores) + auc(flags, -scores), 1.0, abs_tol=1e-12)


@given(scored)
def test_the_interval_holds_the_value(rows: list[tuple[bool, int, int]]) -> None:
    flags, scores, other = columns(rows)
    value, interval = auc(flags, scores), auc_interval(flags, scores)
    assert 0 <= interval.low <= value + 1e-12
    assert value - 1e-12 <= interval.high <= 1
    gap = auc_difference_interval(flags, scores, other)
    assert gap.low - 1e-12 <= value - auc(flags, other) <= gap.high + 1e-12


def naive_delong_variance(flags: Array, scores: Array) -> float:
    def wins(a: float, b: float) -> float:
        return float(a > b) + float(a == b) / 2

    positives, negatives = scores[flags], scores[~flags]
    v10 = [np.mean([wins(a, b) for b in negatives]) for a in positives]
    v01 = [np.mean([wins(a, b) for a in positives]) for b in negatives]
    return float(np.var(v10, ddof=1) / len(v10) + np.var(v01, ddof=1) / len(v01))


def test_the_interval_is_delongs() -> None:
    generator = np.random.default_rng(7)
    flags = generator.random(80) < 0.4
    scores = np.round(generator.normal(size=80) + flags, 1)
    interval = auc_interval(flags, scores)
    half = 1.959963984540054 * sqrt(naive_delong_variance(flags, scores))
    assert isclose((interval.high - interval.low) / 2, half, rel_tol=1e-9)
    assert interval.method == "delong"


def test_nine_in_ten_of_the_intervals_cover() -> None:
    generator = np.random.default_rng(3)
    truth = 0.7602499389065233  # Φ(1/√2): two unit normals one apart
    hits = 0
    for _ in range(300):
        flags = np.arange(200) < 80
        interval = auc_interval(flags, generator.normal(size=200) + flags)
        hits += interval.low <= truth <= interval.high
    assert hits >= 0.91 * 300


def test_perfect_separation_is_not_certain() -> None:
    interval = auc_interval(np.array([True] * 5 + [False] * 9), np.r_[np.ones(5), np.zeros(9)])
    assert interval.low < 0.6
    assert interval.high == 1.0
    assert interval.method == "wilson-smaller-class"


def test_one_class_is_refused() -> None:
    with pytest.raises(ParameterError) as caught:
        auc(np.array([True, True]), np.array([0.1, 0.2]))
    assert caught.value.code == "stats.auc.one-class"
