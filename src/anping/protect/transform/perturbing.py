"""The perturbing transforms with their settings fixed by the fit: what may travel to the rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from anping.engine.codes import one_zero
from anping.protect.transform.columns import Columns
from anping.protect.transform.draws import Draws
from anping.protect.transform.noise import Mechanism
from anping.protect.transform.numbers import round_randomly
from anping.protect.transform.pram import Transition
from anping.protect.transform.rows import OfCells, Rows, plain, plain_type

Codes = npt.NDArray[np.int64]
_LARGEST_KEY = 2**62


@dataclass(frozen=True)
class Placed(OfCells):
    """A whole column that the fit made, by the rows' numbers.

    It travels to wherever the rows are, so texts are best held as codes, dictionary-encoded: four bytes
    a row and the different texts.
    """

    values: pa.Array = field(repr=False)

    def __call__(self, cells: pa.Array, rows: Rows) -> pa.Array:
        """Return the cells that the fit made for these rows."""
        del cells
        return plain(self.values.take(pa.array(rows.places)))

    def kind(self, given: pa.DataType) -> pa.DataType:
        """Return the type of what the fit made."""
        del given
        return plain_type(self.values.type)


@dataclass(frozen=True)
class Randomising(OfCells):
    """Categories change by the chances of a matrix (PRAM); missing ones stay missing."""

    values: pa.Array = field(repr=False)
    transition: Transition
    draws: Draws

    def __call__(self, cells: pa.Array, rows: Rows) -> pa.Array:
        """Return the cells after one draw each."""
        found = pc.index_in(one_zero(cells), value_set=self.values)
        codes = pc.fill_null(found, -1).to_numpy().astype(np.int64)
        made = self.transition.apply(codes, self.draws.uniform(rows.places))
        return self.values.take(pa.array(made, mask=made < 0))


@dataclass(frozen=True)
class RandomRounding(OfCells):
    """Numbers become one of the two multiples of ``to`` beside them, their mean by chance."""

    to: float
    draws: Draws

    def __call__(self, cells: pa.Array, rows: Rows) -> pa.Array:
        """Return the rounded numbers."""
        return round_randomly(cells, self.to, self.draws.uniform(rows.places))


@dataclass(frozen=True)
class Noising(OfCells):
    """Every finite number, moved between the bounds, gets noise; what is no finite one is emptied."""

    mechanism: Mechanism
    low: float | None
    high: float | None

    def __call__(self, cells: pa.Array, rows: Rows) -> pa.Array:
        """Return the numbers with noise, which is drawn anew at every look."""
        del rows
        kind = self.kind(cells.type)
        numbers = pc.cast(cells, pa.float64(), safe=False)
        finite = pc.fill_null(pc.is_finite(numbers), fill_value=False)
        present = finite.to_numpy(zero_copy_only=False)
        given = cells.filter(finite) if pa.types.is_int64(kind) else numbers.filter(finite)
        values = given.to_numpy()
        if self.low is not None and self.high is not None:
            values = np.clip(values, self.low, self.high)
        drawn = self.mechanism.noisy(values.astype(kind.to_pandas_dtype()).tolist())
        places = np.cumsum(present) - 1
        return pa.array(drawn, kind).take(pa.array(places, mask=~present))

    def kind(self, given: pa.DataType) -> pa.DataType:
        """Return whole numbers for geometric noise, else floating ones."""
        del given
        return pa.int64() if self.mechanism.distribution == "geometric" else pa.float64()


@dataclass(frozen=True)
class Lookup:
    """Finds combinations of cells among those that the fit saw.

    ``values`` are each column's values; ``packs`` the sorted partial keys wherever the next column
    would leave 62 bits (the column's place, the keys); ``keys`` the sorted keys of the combinations.
    """

    values: tuple[pa.Array, ...] = field(repr=False)
    packs: tuple[tuple[int, Codes], ...] = field(repr=False)
    keys: Codes = field(repr=False)

    @classmethod
    def of(cls, columns: Sequence[pa.Array]) -> tuple[Lookup, Codes, Codes]:
        """Return the lookup of the combinations, their codes, and each one's place in the lookup."""
        values = tuple(pc.unique(one_zero(column)) for column in columns)
        codes = _coded(columns, values)
        keys, bound = np.zeros(codes.shape[0], np.int64), 1
        packs: list[tuple[int, Codes]] = []
        for place, known in enumerate(values):
            if bound * len(known) > _LARGEST_KEY:
                packed, keys = np.unique(keys, return_inverse=True)
                packs.append((place, packed))
                keys, bound = keys.reshape(-1).astype(np.int64), int(packed.size)
            keys = keys * len(known) + codes[:, place]
            bound *= len(known)
        distinct, first, found = np.unique(keys, return_index=True, return_inverse=True)
        made = cls(values, tuple(packs), distinct)
        return made, codes[first], found.reshape(-1).astype(np.int64)

    def missing(self, codes: Codes) -> npt.NDArray[np.bool_]:
        """Return which cells of combinations, as codes, were missing to begin with."""
        lacking = [
            known.is_null().to_numpy(zero_copy_only=False)[codes[:, place]]
            for place, known in enumerate(self.values)
        ]
        return np.stack(lacking, axis=1)

    def find(self, columns: Sequence[pa.Array]) -> Codes:
        """Return the place of each row's combination."""
        codes = _coded(columns, self.values)
        packs = dict(self.packs)
        keys = np.zeros(codes.shape[0], np.int64)
        for place, known in enumerate(self.values):
            if place in packs:
                keys = np.searchsorted(packs[place], keys)
            keys = keys * len(known) + codes[:, place]
        return np.asarray(np.searchsorted(self.keys, keys), np.int64)


def _coded(columns: Sequence[pa.Array], values: Sequence[pa.Array]) -> Codes:
    """Return the place of each cell among its column's values, a missing one's too."""
    found = [
        pc.index_in(_like(one_zero(column), known), value_set=known).to_numpy()
        for column, known in zip(columns, values, strict=True)
    ]
    return np.asarray(np.stack(found, axis=1), np.int64)


def _like(cells: pa.Array, known: pa.Array) -> pa.Array:
    """Return a column in which nothing stands in the type that it was counted in."""
    return cells.cast(known.type) if pa.types.is_null(cells.type) else cells


@dataclass(frozen=True)
class Emptying(OfCells):
    """Empties the cells of one column in the combinations that local suppression chose.

    ``before`` are the group's columns with their earlier transforms, in the order of the lookup;
    ``emptied`` says, for each combination, whether this column's cell goes.
    """

    before: Columns
    lookup: Lookup
    emptied: npt.NDArray[np.bool_] = field(repr=False)

    @property
    def needs(self) -> tuple[str, ...]:
        """The raw columns of the whole group."""
        return self.before.needed

    def __call__(self, cells: pa.Array, rows: Rows) -> pa.Array:
        """Return the cells, some of them missing."""
        places: Codes = rows.once(
            ("combination", id(self.lookup)),
            lambda: self.lookup.find([self.before.cells(name, rows) for name in self.before.steps]),
        )
        gone = pa.array(self.emptied[places])
        return pc.if_else(gone, pa.scalar(None, cells.type), cells)
