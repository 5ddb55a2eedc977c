"""Data quality in the words of ISO/IEC 25012, measured as ratios A/B after ISO/IEC 25024.

Completeness, validity (syntactic accuracy), uniqueness and consistency. Every figure counts the
rows of this table, all of them, so it has no sampling interval. Currentness is not measured: a
table alone does not say when its facts were last true.
"""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from anping.core.columns import ColumnFinding, Role
from anping.core.measure import Measure
from anping.core.text import Text
from anping.engine.table import Table
from anping.know.consistency import consistency
from anping.know.discover.column_values import column_values
from anping.know.validity import validator_of

_TITLES = {
    "completeness": Text("完整性", "Completeness"),
    "validity": Text("有效性", "Validity"),
    "uniqueness": Text("唯一性", "Uniqueness"),
    "consistency": Text("一致性", "Consistency"),
}
_METHODS = {
    "completeness": "filled cells / cells (ISO/IEC 25024 Com-I)",
    "validity": "cells that pass the type's validator / filled cells (ISO/IEC 25024 Acc-I, syntactic)",
    "uniqueness": "distinct / filled (ISO/IEC 25024 Con-I, duplicates)",
}
#: Direct identifiers that one person or record holds alone, so that a repeat is a duplicate.
_KEYS = frozenset(
    {
        "RECORD_ID",
        "TW_NATIONAL_ID",
        "TW_RESIDENT_ID",
        "TW_PASSPORT",
        "TW_NHI_CARD",
        "TW_DRIVER_LICENSE",
        "TW_CITIZEN_CERTIFICATE",
        "US_SSN",
        "MEDICAL_RECORD_NO",
    }
)


def measure_quality(table: Table, findings: Sequence[ColumnFinding]) -> tuple[Measure, ...]:
    """Return the quality measures of a table whose columns are known by ``findings``.

    ``quality.completeness`` and ``quality.uniqueness`` without a subject speak of the whole table
    (cells, and rows that repeat no earlier row); with a subject, of one column.
    ``quality.validity`` is given for columns whose type has a validator, ``quality.consistency``
    for pairs of columns that can contradict each other. Nothing is measured on an empty table.
    """
    if table.rows == 0 or not table.columns:
        return ()
    table.require(finding.column for finding in findings)
    return (
        *_completeness(table, findings),
        *_validity(table, findings),
        *_uniqueness(table, findings),
        *(
            _ratio("consistency", check.agree, check.compared, check.subject, method=check.rule)
            for check in consistency(table, findings)
        ),
    )


def _ratio(what: str, part: int, whole: int, subject: str = "", *, method: str = "") -> Measure:
    return Measure(
        name=f"quality.{what}",
        value=part / whole,
        unit="ratio",
        n=whole,
        title=_TITLES[what],
        subject=subject,
        method=method or _METHODS[what],
    )


def _completeness(table: Table, findings: Sequence[ColumnFinding]) -> list[Measure]:
    filled = {}
    for finding in findings:
        values = column_values(finding.column, table.column(finding.column), sample=None)
        filled[finding.column] = values.filled
    cells = table.rows * len(filled)
    whole = [_ratio("completeness", sum(filled.values()), cells)] if cells else []
    return whole + [
        _ratio("completeness", count, table.rows, column) for column, count in filled.items()
    ]


def _validity(table: Table, findings: Sequence[ColumnFinding]) -> list[Measure]:
    measures = []
    for finding in findings:
        valid = validator_of(finding.semantic_type)
        if valid is None:
            continue
        values = column_values(finding.column, table.column(finding.column), sample=None)
        if values.n and not (finding.semantic_type == "GENDER" and values.numbers is not None):
            passed = sum(count for text, count in values.counts.items() if valid(text))
            measures.append(_ratio("validity", passed, values.n, finding.column))
    return measures


def _uniqueness(table: Table, findings: Sequence[ColumnFinding]) -> list[Measure]:
    measures = []
    distinct = _distinct_rows(table)
    if distinct is not None:
        method = "rows that repeat no earlier row / rows (ISO/IEC 25024 Con-I, duplicates)"
        measures.append(_ratio("uniqueness", distinct, table.rows, method=method))
    for finding in findings:
        if finding.role is Role.DIRECT_IDENTIFIER and finding.semantic_type in _KEYS:
            values = column_values(finding.column, table.column(finding.column), sample=None)
            if values.filled:
                measures.append(
                    _ratio("uniqueness", values.distinct, values.filled, finding.column)
                )
    return measures


def _distinct_rows(table: Table) -> int | None:
    """Return how many different rows there are, or None for types that cannot be compared."""
    columns = table.arrow()
    plain = columns.rename_columns([str(place) for place in range(columns.num_columns)])
    try:
        return int(plain.group_by(plain.column_names).aggregate([]).num_rows)
    except pa.ArrowNotImplementedError:
        return None
