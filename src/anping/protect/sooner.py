"""What hashes one text after the other begins while the fit still looks for groups.

The fit keeps little more than one core busy, and the keyed transforms need nothing that it finds. So
they are begun in another process meanwhile; what they made waits in a private file beside the result
until the rows are poured, and the rest follows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

import pyarrow as pa
import pyarrow.compute as pc

from anping.core.files import scratch_beside
from anping.engine.cores import cores, in_order
from anping.engine.stream import numbered_batches
from anping.engine.table import Table
from anping.engine.workers import elsewhere, worthwhile
from anping.protect.protection import Transformed, Transforms, slow_of
from anping.protect.text.redact import NO_TALLY, Tally
from anping.protect.transform.columns import Columns

Call = Callable[[pa.RecordBatch], Transformed]


@dataclass
class Sooner:
    """Slow transforms under way: what is made waits in the file ``path``, of the ``schema``."""

    slow: Transforms
    call: Call
    batches: Iterator[pa.RecordBatch]
    path: Path
    schema: pa.Schema
    _enough: Event = field(default_factory=Event)
    _tallies: dict[str, Tally] = field(default_factory=dict)

    def are(self, slow: Transforms) -> bool:
        """Return whether these are the very transforms: a later fit may have added some."""
        mine, others = self.slow.columns.steps, slow.columns.steps
        return list(mine) == list(others) and all(mine[name] is others[name] for name in mine)

    def begin(self) -> None:
        """Make one batch after the other until it is enough, leaving a core to others."""
        with pa.ipc.new_stream(self.path, self.schema) as file:
            for made in in_order(self.call, self._until(), threads=max(1, cores() - 1)):
                file.write_batch(typed(made.cells, self.schema))
                add_tallies(self._tallies, made.tallies)

    def stop(self) -> None:
        """Begin no other batch."""
        self._enough.set()

    def answers(self, begun: Future[None]) -> Iterator[Transformed]:
        """Yield what was made until now, and then the rest."""
        self.stop()
        begun.result()
        tallies: Mapping[str, Tally] = self._tallies
        with pa.ipc.open_stream(self.path) as file:
            for batch in file:
                yield Transformed(batch, tallies)
                tallies = {}
        self.path.unlink()
        yield from in_order(self.call, self.batches)

    def _until(self) -> Iterator[pa.RecordBatch]:
        while not self._enough.is_set():
            batch = next(self.batches, None)
            if batch is None:
                return
            yield batch


#: Gives the answers of slow transforms for all rows of the table, in order.
Answers = Callable[[Transforms], Iterator[Transformed]]


@contextmanager
def begun(table: Table, columns: Columns, *, beside: Path) -> Iterator[Answers]:
    """Begin the slow transforms of a large table's ``columns``, and yield what gives their answers.

    Transforms that changed in the meantime are done anew. Files lie in a private folder beside the
    path ``beside`` that is removed whatever happens. A small table, or one on a cluster, waits
    until it is asked for.
    """
    slow = slow_of(columns)
    if table.distributed or not slow.columns.steps or not worthwhile(table.rows):
        yield lambda asked: answered(table, asked)
        return
    batches = _read(table, slow)
    schema = slow.columns.schema(table.schema)
    with (
        scratch_beside(beside) as folder,
        elsewhere(slow, rows=table.rows) as call,
        ThreadPoolExecutor(1) as thread,
    ):
        sooner = Sooner(slow, call, batches, folder / "sooner", schema)
        under_way = thread.submit(sooner.begin)

        def answers(asked: Transforms) -> Iterator[Transformed]:
            if sooner.are(asked):
                return sooner.answers(under_way)
            sooner.stop()
            return answered(table, asked)

        try:
            yield answers
        finally:
            sooner.stop()


def answered(table: Table, slow: Transforms) -> Iterator[Transformed]:
    """Yield what slow transforms make of a table's rows, in order."""
    with elsewhere(slow, rows=table.rows) as call:
        yield from in_order(call, _read(table, slow))


def paired(
    raw: Iterable[pa.RecordBatch], made: Iterator[Transformed]
) -> Iterator[tuple[pa.RecordBatch, Transformed]]:
    """Yield each batch of raw rows with what was ``made`` of these rows, however that is cut."""
    held: list[pa.RecordBatch] = []
    rows = 0
    for batch in raw:
        tallies: dict[str, Tally] = {}
        while rows < batch.num_rows:
            more = next(made)
            held.append(more.cells)
            rows += more.cells.num_rows
            add_tallies(tallies, more.tallies)
        if not held:
            # A batch without rows: the next one's are not needed yet.
            continue
        whole = held[0] if len(held) == 1 else pa.concat_batches(held)
        yield batch, Transformed(whole.slice(0, batch.num_rows), tallies)
        rows -= batch.num_rows
        held = [whole.slice(batch.num_rows)] if rows else []


def add_tallies(to: dict[str, Tally], more: Mapping[str, Tally]) -> None:
    """Add what redaction replaced, by column."""
    for name, tally in more.items():
        to[name] = to.get(name, NO_TALLY) + tally


def typed(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """Return the batch in the types of a schema of the same columns."""
    if batch.schema.equals(schema):
        return batch
    cells = [pc.cast(batch.column(each.name), each.type) for each in schema]
    return pa.RecordBatch.from_arrays(cells, schema=schema)


def _read(table: Table, slow: Transforms) -> Iterator[pa.RecordBatch]:
    return numbered_batches(table, slow.columns.needed, slow.columns.numbers)
