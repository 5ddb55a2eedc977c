"""What runs on the workers: a verb room's function, fed with rows as one machine would feed it.

Everything here is pickled by reference, so the workers must have Anping installed. Results travel
as Arrow streams of bytes, in their own types, with the number of the first row they came from.
An error of ours arrives as it was raised; of any other only its type does, for its text may quote
a row.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from anping.core.errors import AnpingError, Where
from anping.core.text import Text

BatchFunction = Callable[[pa.RecordBatch], pa.RecordBatch]

#: The columns that travel with the rows: their group (a file or a partition) and place within it.
GROUP, INDEX = "anping_group", "anping_index"
#: How results travel: the number of the first row, and the batch as an Arrow stream.
NUMBER, CONTENT = "anping_number", "anping_content"
PARCEL = pa.schema([pa.field(NUMBER, pa.int64()), pa.field(CONTENT, pa.binary())])

_MARK = "anping-error:"
_MARKED = re.compile(_MARK + r"(\{.*\})")


@dataclass(frozen=True, slots=True)
class Runner:
    """Feeds a function with runs of successive rows, in their own types.

    ``given`` is the schema of the rows, ``made`` that of the results; ``starts`` has the number of
    each group's first row; ``numbered`` names a last column with the rows' numbers.
    """

    function: BatchFunction
    given: pa.Schema
    made: pa.Schema
    starts: Mapping[int, int]
    numbered: str | None = None

    def results(self, batches: Iterator[pa.RecordBatch]) -> Iterator[tuple[int, pa.RecordBatch]]:
        """Yield the number of a run's first row and what the function made of the run."""
        for batch in batches:
            for start, run in self._runs(batch):
                rows = fitted(run, self.given)
                if self.numbered is not None:
                    numbers = np.arange(start, start + rows.num_rows, dtype=np.int64)
                    rows = rows.append_column(self.numbered, pa.array(numbers))
                try:
                    made = self.function(rows)
                except AnpingError as error:
                    raise RuntimeError(_MARK + _written(error)) from None
                except Exception as error:  # noqa: BLE001 - its text may quote a row
                    raise RuntimeError(type(error).__name__) from None
                yield start, fitted(made.select(self.made.names), self.made)

    def _runs(self, batch: pa.RecordBatch) -> Iterator[tuple[int, pa.RecordBatch]]:
        """Yield the parts of a batch in which each row follows the one before it."""
        if not batch.num_rows:
            return
        group, index = _numbers(batch, GROUP), _numbers(batch, INDEX)
        breaks = np.flatnonzero((np.diff(group) != 0) | (np.diff(index) != 1)) + 1
        bounds = [0, *breaks.tolist(), batch.num_rows]
        for low, high in pairwise(bounds):
            number = self.starts[int(group[low])] + int(index[low])
            yield number, batch.slice(low, high - low)


@dataclass(frozen=True, slots=True)
class Parcels:
    """Runs a function and packs each result, so that it travels in its own types."""

    runner: Runner

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Yield one parcel for each run of rows."""
        for number, made in self.runner.results(batches):
            sink = pa.BufferOutputStream()
            with pa.ipc.new_stream(sink, made.schema) as stream:
                stream.write_batch(made)
            content = pa.array([sink.getvalue().to_pybytes()], pa.binary())
            yield pa.RecordBatch.from_arrays([pa.array([number]), content], schema=PARCEL)


@dataclass(frozen=True, slots=True)
class Rows:
    """Runs a function and hands its rows to Spark in the types that Spark carries.

    With them go the number of the run's first row and each row's place in what the run made, which
    together sort the rows.
    """

    runner: Runner
    carried: pa.Schema

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Yield the rows that the function makes."""
        for number, made in self.runner.results(batches):
            places = np.arange(made.num_rows, dtype=np.int64)
            columns = [
                *fitted(made, self.carried).columns,
                pa.array(np.full(made.num_rows, number, np.int64)),
                pa.array(places),
            ]
            yield pa.RecordBatch.from_arrays(columns, schema=numbered_rows(self.carried))


def numbered_rows(carried: pa.Schema) -> pa.Schema:
    """Return the schema of :class:`Rows`, whose columns are named by their places."""
    fields = [pa.field(f"c{place}", field.type) for place, field in enumerate(carried)]
    return pa.schema([*fields, pa.field(NUMBER, pa.int64()), pa.field(INDEX, pa.int64())])


@dataclass(frozen=True, slots=True)
class Chosen:
    """Keeps the rows whose numbers, in the column ``numbered``, are among ``numbers``, ascending."""

    numbered: str
    numbers: npt.NDArray[np.int64]

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Return these rows."""
        here = _numbers(batch, self.numbered)
        low, high = np.searchsorted(self.numbers, [here[0], here[-1] + 1])
        return batch.take(pa.array(self.numbers[low:high] - here[0]))


def same(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return the batch as it is: the function that brings columns here."""
    return batch


def opened(content: bytes) -> Iterator[pa.RecordBatch]:
    """Yield the batches of a parcel."""
    with pa.ipc.open_stream(content) as stream:
        yield from stream


def fitted(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """Return the first columns of the batch in the schema's types and under its names."""
    columns = [_cast(batch.column(place), field.type) for place, field in enumerate(schema)]
    if not columns:
        return batch.select([])
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _cast(cells: pa.Array, kind: pa.DataType) -> pa.Array:
    if cells.type == kind:
        return cells
    return pa.nulls(len(cells), kind) if cells.null_count == len(cells) else cells.cast(kind)


def _numbers(batch: pa.RecordBatch, name: str) -> npt.NDArray[np.int64]:
    return np.asarray(batch.column(name).to_numpy(), dtype=np.int64)


def _written(error: AnpingError) -> str:
    return json.dumps({"kind": type(error).__name__, **error.as_json()})


def error_in(text: str) -> AnpingError | None:
    """Return the error of ours that a failed job's text carries."""
    found = _MARKED.search(text)
    if found is None:
        return None
    told, _ = json.JSONDecoder().raw_decode(found[1])
    kinds: dict[str, type[AnpingError]] = {
        kind.__name__: kind for kind in AnpingError.__subclasses__()
    }
    kind = kinds.get(told["kind"], AnpingError)
    where = Where(**told["where"])
    return kind(told["code"], Text(**told["what"]), hint=Text(**told["hint"]), where=where)
