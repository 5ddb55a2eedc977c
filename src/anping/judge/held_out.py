"""People held out before any protection: what a model learns from each of many protections.

The people who are tested on leave the table first. A protection is then given the rest only, so that
nothing of the tested rows is in what is learnt from, not even in how rows were generalised.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pyarrow as pa

from anping.core.measure import Measure
from anping.engine.stream import rows_at
from anping.engine.table import Table
from anping.judge.learner import learning_library
from anping.judge.reading import Reading
from anping.judge.sample import Draw, Sample, drawn_people
from anping.judge.split import Rows, people_numbers, split
from anping.judge.utility import RawModels, UtilityOptions, compared


@dataclass(frozen=True)
class HeldOut:
    """Raw rows of people drawn at random, some of whom are held out, and what is predicted.

    The raw rows (n,) stand at ``places`` in a table of ``of`` rows; ``people`` is one key per row.
    Learning from the raw rows is done once for each way of reading them.
    """

    raw: Table
    people: pa.Array | None
    places: Rows
    of: int
    target: str
    options: UtilityOptions
    _known: RawModels = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def learnt_from(self) -> Table:
        """The rows that a protection may see: all but those of the people held out."""
        return Table.of(rows_at(self.raw, self._learnt, columns=self.raw.columns))

    @cached_property
    def _learnt(self) -> Rows:
        people, options = people_numbers(self.people), self.options
        return split(self.raw.rows, people, test_share=options.test_share, seed=options.seed)[0]

    def measure(
        self, protected: Table | pa.Table, *, reading: Reading | None = None
    ) -> tuple[Measure, ...]:
        """Return the measures of :func:`measure_utility` for a protection of :attr:`learnt_from`.

        The model learns from all rows of ``protected`` and is tested on the raw rows held out.
        Raises what :func:`measure_utility` does.
        """
        released = Table.of(protected) if isinstance(protected, pa.Table) else protected
        released.require([self.target])
        origin = np.full(released.rows, self._learnt[:1].sum(), np.int64)
        drawn = Sample(self.raw, released, origin, self.people, self.places, self.of, unseen=True)
        settings = replace(self.options, reading=reading or self.options.reading, leaf_table=None)
        return compared(drawn, self.target, settings, known=self._known)


def hold_out(raw: Table | pa.Table, *, target: str, options: UtilityOptions) -> HeldOut:
    """Return the rows of people drawn at random, at most ``options.rows``, some held out.

    Raises SchemaError for a missing column, ParameterError for person keys or a share that do not
    fit, and MissingExtraError without the extra ``learn``.
    """
    source = Table.of(raw) if isinstance(raw, pa.Table) else raw
    source.require([target])
    learning_library()
    draw = Draw(options.rows, options.seed, source.columns)
    found = drawn_people(source, person=options.person, draw=draw)
    rows = Table.of(rows_at(source, found.rows, columns=source.columns))
    return HeldOut(rows, found.people, found.rows, source.rows, target, options)
