"""The tables that models are compared on, with the rows to learn from and the rows to test on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
from numpy.typing import NDArray

from anping.learn.folds import folds_of
from anping.learn.target import target_of
from benchmarks import report

Rows = NDArray[np.int64]
_SEED = 20260101
_ADULT = (
    "age", "workclass", "fnlwgt", "education", "education-num", "marital-status", "occupation",
    "relationship", "race", "sex", "capital-gain", "capital-loss", "hours-per-week",
    "native-country", "income",
)  # fmt: skip


class Problem(NamedTuple):
    """A table and its target; ``left_out`` are columns that nobody learns from."""

    name: str
    table: pa.Table
    target: str
    number: bool
    folds: int
    left_out: tuple[str, ...] = ()


def problems() -> Iterator[Problem]:
    """Yield the public tables that are there, and two of scikit-learn's own."""
    credit = report.shared("data", "credit_taiwan", "credit.csv")
    if credit is not None:
        target = "default.payment.next.month"
        yield Problem(
            "Taiwan credit",
            pa.csv.read_csv(credit),
            target,
            number=False,
            folds=1,
            left_out=("ID",),
        )
    if report.shared("data", "adult") is not None:
        yield Problem(
            "Adult, train + test", _adult(), "income", number=False, folds=1, left_out=("fnlwgt",)
        )
    german = report.shared("data", "german", "german.csv")
    if german is not None:
        options = pa.csv.ReadOptions(autogenerate_column_names=True)
        yield Problem(
            "German credit", pa.csv.read_csv(german, options), "f20", number=False, folds=5
        )
    yield from _of_scikit_learn()


def _adult() -> pa.Table:
    parts = []
    for name, skipped in (("adult.data", 0), ("adult.test", 1)):
        path = report.shared("data", "adult", name)
        assert path is not None
        options = pa.csv.ReadOptions(column_names=list(_ADULT), skip_rows=skipped)
        parts.append(pa.csv.read_csv(path, options))
    whole = pa.concat_tables(parts)
    texts = [
        (place, name)
        for place, name in enumerate(whole.column_names)
        if pa.types.is_string(whole.schema.field(name).type)
    ]
    for place, name in texts:
        cells = pc.utf8_rtrim(pc.utf8_trim_whitespace(whole.column(name)), characters=".")
        whole = whole.set_column(place, name, cells)
    return whole


def _of_scikit_learn() -> Iterator[Problem]:
    from sklearn.datasets import load_diabetes, make_friedman1

    diabetes = load_diabetes()
    columns = dict(zip(diabetes.feature_names, diabetes.data.T, strict=True))
    yield Problem(
        "Diabetes", pa.table({**columns, "y": diabetes.target}), "y", number=True, folds=5
    )
    matrix, values = make_friedman1(5000, 10, noise=1.0, random_state=_SEED)
    columns = {f"x{place}": column for place, column in enumerate(matrix.T)}
    yield Problem("Friedman 1", pa.table({**columns, "y": values}), "y", number=True, folds=1)


def splits(problem: Problem) -> Iterator[tuple[pa.Table, pa.Table]]:
    """Yield the rows to learn from and to test on: the first of five folds, or all of them."""
    told = target_of(problem.target, problem.table.column(problem.target))
    folds = folds_of(told.values, count=5, seed=_SEED)
    table = problem.table.drop_columns(list(problem.left_out))
    for number, (train, test) in enumerate(folds):
        if number < problem.folds:
            yield table.take(pa.array(train)), table.take(pa.array(test))
