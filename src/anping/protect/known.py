"""What the raw table itself knows about its people, for finding them in its free text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import pyarrow as pa

from anping.core.taiwan import counties, divisions
from anping.engine.aggregate import frequencies
from anping.engine.table import Table
from anping.protect.plan import Plan
from anping.protect.plan_entries import (
    AddressHierarchy,
    DateHierarchy,
    DateShift,
    Drop,
    Generalise,
    Mask,
    Pseudonym,
)
from anping.protect.text.dictionary import IdentifierDictionary
from anping.protect.text.forms import in_own_row, of_date, type_of
from anping.protect.text.redact import RowForms
from anping.protect.transform.distinct import encoded
from anping.protect.transform.rows import Rows

_LOOKED_AT = 500


def identifying(plan: Plan) -> tuple[str, ...]:
    """Return the columns whose values name people: dropped, pseudonyms, masked, full addresses."""
    return tuple(
        name
        for name, transforms in plan.columns.items()
        if name == plan.privacy_unit
        or any(
            isinstance(each, (Pseudonym, Mask))
            or (isinstance(each, Drop) and each.identifies)
            or (isinstance(each, Generalise) and isinstance(each.hierarchy, AddressHierarchy))
            for each in transforms
        )
    )


def dated(plan: Plan) -> tuple[str, ...]:
    """Return the columns that may hold exact dates which the release hides."""
    return tuple(
        name
        for name, transforms in plan.columns.items()
        if any(
            isinstance(each, (DateShift, Drop))
            or (isinstance(each, Generalise) and isinstance(each.hierarchy, DateHierarchy))
            for each in transforms
        )
    )


def dictionary_of(table: Table, plan: Plan) -> IdentifierDictionary:
    """Return the dictionary of every identifying value of the raw table.

    A column of addresses may hold only counties or townships, which name nobody. It takes some
    kilobytes for each identifier, so it is made only for a plan that redacts.
    """
    return dictionary_from(
        value for name in identifying(plan) for value in _distinct(table, name) if value is not None
    )


def dictionary_from(values: Iterable[Any]) -> IdentifierDictionary:
    """Return the dictionary of identifying values, areas left out."""
    return IdentifierDictionary.of(value for value in values if not _is_area(value))


def _distinct(table: Table, name: str) -> list[Any]:
    if pa.types.is_nested(table.schema.field(name).type):
        return encoded(table.column(name))[0]
    values: list[Any] = frequencies(table, [name]).column(0).to_pylist()
    return values


@cache
def _areas() -> frozenset[str]:
    whole = {f"{each.county}{each.township}" for each in divisions()}
    return frozenset(whole | set(counties()))


def _is_area(value: Any) -> bool:
    return "".join(str(value).split()).replace("台", "臺") in _areas()


@dataclass(frozen=True)
class OwnForms:
    """Gives each row of a batch its own weak forms and dates, with their types.

    ``weak`` and ``days`` are the columns that they come from.
    """

    weak: tuple[str, ...]
    days: tuple[str, ...]

    @classmethod
    def of(cls, table: Table, plan: Plan) -> OwnForms:
        """Return the forms of a table: dates come from the columns in which any can be read."""
        days = tuple(name for name in dated(plan) if _has_dates(_distinct(table, name)))
        return cls(identifying(plan), days)

    def __call__(self, rows: Rows) -> RowForms:
        """Return the callable that gives the forms of a row of the batch."""
        found = [_per_value(rows.cells(name), _weak) for name in self.weak]
        found += [_per_value(rows.cells(name), _days) for name in self.days]

        def of_row(row: int) -> Mapping[str, str]:
            forms: dict[str, str] = {}
            for values, codes in found:
                if codes[row] >= 0:
                    forms.update(values[codes[row]])
            return forms

        return of_row


def _has_dates(values: Sequence[Any]) -> bool:
    """Return whether any of the first distinct values can be read as a date."""
    present = [value for value in values if value is not None]
    return any(next(of_date(value), None) for value in present[:_LOOKED_AT])


def _per_value(column: pa.Array, forms: Any) -> tuple[list[dict[str, str]], Any]:
    values, codes = encoded(column)
    return [dict(forms(value)) for value in values], codes


def _weak(value: Any) -> Iterator[tuple[str, str]]:
    forms = list(in_own_row(value))
    kind = type_of(str(value)) if forms else ""
    return ((form, kind) for form in forms)


def _days(value: Any) -> Iterator[tuple[str, str]]:
    return ((form, "DATE") for form in of_date(value))
