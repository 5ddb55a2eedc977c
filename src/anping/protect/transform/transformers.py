"""The transforms with their settings fixed by the fit: small values that can travel to the rows."""

from __future__ import annotations

from dataclasses import dataclass, field

import pyarrow as pa

from anping.protect.deid.hierarchies.addresses import beginnings
from anping.protect.pseudonym import keyed, reversible
from anping.protect.pseudonym.normal import Normalisation, normal_texts
from anping.protect.transform.date_shift import Unknown, date_shift, offsets
from anping.protect.transform.mask import mask
from anping.protect.transform.numbers import Bounds, round_to, top_bottom
from anping.protect.transform.rows import OfCells, Rows


@dataclass(frozen=True)
class _Texts(OfCells):
    """Looks at nothing but the cells, and makes texts."""

    def kind(self, given: pa.DataType) -> pa.DataType:
        """Return the type of texts."""
        del given
        return pa.string()


@dataclass(frozen=True)
class KeyedPseudonyms(_Texts):
    """One-way pseudonyms under a derived key."""

    secret: bytes = field(repr=False)
    normalisation: Normalisation

    def __call__(self, cells: pa.Array, rows: Rows) -> pa.Array:
        """Return the pseudonyms."""
        del rows
        return keyed.tokens(normal_texts(cells, self.normalisation), self.secret)


@dataclass(frozen=True)
class ReversiblePseudonyms(_Texts):
    """Pseudonyms that the holder of the derived key can turn back."""

    secret: bytes = field(repr=False)
    key: str
    normalisation: Normalisation

    def __call__(self, cells: pa.Array, rows: Rows) -> pa.Array:
        """Return the pseudonyms."""
        del rows
        coded = normal_texts(cells, self.normalisation).dictionary_encode()
        made = reversible.tokens(coded.dictionary.to_pylist(), self.secret, key=self.key)
        return pa.array(made, pa.string()).take(coded.indices)


@dataclass(frozen=True)
class Masking(_Texts):
    """All but the first and last characters become ``*``."""

    keep_first: int
    keep_last: int

    def __call__(self, cells: pa.Array, rows: Rows) -> pa.Array:
        """Return the masked texts."""
        del rows
        return mask(
            pa.chunked_array([cells]), keep_first=self.keep_first, keep_last=self.keep_last
        ).combine_chunks()


@dataclass(frozen=True)
class Bounding(OfCells):
    """Numbers beyond a bound become the bound."""

    bounds: Bounds

    def __call__(self, cells: pa.Array, rows: Rows) -> pa.Array:
        """Return the coded numbers."""
        del rows
        return top_bottom(cells, self.bounds).column


@dataclass(frozen=True)
class Rounding(OfCells):
    """Numbers become multiples of ``to``."""

    to: float

    def __call__(self, cells: pa.Array, rows: Rows) -> pa.Array:
        """Return the rounded numbers."""
        del rows
        return round_to(cells, self.to)


@dataclass(frozen=True)
class DateShifting(OfCells):
    """All dates of a person move by one secret number of days.

    ``own`` is a secret drawn for the run: the offsets of rows without a person come from it.
    """

    secret: bytes = field(repr=False)
    own: bytes = field(repr=False)
    person: str
    max_days: int

    @property
    def needs(self) -> tuple[str, ...]:
        """The person's column."""
        return (self.person,)

    def __call__(self, cells: pa.Array, rows: Rows) -> pa.Array:
        """Return the shifted dates."""
        days = rows.once(
            self,
            lambda: offsets(
                rows.persons,
                self.secret,
                max_days=self.max_days,
                unknown=Unknown(self.own, rows.places),
            ),
        )
        return date_shift(pa.chunked_array([cells]), days).column.combine_chunks()


@dataclass(frozen=True)
class Shortening(OfCells):
    """Addresses lose what comes after the township, so that few different ones are left."""

    def __call__(self, cells: pa.Array, rows: Rows) -> pa.Array:
        """Return the beginnings of the addresses."""
        del rows
        return beginnings(cells) if pa.types.is_string(cells.type) else cells
