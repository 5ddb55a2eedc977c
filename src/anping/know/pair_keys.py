"""What of two cells can contradict each other, as short keys: pairs of keys are few, rows many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc

from anping.core import dates
from anping.know.discover import validators as check
from anping.know.discover.array_tests import named_part
from anping.know.discover.tally import key_counts, tally
from anping.know.discover.written import Mask, written
from anping.know.validity import passes

_BETWEEN = "\x1f"
#: No word that keys are compared with is as long.
_LONGEST = 12
#: Nobody's age has as many digits.
_DIGITS = 6
_LONGEST_DATE = 20

#: Which cells of a column are a national ID, where that was tested already.
NationalIds = Mapping[str, Mask]
NONE_TESTED: NationalIds = {}
KeyFunction = Callable[[pa.StringArray], pa.StringArray]


def _sex_mark(numbers: pa.StringArray) -> pa.StringArray:
    return _marks(numbers, passes("TW_NATIONAL_ID", numbers))


def _marks(numbers: pa.StringArray, national: Mask) -> pa.StringArray:
    """Return the sex marks of numbers of which those that are a ``national`` ID are known."""
    valid = national.copy()
    if not valid.all():
        others = ~valid
        valid[others] = passes("TW_RESIDENT_ID", numbers.filter(pa.array(others)))
    marks = pc.utf8_upper(pc.utf8_slice_codeunits(numbers, 1, 2))
    return pc.if_else(pa.array(valid), marks, pa.scalar(None, pa.string()))


def _word(texts: pa.StringArray) -> pa.StringArray:
    return pc.utf8_lower(pc.utf8_slice_codeunits(texts, 0, _LONGEST))


def _area(texts: pa.StringArray) -> pa.StringArray:
    """Return postal codes by their first three digits, and names without blanks."""
    short = pc.replace_substring_regex(texts, "^([0-9]{3})[0-9]*$", r"\1")
    names = pc.replace_substring(pc.replace_substring(short, "台", "臺"), " ", "")
    return pc.utf8_slice_codeunits(names, 0, _LONGEST)


def _postal(addresses: pa.StringArray) -> pa.StringArray:
    return pc.replace_substring_regex(addresses, "(?s)^([0-9]{0,3}).*$", r"\1")


def _whole_years(ages: pa.StringArray) -> pa.StringArray:
    number = pc.match_substring_regex(ages, r"^(?:[0-9]+\.?[0-9]*|\.[0-9]+)$")
    whole = pc.replace_substring_regex(ages, r"\..*$", "")
    padded = pc.binary_join_element_wise("0", pc.utf8_slice_codeunits(whole, 0, _DIGITS), "")
    return pc.if_else(number, padded, pa.scalar(None, pa.string()))


def _birth_year(texts: pa.StringArray) -> pa.StringArray:
    def year(text: str) -> str | None:
        day = check.remembered_day(text)
        return None if day is None else str(day.year)

    return _of_distinct(pc.replace_substring_regex(texts, "(?s) .*$", ""), year)


def _date_form(texts: pa.StringArray) -> pa.StringArray:
    def form(text: str) -> str | None:
        date = dates.parse(text)
        return None if date is None else date.form

    short = pc.less_equal(pc.utf8_length(texts), _LONGEST_DATE)
    return _of_distinct(pc.if_else(short, texts, pa.scalar(None, pa.string())), form)


def _of_distinct(texts: pa.StringArray, function: Callable[[str], str | None]) -> pa.StringArray:
    unique = texts.dictionary_encode()
    made = [function(text) for text in unique.dictionary.to_pylist()]
    return pa.array(made, pa.string()).take(unique.indices)


KEYS: Mapping[str, KeyFunction] = {
    "sex mark": _sex_mark,
    "word": _word,
    "area": _area,
    "named place": named_part,
    "postal code": _postal,
    "whole years": _whole_years,
    "birth year": _birth_year,
    "date form": _date_form,
}


@dataclass(frozen=True)
class Pair:
    """Two columns (or one twice) and the keys by which their cells are compared."""

    one: str
    other: str
    one_key: str
    other_key: str

    @property
    def subject(self) -> str:
        """What a measure calls it."""
        return self.one if self.one == self.other else f"{self.one} × {self.other}"


def keys_of_values(pair: Pair, every: Mapping[str, int]) -> Counter[str]:
    """Return the tally of a pair of one column with itself from the counts of its values."""
    texts = pa.array(list(every), pa.string())
    found: Counter[str] = Counter()
    for key, count in zip(_joined(pair, lambda _: texts).to_pylist(), every.values(), strict=True):
        if key is not None:
            found[key] += count
    return found


def _joined(
    pair: Pair, texts_of: Callable[[str], pa.StringArray], national: NationalIds = NONE_TESTED
) -> pa.StringArray:
    known = national.get(pair.one) if pair.one_key == "sex mark" else None
    texts = texts_of(pair.one)
    one = KEYS[pair.one_key](texts) if known is None else _marks(texts, known)
    same = (pair.one, pair.one_key) == (pair.other, pair.other_key)
    other = one if same else KEYS[pair.other_key](texts_of(pair.other))
    return pc.binary_join_element_wise(pc.replace_substring(one, _BETWEEN, ""), other, _BETWEEN)


@dataclass(frozen=True)
class CheckedCells:
    """Tallies the cells that pass their type's validator, and how often pairs' keys meet.

    ``tests`` are columns and types; a column that is both tested and paired is tested once.
    """

    tests: tuple[tuple[str, str], ...]
    pairs: tuple[Pair, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are looked at, each once."""
        paired = (name for pair in self.pairs for name in (pair.one, pair.other))
        return tuple(dict.fromkeys([*(name for name, _ in self.tests), *paired]))

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Return a batch's tally; subjects are the places of ``tests`` and, behind, of ``pairs``."""
        texts = cache(lambda column: written(batch.column(column)))
        found: dict[int, Mapping[str, int]] = {}
        national: dict[str, Mask] = {}
        for place, (name, kind) in enumerate(self.tests):
            passed = passes(kind, texts(name))
            found[place] = {"valid": int(passed.sum())}
            if kind == "TW_NATIONAL_ID":
                national[name] = passed
        for place, pair in enumerate(self.pairs, start=len(self.tests)):
            found[place] = key_counts(_joined(pair, texts, national))
        return tally(found)


def parted(key: str) -> tuple[str, str]:
    """Return the two keys of a tally's key."""
    one, _, other = key.partition(_BETWEEN)
    return one, other
