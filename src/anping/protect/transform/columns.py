"""The transforms of several columns together, as one function of a batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from anping.protect.transform.rows import RAW_ROW, Person, Rows, Transformer, plain_type


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
        cells = rows.cells(name)
        for step in self.steps[name]:
            cells = step(cells, rows)
        return cells

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Return the columns of a batch transformed."""
        rows = self.rows(batch)
        made = {name: self.cells(name, rows) for name in self.steps}
        return pa.RecordBatch.from_arrays(list(made.values()), list(made))
