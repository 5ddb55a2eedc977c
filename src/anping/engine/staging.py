"""Rows are written typed as they come; where a later value widens a column, they are written again.

A column's type is known only when all its values are, but the first rows nearly always tell it. So
each batch is written to Parquet with the types that fit so far. What such a value was written like
can be had back from it (123, 2024-05-01), or its text is kept beside it (1.50, TRUE). When the last
row bears the first guess out, the file is finished; otherwise it is made again from those texts.

The stage lies beside the target (never in a shared temporary folder: it holds people), readable by
its owner only, and is removed whatever happens.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa

from anping.core.files import aside, scratch_beside
from anping.engine.columnar import write_groups
from anping.engine.kinds import ARROW, Kind
from anping.engine.segments import Segment, SegmentWriter

#: What a column's values seen so far allow it to be.
Guess = Callable[[str], Kind]

#: Batches that wait to be written while the next are read.
_WAITING = 2


class Stage:
    """Batches of text columns on disk. Later batches may have more columns than earlier ones.

    Writing goes on in a thread of its own while the caller reads on.
    """

    def __init__(self, folder: Path, guess: Guess) -> None:
        self.folder = folder
        self._guess = guess
        self._columns: dict[str, None] = {}
        self._kinds: dict[str, Kind] | None = None
        self._writers: list[SegmentWriter] = []
        self._thread = ThreadPoolExecutor(1)
        self._waiting: deque[Future[None]] = deque()

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns met so far, in the order in which they were met."""
        return tuple(self._columns)

    def add(
        self, batch: pa.RecordBatch, plain: Mapping[str, pa.Array | None] | None = None
    ) -> None:
        """Append a batch of text columns.

        ``plain`` gives the values of columns whose texts can be had back from these, as far as they
        are known (see :meth:`~anping.engine.kinds.Inference.narrow`).
        """
        kinds = {name: self._guess(name) for name in batch.schema.names}
        if self._kinds is None or list(kinds.items()) != list(self._kinds.items()):
            self._finish()
            place = self.folder / str(len(self._writers))
            self._writers.append(SegmentWriter(place, kinds))
            self._kinds = kinds
            self._columns.update(dict.fromkeys(kinds))
        while len(self._waiting) >= _WAITING:
            self._waiting.popleft().result()
        self._waiting.append(self._thread.submit(self._writers[-1].add, batch, plain or {}))

    def write(self, into: Path, kinds: Mapping[str, Kind]) -> None:
        """Write every batch to Parquet with its columns as ``kinds``."""
        self._finish()
        wanted = {name: kinds[name] for name in self._columns}
        segments = [writer.segment for writer in self._writers]
        if len(segments) == 1 and segments[0].holds(wanted):
            with aside(into) as temporary:
                segments[0].rows.replace(temporary)
            return
        schema = pa.schema([(name, ARROW[kind]) for name, kind in wanted.items()])
        write_groups(_typed(segments, wanted), schema, into)

    def close(self) -> None:
        """Stop writing; what was staged is abandoned."""
        for future in self._waiting:
            future.cancel()
        self._thread.shutdown()
        if self._writers:
            self._writers[-1].abandon()

    def _finish(self) -> None:
        while self._waiting:
            self._waiting.popleft().result()
        if self._writers:
            self._writers[-1].close()


def _typed(segments: list[Segment], kinds: Mapping[str, Kind]) -> Iterator[pa.RecordBatch]:
    for segment in segments:
        yield from segment.typed(kinds)


def _as_text(name: str) -> Kind:
    del name
    return "string"


@contextmanager
def stage_beside(target: Path, guess: Guess = _as_text) -> Iterator[Stage]:
    """Yield a new stage in a folder beside ``target`` and remove the folder afterwards.

    ``guess`` says, at any time, what the values of a column seen so far allow it to be.
    """
    with scratch_beside(target) as folder:
        stage = Stage(folder, guess)
        try:
            yield stage
        finally:
            stage.close()
