"""Rows are handed to a Parquet file batch by batch, and written beside whoever makes them."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from anping.core.files import aside
from anping.engine.columnar import group_rows, parquet_writer

# Groups that wait to be written: more would only fill memory.
_WAITING = 2


@dataclass
class Sink:
    """An open Parquet file: :meth:`write` takes batches of any size, the groups have a fixed one.

    A column may come dictionary-encoded where the file's is not: it is written as its values.
    """

    schema: pa.Schema
    writer: pq.ParquetWriter
    thread: ThreadPoolExecutor
    size: int
    rows: int = 0
    _held: list[pa.RecordBatch] = field(default_factory=list)
    _count: int = 0
    _waiting: list[Future[None]] = field(default_factory=list)

    def write(self, batch: pa.RecordBatch) -> None:
        """Add a batch of the file's schema. An error of an earlier write is raised here."""
        self._held.append(batch)
        self._count += batch.num_rows
        self.rows += batch.num_rows
        while self._count >= self.size:
            held = pa.Table.from_batches(self._held)
            self._hand_over(held.slice(0, self.size))
            self._held = held.slice(self.size).to_batches()
            self._count -= self.size

    def finish(self) -> None:
        """Write what is left, and wait until all is written."""
        if self._count:
            self._hand_over(pa.Table.from_batches(self._held))
            self._held, self._count = [], 0
        while self._waiting:
            self._waiting.pop(0).result()

    def _hand_over(self, group: pa.Table) -> None:
        while len(self._waiting) >= _WAITING:
            self._waiting.pop(0).result()
        self._waiting.append(self.thread.submit(self._write, group))

    def _write(self, group: pa.Table) -> None:
        plain = group.cast(self.schema).combine_chunks()
        self.writer.write_table(plain, row_group_size=plain.num_rows)


@contextmanager
def sink(path: Path, schema: pa.Schema) -> Iterator[Sink]:
    """Yield a Parquet file to hand batches to; it is there at once on success or not at all.

    A thread of its own writes it. The bytes are those of :func:`engine.write.write_parquet`: they
    depend on the rows and the schema only.
    """
    with (
        aside(path) as temporary,
        parquet_writer(temporary, schema) as writer,
        ThreadPoolExecutor(1) as thread,
    ):
        opened = Sink(schema, writer, thread, group_rows(len(schema)))
        yield opened
        opened.finish()
