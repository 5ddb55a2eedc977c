"""Batch functions that the workers import, as they import a verb room's."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from anping.core.errors import PlanError, Where
from anping.core.text import Text


@dataclass(frozen=True)
class Doubled:
    """Doubles a column of whole numbers and leaves out rows above a limit."""

    column: str
    limit: int

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        kept = batch.filter(pc.less_equal(batch.column(self.column), self.limit))
        return pa.record_batch({"doubled": pc.multiply(kept.column(self.column), 2)})


def numbers(batch: pa.RecordBatch) -> pa.RecordBatch:
    return batch.select(["number"])


def same(batch: pa.RecordBatch) -> pa.RecordBatch:
    return batch


def refusing(batch: pa.RecordBatch) -> pa.RecordBatch:
    raise PlanError(
        "toy.refused",
        Text("不行。", "No."),
        hint=Text("別做。", "Do not."),
        where=Where(column=batch.schema.names[0]),
    )


def careless(batch: pa.RecordBatch) -> pa.RecordBatch:
    raise ValueError(batch.column(0)[0].as_py())
