"""Columns are staged as text on disk until their types are known, then written typed.

The stage lies beside the target (never in a shared temporary folder: it holds people), readable by
its owner only, and is removed whatever happens.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa

from anping.engine.columnar import write_groups
from anping.engine.kinds import ARROW, Kind, typed


class Stage:
    """Batches of text columns on disk. Later batches may have more columns than earlier ones."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._segments: list[Path] = []
        self._writer: pa.ipc.RecordBatchStreamWriter | None = None
        self._schema: pa.Schema | None = None
        self._columns: dict[str, None] = {}

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns met so far, in the order in which they were met."""
        return tuple(self._columns)

    def add(self, batch: pa.RecordBatch) -> None:
        """Append a batch of text columns."""
        if self._writer is None or batch.schema != self._schema:
            self.close()
            self._segments.append(self.folder / f"{len(self._segments)}.arrows")
            options = pa.ipc.IpcWriteOptions(compression="lz4")
            self._writer = pa.ipc.new_stream(self._segments[-1], batch.schema, options=options)
            self._schema = batch.schema
            self._columns.update(dict.fromkeys(batch.schema.names))
        self._writer.write_batch(batch)

    def close(self) -> None:
        """Finish the segment being written."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def write(self, into: Path, kinds: Mapping[str, Kind]) -> int:
        """Write every batch to Parquet with its columns cast to ``kinds``; return the rows."""
        self.close()
        schema = pa.schema([(name, ARROW[kinds[name]]) for name in self._columns])
        return write_groups(self._typed(schema, kinds), schema, into)

    def _typed(self, schema: pa.Schema, kinds: Mapping[str, Kind]) -> Iterator[pa.RecordBatch]:
        for segment in self._segments:
            with pa.OSFile(str(segment), "rb") as source, pa.ipc.open_stream(source) as reader:
                present = set(reader.schema.names)
                for batch in reader:
                    yield pa.record_batch(
                        [
                            typed(batch.column(field.name), kinds[field.name])
                            if field.name in present
                            else pa.nulls(batch.num_rows, field.type)
                            for field in schema
                        ],
                        schema=schema,
                    )


@contextmanager
def stage_beside(target: Path) -> Iterator[Stage]:
    """Yield a new stage in a folder beside ``target`` and remove the folder afterwards."""
    target.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".stage", dir=target.parent))
    stage = Stage(folder)
    try:
        yield stage
    finally:
        stage.close()
        shutil.rmtree(folder, ignore_errors=True)
