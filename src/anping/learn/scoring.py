"""What models say of a table's rows, as a table: here, on Spark, or on Ray, with the same answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from anping.engine.columnar import write_groups
from anping.engine.prediction import Prediction, Signature
from anping.engine.stream import mapped, through, write_there
from anping.engine.table import Table
from anping.learn.model import Model
from anping.learn.ray_cluster import ray_at

PREDICTED, POSSIBLE, LOW, HIGH = "predicted", "possible", "low", "high"
#: What stands between the classes that cannot be excluded.
_OR = " | "
#: So many batches for each worker are on their way at once.
_WAITING = 2


def prediction_schema(signature: Signature, *, coverage: bool) -> pa.Schema:
    """Return the columns of predictions: the class and its probabilities, or the number and bounds."""
    if signature.task == "number":
        names = (PREDICTED, LOW, HIGH) if coverage else (PREDICTED,)
        return pa.schema([(name, pa.float64()) for name in names])
    chances = [(f"probability:{name}", pa.float64()) for name in signature.classes]
    possible = [(POSSIBLE, pa.string())] if coverage else []
    return pa.schema([(PREDICTED, pa.string()), *chances, *possible])


def prediction_batch(signature: Signature, said: Prediction) -> pa.RecordBatch:
    """Return what a model says of rows as a batch of the columns of :func:`prediction_schema`."""
    schema = prediction_schema(signature, coverage=said.coverage is not None)
    if signature.task == "number":
        bounds = [each for each in (said.low, said.high) if each is not None]
        return pa.record_batch([pa.array(each) for each in (said.values, *bounds)], schema=schema)
    classes = np.array(signature.classes, dtype=object)
    cells = [pa.array(classes[said.values.argmax(axis=1)], pa.string())]
    cells += [pa.array(np.ascontiguousarray(chance)) for chance in said.values.T]
    if said.sets is not None:
        # Few different sets: each is spelled out once.
        kinds, which = np.unique(said.sets, axis=0, return_inverse=True)
        words = np.array([_OR.join(classes[kind]) for kind in kinds], dtype=object)
        cells.append(pa.array(words[which.reshape(-1)], pa.string()))
    return pa.record_batch(cells, schema=schema)


@dataclass(frozen=True, eq=False)
class Scoring:
    """A model as a function of batches, which travels to where the rows are."""

    model: Model
    coverage: float | None = None
    carry: tuple[str, ...] = ()

    @property
    def columns(self) -> list[str]:
        """The columns that are read."""
        features = (feature.name for feature in self.model.signature.features)
        return list(dict.fromkeys([*self.carry, *features]))

    def schema(self, given: pa.Schema) -> pa.Schema:
        """Return the schema of the answers for rows of the schema ``given``."""
        carried = [given.field(name) for name in self.carry]
        said = prediction_schema(self.model.signature, coverage=self.coverage is not None)
        return pa.schema([*carried, *said])

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Return the columns that are carried along, and what the model says of each row."""
        said = self.model.predict(pa.Table.from_batches([batch]), coverage=self.coverage)
        answer = prediction_batch(self.model.signature, said)
        carried = batch.select(list(self.carry))
        return pa.record_batch(
            [*carried.columns, *answer.columns], schema=self.schema(batch.schema)
        )


def scored(table: Table, scoring: Scoring) -> Table:
    """Return what a model says of each row, in the table's order; on a cluster it stays there.

    Raises SchemaError for a column that is not there, ParameterError for a coverage that the model
    has not (``learn.coverage``).
    """
    table.require(scoring.columns)
    return through(table, scoring, columns=scoring.columns, schema=scoring.schema(table.schema))


def write_scored(table: Table, scoring: Scoring, into: Path) -> Table:
    """Write what :func:`scored` returns as Parquet and return that table; on a cluster it is a folder."""
    if table.distributed:
        return write_there(scored(table, scoring), into)
    schema = scoring.schema(table.schema)
    write_groups(mapped(table, scoring, columns=scoring.columns, schema=schema), schema, into)
    return Table.open(into)


def scored_on_ray(
    batches: Iterable[pa.RecordBatch],
    scorings: Sequence[Scoring],
    address: str,
    *,
    workers: int | None = None,
) -> Iterator[tuple[pa.RecordBatch, ...]]:
    """Yield for each batch what every model says of its rows, answered by the workers of Ray.

    Address, workers and errors are those of :func:`anping.learn.ray_cluster.ray_at`.
    """
    with ray_at(address, workers=workers) as (library, count):
        models = [library.put(scoring) for scoring in scorings]
        answer = library.remote(num_cpus=1)(_answer)
        waiting: list[list[object]] = []
        for batch in batches:
            sent = library.put(batch)
            waiting.append([answer.remote(model, sent) for model in models])
            if len(waiting) * len(models) > _WAITING * count:
                yield tuple(library.get(waiting.pop(0)))
        for promised in waiting:
            yield tuple(library.get(promised))


def _answer(scoring: Scoring, batch: pa.RecordBatch) -> pa.RecordBatch:
    return scoring(batch)
