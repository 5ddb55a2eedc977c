"""Consistency: cells of one row that can contradict each other, and forms within one column.

All rows count, in one pass at most: cells become keys (a sex mark, a township, a year), and what is judged
are the distinct pairs of keys.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product

import numpy as np

from anping.core.columns import ColumnFinding
from anping.core.taiwan import locate
from anping.engine.stream import mapped
from anping.engine.table import Table
from anping.know.discover.column_values import ColumnValues
from anping.know.discover.tally import TALLY, tallied
from anping.know.pair_keys import CheckedCells, Pair, keys_of_values, parted

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


#: Says of counted pairs of keys how many agree, of how many that could be compared.
_Judge = Callable[[Counter[tuple[str, str]]], tuple[int, int]]


#: Brings the tallies of pairs of columns, each pair's by its place.
Tallies = Callable[[tuple[Pair, ...]], Mapping[int, Counter[str]]]


def consistency(
    table: Table,
    findings: Sequence[ColumnFinding],
    values: Sequence[ColumnValues],
    *,
    tallies: Tallies | None = None,
) -> Iterator[Check]:
    """Yield every check that the table's columns allow; pairs compared nowhere are left out.

    ``tallies`` looks at the rows, where the caller does so for another purpose too; it is called
    once, without pairs if there are none to look at.
    """
    rules = list(_rules(findings))
    known = {column.name: column.every for column in values}
    counts: dict[Pair, Counter[str]] = {}
    for pair, _, _ in rules:
        every = known.get(pair.one)
        if pair.one == pair.other and every is not None:
            counts[pair] = keys_of_values(pair, every)
    passed = tuple(pair for pair, _, _ in rules if pair not in counts)
    found = (tallies or partial(tallied_cells, table, ()))(passed)
    counts |= {pair: found.get(place, Counter()) for place, pair in enumerate(passed)}
    for pair, rule, judge in rules:
        agree, compared = judge(Counter({parted(key): n for key, n in counts[pair].items()}))
        if compared:
            yield Check(pair.subject, rule, agree, compared)


def tallied_cells(
    table: Table, tests: tuple[tuple[str, str], ...], pairs: tuple[Pair, ...]
) -> dict[int, Counter[str]]:
    """Return the tallies of :class:`~anping.know.pair_keys.CheckedCells` over all rows, in one pass."""
    function = CheckedCells(tests, pairs)
    if not function.columns:
        return {}
    return tallied(mapped(table, function, columns=function.columns, schema=TALLY, coded=True))


def _rules(findings: Sequence[ColumnFinding]) -> Iterator[tuple[Pair, str, _Judge]]:
    by_type: dict[str, list[str]] = {}
    for finding in findings:
        by_type.setdefault(finding.semantic_type, []).append(finding.column)

    def columns(*kinds: str) -> list[str]:
        return [column for kind in kinds for column in by_type.get(kind, [])]

    addresses = columns("ADDRESS_FULL")
    for number, gender in product(columns("TW_NATIONAL_ID", "TW_RESIDENT_ID"), columns("GENDER")):
        pair = Pair(number, gender, "sex mark", "word")
        yield pair, "sex mark of the number agrees with the gender", _each(_same_sex)
    for area, address in product(columns("ADDRESS_PART"), addresses):
        pair = Pair(area, address, "area", "named place")
        yield pair, "area agrees with the full address", _each(_same_area)
    for age, birth in product(columns("AGE"), columns("DATE_OF_BIRTH")):
        pair = Pair(age, birth, "whole years", "birth year")
        yield pair, "age agrees with the date of birth within a year", _one_reference_year
    for address in addresses:
        pair = Pair(address, address, "postal code", "named place")
        yield pair, "postal code agrees with the area named", _each(_own_area)
    for column in columns("DATE", "DATE_OF_BIRTH"):
        pair = Pair(column, column, "date form", "date form")
        yield pair, "dates written in the commonest form", _one_form


def _each(agree: Callable[[str, str], bool | None]) -> _Judge:
    def judge(counts: Counter[tuple[str, str]]) -> tuple[int, int]:
        answers = [(agree(*keys), n) for keys, n in counts.items()]
        return (
            sum(n for answer, n in answers if answer),
            sum(n for answer, n in answers if answer is not None),
        )

    return judge


def _same_sex(mark: str, gender: str) -> bool | None:
    word = gender.removesuffix(".0")
    sex = 1 if word in _MALE else 2 if word in _FEMALE else None
    return None if sex is None else _SEX_MARK[mark] == sex


def _same_area(area: str, named: str) -> bool | None:
    division = locate(named)
    if division is None:
        return None
    if area.isdigit():
        return area == division.postal_code if len(area) >= 3 else None
    full = division.county + division.township
    return area in {division.county, division.township, full, division.county[:2]}


def _own_area(postal_code: str, named: str) -> bool | None:
    division = locate(named)
    if len(postal_code) < 3 or division is None:
        return None
    return postal_code == division.postal_code


def _one_reference_year(counts: Counter[tuple[str, str]]) -> tuple[int, int]:
    """Compare age and birth year: their sum must be one reference year, give or take a year."""
    sums = np.array([int(age) + int(year) for age, year in counts], np.int64)
    weights = np.array(list(counts.values()), np.int64)
    total = int(weights.sum())
    if total < _COMMON:
        return 0, 0
    order = np.argsort(sums)
    behind = np.cumsum(weights[order])
    middle = sums[order[np.searchsorted(behind, [(total - 1) // 2, total // 2], "right")]]
    near = np.abs(sums - middle.mean()) <= 1
    return int(weights[near].sum()), total


def _one_form(counts: Counter[tuple[str, str]]) -> tuple[int, int]:
    return max(counts.values(), default=0), counts.total()
