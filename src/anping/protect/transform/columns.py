"""The transforms of several columns together, as one function of a batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from anping.engine.coded import as_met
from anping.protect.transform.rows import RAW_ROW, Person, Rows, Transformer, plain, plain_type
from anping.protect.transform.transformers import Shortening

#: Transforms that look at nothing but a cell's value: equal cells become equal ones.
_BY_VALUE = (Shortening,)


@dataclass(frozen=True)
class Columns:
    """Columns by name with their transforms in order, whose rows' numbers stand in ``numbers``."""

    steps: Mapping[str, tuple[Transformer, ...]]
    person: Person | None
    numbers: str = RAW_ROW

    def only(self, names: Sequence[str]) -> Columns:
        """Return these columns alone."""
        return Columns({name: self.steps[name] for name in names}, self.person, self.numbers)

    @property
    def needed(self) -> tuple[str, ...]:
        """The raw columns that are looked at."""
        beside = (name for steps in self.steps.values() for step in steps for name in step.needs)
        return tuple(dict.fromkeys((*self.steps, *beside)))

    def schema(self, raw: pa.Schema) -> pa.Schema:
        """Return the schema of the transformed columns."""
        fields = []
        for name, steps in self.steps.items():
            kind = plain_type(raw.field(name).type)
            for step in steps:
                kind = step.kind(kind)
            fields.append(pa.field(name, kind))
        return pa.schema(fields)

    def rows(self, batch: pa.RecordBatch) -> Rows:
        """Return a batch as the transforms see it."""
        return Rows(batch, self.person, self.numbers)

    def cells(self, name: str, rows: Rows) -> pa.Array:
        """Return one column transformed."""
        return plain(self.coded_cells(name, rows))

    def coded_cells(self, name: str, rows: Rows) -> pa.Array:
        """Return the same, still dictionary-encoded where the batch has it so and no step minds."""
        steps, cells = self.steps[name], rows.batch.column(name)
        if pa.types.is_dictionary(cells.type) and all(
            isinstance(each, _BY_VALUE) for each in steps
        ):
            met = as_met(cells)
            if met is not None:
                values = met.dictionary
                for step in steps:
                    values = step(values, rows)
                return pa.DictionaryArray.from_arrays(met.indices, values)
        cells = plain(cells)
        for step in steps:
            cells = step(cells, rows)
        return cells

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Return the columns of a batch transformed."""
        rows = self.rows(batch)
        made = {name: self.cells(name, rows) for name in self.steps}
        return pa.RecordBatch.from_arrays(list(made.values()), list(made))
