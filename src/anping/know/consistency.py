"""Consistency: cells of one row that can contradict each other, and forms within one column."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from anping.core import dates
from anping.core.columns import ColumnFinding
from anping.core.taiwan import locate
from anping.engine.table import Table
from anping.know.discover import validators as check
from anping.know.discover.column_values import is_null_word
from anping.know.discover.fold import fold

_MALE = frozenset(["男", "男性", "男生", "m", "male", "man", "先生", "1"])
_FEMALE = frozenset(["女", "女性", "女生", "f", "female", "woman", "小姐", "女士", "2"])
_SEX_MARK = {"1": 1, "8": 1, "A": 1, "C": 1, "2": 2, "9": 2, "B": 2, "D": 2}
_COMMON = 10


@dataclass(frozen=True, slots=True)
class Check:
    """One rule on one subject: in how many of the compared rows both sides agree."""

    subject: str
    rule: str
    agree: int
    compared: int


def consistency(table: Table, findings: Sequence[ColumnFinding]) -> Iterator[Check]:
    """Yield every check that the table's columns allow; pairs compared nowhere are left out."""
    by_type: dict[str, list[str]] = {}
    for finding in findings:
        by_type.setdefault(finding.semantic_type, []).append(finding.column)

    def columns(*kinds: str) -> list[str]:
        return [column for kind in kinds for column in by_type.get(kind, [])]

    rules: tuple[tuple[list[str], list[str], str, _Pair], ...] = (
        (
            columns("TW_NATIONAL_ID", "TW_RESIDENT_ID"),
            columns("GENDER"),
            "sex mark of the number agrees with the gender",
            _same_sex,
        ),
        (
            columns("ADDRESS_PART"),
            columns("ADDRESS_FULL"),
            "area agrees with the full address",
            _same_area,
        ),
    )
    for ones, others, rule, agree in rules:
        for one, other in product(ones, others):
            yield from _pairs(table, (one, other), rule, agree)
    for one, other in product(columns("AGE"), columns("DATE_OF_BIRTH")):
        yield from _ages(table, one, other)
    for column in columns("ADDRESS_FULL"):
        yield from _pairs(
            table, (column, column), "postal code agrees with the area named", _own_area
        )
    for column in columns("DATE", "DATE_OF_BIRTH"):
        yield from _forms(table, column)


_Pair = Callable[[str, str], bool | None]


def _cells(table: Table, column: str) -> list[str]:
    return [
        "" if value is None or is_null_word(str(value)) else fold(str(value)).strip()
        for value in table.column(column).to_pylist()
    ]


def _pairs(table: Table, columns: tuple[str, str], rule: str, agree: _Pair) -> Iterator[Check]:
    one, other = columns
    answers = [
        answer
        for left, right in zip(_cells(table, one), _cells(table, other), strict=True)
        if left and right and (answer := agree(left, right)) is not None
    ]
    if answers:
        subject = one if one == other else f"{one} × {other}"
        yield Check(subject, rule, sum(answers), len(answers))


def _same_sex(number: str, gender: str) -> bool | None:
    if not (check.national_id(number) or check.resident_id(number)):
        return None
    word = gender.lower().removesuffix(".0")
    sex = 1 if word in _MALE else 2 if word in _FEMALE else None
    return None if sex is None else _SEX_MARK[number[1].upper()] == sex


def _same_area(area: str, address: str) -> bool | None:
    division = locate(address.lstrip("0123456789- "))
    if division is None:
        return None
    if area.isdigit():
        return area[:3] == division.postal_code if len(area) >= 3 else None
    named = area.replace("台", "臺").replace(" ", "")
    full = division.county + division.township
    return named in {division.county, division.township, full, division.county[:2]}


def _own_area(address: str, _same: str) -> bool | None:
    digits = address[: len(address) - len(address.lstrip("0123456789"))]
    division = locate(address.lstrip("0123456789- "))
    if len(digits) < 3 or division is None:
        return None
    return digits[:3] == division.postal_code


def _ages(table: Table, age: str, birth: str) -> Iterator[Check]:
    """Compare age and birth year: their sum must be one reference year, give or take a year."""
    sums = []
    for left, right in zip(_cells(table, age), _cells(table, birth), strict=True):
        day = check.day(right.split(" ")[0]) if right else None
        if left.replace(".", "", 1).isdigit() and day is not None:
            sums.append(day.year + int(float(left)))
    if len(sums) >= _COMMON:
        reference = float(np.median(sums))
        agree = sum(abs(total - reference) <= 1 for total in sums)
        yield Check(
            f"{age} × {birth}", "age agrees with the date of birth within a year", agree, len(sums)
        )


def _forms(table: Table, column: str) -> Iterator[Check]:
    forms = Counter(
        written.form
        for cell in _cells(table, column)
        if cell and (written := dates.parse(cell)) is not None
    )
    if forms:
        yield Check(
            column, "dates written in the commonest form", max(forms.values()), forms.total()
        )
