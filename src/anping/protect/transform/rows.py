"""A batch of rows as the transforms see it: whose rows they are, and where they stand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from anping.protect.pseudonym.normal import Normalisation, normal_texts

#: The column of the rows' numbers in the raw table, counted from 0.
RAW_ROW = "raw_row"


@dataclass(frozen=True)
class Person:
    """The column whose values stand for people, and how they are brought to their normal form."""

    column: str
    normalisation: Normalisation = "identifier"


@dataclass(frozen=True)
class Rows:
    """One batch of the raw table. ``numbers`` is the column of the rows' numbers."""

    batch: pa.RecordBatch
    person: Person | None
    numbers: str
    _made: dict[Any, Any] = field(default_factory=dict, repr=False)

    def cells(self, name: str) -> pa.Array:
        """Return a raw column, without a dictionary: one would still hold values of other rows."""
        return plain(self.batch.column(name))

    @cached_property
    def persons(self) -> pa.StringArray | None:
        """Each row's person in normal form, null where nobody is named; None without people."""
        if self.person is None:
            return None
        return normal_texts(self.cells(self.person.column), self.person.normalisation)

    @property
    def places(self) -> npt.NDArray[np.int64]:
        """The rows' numbers in the raw table."""
        return np.asarray(self.batch.column(self.numbers).to_numpy(), np.int64)

    def once(self, key: Any, make: Callable[[], Any]) -> Any:
        """Return what ``make`` gives, made once for the batch and ``key``."""
        if key not in self._made:
            self._made[key] = make()
        return self._made[key]


class Transformer(Protocol):
    """One transform of a column, its settings fixed: a function of a batch, and of nothing else."""

    def __call__(self, cells: pa.Array, rows: Rows, /) -> pa.Array:
        """Return the cells transformed."""
        ...

    @property
    def needs(self) -> Sequence[str]:
        """The raw columns that are looked at beside the cells."""
        ...

    def kind(self, given: pa.DataType, /) -> pa.DataType:
        """Return the type of what comes out of cells of the type ``given``."""
        ...


@dataclass(frozen=True)
class OfCells:
    """A transform that looks at no other column, and keeps the type."""

    @property
    def needs(self) -> tuple[str, ...]:
        """No other column."""
        return ()

    def kind(self, given: pa.DataType) -> pa.DataType:
        """Return the type as it was."""
        return given


#: Types that Arrow or DuckDB can do little with, and the ordinary type of the same values.
_ORDINARY = {
    pa.float16(): pa.float32(),
    pa.string_view(): pa.string(),
    pa.binary_view(): pa.binary(),
}


def plain(cells: pa.Array) -> pa.Array:
    """Return the cells without a dictionary, in an ordinary type."""
    if pa.types.is_dictionary(cells.type):
        cells = cells.dictionary_decode()
    kind = _ORDINARY.get(cells.type)
    return cells if kind is None else cells.cast(kind)


def plain_type(kind: pa.DataType) -> pa.DataType:
    """Return the type of :func:`plain` cells."""
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    return _ORDINARY.get(kind, kind)


def is_ordinary(kind: pa.DataType) -> bool:
    """Return whether cells of a type can be counted as they are."""
    return (kind.value_type if pa.types.is_dictionary(kind) else kind) not in _ORDINARY


def is_grouped(kind: pa.DataType) -> bool:
    """Return whether DuckDB, which groups several columns together, has the type."""
    lacking = {pa.decimal256(40, 2).id, pa.duration("us").id, pa.month_day_nano_interval().id}
    return plain_type(kind).id not in lacking and not pa.types.is_nested(kind)
