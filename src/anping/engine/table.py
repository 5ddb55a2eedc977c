"""A table is typed, immutable columns: a Parquet file on disk or an Arrow table in memory.

It may also stand on rows that lie on a cluster (``engine.spark``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from anping.core.asset import Field
from anping.core.errors import SchemaError, Where
from anping.core.text import Text
from anping.engine.coded import held_as_codes, told_range
from anping.engine.distributed import Distributed

BATCH_ROWS = 65_536


@dataclass(frozen=True)
class Table:
    """Columns of one length, from a Parquet file (read in batches), from memory or on a cluster.

    Build one with :meth:`of` (Arrow), :meth:`open` (Parquet), ``engine.read.read`` (any format) or
    ``engine.spark.table.spark_table``.
    """

    source: pa.Table | Path | Distributed

    @classmethod
    def of(cls, columns: pa.Table) -> Table:
        """Return a table over Arrow columns in memory."""
        return cls(columns)

    @classmethod
    def open(cls, path: Path) -> Table:
        """Return a table over a Parquet file; nothing is read but its footer."""
        return cls(path)

    @cached_property
    def schema(self) -> pa.Schema:
        """The Arrow schema."""
        if isinstance(self.source, pa.Table | Distributed):
            return self.source.schema
        return self._file.schema_arrow

    @cached_property
    def rows(self) -> int:
        """The number of rows."""
        if isinstance(self.source, pa.Table):
            return int(self.source.num_rows)
        if isinstance(self.source, Distributed):
            return self.source.rows
        return int(self._file.metadata.num_rows)

    @property
    def distributed(self) -> bool:
        """Whether the rows lie on a cluster, and are not to come here as a whole."""
        return isinstance(self.source, Distributed)

    @property
    def in_memory(self) -> bool:
        """Whether the rows are in this process's memory."""
        return isinstance(self.source, pa.Table)

    # Cached, because a table of 10,000 columns is asked for each of them.
    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The column names, in order."""
        return tuple(self.schema.names)

    @cached_property
    def _present(self) -> frozenset[str]:
        return frozenset(self.columns)

    @property
    def fields(self) -> tuple[Field, ...]:
        """The columns as plain values for an asset's schema."""
        return tuple(Field(field.name, str(field.type)) for field in self.schema)

    @cached_property
    def _file(self) -> pq.ParquetFile:
        return pq.ParquetFile(self.source)

    @cached_property
    def held_as_codes(self) -> frozenset[str]:
        """The text columns that a file holds as codes; none of a table that lies elsewhere."""
        return held_as_codes(self._file) if isinstance(self.source, Path) else frozenset()

    def told_range(self, column: str) -> tuple[int, int] | None:
        """Return the least and greatest whole number (or day, as one) of a column as its file tells.

        None of a table that lies elsewhere or is nested, and where the file does not tell them.
        """
        if not isinstance(self.source, Path) or not self.rows:
            return None
        footer = self._file.metadata
        if footer.num_columns != len(self.columns):
            return None
        return told_range(footer, self.columns.index(column))

    def _opened(self, coded: Iterable[str] = ()) -> pq.ParquetFile:
        """Return a reader of its own for one look: one shared by threads crashes (Arrow 26)."""
        read = [name for name in coded if name in self.held_as_codes]
        return pq.ParquetFile(self.source, metadata=self._file.metadata, read_dictionary=read)

    def reopened(self, path: Path) -> Table:
        """Return the table of a file, or on a cluster a folder, that was moved to ``path``."""
        if isinstance(self.source, Distributed):
            return Table(self.source.reopened(path))
        return Table.open(path)

    def require(self, columns: Iterable[str]) -> None:
        """Raise SchemaError naming the first of ``columns`` that the table lacks."""
        for name in columns:
            if name not in self._present:
                raise missing_column(name, self.columns)

    def arrow(self, columns: Sequence[str] | None = None) -> pa.Table:
        """Return the columns (all by default) in memory, in the order asked for."""
        wanted = list(self.columns if columns is None else columns)
        self.require(wanted)
        if isinstance(self.source, pa.Table):
            return self.source.select(wanted)
        if isinstance(self.source, Distributed):
            schema = pa.schema([self.schema.field(name) for name in wanted])
            return pa.Table.from_batches(self.source.batches(wanted, size=BATCH_ROWS), schema)
        with self._opened() as file:
            return file.read(columns=wanted).select(wanted)

    def column(self, name: str) -> pa.ChunkedArray:
        """Return one column in memory."""
        return self.arrow([name]).column(0)

    def batches(
        self,
        columns: Sequence[str] | None = None,
        *,
        size: int = BATCH_ROWS,
        coded: bool = False,
    ) -> Iterator[pa.RecordBatch]:
        """Yield the columns in record batches of at most ``size`` rows.

        With ``coded`` texts that a file holds as codes come as such, dictionary-encoded: they are
        never spelled out. Each batch then has a dictionary of its own, which may have more values.
        """
        wanted = list(self.columns if columns is None else columns)
        self.require(wanted)
        if isinstance(self.source, pa.Table):
            yield from self.source.select(wanted).to_batches(max_chunksize=size)
            return
        if isinstance(self.source, Distributed):
            yield from self.source.batches(wanted, size=size)
            return
        with self._opened(wanted if coded else ()) as file:
            for batch in file.iter_batches(batch_size=size, columns=wanted):
                yield batch.select(wanted)


#: So many names of columns are told where none is near.
_LISTED = 10


def missing_column(name: str, available: Sequence[str]) -> SchemaError:
    """Return the error for a column that does not exist, with the nearest existing names."""
    close = get_close_matches(name, available, n=3, cutoff=0.5)
    listed = ", ".join(close or available[:_LISTED])
    more = len(available) - _LISTED
    if close:
        hint = Text(f"是不是：{listed}", f"Did you mean: {listed}")
    elif more > 0:
        hint = Text(f"有的欄位：{listed}，以及另外 {more} 欄", f"It has: {listed}, and {more} more")
    else:
        hint = Text(f"有的欄位：{listed}", f"It has: {listed}")
    return SchemaError(
        "schema.missing-column",
        Text(f"表中沒有欄位「{name}」。", f"The table has no column “{name}”."),
        where=Where(column=name),
        hint=hint,
    )
