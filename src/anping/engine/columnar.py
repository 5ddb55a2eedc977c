"""Parquet is written in row groups of one fixed size, so that equal rows give equal bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from anping.core.files import aside

_GROUP_ROWS = 100_000
_GROUP_CELLS = 20_000_000


def group_rows(columns: int) -> int:
    """Return the rows per group: 100,000, or fewer when columns are so many that memory counts."""
    return max(1_000, min(_GROUP_ROWS, _GROUP_CELLS // max(1, columns)))


def write_groups(batches: Iterable[pa.RecordBatch], schema: pa.Schema, path: Path) -> int:
    """Write the batches as one Parquet file at once or not at all; return the number of rows.

    The bytes depend on the rows and the schema only, not on how the rows were batched.
    """
    rows = 0
    with (
        aside(path) as temporary,
        pq.ParquetWriter(temporary, schema, compression="zstd") as writer,
    ):
        for group in _regroup(batches, schema, group_rows(len(schema))):
            writer.write_table(group, row_group_size=group.num_rows)
            rows += group.num_rows
    return rows


def _regroup(batches: Iterable[pa.RecordBatch], schema: pa.Schema, size: int) -> Iterator[pa.Table]:
    held: list[pa.RecordBatch] = []
    count = 0
    for batch in batches:
        held.append(batch)
        count += batch.num_rows
        while count >= size:
            table = pa.Table.from_batches(held, schema)
            yield table.slice(0, size).combine_chunks()
            held = table.slice(size).to_batches()
            count -= size
    if count:
        yield pa.Table.from_batches(held, schema).combine_chunks()
