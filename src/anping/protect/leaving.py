"""Which rows leave, and their cells: those that the sample drew and the privacy model does not suppress."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from anping.engine.codes import hashes
from anping.protect.deid.generaliser import Generaliser
from anping.protect.transform.columns import Columns
from anping.protect.transform.rows import Rows
from anping.protect.transform.sampling import Chosen

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Leaving:
    """Tells of every row of a batch whether it leaves. ``columns`` are the quasi-identifiers."""

    columns: Columns
    generaliser: Generaliser | None
    chosen: Chosen | None

    @classmethod
    def of(
        cls, columns: Columns, generaliser: Generaliser | None, chosen: Chosen | None
    ) -> Leaving:
        """Return what tells it, by the columns that the generaliser looks at among ``columns``."""
        names = () if generaliser is None else generaliser.columns
        return cls(columns.only(names), generaliser, chosen)

    def __call__(self, rows: Rows) -> Bools:
        """Return whether each row leaves."""
        kept = np.ones(rows.batch.num_rows, np.bool_)
        if self.chosen is not None:
            kept &= self.chosen.holds(rows.places)
        if self.generaliser is not None:
            cells = {name: self.columns.cells(name, rows) for name in self.generaliser.columns}
            codes = self.generaliser.leaves(cells)
            # The generaliser knows no combination that the sample left out.
            drawn = np.flatnonzero(kept)
            kept[drawn] = self.generaliser.nodes_of(tuple(each[drawn] for each in codes)) >= 0
        return kept


@dataclass(frozen=True)
class Reading:
    """Gives the cells of the rows that leave, with their person's hash and their numbers."""

    columns: Columns
    leaving: Leaving
    person: str

    @property
    def needed(self) -> tuple[str, ...]:
        """The raw columns that are looked at."""
        mine = () if self.columns.person is None else (self.columns.person.column,)
        needed = (*self.columns.needed, *self.leaving.columns.needed, *mine)
        return tuple(dict.fromkeys(needed))

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Return the cells of a batch's rows that leave."""
        rows = self.columns.rows(batch)
        cells = {name: self.columns.cells(name, rows) for name in self.columns.steps}
        if rows.persons is not None:
            cells[self.person] = pa.array(hashes(rows.persons))
        cells[self.columns.numbers] = pa.array(rows.places)
        kept = pa.array(self.leaving(rows))
        return pa.RecordBatch.from_arrays(list(cells.values()), list(cells)).filter(kept)
