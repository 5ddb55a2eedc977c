"""Parquet is written in row groups of one fixed size, so that equal rows give equal bytes."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa
import pyarrow.parquet as pq

from anping.core.files import aside

_GROUP_ROWS = 100_000
_GROUP_CELLS = 20_000_000
# Beyond this a dictionary costs more time than it saves room: most values of such a column are new.
_DICTIONARY_BYTES = 1 << 16
# Arrow looks at so many cells of a column at a time; its own 1,024 take a quarter longer.
_BATCH_CELLS = 1 << 14


def group_rows(columns: int) -> int:
    """Return the rows per group: 100,000, or fewer when columns are so many that memory counts."""
    return max(1_000, min(_GROUP_ROWS, _GROUP_CELLS // max(1, columns)))


def parquet_writer(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    """Return the writer of every Parquet file of this house, so that equal rows give equal bytes."""
    return pq.ParquetWriter(
        path,
        schema,
        compression="zstd",
        dictionary_pagesize_limit=_DICTIONARY_BYTES,
        write_batch_size=_BATCH_CELLS,
    )


def write_groups(batches: Iterable[pa.RecordBatch], schema: pa.Schema, path: Path) -> int:
    """Write the batches as one Parquet file at once or not at all; return the number of rows.

    The bytes depend on the rows and the schema only, not on how the rows were batched.
    """
    with aside(path) as temporary, Groups(temporary, schema) as groups:
        for batch in batches:
            groups.add(batch)
    return groups.rows


class Groups:
    """A Parquet file being written, in row groups of :func:`group_rows`; close it by ``with``."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self.rows = 0
        self._schema = schema
        self._size = group_rows(len(schema))
        self._writer = parquet_writer(path, schema)
        self._held: list[pa.RecordBatch] = []
        self._count = 0

    def add(self, batch: pa.RecordBatch) -> None:
        """Append rows."""
        if batch.num_rows == 0:
            return
        self._held.append(batch)
        self._count += batch.num_rows
        while self._count >= self._size:
            table = pa.Table.from_batches(self._held, self._schema)
            self._write(table.slice(0, self._size))
            self._held = table.slice(self._size).to_batches()
            self._count -= self._size

    def close(self) -> None:
        """Write what is held, and the footer."""
        try:
            if self._count:
                self._write(pa.Table.from_batches(self._held, self._schema))
        finally:
            self.abandon()

    def abandon(self) -> None:
        """Let go of the file; what is held is not written."""
        self._held, self._count = [], 0
        self._writer.close()

    def _write(self, table: pa.Table) -> None:
        self._writer.write_table(table.combine_chunks(), row_group_size=table.num_rows)
        self.rows += table.num_rows

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if error is None:
            self.close()
        else:
            self.abandon()
