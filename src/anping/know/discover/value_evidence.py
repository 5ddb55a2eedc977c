"""What a column's values say, each type by itself: coverage, checksum against chance, spread."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import log

import numpy as np

from anping.know.discover import validators as check
from anping.know.discover.cells import CELL_TESTS, CellTest, vocabulary
from anping.know.discover.column_forms import column_forms, counts_rather_than_ages, one_beginning
from anping.know.discover.column_values import ColumnValues
from anping.stats.binomial import log_binomial_tail

_PROBE = 200
#: Longer cells are texts, whatever stands in them: none is one identifier, name or address.
_LONGEST_CELL = 1_000
_MOST = 9.0
#: A column of dates whose years spread this wide is a column of birthdays rather than of events.
_BIRTH_SPREAD = 25
_QUAD = re.compile(r"([0-9]{1,9})(?:\.[^.]*){3}")
_SSN_AREA = 4
_SENTENCE = frozenset("，。；、,.;!?！？ ")


@dataclass(frozen=True, slots=True)
class Evidence:
    """One type's evidence from values: log-odds, coverage, codes, and the checksum test if any."""

    type: str
    weight: float
    prevalence: float
    codes: tuple[str, ...]
    pass_rate: float | None = None
    p_value: float | None = None


def evidence_of_values(values: ColumnValues) -> dict[str, Evidence]:
    """Return the evidence per type, for types that at least a tenth of the values match."""
    found: dict[str, Evidence] = {}
    parts = (_tests, _vocabularies, _numbers, _forms, _texts)
    for evidence in (evidence for part in parts for evidence in part(values)):
        known = found.get(evidence.type)
        if known is None or evidence.weight > known.weight:
            found[evidence.type] = evidence
    return found


def _tests(values: ColumnValues) -> list[Evidence]:
    if values.kind == "date":
        return _dates(values, 1.0)
    if values.kind == "boolean":
        return []
    probe = [
        text
        for text in values.texts[:: max(1, values.n // _PROBE)][:_PROBE]
        if len(text) <= _LONGEST_CELL
    ]
    if not probe:
        return []
    found: list[Evidence] = []
    for test in CELL_TESTS:
        if sum(map(test.shape or test.test, probe)) < 0.1 * len(probe):
            continue
        if test.type == "DATE":
            found += _dates(values, _share(values, test))
        else:
            found.append(
                _with_checksum(values, test) if test.chance is not None else _plain(values, test)
            )
    return [evidence for evidence in found if evidence.prevalence >= 0.1]


def _share(values: ColumnValues, test: CellTest) -> float:
    hits = sum(
        count
        for text, count in values.counts.items()
        if len(text) <= _LONGEST_CELL and test.test(text)
    )
    return hits / values.n


def _plain(values: ColumnValues, test: CellTest) -> Evidence:
    share = _share(values, test)
    weight = test.weight - 6 * max(0.0, test.coverage - share) / test.coverage
    if share < test.coverage / 2:
        weight = min(weight, -2.0)
    codes = (f"coverage:{share:.2f}",)
    if test.type == "IP_ADDRESS" and _like_versions(values):
        return Evidence(test.type, -1.5, share, (*codes, "small-numbers"))
    if test.type == "US_SSN" and one_beginning(values.counts, _SSN_AREA):
        return Evidence(test.type, -2.0, share, (*codes, "one-beginning"))
    if test.type == "PERSON_NAME" and values.distinct < 10 < values.n:
        weight -= 2.0
    return Evidence(test.type, weight, share, codes)


def _with_checksum(values: ColumnValues, test: CellTest) -> Evidence:
    """Weigh the pass rate against chance on distinct values, since repeats are one draw."""
    assert test.shape is not None
    assert test.chance is not None
    shaped = [t for t in values.counts if len(t) <= _LONGEST_CELL and test.shape(t)]
    passed = sum(map(test.test, shaped))
    share = _share(values, test)
    log_p = max(-700.0, log_binomial_tail(passed, len(shaped), test.chance))
    weight = min(_MOST, -log_p) - 4.0 if share >= test.coverage else -2.0
    rate = passed / len(shaped) if shaped else 0.0
    return Evidence(
        test.type,
        weight,
        share,
        (f"coverage:{share:.2f}", f"checksum:{rate:.2f}"),
        rate,
        float(np.exp(log_p)),
    )


def _like_versions(values: ColumnValues) -> bool:
    """Return whether dotted quads look like version numbers: first parts small and few."""
    firsts = [int(match[1]) for text in values.counts if (match := _QUAD.fullmatch(text))]
    return bool(firsts) and float(np.quantile(firsts, 0.9)) <= 30


def _dates(values: ColumnValues, share: float) -> list[Evidence]:
    years = [
        day.year for text in values.counts if (day := check.day(text.split(" ")[0].split("T")[0]))
    ]
    if not years:
        return []
    low, high = np.quantile(years, [0.05, 0.95])
    codes = (f"coverage:{share:.2f}", f"years-spread:{int(high - low)}")
    born = high - low >= _BIRTH_SPREAD and low < 1990 and len(years) >= 10
    plain = Evidence("DATE", 3.5 - 6 * max(0.0, 0.8 - share), share, codes)
    birth = Evidence("DATE_OF_BIRTH", plain.weight + 1.5 if born else -1.0, share, codes)
    return [plain, birth]


def _vocabularies(values: ColumnValues) -> list[Evidence]:
    if values.distinct > 400 or values.n == 0:
        return []
    found = []
    for kind, words in vocabulary().items():
        hits = {text for text in values.counts if text.lower() in words}
        share = sum(values.counts[text] for text in hits) / values.n
        if share < 0.5 or not hits:
            continue
        specific = 1.0 if values.distinct <= 1 else log(1 + len(hits))
        weight = 2.2 + specific - 8 * (1 - share)
        if all(len(text) == 1 and text.isascii() for text in hits):
            weight -= 1.0
        if len(hits & {"無", "其他", "other", "others", "none"}) == len(hits):
            weight = -2.0
        found.append(Evidence(kind, weight, share, (f"vocabulary:{share:.2f}",)))
    return found


def _numbers(values: ColumnValues) -> list[Evidence]:
    numbers = values.numbers
    if numbers is None or len(numbers) == 0 or (values.kind == "text" and _padded(values)):
        return []
    found = []
    low, high = float(np.min(numbers)), float(np.max(numbers))
    if values.whole and low >= 0 and high <= 115 and values.distinct >= 15:
        common = max(values.counts.values()) / values.n
        aged = 55 <= high <= 105 and float(np.mean(numbers)) >= 20 and common <= 0.12
        aged = aged and not counts_rather_than_ages(values)
        found.append(Evidence("AGE", 0.4 if aged else -1.0, 1.0, ("range:0-115",)))
    middle = float(np.median(numbers))
    thousands = float(np.mean(numbers % 1000 == 0)) >= 0.9 and 15_000 <= middle <= 10_000_000
    hundreds = float(np.mean(numbers % 100 == 0)) >= 0.9 and low >= 20_000 and high <= 300_000
    if values.whole and low >= 0 and values.distinct >= 15 and (thousands or hundreds):
        code = "round-thousands" if thousands else "round-hundreds"
        found.append(Evidence("INCOME", 0.7 if thousands else 0.3, 1.0, (code,)))
    return found


def _forms(values: ColumnValues) -> list[Evidence]:
    return [
        Evidence(form.type, form.weight, form.prevalence, (form.code,))
        for form in column_forms(values)
    ]


def _padded(values: ColumnValues) -> bool:
    """Return whether numbers are written with leading zeros, as codes are and amounts are not."""
    return any(len(text) > 1 and text[0] == "0" and text[1] != "." for text in values.counts)


def _texts(values: ColumnValues) -> list[Evidence]:
    if values.kind != "text" or values.n == 0:
        return []
    texts = values.texts
    lengths = np.array([len(text) for text in texts])
    broken = np.mean([not _SENTENCE.isdisjoint(text) for text in texts])
    wide = np.mean([not text.isascii() for text in texts])
    long = float(np.median(lengths)) >= (12 if wide >= 0.5 else 30)
    if long and broken >= 0.5 and values.unique_share > 0.2:
        return [Evidence("FREE_TEXT", 2.5, 1.0, (f"median-length:{int(np.median(lengths))}",))]
    return []
