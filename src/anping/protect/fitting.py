"""Choose the kind of hierarchy that fits a column's values."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa

from anping.core import dates
from anping.core.cells import cell_text
from anping.core.columns import ColumnFinding
from anping.core.taiwan import counties, divisions
from anping.protect.deid.hierarchies.addresses import located
from anping.protect.entries_hierarchies import (
    Icd10Hierarchy,
    OccupationHierarchy,
    PostalCodeHierarchy,
)
from anping.protect.plan_entries import (
    AddressHierarchy,
    AgeHierarchy,
    CategoryHierarchy,
    DateHierarchy,
    HierarchySpec,
    NumberHierarchy,
)
from anping.protect.transform.distinct import encoded

_ENOUGH = 0.8
_FEW = 8
_MANY = 20
_CODE = re.compile(r"\d{3}(?:-?\d{2,3})?")
_DIAGNOSIS = re.compile(r"[A-Z]\d[0-9A-Z](?:\.?[0-9A-Z]{1,4})?(?![0-9A-Z])")
_OCCUPATION = re.compile(r"\d{4}(?!\d)")
_LOOKED_AT = 2_000


def is_too_varied(spec: HierarchySpec, cells: pa.ChunkedArray) -> bool:
    """Return whether a category is so varied that most rows hold a value rarer than 1 %."""
    if not isinstance(spec, CategoryHierarchy):
        return False
    codes = encoded(cells)[1]
    present = codes[codes >= 0]
    counts = np.bincount(present) if present.size else np.zeros(0, np.int64)
    return bool(counts[counts >= 0.01 * present.size].sum() < 0.5 * present.size)


def is_number(kind: pa.DataType) -> bool:
    """Return whether an Arrow type holds numbers."""
    return bool(
        pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    )


def fitting_hierarchy(finding: ColumnFinding, cells: pa.ChunkedArray) -> HierarchySpec:
    """Return a hierarchy for a quasi-identifier, by its type and by what its values look like."""
    values = [value for value in encoded(cells)[0] if cell_text(value).strip()]
    kind = finding.semantic_type
    if kind == "AGE" and _share(values, _is_finite) >= _ENOUGH:
        return AgeHierarchy()
    if pa.types.is_date(cells.type) or pa.types.is_timestamp(cells.type):
        return _dated(kind)
    if kind in ("DATE", "DATE_OF_BIRTH") and _share(values, _is_date) >= _ENOUGH:
        return _dated(kind)
    found = _coded(kind, values)
    if found is not None:
        return found
    if is_number(cells.type) and len(values) > _FEW:
        return NumberHierarchy()
    return CategoryHierarchy(rare=(0.01, 0.05)) if len(values) > _MANY else CategoryHierarchy()


def _coded(kind: str, values: Sequence[Any]) -> HierarchySpec | None:
    if kind.startswith("ADDRESS"):
        return _address(values)
    if kind == "DIAGNOSIS" and _share(values, _is_diagnosis) >= _ENOUGH:
        return Icd10Hierarchy()
    if kind == "OCCUPATION" and _share(values, _is_occupation) >= _ENOUGH:
        return OccupationHierarchy()
    return None


def _dated(kind: str) -> DateHierarchy:
    return DateHierarchy(start="year") if kind == "DATE_OF_BIRTH" else DateHierarchy(start="month")


def _address(values: Sequence[Any]) -> HierarchySpec | None:
    if _share(values, _is_code) >= _ENOUGH:
        return PostalCodeHierarchy()
    if _share(values, lambda text: located(text) is not None) >= _ENOUGH:
        return AddressHierarchy()
    if _share(values, _names_county) >= _ENOUGH:
        return AddressHierarchy(start="county")
    return None


def _share(values: Sequence[Any], holds: Callable[[str], bool]) -> float:
    looked_at = values[:_LOOKED_AT]
    if not looked_at:
        return 0.0
    return sum(holds(cell_text(value).strip()) for value in looked_at) / len(looked_at)


def _is_finite(text: str) -> bool:
    try:
        return 0 <= float(text) < 150
    except ValueError:
        return False


def _is_date(text: str) -> bool:
    return dates.parse(text.replace("T", " ").partition(" ")[0]) is not None


def _is_code(text: str) -> bool:
    return _CODE.fullmatch(text) is not None and text[:3] in _codes()


@cache
def _codes() -> frozenset[str]:
    return frozenset(division.postal_code for division in divisions())


def _is_diagnosis(text: str) -> bool:
    return _DIAGNOSIS.match(text.upper()) is not None


def _is_occupation(text: str) -> bool:
    return _OCCUPATION.match(text) is not None


def _names_county(text: str) -> bool:
    return text.replace("台", "臺").lstrip("0123456789- ").startswith(counties())
