"""The population as it would be released: everybody generalised by what was fitted on the table."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from anping.engine.stream import through
from anping.engine.table import Table
from anping.protect.deid.generaliser import Generaliser


@dataclass(frozen=True)
class _Generalising:
    """Gives a batch's rows their released texts; rows that would be suppressed are gone."""

    generaliser: Generaliser

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        cells = {name: _plain(batch.column(name)) for name in self.generaliser.columns}
        leaves = self.generaliser.leaves(cells)
        nodes = self.generaliser.nodes_of(leaves)
        kept = np.flatnonzero(nodes >= 0)
        texts = self.generaliser.texts([codes[kept] for codes in leaves], nodes[kept])
        return pa.RecordBatch.from_pydict(texts)


def everybody(population: Table, generaliser: Generaliser) -> Table:
    """Return the released texts of everybody in the population.

    The generaliser was fitted with the population at hand, so it knows all of their combinations.
    """
    schema = pa.schema([pa.field(name, pa.string()) for name in generaliser.columns])
    return through(
        population, _Generalising(generaliser), columns=generaliser.columns, schema=schema
    )


def _plain(cells: pa.Array) -> pa.Array:
    return cells.dictionary_decode() if pa.types.is_dictionary(cells.type) else cells
