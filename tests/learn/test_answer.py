"""Plain rows are answered as tables are, to the last bit, by every kind of model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anping.core.errors import SchemaError
from anping.learn.model import Model
from anping.learn.search import Effort
from anping.learn.tabular import Learning, learn_tabular

pytest.importorskip("lightgbm")
pytest.importorskip("catboost")
pytest.importorskip("sklearn")
pytest.importorskip("interpret")
_SCHEMA = pa.schema([("amount", pa.float64()), ("job", pa.string()), ("day", pa.string())])


def _rows(rows: int = 240) -> pa.Table:
    draw = np.random.default_rng(5)
    amount, job = draw.normal(0, 1, rows), draw.choice(["a", "b", "護理師"], rows)
    days = [f"2024-{1 + place % 12:02}-{1 + place % 28:02}" for place in range(rows)]
    late = amount + (job == "b") + draw.normal(0, 1, rows) > 0
    answer = {"binary": np.where(late, "yes", "no"), "number": amount * 3 + draw.normal(0, 1, rows)}
    return pa.table({"amount": amount, "job": job, "day": days, **answer})


@pytest.fixture(scope="module", params=["blend", "lightgbm", "linear", "boosted-terms", "number"])
def model(request: pytest.FixtureRequest) -> Model:
    target = "number" if request.param == "number" else "binary"
    only = None if request.param in ("blend", "number") else request.param
    asked = Learning(
        exclude=tuple({"binary", "number"} - {target}), held_out=0.0, folds=2,
        effort=Effort(1000, trials=1 if only else 5, only=only),
    )  # fmt: skip
    return learn_tabular(_rows(), target, asked).model


_CELLS = {
    "amount": st.none() | st.floats(-9, 9) | st.just(float("inf")),
    "job": st.none() | st.sampled_from(["a", "b", " b ", "護理師", "unseen", ""]),
    "day": st.none() | st.sampled_from(["2024-02-29", "2024/3/1", "113/05/06", "never"]),
}


@settings(max_examples=25, deadline=None)
@given(st.lists(st.fixed_dictionaries(_CELLS), min_size=1, max_size=3))
def test_the_same_as_of_a_table(model: Model, rows: list[dict[str, Any]]) -> None:
    table = pa.Table.from_pylist(rows, schema=_SCHEMA)
    for coverage in (None, 0.9):
        quick, whole = (
            model.answer(rows, coverage=coverage),
            model.predict(table, coverage=coverage),
        )
        for one, other in zip(vars(quick).values(), vars(whole).values(), strict=True):
            assert np.array_equal(one, other) if isinstance(other, np.ndarray) else one == other


def test_a_column_that_is_not_given_is_told(model: Model) -> None:
    row: Mapping[str, Any] = {"amount": 1.0, "day": None}
    with pytest.raises(SchemaError) as problem:
        model.answer([row])
    assert problem.value.code == "learn.missing-column"
