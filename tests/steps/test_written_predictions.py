"""What a model says of rows, as columns of a table."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anping.engine.prediction import Prediction, Signature, Task
from anping.steps.compose.predicting import columns_of, written


def signature(task: Task, *classes: str) -> Signature:
    return Signature("y", task, classes, ())


@given(
    count=st.integers(2, 5),
    rows=st.integers(1, 30),
    seed=st.integers(0, 99),
    with_sets=st.booleans(),
)
def test_classes_are_written_with_every_probability_and_the_likeliest_named(
    count: int,
    rows: int,
    seed: int,
    *,
    with_sets: bool,
) -> None:
    draw = np.random.default_rng(seed)
    values = draw.dirichlet(np.ones(count), size=rows)
    sets = draw.random((rows, count)) < 0.5 if with_sets else None
    names = tuple(f"class {n}" for n in range(count))
    model = signature("classes" if count > 2 else "binary", *names)
    made = written(model, Prediction(values, sets=sets, coverage=0.9 if with_sets else None))
    assert tuple(made.schema.names) == columns_of(model, coverage=with_sets)
    for row, cells in enumerate(made.to_pylist()):
        assert [cells[f"probability:{name}"] for name in names] == values[row].tolist()
        assert cells[f"probability:{cells['predicted']}"] == values[row].max()
        if sets is not None:
            there = [name for name, inside in zip(names, sets[row], strict=True) if inside]
            assert cells["possible"] == " | ".join(there)


@pytest.mark.parametrize("coverage", [None, 0.8])
def test_a_number_is_written_with_its_bounds(coverage: float | None) -> None:
    values = np.array([1.0, 2.5])
    said = Prediction(values)
    if coverage is not None:
        said = Prediction(values, low=values - 1.0, high=values + 1.0, coverage=coverage)
    made = written(signature("number"), said).to_pydict()
    expected = {"predicted": [1.0, 2.5]}
    if coverage is not None:
        expected |= {"low": [0.0, 1.5], "high": [2.0, 3.5]}
    assert made == expected
