"""Rows are drawn while their columns are read for another purpose: a file is then read once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from anping.engine.stream import Positions, rows_at
from anping.engine.table import BATCH_ROWS, Table


@dataclass(frozen=True)
class Drawing(Table):
    """A table that keeps the cells at ``positions`` (ascending) of every column read alone to its end.

    Looks at several columns may go on at once. What was not read so is read when it is asked for.
    """

    positions: Positions = field(kw_only=True, compare=False)
    _drawn: dict[str, list[pa.Array]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def batches(
        self,
        columns: Sequence[str] | None = None,
        *,
        size: int = BATCH_ROWS,
        coded: bool = False,
    ) -> Iterator[pa.RecordBatch]:
        """Yield what :meth:`~anping.engine.table.Table.batches` does."""
        read = super().batches(columns, size=size, coded=coded)
        if columns is None or len(columns) != 1 or columns[0] in self._drawn:
            yield from read
            return
        found: list[pa.Array] = []
        start, kind = 0, self.schema.field(columns[0]).type
        for batch in read:
            low, high = np.searchsorted(self.positions, [start, start + batch.num_rows])
            if high > low:
                places = pa.array(self.positions[low:high] - start)
                # The dictionary of coded cells is not to outlive its batch.
                found.append(batch.column(0).take(places).cast(kind))
            start += batch.num_rows
            yield batch
        self._drawn[columns[0]] = found

    def rows_drawn(self, columns: Sequence[str]) -> pa.Table:
        """Return the rows at ``positions``, as :func:`~anping.engine.stream.rows_at` does."""
        self.require(columns)
        unread = [name for name in columns if name not in self._drawn]
        read = rows_at(Table(self.source), self.positions, columns=unread)
        made = {name: read.column(name) for name in unread}
        schema = pa.schema([self.schema.field(name) for name in columns])
        for one in schema:
            if one.name not in made:
                made[one.name] = pa.chunked_array(self._drawn[one.name], one.type)
        return pa.Table.from_arrays([made[name] for name in columns], schema=schema)
