"""A single row is answered without arrays, to the last bit as many rows are."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from anping.learn.additive import Additive, Axis, Bins, Curve
from anping.learn.encoder import Pair

_CELLS = st.one_of(st.floats(-100, 100), st.integers(-12, 12).map(float), st.just(float("nan")))
_ROWS = st.lists(st.tuples(_CELLS, _CELLS, _CELLS), min_size=25, max_size=40)


def _model(seed: int, outputs: int) -> Additive:
    draw = np.random.default_rng(seed)
    knots = np.unique(draw.integers(-10, 10, 7)).astype(np.float64)
    number, code = Axis(1, np.unique(draw.integers(-9, 9, 6)).astype(np.float64)), Axis(2, None, 5)
    return Additive(
        draw.normal(size=outputs),
        (
            Curve(0, knots, draw.normal(size=(knots.size, outputs)), draw.normal(size=outputs)),
            Curve(1, knots[:1], draw.normal(size=(1, outputs)), draw.normal(size=outputs)),
            Bins((number,), draw.normal(size=(number.bins, outputs))),
            Bins((number, code), draw.normal(size=(number.bins, code.bins, outputs))),
        ),
    )


@given(st.integers(0, 2**32), st.integers(1, 3), _ROWS)
def test_terms(seed: int, outputs: int, rows: list[tuple[float, float, float]]) -> None:
    model, matrix = _model(seed, outputs), np.array(rows)
    alone = np.concatenate([model.sums(matrix[at : at + 1]) for at in range(len(matrix))])
    assert (alone == model.sums(matrix)).all()


@given(_ROWS)
def test_made_numbers(rows: list[tuple[float, float, float]]) -> None:
    matrix = np.array(rows)
    for pair in (Pair("difference", 0, 1), Pair("ratio", 2, 0)):
        alone = np.array([pair.one(row) for row in rows])
        assert np.array_equal(alone, pair.of(matrix), equal_nan=True)


def test_no_rows() -> None:
    assert _model(1, 2).sums(np.empty((0, 3))).shape == (0, 2)
