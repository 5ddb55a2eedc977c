"""Scoring a table with a model: batch by batch, into a table of what the model says of each row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from anping.core.errors import InputError, ParameterError, Where
from anping.core.measure import Measure, without_small_counts
from anping.core.progress import Progress
from anping.core.text import Text
from anping.steps.compose.models import learning_of, model_of
from anping.workspace.step import Context, Inputs, Outcome, Produced

if TYPE_CHECKING:
    from anping.engine.prediction import Prediction, Signature
    from anping.engine.table import Table
    from anping.learn.model import Model

_PARQUET = "application/vnd.apache.parquet"
_ROWS = 65_536
_ROWS_TITLE = Text("評分的列數", "Rows scored")
PREDICTED, POSSIBLE, LOW, HIGH = "predicted", "possible", "low", "high"
#: What stands between the classes that cannot be excluded.
_OR = " | "


def predicted(context: Context, given: Any, inputs: Inputs) -> Outcome:
    """Score the table into a new one, row by row in its order."""
    from anping.engine.table import Table
    from anping.engine.write import write_parquet

    model, table = model_of(inputs), Table.open(inputs["table"].path)
    _check(table, given.carry, columns_of(model.signature, coverage=given.coverage is not None))
    path, tally = context.path("predictions.parquet"), _Tally(model.signature)
    batches = _scored(given, model, table, tally=tally, progress=context.progress)
    write_parquet(batches, path)
    scored = Table.open(path)
    other = {"learning"} & inputs.keys() if learning_of(inputs) is None else set[str]()
    hidden = inputs["table"].asset.confidential or inputs["model"].asset.confidential
    made = Produced(
        "predictions", path, _PARQUET, schema=scored.fields, rows=scored.rows, confidential=hidden
    )
    return Outcome((made,), without_small_counts(tally.measures()), unused=frozenset(other))


def columns_of(signature: Signature, *, coverage: bool) -> tuple[str, ...]:
    """Return the columns of predictions: the class and its probabilities, or the number and bounds."""
    if signature.task == "number":
        return (PREDICTED, LOW, HIGH) if coverage else (PREDICTED,)
    chances = tuple(f"probability:{name}" for name in signature.classes)
    return (PREDICTED, *chances, POSSIBLE) if coverage else (PREDICTED, *chances)


def written(signature: Signature, said: Prediction) -> pa.RecordBatch:
    """Return what a model says of rows as a batch of the columns of :func:`columns_of`."""
    names = columns_of(signature, coverage=said.coverage is not None)
    if signature.task == "number":
        bounds = [each for each in (said.low, said.high) if each is not None]
        return pa.record_batch([pa.array(each) for each in (said.values, *bounds)], list(names))
    classes = np.array(signature.classes, dtype=object)
    cells = [pa.array(classes[said.values.argmax(axis=1)], pa.string())]
    cells += [pa.array(np.ascontiguousarray(chance)) for chance in said.values.T]
    if said.sets is not None:
        # Few different sets: each is spelled out once.
        kinds, which = np.unique(said.sets, axis=0, return_inverse=True)
        words = np.array([_OR.join(classes[kind]) for kind in kinds], dtype=object)
        cells.append(pa.array(words[which.reshape(-1)], pa.string()))
    return pa.record_batch(cells, list(names))


def _scored(
    given: Any, model: Model, table: Table, *, tally: _Tally, progress: Progress
) -> Iterator[pa.RecordBatch]:
    features = [feature.name for feature in model.signature.features]
    carried = list(given.carry)
    done, rows, what = 0, table.rows, Text("以模型評分", "Scoring")
    for batch in table.batches(list(dict.fromkeys([*carried, *features])), size=_ROWS):
        progress(what, done, rows)
        said = model.predict(
            pa.Table.from_batches([batch.select(features)]), coverage=given.coverage
        )
        tally.add(said)
        answer = written(model.signature, said)
        yield pa.record_batch(
            [*batch.select(carried).columns, *answer.columns], [*carried, *answer.schema.names]
        )
        done += batch.num_rows


def _check(table: Table, carried: Sequence[str], named: Sequence[str]) -> None:
    table.require(carried)
    twice = [name for name in carried if name in named or carried.count(name) > 1]
    if twice:
        raise ParameterError(
            "predict.column-taken",
            Text(
                "要帶過來的欄位與預測的欄位同名，或重複了。",
                "A column to carry along has the name of a column of the predictions, or is named twice.",
            ),
            where=Where(column=twice[0]),
            hint=Text("不要帶這一欄，或先改名。", "Leave it out, or rename it first."),
        )
    if not table.rows:
        raise InputError(
            "predict.no-rows",
            Text("這張表沒有任何列可以評分。", "The table has no rows to score."),
            hint=Text("請檢查資料是否收進完整。", "Check that the data was taken in whole."),
        )


@dataclass
class _Tally:
    """What was said so far: how many rows, and the sum of each class's probability or of the number."""

    signature: Signature
    rows: int = 0
    sums: NDArray[np.float64] | float = 0.0

    def add(self, said: Prediction) -> None:
        self.rows += said.values.shape[0]
        self.sums = self.sums + said.values.sum(axis=0)

    def measures(self) -> tuple[Measure, ...]:
        names = self.signature.classes or (self.signature.target,)
        number = self.signature.task == "number"
        title = (
            Text("預測的平均", "Mean of the predictions")
            if number
            else Text("預測機率的平均", "Mean predicted probability")
        )
        means = np.atleast_1d(np.asarray(self.sums)) / self.rows
        return (
            Measure("predict.rows", self.rows, "rows", self.rows, _ROWS_TITLE, method="count"),
            *(
                Measure("predict.mean", float(mean), "target" if number else "probability",
                        self.rows, title, subject=name)
                for name, mean in zip(names, means, strict=True)
            ),
        )  # fmt: skip
