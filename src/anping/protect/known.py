"""What the raw table itself knows about its people, for finding them in its free text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import pyarrow as pa

from anping.core.taiwan import counties, divisions
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


def dictionary_of(raw: pa.Table, plan: Plan) -> IdentifierDictionary:
    """Return the dictionary of every identifying value of the raw table.

    A column of addresses may hold only counties or townships, which name nobody.
    """
    return IdentifierDictionary.of(
        value
        for name in identifying(plan)
        for value in encoded(raw.column(name))[0]
        if not _is_area(value)
    )


@cache
def _areas() -> frozenset[str]:
    whole = {f"{each.county}{each.township}" for each in divisions()}
    return frozenset(whole | set(counties()))


def _is_area(value: Any) -> bool:
    return "".join(str(value).split()).replace("台", "臺") in _areas()


def own_forms(raw: pa.Table, plan: Plan) -> RowForms:
    """Return the callable that gives a row's own weak forms and dates, with their types."""
    weak = [_per_value(raw.column(name), _weak) for name in identifying(plan)]
    days = [
        _per_value(raw.column(name), _days) for name in dated(plan) if _has_dates(raw.column(name))
    ]

    def of_row(row: int) -> Mapping[str, str]:
        forms: dict[str, str] = {}
        for values, codes in (*weak, *days):
            if codes[row] >= 0:
                forms.update(values[codes[row]])
        return forms

    return of_row


def _has_dates(column: pa.ChunkedArray) -> bool:
    """Return whether any of the first distinct values can be read as a date."""
    return any(next(of_date(value), None) for value in encoded(column)[0][:_LOOKED_AT])


def _per_value(column: pa.ChunkedArray, forms: Any) -> tuple[list[dict[str, str]], Any]:
    values, codes = encoded(column)
    return [dict(forms(value)) for value in values], codes


def _weak(value: Any) -> Iterator[tuple[str, str]]:
    forms = list(in_own_row(value))
    kind = type_of(str(value)) if forms else ""
    return ((form, kind) for form in forms)


def _days(value: Any) -> Iterator[tuple[str, str]]:
    return ((form, "DATE") for form in of_date(value))
