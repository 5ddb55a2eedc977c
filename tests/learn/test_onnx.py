"""A model written as ONNX answers as it does here: on edges, empty cells and values never seen."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anping.core.errors import InfeasibleError
from anping.engine.prediction import Feature, Signature, Task
from anping.learn import onnx_export
from anping.learn.additive import Additive, Axis, Bins, Curve
from anping.learn.columns import Column
from anping.learn.conformal import Conformal
from anping.learn.encoder import Encoder, Pair
from anping.learn.forest import Forest
from anping.learn.link import Link
from anping.learn.model import Model
from anping.learn.onnx_export import export_onnx, onnx_file, onnx_inputs, run_onnx
from anping.learn.onnx_rows import parity_rows
from anping.learn.search import Effort
from anping.learn.tabular import Learning, learn_tabular

pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

_JOBS = ("nurse", "driver", "clerk")
_COLUMNS = (
    Column(Feature("income", "number", (), 10.0, 90.0)),
    Column(Feature("age", "number", (), 20.0, 80.0, missing=False), 44.0),
    Column(Feature("joined", "date", (), 730_000.0, 738_000.0)),
    Column(Feature("job", "category", _JOBS)),
    Column(Feature("鄉鎮", "category", ("安平", "北門")), shares=(0.7, 0.2)),
)
#: The matrix: income, age, day, month, weekday, job, town, its frequency, and two made of those.
_ENCODER = Encoder(_COLUMNS, (Pair("difference", 0, 1), Pair("ratio", 0, 1)))
_CODES = {5: 5, 6: 4}
_WIDTH = 10


def _grown(draw: np.random.Generator, depth: int, nodes: list[list[float]]) -> int:
    """Add a random tree to ``nodes`` (feature, threshold, missing left, left, right, value)."""
    at = len(nodes)
    nodes.append([0.0, 0.0, 0.0, at, at, float(draw.normal())])
    if depth and draw.random() < 0.9:
        feature = int(draw.integers(_WIDTH))
        low, high = (10, 90) if feature < 2 else (730_000, 738_000) if feature == 2 else (-1, 12)
        nodes[at][:3] = [feature, np.round(draw.uniform(low, high), 1), draw.random() < 0.5]
        nodes[at][3] = _grown(draw, depth - 1, nodes)
        nodes[at][4] = _grown(draw, depth - 1, nodes)
    return at


def _forest(draw: np.random.Generator, outputs: int, trees: int = 12) -> Forest:
    nodes: list[list[float]] = []
    roots = [_grown(draw, int(draw.integers(0, 5)), nodes) for _ in range(trees)]
    table = np.array(nodes)
    feature = table[:, 0].astype(np.int32)
    codes = np.array([_CODES.get(int(each), 0) for each in feature])
    asks = (codes > 0) & (table[:, 3] != np.arange(len(table)))
    first = np.where(asks, np.cumsum(codes * asks) - codes * asks, -1).astype(np.int32)
    return Forest(
        feature=feature,
        threshold=table[:, 1],
        missing_left=table[:, 2].astype(bool),
        child=table[:, 3:5].astype(np.int32),
        value=table[:, 5],
        first_bit=first,
        bit_count=np.where(asks, codes, 0).astype(np.int32),
        bits=draw.random(int((codes * asks).sum())) < 0.5,
        roots=np.array(roots, dtype=np.int32),
        depth=np.full(trees, 5, dtype=np.int32),
        output=(np.arange(trees) % outputs).astype(np.int32),
        base=draw.normal(size=outputs),
    )


def _additive(draw: np.random.Generator, outputs: int) -> Additive:
    def heights(*shape: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        return draw.normal(size=(*shape, outputs))

    knots = np.unique(np.round(draw.uniform(10, 90, 6), 1))
    cuts = np.unique(np.round(draw.uniform(20, 80, 5)))
    income, job = Axis(1, cuts), Axis(5, None, 5)
    return Additive(
        draw.normal(size=outputs),
        (
            Curve(0, knots, heights(knots.size), heights()),
            Curve(9, np.array([-0.5, 0.5]), heights(2), heights()),
            Curve(3, np.array([6.0]), heights(1), heights()),
            Bins((income,), heights(income.bins)),
            Bins((job,), heights(job.bins)),
            Bins((income, job), heights(income.bins, job.bins)),
        ),
    )


def _model(seed: int, task: Task = "binary", *, parts: str = "both") -> Model:
    draw = np.random.default_rng(seed)
    classes = {"binary": ("no", "yes"), "classes": ("a", "b", "c"), "number": ()}[task]
    outputs = 3 if task == "classes" else 1
    return Model(
        Signature("y", task, classes, _ENCODER.features),
        _ENCODER,
        None if parts == "additive" else _forest(draw, outputs),
        None if parts == "forest" else _additive(draw, outputs),
        Link(task, 0.8, 0.0 if task == "classes" else -0.3),
        Conformal(task),
    )


@pytest.mark.parametrize("task", ["binary", "classes", "number"])
@pytest.mark.parametrize("parts", ["both", "forest", "additive"])
def test_it_answers_as_the_model_does(task: Task, parts: str) -> None:
    exported = export_onnx(_model(7, task, parts=parts))
    assert exported.rows >= 2000
    assert exported.difference < 1e-12
    (measure,) = exported.measures
    assert (measure.n, measure.value) == (exported.rows, exported.difference)


@given(st.integers(0, 2**32))
@settings(max_examples=15, deadline=None)
def test_any_forest_and_additive_model_survive_the_way(seed: int) -> None:
    model = _model(seed, "classes")
    rows = parity_rows(model, count=200, seed=seed)
    theirs = run_onnx(onnx_file(model), rows, model.signature)
    assert np.abs(theirs - model.predict(rows).values).max() < 1e-12


def test_every_day_has_its_month_and_weekday() -> None:
    heights = np.arange(0, 13.0)[:, None]
    by_month = Curve(3, np.arange(0, 13.0), 100 * heights, np.array([-1.0]))
    by_weekday = Curve(4, np.arange(0, 7.0), heights[:7], np.array([0.0]))
    model = replace(
        _model(1, "number", parts="additive"),
        additive=Additive(np.zeros(1), (by_month, by_weekday)),
        link=Link("number"),
    )
    days = [
        date(1, 1, 1),
        date(1600, 2, 29),
        date(1899, 12, 31),
        date(1970, 1, 1),
        date(2000, 2, 29),
    ]
    days += [date(2026, month, 1) for month in range(1, 13)] + [date(9999, 12, 31)]
    rows = pa.table(
        {
            "income": [1.0] * len(days),
            "age": [1.0] * len(days),
            "joined": [day.isoformat() for day in days],
            "job": ["nurse"] * len(days),
            "鄉鎮": ["安平"] * len(days),
        }
    )
    said = run_onnx(onnx_file(model), rows, model.signature)
    assert said.tolist() == [100.0 * day.month + day.weekday() for day in days]


def test_learnt_models_of_every_family_and_their_blend() -> None:
    for library in ("lightgbm", "catboost", "sklearn", "interpret"):
        pytest.importorskip(library)
    draw = np.random.default_rng(1)
    rows = 400
    income, job = draw.lognormal(3, 0.5, rows), draw.choice(_JOBS, rows)
    table = pa.table(
        {
            "income": pa.array(np.where(draw.random(rows) < 0.1, np.nan, income), from_pandas=True),
            "job": job,
            "late": np.where(income + 9 * (job == "driver") > 25, "yes", "no"),
        }
    )
    for only in ("lightgbm", "linear", "boosted-terms", None):
        effort = Effort(seconds=1000, trials=1 if only else 3, only=only)
        model = learn_tabular(table, "late", Learning(effort=effort)).model
        if getattr(model, "network", None) is None:
            assert export_onnx(model).difference < 1e-6


def test_the_file_says_what_it_reads_and_whose_it_is() -> None:
    import onnx

    model = _model(3)
    file = onnx.load_from_string(onnx_file(model, digest="ab" * 32))
    told = {each.key: json.loads(each.value) for each in file.metadata_props}
    assert Signature.from_json(told["anping.signature"]) == model.signature
    assert told["anping.model.sha256"] == "ab" * 32
    assert [each.name for each in file.graph.input] == [
        each.name for each in model.signature.features
    ]
    assert onnx_file(model) == onnx_file(model)


def test_a_column_may_be_called_as_the_output_is() -> None:
    model = _model(3)
    named = replace(_COLUMNS[0], feature=replace(_COLUMNS[0].feature, name="probabilities"))
    encoder = Encoder((named, *_COLUMNS[1:]), _ENCODER.pairs)
    model = replace(
        model, encoder=encoder, signature=replace(model.signature, features=encoder.features)
    )
    assert export_onnx(model).difference < 1e-12


def test_what_does_not_answer_alike_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    model = _model(5)
    other = onnx_file(_model(6))
    monkeypatch.setattr(onnx_export, "onnx_file", lambda *_, **__: other)
    with pytest.raises(InfeasibleError) as refused:
        export_onnx(model)
    assert refused.value.code == "onnx.parity"


def test_a_model_without_parts_is_refused() -> None:
    model = replace(_model(5), forest=None, additive=None)
    with pytest.raises(InfeasibleError) as refused:
        export_onnx(model)
    assert refused.value.code == "onnx.part"


def test_inputs_are_read_as_the_model_reads_cells() -> None:
    rows = pa.table(
        {
            "income": ["1,000", None],
            "age": [1, 2],
            "joined": ["民國115年1月2日", "2026-01-02"],
            "job": [" nurse ", None],
            "鄉鎮": ["安平", ""],
        }
    )
    inputs = onnx_inputs(rows, _model(1).signature)
    assert inputs["income"][0, 0] == 1000
    assert np.isnan(inputs["income"][1, 0])
    assert inputs["joined"][0, 0] == inputs["joined"][1, 0] == date(2026, 1, 2).toordinal()
    assert inputs["job"][:, 0].tolist() == ["nurse", ""]
