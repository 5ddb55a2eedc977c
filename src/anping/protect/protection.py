"""What a fit found, as one function of batches: raw rows in, protected rows out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from anping.protect.deid.encoding import Codes
from anping.protect.deid.generaliser import Generaliser
from anping.protect.deid.leaves import Coder
from anping.protect.deid.row_codes import RowCodes
from anping.protect.redaction import Redaction
from anping.protect.text.redact import NO_TALLY, Tally
from anping.protect.transform.columns import Columns
from anping.protect.transform.format_pseudonyms import FormatPseudonyms
from anping.protect.transform.rows import Rows
from anping.protect.transform.sampling import Chosen
from anping.protect.transform.transformers import (
    DateShifting,
    KeyedPseudonyms,
    ReversiblePseudonyms,
)

#: Transforms that hash or read one text after the other.
_SLOW = (KeyedPseudonyms, ReversiblePseudonyms, FormatPseudonyms, DateShifting, Redaction)


@dataclass(frozen=True)
class Applied:
    """One batch protected.

    ``rows`` counts the raw rows; ``released`` are the rows that leave, with their numbers in the raw table in a last column;
    ``leaves`` every row's leaves (None without generalised columns); ``tallies`` what redaction
    replaced, by column.
    """

    rows: int
    released: pa.RecordBatch
    leaves: pa.RecordBatch | None
    tallies: Mapping[str, Tally]


@dataclass(frozen=True)
class Protection:
    """Protects rows wherever they stand: it can be pickled, and treats every row alike.

    It holds derived keys: it is as secret as they are. ``schema`` is that of the protected table,
    ``chosen`` the rows of its sample.
    """

    columns: Columns
    generaliser: Generaliser | None
    schema: pa.Schema
    chosen: Chosen | None = None

    @property
    def needed(self) -> tuple[str, ...]:
        """The raw columns that are looked at."""
        return self.columns.needed

    @property
    def numbered_schema(self) -> pa.Schema:
        """The schema of what :meth:`__call__` gives: the protected columns and the row's number."""
        return self.schema.append(pa.field(self.columns.numbers, pa.int64()))

    @property
    def leaf_schema(self) -> pa.Schema:
        """The schema of the leaves: texts."""
        names = () if self.generaliser is None else self.generaliser.columns
        return pa.schema([pa.field(name, pa.string()) for name in names])

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Return the protected rows of a batch of raw rows with their numbers.

        Suppressed rows are gone. The batch has at least :attr:`needed`, and the rows' numbers.
        """
        return self.applied(batch).released

    def applied(self, batch: pa.RecordBatch) -> Applied:
        """Return the batch protected, and what it tells about the raw rows."""
        return self.finished(batch, self.slow(batch))

    @property
    def slow(self) -> Transforms:
        """The first part of :meth:`applied`: the columns whose transforms hold Python's lock."""
        return slow_of(self.columns)

    def quick(self, known: RowCodes | None = None) -> Transforms:
        """Return the other columns' transforms; without those of generalised ones that are ``known``."""
        slow = self.slow.columns.steps
        told = () if known is None or self.generaliser is None else self.generaliser.columns
        return Transforms(
            self.columns.only(
                [name for name in self.columns.steps if name not in slow and name not in told]
            )
        )

    def passing(self, known: RowCodes | None = None) -> pa.Schema:
        """Return the schema of what :meth:`finished` releases: ``known`` columns are coded."""
        schema = self.numbered_schema
        if known is not None and self.generaliser is not None:
            for name, column in zip(self.generaliser.columns, known.columns, strict=True):
                place = schema.get_field_index(name)
                schema = schema.set(place, pa.field(name, column.kind))
        return schema

    def finished(
        self, batch: pa.RecordBatch, slow: Transformed, known: RowCodes | None = None
    ) -> Applied:
        """Return the rest of :meth:`applied`, given what :attr:`slow` gave of the batch.

        With what is ``known`` of every row, no generalised column is looked at; a sample has none.
        """
        quick = self.quick(known)(batch)
        cells = {**slow.columns, **quick.columns}
        cells[self.columns.numbers] = batch.column(self.columns.numbers)
        leaves = None
        if known is not None:
            cells, leaves = self._told(cells, known)
        elif self.generaliser is not None:
            cells, leaves = self._generalised(cells, self.generaliser)
        elif self.chosen is not None:
            cells = self._drawn(cells)[0]
        schema = self.passing(known)
        arrays = [_typed(cells[field.name], field.type) for field in schema]
        released = pa.RecordBatch.from_arrays(arrays, schema=schema)
        return Applied(batch.num_rows, released, leaves, {**slow.tallies, **quick.tallies})

    def _told(
        self, cells: dict[str, pa.Array], known: RowCodes
    ) -> tuple[dict[str, pa.Array], pa.RecordBatch]:
        """Return the rows that leave, generalised, and the leaves of all, by the rows' numbers."""
        tuples = known.tuple_of[cells[self.columns.numbers].to_numpy()]
        names = self.leaf_schema.names
        leaves = pa.RecordBatch.from_arrays(list(known.leaves(tuples)), schema=self.leaf_schema)
        placed = known.placed[tuples]
        if not placed.all():
            kept = np.flatnonzero(placed)
            cells, tuples = _taken(cells, kept), tuples[kept]
        return cells | dict(zip(names, known.texts(tuples), strict=True)), leaves

    def _generalised(
        self, cells: dict[str, pa.Array], generaliser: Generaliser
    ) -> tuple[dict[str, pa.Array], pa.RecordBatch]:
        """Return the rows that leave, generalised, and the leaves of all."""
        codes = generaliser.leaves(cells)
        texts = generaliser.leaf_texts(codes)
        leaves = pa.RecordBatch.from_arrays(list(texts.values()), schema=self.leaf_schema)
        if self.chosen is not None:
            cells, drawn = self._drawn(cells)
            codes = tuple(each[drawn] for each in codes)
        nodes = generaliser.nodes_of(codes)
        if (nodes < 0).any():
            kept = np.flatnonzero(nodes >= 0)
            cells = _taken(cells, kept)
            codes, nodes = tuple(each[kept] for each in codes), nodes[kept]
        return cells | generaliser.texts(codes, nodes), leaves

    def _drawn(self, cells: dict[str, pa.Array]) -> tuple[dict[str, pa.Array], Codes]:
        """Return the rows of the sample, and their places in the batch."""
        assert self.chosen is not None, "there is a sample"
        drawn = np.flatnonzero(self.chosen.holds(cells[self.columns.numbers].to_numpy()))
        return _taken(cells, drawn), drawn


def slow_of(columns: Columns) -> Transforms:
    """Return the columns whose transforms hold Python's lock."""
    steps = columns.steps
    names = [name for name in steps if any(isinstance(each, _SLOW) for each in steps[name])]
    return Transforms(columns.only(names))


def _taken(cells: dict[str, pa.Array], rows: Codes) -> dict[str, pa.Array]:
    places = pa.array(rows)
    return {name: column.take(places) for name, column in cells.items()}


@dataclass(frozen=True)
class Transformed:
    """Some columns of a batch after their own transforms, and what redaction replaced."""

    cells: pa.RecordBatch
    tallies: Mapping[str, Tally]

    @property
    def columns(self) -> dict[str, pa.Array]:
        """The columns by name."""
        return dict(zip(self.cells.schema.names, self.cells.columns, strict=True))


@dataclass(frozen=True)
class Transforms:
    """Some columns' own transforms, without what was fitted on rows: small, and picklable."""

    columns: Columns

    @property
    def needed(self) -> tuple[str, ...]:
        """The columns of a numbered batch that are looked at."""
        return (*self.columns.needed, self.columns.numbers)

    def __call__(self, batch: pa.RecordBatch) -> Transformed:
        """Return the columns of a batch of raw rows with their numbers."""
        rows = self.columns.rows(batch)
        tallies: dict[str, Tally] = {}
        cells = {name: self._cells(name, rows, tallies) for name in self.columns.steps}
        return Transformed(pa.RecordBatch.from_arrays(list(cells.values()), list(cells)), tallies)

    def _cells(self, name: str, rows: Rows, tallies: dict[str, Tally]) -> pa.Array:
        cells = rows.cells(name)
        for step in self.columns.steps[name]:
            if isinstance(step, Redaction):
                cells, tally = step.tallied(cells, rows)
                tallies[name] = tallies.get(name, NO_TALLY) + tally
            else:
                cells = step(cells, rows)
        return cells


def _typed(cells: pa.Array, kind: pa.DataType) -> pa.Array:
    return cells if cells.type.equals(kind) else pc.cast(cells, kind)


@dataclass(frozen=True)
class Prepared:
    """The transforms that the model looks at, and then the coder: raw rows in, codes out."""

    columns: Columns
    coder: Coder
    chosen: Chosen | None = None

    @property
    def needed(self) -> tuple[str, ...]:
        """The raw columns that are looked at."""
        person = self.columns.person
        mine = () if person is None else (person.column,)
        return tuple(dict.fromkeys((*self.columns.needed, *mine)))

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Return the codes of a batch."""
        rows = self.columns.rows(batch)
        # Of a sample's codes some would stand for values that no chosen row has.
        made_of = self.columns.coded_cells if self.chosen is None else self.columns.cells
        cells = {name: made_of(name, rows) for name in self.columns.steps}
        if self.coder.person is not None:
            cells[self.coder.person] = rows.persons
        made = pa.RecordBatch.from_arrays(list(cells.values()), list(cells))
        if self.chosen is not None:
            made = made.filter(pa.array(self.chosen.holds(rows.places)))
        return self.coder(made)
