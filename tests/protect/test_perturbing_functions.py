"""Rank swapping, PRAM, anatomization, sampling, random rounding and noise over plain arrays."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anping.core.errors import InfeasibleError
from anping.protect.transform import anatomy, pram
from anping.protect.transform.anatomy import anatomized
from anping.protect.transform.draws import Draws, run_key
from anping.protect.transform.noise import Mechanism
from anping.protect.transform.numbers import round_randomly
from anping.protect.transform.rank_swap import rank_swap
from anping.protect.transform.sampling import Chosen, simple_sample, stratified_sample

_seeds = st.integers(0, 10**6)


def draws(seed: int) -> Draws:
    return Draws.of(run_key(seed), "test")


# --- draws


def test_draws_are_of_the_row_and_not_of_the_batch() -> None:
    one = draws(1)
    places = np.array([5, 900, 2**40])
    assert np.array_equal(one.uniform(places)[1:], one.uniform(places[1:]))
    assert np.array_equal(one.first(10)[3:], one.uniform(np.arange(3, 10)))
    assert not np.array_equal(one.first(10), draws(2).first(10))
    assert not np.array_equal(one.first(10), Draws.of(run_key(1), "other").first(10))
    assert run_key(None) != run_key(None)


def test_draws_are_uniform() -> None:
    drawn = draws(3).first(100_000)
    assert ((drawn >= 0) & (drawn < 1)).all()
    counts = np.bincount((drawn * 20).astype(int), minlength=20)
    # Twenty cells of 5,000: chi-squared with 19 degrees of freedom is below 53 (p > 1e-5).
    assert ((counts - 5_000) ** 2 / 5_000).sum() < 53
    assert sorted(draws(3).order(1_000)) == list(range(1_000))


# --- rank swapping


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 30), min_size=1, max_size=200), st.floats(0.1, 100), _seeds)
def test_rank_swap_stays_within_p_and_moves_everyone_it_can(
    keys: list[int], percent: float, seed: int
) -> None:
    given_keys = np.array(keys)
    source = rank_swap(given_keys, percent, draws(seed))
    assert sorted(source) == list(range(len(keys)))
    assert np.array_equal(source[source], np.arange(len(keys)))
    # Ties may be ordered in any way: the least distance of two values' ranks counts.
    first = np.searchsorted(np.sort(given_keys), given_keys)
    last = np.searchsorted(np.sort(given_keys), given_keys, side="right") - 1
    apart = np.maximum(first - last[source], first[source] - last)
    assert apart.max() <= max(1, int(len(keys) * percent / 100))
    assert (source == np.arange(len(keys))).sum() <= max(1, math.ceil(len(keys) / 2))


def test_rank_swap_draws_partners_from_the_whole_window() -> None:
    rows, apart = 2_000, Counter[int]()
    for seed in range(20):
        source = rank_swap(np.arange(rows), 1, draws(seed))
        apart.update(np.abs(source - np.arange(rows)).tolist())
    assert set(apart) <= set(range(21))
    assert min(apart[step] for step in range(1, 21)) > 0


# --- PRAM


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 500), min_size=1, max_size=9), st.floats(0, 1))
def test_invariant_pram_keeps_expected_counts(counts: list[int], keep: float) -> None:
    given_counts = np.array(counts)
    if given_counts.sum() == 0:
        given_counts[0] = 1
    matrix = pram.invariant(given_counts, keep).matrix
    assert np.allclose(matrix.sum(axis=1), 1)
    assert np.allclose(given_counts @ matrix, given_counts)
    assert (np.diag(matrix) >= keep - 1e-12).all()


@settings(max_examples=50, deadline=None)
@given(st.integers(2, 8), st.floats(0.05, 0.95))
def test_uniform_pram_is_randomised_response(size: int, keep: float) -> None:
    transition = pram.uniform(size, keep)
    assert np.allclose(transition.matrix.sum(axis=1), 1)
    other = (1 - keep) / (size - 1)
    assert transition.epsilon == pytest.approx(abs(math.log(keep / other)), abs=1e-9)
    assert transition.unchanged(np.ones(size, np.int64)) == pytest.approx(keep)


def test_pram_follows_its_matrix() -> None:
    transition = pram.given(
        ["a", "b", "c"], {"a": {"a": 0.5, "c": 0.5}, "b": {"b": 1}, "c": {"a": 0.25, "c": 0.75}}
    )
    assert transition.epsilon == math.inf
    codes = np.repeat([0, 1, 2, -1], 20_000)
    made = transition.apply(codes, draws(4).first(codes.size))
    assert (made[codes == -1] == -1).all()
    found = np.stack([np.bincount(made[codes == row], minlength=3) for row in range(3)])
    assert np.abs(found / 20_000 - transition.matrix).max() < 0.02
    assert found[0, 1] == found[1, 0] == found[1, 2] == 0


def test_pram_at_the_very_end_of_a_row_gives_a_possible_category() -> None:
    transition = pram.given(["a", "b"], {"a": {"a": 1.0}, "b": {"a": 0.1, "b": 0.9}})
    almost = np.array([np.nextafter(1, 0), np.nextafter(1, 0)])
    assert transition.apply(np.array([0, 1]), almost).tolist() == [0, 1]
    assert transition.apply(np.array([0, 1]), np.zeros(2)).tolist() == [0, 0]


def test_a_matrix_that_lacks_a_value_is_refused() -> None:
    with pytest.raises(KeyError):
        pram.given(["a", "b"], {"a": {"a": 1.0}})


# --- anatomization


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 12), min_size=1, max_size=200), st.integers(2, 5), _seeds)
def test_groups_hold_l_different_values_where_that_can_be(
    values: list[int],
    l: int,  # noqa: E741 - the field's own name
    seed: int,
) -> None:
    codes = np.array(values)
    most = max(Counter(values).values())
    if most * l > len(values):
        with pytest.raises(InfeasibleError) as caught:
            anatomized(codes, l, draws(seed))
        assert caught.value.code == "protect.too-frequent-value"
        return
    groups = anatomized(codes, l, draws(seed))
    for group in range(groups.max() + 1):
        inside = codes[groups == group]
        assert np.unique(inside).size == inside.size >= l


def test_who_meets_whom_is_chance() -> None:
    codes = np.arange(300) % 3
    assert not np.array_equal(anatomized(codes, 3, draws(1)), anatomized(codes, 3, draws(2)))


def test_dealing_by_parts_gives_the_same_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    codes = np.random.default_rng(9).choice(12, 5_000, p=np.array([4, 3, *([0.3] * 10)]) / 10)
    whole = anatomized(codes, 2, draws(3))
    for rows in (1, 700, 4_999):
        monkeypatch.setattr(anatomy, "PART_ROWS", rows)
        assert np.array_equal(anatomized(codes, 2, draws(3)), whole)


# --- sampling


@settings(max_examples=80, deadline=None)
@given(st.lists(st.integers(0, 5), min_size=1, max_size=150), st.floats(0.01, 0.99), _seeds)
def test_a_stratified_sample_has_its_share_of_every_stratum(
    strata: list[int], share: float, seed: int
) -> None:
    codes = np.array(strata)
    drawn = stratified_sample(codes, share, draws(seed))
    assert drawn.sum() == max(1, round(len(strata) * share))
    for stratum in set(strata):
        size = strata.count(stratum)
        assert abs(int(drawn[codes == stratum].sum()) - size * share) <= 1 + 1e-9


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 300), st.floats(0.01, 0.99), _seeds)
def test_a_simple_sample_has_its_size_and_is_found_by_row(
    count: int, share: float, seed: int
) -> None:
    drawn = simple_sample(count, share, draws(seed))
    assert drawn.sum() == max(1, round(count * share))
    chosen = Chosen.of(drawn)
    assert chosen.rows == drawn.sum()
    assert np.array_equal(chosen.holds(np.arange(count)), drawn)


def test_every_unit_is_drawn_alike() -> None:
    times = sum(simple_sample(40, 0.25, draws(seed)).astype(int) for seed in range(2_000))
    # Binomial(2000, 1/4) has a deviation of 19.4: five of them on either side.
    assert np.abs(times - 500).max() < 100


# --- random rounding


@pytest.mark.parametrize("to", [5.0, 0.25, 0.1])
def test_random_rounding_goes_to_a_neighbour_and_keeps_the_mean(to: float) -> None:
    cells = pa.array(np.random.default_rng(2).uniform(0, 100, 50_000))
    made = round_randomly(cells, to, draws(5).first(50_000)).to_numpy()
    assert np.allclose(made / to, np.round(made / to))
    assert np.abs(made - cells.to_numpy()).max() < to + 1e-9
    assert abs(float((made - cells.to_numpy()).mean())) < 0.02 * to


def test_random_rounding_leaves_multiples_missing_values_and_types() -> None:
    cells = pa.array([10, None, -5, 0, 7], pa.int16())
    never, always = np.full(5, 0.999), np.zeros(5)
    assert round_randomly(cells, 5, never).to_pylist() == [10, None, -5, 0, 5]
    assert round_randomly(cells, 5, always).to_pylist() == [10, None, -5, 0, 10]
    assert round_randomly(cells, 5, never).type == pa.int16()
    assert round_randomly(pa.array([0.3, 0.6]), 0.1, np.zeros(2)).to_pylist() == [0.3, 0.6]
    assert round_randomly(cells, 0.5, always).to_pylist() == cells.to_pylist()


# --- noise


@pytest.mark.parametrize("distribution", ["laplace", "gaussian", "geometric"])
def test_noise_has_the_epsilon_that_was_asked_for(distribution: str) -> None:
    pytest.importorskip("opendp", reason="the optional part differential-privacy is not installed")
    delta = 1e-6 if distribution == "gaussian" else None
    mechanism = Mechanism.of_epsilon(distribution, 0.8, width=10, delta=delta)  # type: ignore[arg-type]
    assert mechanism.loss(10, delta=delta) == pytest.approx(0.8, rel=1e-6)
    assert mechanism.loss(10, delta=delta) <= 0.8 + 1e-9
    if distribution == "laplace":
        assert mechanism.scale == pytest.approx(12.5)


@pytest.mark.parametrize(
    ("distribution", "deviation"),
    [
        ("laplace", 3 * math.sqrt(2)),
        ("gaussian", 3.0),
        ("geometric", math.sqrt(2 * math.exp(-1 / 3)) / (1 - math.exp(-1 / 3))),
    ],
)
def test_noise_has_the_spread_of_its_scale(distribution: str, deviation: float) -> None:
    pytest.importorskip("opendp", reason="the optional part differential-privacy is not installed")
    zeros = [0] * 20_000 if distribution == "geometric" else [0.0] * 20_000
    drawn = Mechanism(distribution, 3.0).noisy(zeros)  # type: ignore[arg-type]
    assert all(isinstance(each, int) for each in drawn) == (distribution == "geometric")
    assert np.std(drawn) == pytest.approx(deviation, rel=0.05)
    assert abs(np.mean(drawn)) < 0.2
