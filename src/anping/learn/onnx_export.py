"""A model as an ONNX file for runtimes without us, tried beside ours before it is handed over."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from anping.core.errors import InfeasibleError, MissingExtraError
from anping.core.measure import Measure
from anping.core.text import Text
from anping.engine.prediction import Signature
from anping.learn.link import Link
from anping.learn.model import Model
from anping.learn.onnx_additive import add_additive
from anping.learn.onnx_columns import add_matrix, input_kinds
from anping.learn.onnx_forest import add_forest
from anping.learn.onnx_graph import Graph
from anping.learn.onnx_rows import parity_rows

Floats = NDArray[np.float64]
MEDIA_TYPE = "application/onnx"
#: By how much an answer may differ: a probability as it is, a number in units of its spread.
TOLERANCE = 1e-4
_ROWS = 2_500
_FORMAT = 1


@dataclass(frozen=True, eq=False)
class Exported:
    """An ONNX file, and the greatest difference from our own answers on ``rows`` rows.

    The difference of numbers is in standard deviations of the model's own answers.
    """

    content: bytes
    difference: float
    rows: int
    seed: int
    unit: str

    @property
    def measures(self) -> tuple[Measure, ...]:
        """The parity as a measure."""
        title = Text("與原模型的最大差異", "Greatest difference from the model's own answers")
        return (
            Measure(
                "learn.onnx.difference", self.difference, self.unit, self.rows, title,
                method="answers of ONNX Runtime beside ours on drawn rows", seed=self.seed,
            ),
        )  # fmt: skip


def export_onnx(model: Model, *, digest: str = "", seed: int = 20260101) -> Exported:
    """Return a model as ONNX, after both have answered 2,500 rows alike within 1e-4.

    The rows hold empty cells, values never seen, and numbers at the very thresholds of trees and
    tables. ``digest`` is that of the model's file, kept in the ONNX file's metadata. Raises
    MissingExtraError without the extra ``onnx``, InfeasibleError for a model that cannot be written
    (``onnx.part``) or does not answer alike (``onnx.parity``).
    """
    content = onnx_file(model, digest=digest)
    rows = parity_rows(model, count=_ROWS, seed=seed)
    ours = model.predict(rows).values
    theirs = run_onnx(content, rows, model.signature)
    spread = float(np.std(ours)) if model.signature.task == "number" else 1.0
    difference = float(np.max(np.abs(ours - theirs)) / (spread or 1.0))
    if not difference <= TOLERANCE:
        raise _unlike(difference, rows.num_rows)
    unit = "standard deviations" if model.signature.task == "number" else "probability"
    return Exported(content, difference, rows.num_rows, seed, unit)


def onnx_file(model: Model, *, digest: str = "") -> bytes:
    """Return a model's ONNX file without trying it."""
    if getattr(model, "network", None) is not None:
        raise _no_part()
    graph = Graph()
    matrix = add_matrix(graph, model.encoder)
    sums = [] if model.additive is None else [add_additive(graph, model.additive, matrix)]
    if model.forest is not None:
        sums.append(add_forest(graph, model.forest, matrix))
    if not sums:
        raise _no_part()
    whole = sums[0] if len(sums) == 1 else graph.add("Add", sums)
    outputs = _add_link(graph, model.link, whole, model.signature)
    return graph.file(input_kinds(model.encoder), outputs, _told(model, digest))


def run_onnx(content: bytes, rows: pa.Table, signature: Signature) -> Floats:
    """Return what ONNX Runtime says of rows: (n,) numbers or (n, classes) probabilities."""
    try:
        import onnxruntime
    except ImportError as problem:
        raise MissingExtraError.of("onnx", needed_for=Text("ONNX 匯出", "ONNX export")) from problem
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    found: Floats = session.run(None, onnx_inputs(rows, signature))[0]
    return found


def onnx_inputs(rows: pa.Table, signature: Signature) -> dict[str, NDArray[Any]]:
    """Return a table's rows as the inputs that an exported file takes."""
    from anping.core.cells import trimmed_text
    from anping.engine.natures import as_day, as_number

    found: dict[str, NDArray[Any]] = {}
    for feature in signature.features:
        cells = rows.column(feature.name).to_pylist()
        if feature.nature == "category":
            column = np.array([trimmed_text(cell) for cell in cells], dtype=object)
        else:
            read = as_number if feature.nature == "number" else as_day
            column = np.array([read(cell) for cell in cells], dtype=np.float64)
        found[feature.name] = column.reshape(-1, 1)
    return found


def _add_link(graph: Graph, link: Link, sums: str, signature: Signature) -> dict[str, int | None]:
    """Add the link and return the outputs with their widths."""
    scaled = graph.add("Mul", [sums, graph.constant(np.float64(link.slope))])
    moved = graph.add("Add", [scaled, graph.constant(np.float64(link.offset))])
    if signature.task == "number":
        shape = graph.constant(np.array([-1]))
        return {graph.add("Reshape", [moved, shape], into=_output("value", signature)): None}
    name = _output("probabilities", signature)
    if signature.task == "classes":
        graph.add("Softmax", [scaled], axis=1, into=name)
        return {name: len(signature.classes)}
    second = graph.add("Sigmoid", [moved])
    first = graph.add("Sub", [graph.constant(np.float64(1.0)), second])
    graph.add("Concat", [first, second], axis=1, into=name)
    return {name: 2}


def _output(name: str, signature: Signature) -> str:
    """Return an output's name that no column has."""
    while name in {feature.name for feature in signature.features}:
        name += "_"
    return name


def _told(model: Model, digest: str) -> Mapping[str, str]:
    """Return the file's metadata: what it reads and answers, and the intervals that go with it."""
    told = {
        "anping.format": _FORMAT,
        "anping.signature": model.signature.as_json(),
        "anping.conformal": model.conformal.as_json(),
        "anping.model.sha256": digest,
    }
    return {name: json.dumps(value, ensure_ascii=False) for name, value in told.items()}


def _no_part() -> InfeasibleError:
    return InfeasibleError(
        "onnx.part",
        Text(
            "這個模型含有無法寫成 ONNX 的部分。",
            "The model has a part that cannot be written as ONNX.",
        ),
        hint=Text(
            "用 anping learn tabular --only lightgbm、linear 或 boosted-terms 學習後再匯出。",
            "Learn with anping learn tabular --only lightgbm, linear or boosted-terms, then export.",
        ),
    )


def _unlike(difference: float, rows: int) -> InfeasibleError:
    return InfeasibleError(
        "onnx.parity",
        Text(
            f"ONNX 的回答與原模型不同：{rows:,} 列中最大差 {difference:.2g}。沒有寫出檔案。",
            f"ONNX does not answer as the model does: it is off by up to {difference:.2g} on {rows:,} "
            "rows. No file was written.",
        ),
        hint=Text(
            "請回報；先以 anping serve-model 提供。", "Please report it; serve the model instead."
        ),
    )
