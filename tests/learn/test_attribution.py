"""What columns added: the libraries' own numbers, Shapley's definition, and sums that add up."""

from __future__ import annotations

from itertools import combinations
from math import factorial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anping.core.errors import ParameterError
from anping.engine.prediction import Explained
from anping.learn.additive import Additive, Axis, Bins, Curve
from anping.learn.attribution import additive_contributions, centred, paths_of
from anping.learn.forest import Floats, Forest, merged
from anping.learn.model_file import read_model, write_model
from anping.learn.search import Effort
from anping.learn.tabular import Learning, learn_tabular

lightgbm = pytest.importorskip("lightgbm")
pytest.importorskip("numba")

from anping.learn.lightgbm_trees import forest_of  # noqa: E402 - after the check that it is there


def _rows(seed: int, rows: int = 700) -> tuple[Floats, Floats]:
    draw = np.random.default_rng(seed)
    matrix = draw.normal(size=(rows, 5))
    matrix[:, 4] = draw.integers(0, 9, rows)
    matrix[draw.random((rows, 5)) < 0.1] = np.nan
    matrix[:, 4] = np.nan_to_num(matrix[:, 4])
    known = np.nan_to_num(matrix)
    signal = known[:, 0] * known[:, 1] + np.isin(known[:, 4], [1, 3, 5]) + known[:, 2]
    return matrix, signal + draw.normal(0, 0.3, rows)


def _learnt(target: Floats, matrix: Floats, **asked: Any) -> Any:
    given = {"verbosity": -1, "num_threads": 1, "num_leaves": 12, "seed": 3, **asked}
    whole = lightgbm.Dataset(matrix, target, categorical_feature=[4])
    return lightgbm.train(given, whole, 25)


@pytest.mark.parametrize("fast", [False, True])
def test_trees_are_explained_as_lightgbm_does(*, fast: bool) -> None:
    matrix, target = _rows(1)
    booster = _learnt((target > 0.5).astype(float), matrix, objective="binary")
    paths = paths_of(forest_of(booster, rounds=25, outputs=1))
    asked = matrix[:60]
    wanted = booster.predict(asked, pred_contrib=True)
    found = paths.contributions(asked, fast=fast)
    assert np.allclose(found[:, :, 0], wanted[:, :5], atol=1e-10)
    assert np.allclose(paths.base, wanted[:, 5], atol=1e-10)


def test_a_split_of_missing_cells_from_all_numbers_is_the_same_on_all_ways() -> None:
    draw = np.random.default_rng(9)
    matrix = np.column_stack([draw.normal(size=400), draw.normal(size=400)])
    matrix[draw.random(400) < 0.3, 0] = np.nan
    target = np.isnan(matrix[:, 0]) * 3.0 + matrix[:, 1]
    booster = lightgbm.train(
        {"verbosity": -1, "num_threads": 1}, lightgbm.Dataset(matrix, target), 20
    )
    forest = forest_of(booster, rounds=20, outputs=1)
    inner = forest.child[:, 0] != np.arange(forest.feature.size)
    assert (forest.threshold[inner] > 1e300).any()
    assert np.isfinite(forest.threshold[inner]).all()
    wanted = booster.predict(matrix)
    one = np.vstack([forest.sums(row[None]) for row in matrix])[:, 0]
    for found in (one, forest.sums(matrix, fast=False)[:, 0], forest.sums(matrix, fast=True)[:, 0]):
        assert np.allclose(found, wanted, atol=1e-12)
    told = booster.predict(matrix[:50], pred_contrib=True)[:, :2]
    assert np.allclose(paths_of(forest).contributions(matrix[:50], fast=False)[:, :, 0], told)


def test_several_classes_are_explained_as_lightgbm_does() -> None:
    matrix, target = _rows(2)
    classes = np.digitize(target, [0, 1]).astype(float)
    booster = _learnt(classes, matrix, objective="multiclass", num_class=3)
    paths = paths_of(forest_of(booster, rounds=25, outputs=3))
    wanted = booster.predict(matrix[:40], pred_contrib=True).reshape(40, 3, 6)
    found = paths.contributions(matrix[:40], fast=False)
    assert np.allclose(found.transpose(0, 2, 1), wanted[:, :, :5], atol=1e-10)
    assert np.allclose(paths.base, wanted[0, :, 5], atol=1e-10)


def test_symmetric_trees_are_explained_as_catboost_does() -> None:
    catboost = pytest.importorskip("catboost")
    from anping.learn.catboost_trees import symmetric_forest

    matrix, target = _rows(3)
    model = catboost.CatBoostRegressor(
        iterations=30, depth=4, verbose=False, thread_count=1, allow_writing_files=False
    )
    model.fit(matrix, target)
    paths = paths_of(symmetric_forest(model, outputs=1))
    pool = catboost.Pool(matrix[:50], target[:50])
    wanted = model.get_feature_importance(pool, type="ShapValues")
    found = paths.contributions(matrix[:50], fast=False)[:, :, 0]
    assert np.allclose(found, wanted[:, :5], atol=1e-8)
    assert np.allclose(paths.base, wanted[:, 5], atol=1e-8)


def _tree(draw: np.random.Generator, depth: int, columns: int) -> Forest:
    """Return a random tree with random covers, columns repeated along its paths."""
    child: list[list[int]] = []
    feature: list[int] = []
    threshold: list[float] = []
    value: list[float] = []
    cover: list[float] = []

    def grow(left: int, weight: float) -> int:
        here = len(child)
        child.append([here, here])
        feature.append(int(draw.integers(columns)))
        threshold.append(float(draw.normal()) if left else np.inf)
        value.append(0.0 if left else float(draw.normal()))
        cover.append(weight)
        if left and (left == depth or draw.random() < 0.8):
            share = draw.uniform(0.05, 0.95)
            child[here] = [grow(left - 1, weight * share), grow(left - 1, weight * (1 - share))]
        elif left:
            value[here], threshold[here] = float(draw.normal()), np.inf
        return here

    grow(depth, 100.0)
    nodes = len(child)
    return Forest(
        feature=np.array(feature, dtype=np.int32), threshold=np.array(threshold),
        missing_left=draw.random(nodes) < 0.5, child=np.array(child, dtype=np.int32),
        value=np.array(value), first_bit=np.full(nodes, -1, dtype=np.int32),
        bit_count=np.zeros(nodes, dtype=np.int32), bits=np.zeros(0, dtype=np.bool_),
        roots=np.zeros(1, dtype=np.int32), depth=np.array([depth], dtype=np.int32),
        output=np.zeros(1, dtype=np.int32), base=np.array([0.25]), cover=np.array(cover),
    )  # fmt: skip


def _expected(tree: Forest, row: Floats, known: frozenset[int], node: int = 0) -> float:
    """Return the mean answer where only some columns are known, by the definition."""
    low, high = tree.child[node]
    if low == node:
        return float(tree.value[node])
    if int(tree.feature[node]) in known:
        return _expected(tree, row, known, int(high if tree.turns(row)[node] else low))
    shares = tree.cover[[low, high]] / tree.cover[node]
    return float(
        shares[0] * _expected(tree, row, known, int(low))
        + shares[1] * _expected(tree, row, known, int(high))
    )


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), depth=st.integers(1, 5))
def test_contributions_are_shapley_values_by_definition(seed: int, depth: int) -> None:
    draw = np.random.default_rng(seed)
    columns = 4
    tree = _tree(draw, depth, columns)
    row = draw.normal(size=columns)
    row[draw.random(columns) < 0.2] = np.nan
    found = paths_of(tree).contributions(row[None], fast=False)[0, :, 0]
    for column in range(columns):
        others = [each for each in range(columns) if each != column]
        wanted = sum(
            factorial(size) * factorial(columns - size - 1) / factorial(columns)
            * (_expected(tree, row, frozenset({*some, column})) - _expected(tree, row, frozenset(some)))
            for size in range(columns)
            for some in combinations(others, size)
        )  # fmt: skip
        assert found[column] == pytest.approx(wanted, abs=1e-11)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), depth=st.integers(1, 7), trees=st.integers(1, 6))
def test_contributions_add_up_and_compiled_ones_are_the_same(
    seed: int, depth: int, trees: int
) -> None:
    draw = np.random.default_rng(seed)
    forest = merged([_tree(draw, depth, 6) for _ in range(trees)])
    matrix = draw.normal(size=(5, 6))
    matrix[draw.random(matrix.shape) < 0.2] = np.nan
    paths = paths_of(forest)
    found = paths.contributions(matrix, fast=False)
    assert np.allclose(paths.base + found.sum(axis=1), forest.sums(matrix), atol=1e-10)
    assert (paths.contributions(matrix, fast=True) == found).all()


def test_terms_are_their_own_contributions() -> None:
    draw = np.random.default_rng(4)
    matrix = draw.normal(size=(50, 3))
    matrix[draw.random(matrix.shape) < 0.1] = np.nan
    curve = Curve(0, np.array([-1.0, 1.0]), np.array([[2.0], [4.0]]), np.array([1.0]))
    axes = (Axis(1, np.array([0.0])), Axis(2, np.array([-0.5, 0.5])))
    model = Additive(np.array([0.5]), (curve, Bins(axes, draw.normal(size=(4, 5, 1)))))
    middle = centred(model, matrix)
    assert np.allclose(middle.sums(matrix), model.sums(matrix))
    found = additive_contributions(middle, matrix)
    assert np.allclose(middle.base + found.sum(axis=1), model.sums(matrix))
    assert np.allclose(found.mean(axis=0), 0, atol=1e-12)
    assert np.allclose(found[:, 1], found[:, 2])
    assert (additive_contributions(middle, matrix[:7]) == found[:7]).all()


def test_a_whole_model_is_explained_and_keeps_that_in_its_file(tmp_path: Path) -> None:
    for library in ("catboost", "sklearn", "interpret"):
        pytest.importorskip(library)
    draw = np.random.default_rng(5)
    pay, kind = draw.lognormal(3, 0.5, 500), draw.choice(["a", "b", "c"], 500)
    late = (pay < 18) ^ (kind == "b") ^ (draw.random(500) < 0.1)
    rows = pa.table({"pay": pay, "kind": kind, "day": pa.array(draw.integers(0, 9000, 500).astype(np.int32)).cast(pa.date32()), "late": late.astype(int)})  # fmt: skip
    asked = Learning(effort=Effort(1000, trials=5))
    model = learn_tabular(rows, "late", asked).model
    assert isinstance(model, Explained)
    told = model.contributions(rows)
    assert told.values.shape == (500, 3, 1)
    said = model.predict(rows).values[:, 1]
    assert np.allclose(1 / (1 + np.exp(-told.sums[:, 0])), said, atol=1e-9)
    write_model(model, tmp_path / "model")
    again = read_model(tmp_path / "model").contributions(rows)
    assert (again.values == told.values).all()


def test_a_forest_that_knows_no_covers_says_so() -> None:
    tree = _tree(np.random.default_rng(6), 3, 3)
    bare = Forest(**{**{name: getattr(tree, name) for name in tree.__dataclass_fields__}, "cover": np.zeros(0)})  # fmt: skip
    with pytest.raises(ParameterError) as problem:
        paths_of(bare)
    assert problem.value.code == "learn.no-cover"
