from __future__ import annotations

from itertools import product

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anping.core.errors import InfeasibleError, ParameterError
from anping.protect.transform import local_suppression
from anping.protect.transform.local_suppression import Combinations, keys_of, suppressed


def combined(rows: npt.NDArray[np.int64]) -> Combinations:
    codes, counts = np.unique(rows, axis=0, return_counts=True)
    return Combinations(codes.astype(np.int64), counts.astype(np.int64))


def smallest(found: Combinations, emptied: npt.NDArray[np.bool_]) -> int:
    shown = np.where(emptied, -1, found.codes)
    classes = np.unique(shown, axis=0, return_inverse=True)[1].reshape(-1)
    return int(np.bincount(classes, found.rows).min())


def least_cells(found: Combinations, k: int) -> int:
    """The fewest cells by trying every pattern of every combination."""
    patterns = list(product([False, True], repeat=found.codes.shape[1]))
    best = found.codes.size * int(found.rows.sum())
    for chosen in product(patterns, repeat=len(found.codes)):
        emptied = np.array(chosen)
        cells = int((emptied.sum(axis=1) * found.rows).sum())
        if cells < best and smallest(found, emptied) >= k:
            best = cells
    return best


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 120), st.integers(1, 5), st.integers(2, 8), st.integers(0, 10**6))
def test_every_combination_is_held_k_times(rows: int, columns: int, k: int, seed: int) -> None:
    draw = np.random.default_rng(seed)
    found = combined(draw.geometric(0.5, (rows, columns)).clip(1, 6))
    weights = draw.uniform(0.5, 2, columns).tolist()
    if rows < k:
        with pytest.raises(InfeasibleError):
            suppressed(found, k, weights=weights)
        return
    emptied = suppressed(found, k, weights=weights)
    assert smallest(found, emptied) >= k
    if smallest(found, np.zeros_like(emptied)) >= k:
        assert not emptied.any()


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 12), st.integers(2, 3), st.integers(0, 10**6))
def test_it_is_near_the_fewest_cells(rows: int, k: int, seed: int) -> None:
    draw = np.random.default_rng(seed)
    found = combined(draw.integers(0, 2, (rows, 2)))
    if rows < k:
        return
    emptied = suppressed(found, k, weights=[1, 1])
    cells = int((emptied.sum(axis=1) * found.rows).sum())
    assert least_cells(found, k) <= cells <= 2 * least_cells(found, k) + 2 * k


def test_a_heavier_column_is_emptied_more_reluctantly() -> None:
    rows = np.array([[9, 9]] * 5 + [[0, 1], [2, 1], [2, 3], [0, 3]])
    found = combined(rows)
    spared = suppressed(found, 2, weights=[1, 100])
    assert not spared[:, 1].any()
    assert not suppressed(found, 2, weights=[100, 1])[:, 0].any()


@settings(max_examples=40, deadline=None)
@given(st.integers(4, 80), st.integers(2, 5), st.integers(0, 10**6))
def test_k_counts_people(rows: int, k: int, seed: int) -> None:
    draw = np.random.default_rng(seed)
    cells, people = draw.integers(0, 4, (rows, 2)), draw.integers(0, max(2, rows // 3), rows)
    codes, place, counts = np.unique(cells, axis=0, return_inverse=True, return_counts=True)
    pairs = np.unique(np.stack([place.reshape(-1), people]), axis=1)
    found = Combinations(codes, counts, (pairs[0], pairs[1]))
    if np.unique(people).size < k:
        with pytest.raises(InfeasibleError):
            suppressed(found, k, weights=[1, 1])
        return
    emptied = suppressed(found, k, weights=[1, 1])
    shown = np.where(emptied, -1, codes)[place.reshape(-1)]
    for one in np.unique(shown, axis=0):
        assert np.unique(people[(shown == one).all(axis=1)]).size >= k


def test_keys_never_overflow(monkeypatch: pytest.MonkeyPatch) -> None:
    codes = np.random.default_rng(1).integers(0, 10**6, (500, 8))
    codes[250:] = codes[:250]
    keys = keys_of(codes)
    assert np.unique(keys).size == np.unique(codes, axis=0).shape[0] == 250
    monkeypatch.setattr(local_suppression, "_LARGEST_KEY", 50)
    few = codes % 7
    packed = keys_of(few)
    assert np.unique(packed).size == np.unique(few, axis=0).shape[0]


def test_too_many_columns_are_refused() -> None:
    with pytest.raises(ParameterError) as caught:
        suppressed(combined(np.zeros((9, 13), np.int64)), 2, weights=[1] * 13)
    assert caught.value.code == "protect.too-many-columns"
