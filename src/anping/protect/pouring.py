"""Every row is protected by what was fitted, and leaves in a random order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from anping.core.progress import Progress
from anping.core.text import Text
from anping.engine.cores import in_order
from anping.engine.shuffle import LINKS, shuffled
from anping.engine.sink import sink
from anping.engine.stream import numbered_batches
from anping.engine.table import Table
from anping.protect.deid.row_codes import RowCodes
from anping.protect.fit_plan import Fit
from anping.protect.protection import Transformed
from anping.protect.sooner import Answers, add_tallies, answered, paired
from anping.protect.text.redact import Tally

_APPLYING = Text("保護各列", "Protecting the rows")

Write = Callable[[pa.RecordBatch], object]


@dataclass(frozen=True)
class Out:
    """Where batches go. Rows are shuffled in files ``beside`` a path, or in memory without one.

    Generalised columns of ``released`` may come dictionary-encoded.
    """

    released: Write
    links: Write
    leaves: Write
    beside: Path | None = None


@dataclass(frozen=True)
class Pour:
    """A table and what was fitted on it; ``answers`` gives what its slow transforms make."""

    table: Table
    fit: Fit
    seed: int | None = None
    answers: Answers | None = None

    @property
    def known(self) -> RowCodes | None:
        """What the fit knows of every row; of a sample it knows the chosen ones only."""
        fitted = self.fit.fitted
        return None if fitted is None or self.fit.columns.chosen is not None else fitted.of_rows

    def into_files(self, paths: tuple[Path, Path, Path], progress: Progress) -> dict[str, Tally]:
        """Write the protected rows, their links and all leaves; return what redaction replaced."""
        protection = self.fit.protection
        schemas = (protection.schema, LINKS, protection.leaf_schema)
        with ExitStack() as stack:
            released, links, leaves = (
                stack.enter_context(sink(path, schema)).write
                for path, schema in zip(paths, schemas, strict=True)
            )
            return self.into(Out(released, links, leaves, beside=paths[0]), progress)

    def into(self, out: Out, progress: Progress) -> dict[str, Tally]:
        """Protect the rows, shuffle them and hand them over; return what redaction replaced."""
        tallies: dict[str, Tally] = {}
        protection = self.fit.protection
        mixed = shuffled(
            self._applied(out, tallies=tallies, progress=progress),
            protection.passing(self.known),
            rows=self.fit.released_rows,
            beside=out.beside,
            seed=self.seed,
        )
        place = 0
        for batch in mixed:
            raw_rows = batch.column(protection.columns.numbers)
            places = pa.array(np.arange(place, place + batch.num_rows, dtype=np.int64))
            place += batch.num_rows
            out.links(pa.RecordBatch.from_arrays([places, raw_rows], schema=LINKS))
            out.released(batch.select(protection.schema.names))
        return tallies

    def _applied(
        self, out: Out, *, tallies: dict[str, Tally], progress: Progress
    ) -> Iterator[pa.RecordBatch]:
        protection, known, done = self.fit.protection, self.known, 0
        for found in in_order(
            lambda pair: protection.finished(pair[0], pair[1], known), self._pairs(known)
        ):
            progress(_APPLYING, done, self.fit.rows)
            done += found.rows
            if found.leaves is not None:
                out.leaves(found.leaves)
            add_tallies(tallies, found.tallies)
            yield found.released
        progress(_APPLYING, done, self.fit.rows)

    def _pairs(self, known: RowCodes | None) -> Iterator[tuple[pa.RecordBatch, Transformed]]:
        """Yield the batches of raw rows, each with what the slow transforms make of it."""
        protection, table = self.fit.protection, self.table
        slow = protection.slow
        # A batch without columns would have no rows.
        names = protection.quick(known).columns.needed or table.columns[:1]
        raw = numbered_batches(table, names, protection.columns.numbers)
        if slow.columns.steps:
            answers = answered(table, slow) if self.answers is None else self.answers(slow)
            return paired(raw, answers)
        return ((batch, slow(batch)) for batch in raw)
