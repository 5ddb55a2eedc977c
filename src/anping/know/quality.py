"""Data quality in the words of ISO/IEC 25012, measured as ratios A/B after ISO/IEC 25024.

Completeness, validity (syntactic accuracy), uniqueness and consistency. Every figure counts the
rows of this table, all of them, so it has no sampling interval. Currentness is not measured: a
table alone does not say when its facts were last true.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

from anping.core.columns import ColumnFinding, Role
from anping.core.measure import Measure
from anping.core.text import Text
from anping.engine.aggregate import distinct_rows
from anping.engine.stream import at_once
from anping.engine.table import Table
from anping.know.consistency import consistency, tallied_cells
from anping.know.discover.column_values import ColumnValues, as_numbers
from anping.know.discover.table_values import table_values
from anping.know.pair_keys import Pair
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

_TELLING = 4

_Known = tuple[ColumnFinding, ColumnValues]


def measure_quality(
    table: Table,
    findings: Sequence[ColumnFinding],
    *,
    values: Sequence[ColumnValues] | None = None,
) -> tuple[Measure, ...]:
    """Return the quality measures of a table whose columns are known by ``findings``.

    ``quality.completeness`` and ``quality.uniqueness`` without a subject speak of the whole table
    (cells, and rows that repeat no earlier row); with a subject, of one column.
    ``quality.validity`` is given for columns whose type has a validator, ``quality.consistency``
    for pairs of columns that can contradict each other. Nothing is measured on an empty table.
    ``values`` are those of :func:`~anping.know.discover.table_values.table_values`, where the
    caller has them already.
    """
    if table.rows == 0 or not table.columns:
        return ()
    table.require(finding.column for finding in findings)
    if values is None:
        values = table_values(table)
    by_name = {column.name: column for column in values}
    known = [(finding, by_name[finding.column]) for finding in findings]
    parts: tuple[Callable[[], list[Measure]], ...] = (
        lambda: _checked(table, findings, values),
        lambda: _uniqueness(table, known),
    )
    checked, unique = at_once(table, lambda part: part(), parts)
    agreeing = [measure for measure in checked if measure.name == "quality.consistency"]
    valid = [measure for measure in checked if measure.name != "quality.consistency"]
    return (*_completeness(table, known), *valid, *unique, *agreeing)


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


def _completeness(table: Table, known: Sequence[_Known]) -> list[Measure]:
    filled = {finding.column: values.filled for finding, values in known}
    cells = table.rows * len(filled)
    whole = [_ratio("completeness", sum(filled.values()), cells)] if cells else []
    return whole + [
        _ratio("completeness", count, table.rows, column) for column, count in filled.items()
    ]


def _checked(
    table: Table, findings: Sequence[ColumnFinding], values: Sequence[ColumnValues]
) -> list[Measure]:
    """Return validity and consistency: one pass looks at the cells of both."""
    by_name = {column.name: column for column in values}
    tested = [
        (finding, by_name[finding.column])
        for finding in findings
        if validator_of(finding.semantic_type) and by_name[finding.column].filled
    ]
    tests = tuple((f.column, f.semantic_type) for f, v in tested if v.every is None)
    passed: dict[str, int] = {}

    def tallies(pairs: tuple[Pair, ...]) -> dict[int, Counter[str]]:
        found = tallied_cells(table, tests, pairs)
        for place, (name, _) in enumerate(tests):
            passed[name] = found.pop(place, Counter())["valid"]
        return {place - len(tests): counts for place, counts in found.items()}

    checks = list(consistency(table, findings, values, tallies=tallies))
    return [
        *_validity(tested, passed),
        *(_ratio("consistency", c.agree, c.compared, c.subject, method=c.rule) for c in checks),
    ]


def _validity(tested: Sequence[_Known], passed: Mapping[str, int]) -> Iterator[Measure]:
    """Yield the validity of the tested columns; of those not listed, so many cells ``passed``."""
    for finding, values in tested:
        coded = values.counts if values.every is None else values.every
        if finding.semantic_type == "GENDER" and as_numbers(coded) is not None:
            continue
        valid = validator_of(finding.semantic_type)
        if values.every is not None and valid is not None:
            count = sum(n for text, n in values.every.items() if valid(text))
        else:
            count = passed[finding.column]
        yield _ratio("validity", count, values.filled, finding.column)


def _uniqueness(table: Table, known: Sequence[_Known]) -> list[Measure]:
    measures = []
    # What differs in one column differs: the most different ones leave the fewest rows to compare.
    ordered = sorted((v for _, v in known), key=lambda v: v.distinct, reverse=True)
    distinct = distinct_rows(table, telling=[v.name for v in ordered[:_TELLING]])
    if distinct is not None:
        method = "rows that repeat no earlier row / rows (ISO/IEC 25024 Con-I, duplicates)"
        measures.append(_ratio("uniqueness", distinct, table.rows, method=method))
    for finding, values in known:
        key = finding.role is Role.DIRECT_IDENTIFIER and finding.semantic_type in _KEYS
        if key and values.filled:
            measures.append(_ratio("uniqueness", values.distinct, values.filled, finding.column))
    return measures
