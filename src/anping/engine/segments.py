"""A segment is rows written with one guess of the columns' types, and the texts they came from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from anping.engine.columnar import Groups
from anping.engine.kinds import ARROW, Kind, plainly_typed, typed


@dataclass(frozen=True)
class Segment:
    """Finished rows: their Parquet file, the columns' kinds, and the batches they came in.

    ``kept`` names, for each batch, the columns whose texts lie in the file ``texts``; ``unfit`` are
    columns some of whose texts were no value of the kind, which are missing in ``rows``.
    """

    rows: Path
    texts: Path
    kinds: Mapping[str, Kind]
    sizes: list[int] = field(default_factory=list)
    kept: list[frozenset[str]] = field(default_factory=list)
    unfit: set[str] = field(default_factory=set)

    def holds(self, kinds: Mapping[str, Kind]) -> bool:
        """Return whether the rows are already as wanted."""
        return not self.unfit and list(self.kinds.items()) == list(kinds.items())

    def typed(self, kinds: Mapping[str, Kind]) -> Iterator[pa.RecordBatch]:
        """Yield the rows with the columns as ``kinds``; columns that they lack are missing."""
        schema = pa.schema([(name, ARROW[kind]) for name, kind in kinds.items()])
        texts = self._texts()
        for batch, kept in zip(_sized(self.rows, self.sizes), self.kept, strict=True):
            written = next(texts) if kept else None
            columns = []
            for name, kind in kinds.items():
                if name not in self.kinds:
                    columns.append(pa.nulls(batch.num_rows, ARROW[kind]))
                elif self.kinds[name] == kind and name not in self.unfit:
                    columns.append(batch.column(name))
                elif written is not None and name in kept:
                    columns.append(typed(written.column(name), kind))
                else:
                    columns.append(typed(batch.column(name).cast(pa.string()), kind))
            yield pa.record_batch(columns, schema=schema)

    def _texts(self) -> Iterator[pa.RecordBatch]:
        if any(self.kept):
            with pa.OSFile(str(self.texts), "rb") as source, pa.ipc.open_stream(source) as reader:
                yield from reader


class SegmentWriter:
    """Writes batches of text columns, typed; the first batch opens the files."""

    def __init__(self, place: Path, kinds: Mapping[str, Kind]) -> None:
        self.segment = Segment(place.with_suffix(".parquet"), place.with_suffix(".arrows"), kinds)
        schema = pa.schema([(name, ARROW[kind]) for name, kind in kinds.items()])
        self._schema = schema
        self._groups = Groups(self.segment.rows, schema)
        self._writer: pa.ipc.RecordBatchStreamWriter | None = None
        self._open = True

    def add(
        self, batch: pa.RecordBatch, plain: Mapping[str, pa.Array | None] | None = None
    ) -> None:
        """Append a batch of text columns; ``plain`` has the values of some that are plainly written."""
        columns: list[pa.Array] = []
        kept: set[str] = set()
        for name, kind in self.segment.kinds.items():
            texts = batch.column(name)
            value = texts if kind == "string" else _known(plain, name, kind)
            if value is None:
                value = plainly_typed(texts, kind)
            if value is None:
                kept.add(name)
                value = self._typed(name, texts, kind)
            columns.append(value)
        self._groups.add(pa.record_batch(columns, schema=self._schema))
        self.segment.sizes.append(batch.num_rows)
        self.segment.kept.append(frozenset(kept))
        if kept:
            self._keep(batch, kept)

    def close(self) -> None:
        """Finish the files; doing it again does nothing."""
        if self._open:
            self._open = False
            self._groups.close()
            if self._writer is not None:
                self._writer.close()

    def abandon(self) -> None:
        """Let go of files that nobody will read."""
        if self._open:
            self._open = False
            self._groups.abandon()
            if self._writer is not None:
                self._writer.close()

    def _typed(self, name: str, texts: pa.Array, kind: Kind) -> pa.Array:
        try:
            return typed(texts, kind)
        except pa.ArrowInvalid:
            self.segment.unfit.add(name)
            return pa.nulls(len(texts), ARROW[kind])

    def _keep(self, batch: pa.RecordBatch, kept: set[str]) -> None:
        names = [name for name, kind in self.segment.kinds.items() if kind != "string"]
        schema = pa.schema([(name, pa.string()) for name in names])
        if self._writer is None:
            options = pa.ipc.IpcWriteOptions(compression="lz4")
            self._writer = pa.ipc.new_stream(self.segment.texts, schema, options=options)
        missing = pa.nulls(batch.num_rows, pa.string())
        columns = [batch.column(name) if name in kept else missing for name in names]
        self._writer.write_batch(pa.record_batch(columns, schema=schema))


def _known(plain: Mapping[str, pa.Array | None] | None, name: str, kind: Kind) -> pa.Array | None:
    value = None if plain is None else plain.get(name)
    return value if value is not None and value.type.equals(ARROW[kind]) else None


def _sized(rows: Path, sizes: list[int]) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a Parquet file in batches of the given sizes."""
    with pq.ParquetFile(rows) as file:
        batches = file.iter_batches()
        held: list[pa.RecordBatch] = []
        count = 0
        for size in sizes:
            while count < size:
                held.append(next(batches))
                count += held[-1].num_rows
            table = pa.Table.from_batches(held, file.schema_arrow)
            yield from table.slice(0, size).combine_chunks().to_batches() or [
                pa.RecordBatch.from_pylist([], schema=file.schema_arrow)
            ]
            held = table.slice(size).to_batches()
            count -= size
