from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anping.core.errors import InfeasibleError
from anping.protect.transform import microaggregation
from anping.protect.transform.microaggregation import grouped, mdav, microaggregate


def table(rows: int, columns: int, seed: int) -> npt.NDArray[np.float64]:
    draw = np.random.default_rng(seed)
    return draw.choice([0.0, 1.0, 2.5, 7.0, 40.0], (rows, columns)) + draw.normal(size=columns)


def by_definition(points: npt.NDArray[np.float64], k: int) -> list[frozenset[int]]:
    """MDAV as the paper tells it, one row at a time."""
    left = list(range(len(points)))
    groups: list[frozenset[int]] = []

    def away(row: int, place: npt.NDArray[np.float64]) -> float:
        return float(((points[row] - place) ** 2).sum())

    def take(row: int) -> None:
        near = sorted(left, key=lambda other: away(other, points[row]))[:k]
        groups.append(frozenset(near))
        for each in near:
            left.remove(each)

    while len(left) >= 3 * k:
        middle = points[left].mean(axis=0)
        far = max(left, key=lambda row: away(row, middle))
        opposite_from = points[far]
        take(far)
        take(max(left, key=lambda row: away(row, opposite_from)))
    if len(left) >= 2 * k:
        middle = points[left].mean(axis=0)
        take(max(left, key=lambda row: away(row, middle)))
    groups.append(frozenset(left))
    return groups


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 60), st.integers(1, 4), st.integers(2, 7), st.integers(0, 10**6))
def test_groups_have_k_rows_and_sums_stay(rows: int, columns: int, k: int, seed: int) -> None:
    values = table(rows, columns, seed)
    if rows < k:
        with pytest.raises(InfeasibleError) as caught:
            microaggregate(values, k)
        assert caught.value.code == "protect.k-larger-than-table"
        return
    made = microaggregate(values, k)
    sizes = np.bincount(made.groups)
    assert sizes.min() >= k
    assert (sizes.max() < 2 * k) or rows < 2 * k
    assert made.count == sizes.size
    assert np.allclose(made.values.sum(axis=0), values.sum(axis=0))
    for group in range(made.count):
        inside = made.groups == group
        assert np.allclose(made.values[inside], values[inside].mean(axis=0))
    assert all(-1e-12 <= lost <= 1 + 1e-12 for lost in made.lost)


@settings(max_examples=25, deadline=None)
@given(st.integers(6, 80), st.integers(2, 6), st.integers(0, 10**6))
def test_mdav_is_what_the_paper_says(rows: int, k: int, seed: int) -> None:
    # Without ties the groups are determined.
    points = np.random.default_rng(seed).normal(size=(rows, 3))
    found = mdav(points, k)
    groups = {frozenset(np.flatnonzero(found == group)) for group in range(found.max() + 1)}
    assert groups == set(by_definition(points, k))


def test_many_rows_are_cut_into_parts_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(microaggregation, "MOST_ROWS", 200)
    monkeypatch.setattr(microaggregation, "PART_ROWS", 60)
    points = np.random.default_rng(5).normal(size=(1_000, 2))
    found = grouped(points, 3)
    sizes = np.bincount(found)
    assert sizes.min() >= 3
    assert sizes.max() <= 5
    inside = microaggregate(points, 3).lost
    monkeypatch.undo()
    whole = microaggregate(points, 3).lost
    assert sum(inside) < 1.5 * sum(whole)


@settings(max_examples=25, deadline=None)
@given(st.integers(4, 60), st.integers(2, 5), st.integers(0, 10**6))
def test_k_counts_people(rows: int, k: int, seed: int) -> None:
    values = table(rows, 2, seed)
    people = np.random.default_rng(seed).integers(0, max(2, rows // 3), rows)
    if np.unique(people).size < k:
        with pytest.raises(InfeasibleError):
            microaggregate(values, k, people=people)
        return
    made = microaggregate(values, k, people=people)
    for group in range(made.count):
        assert np.unique(people[made.groups == group]).size >= k
    assert np.allclose(made.values.sum(axis=0), values.sum(axis=0))


def test_a_constant_column_loses_nothing() -> None:
    made = microaggregate(np.array([[1.0, 3], [1, 4], [1, 5], [1, 9]]), 2)
    assert made.lost[0] == 0
    assert np.array_equal(made.values[:, 0], np.ones(4))
