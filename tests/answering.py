"""Functions for other processes: they live where a new process can import them."""

import os
import signal

import pyarrow as pa

from anping.core.errors import PlanError, Where
from anping.core.text import Text


def process_of(item: int) -> tuple[int, int]:
    return item, os.getpid()


def refusing(item: int) -> int:
    if item == 3:
        what = Text("不行", "No")
        raise PlanError("plan.no", what, hint=Text("換", "Change"), where=Where(column="c"))
    if item == 4:
        raise ValueError(str(item))
    return item


def doubled(batch: pa.RecordBatch) -> tuple[int, pa.RecordBatch]:
    return batch.num_rows, pa.record_batch([pa.array(batch.column(0).to_pylist() * 2)], names=["x"])


def dying(item: int) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return item


def printing(item: int) -> int:
    print("not an answer")
    return item
