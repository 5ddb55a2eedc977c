"""What only a whole column shows: how lengths, beginnings and shares of its values are spread.

No single cell tells an account number from a tracking number, or a code of the sexes from any other
code; many cells say which is likelier. These are weak signs, so a header that says something
outweighs them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from anping.know.discover.column_values import ColumnValues

_DIGITS = re.compile(r"[0-9]+")
#: A bank's code (three digits of the Financial Information Service) set off from the account.
_BANKED = re.compile(r"\(?[0-9]{3}\)?[ -][0-9][0-9 -]{7,15}")
_HANDLE = re.compile(r"[a-z0-9][a-z0-9._-]{3,19}")
_DOSE = re.compile(
    r".{2,40}? ?[0-9]+(?:\.[0-9]+)? ?(?:mg|mcg|μg|ug|g|ml|mL|IU|U|毫克|公克|毫升|單位|錠|膠囊)(?:/[A-Za-z]+)?"
)
_FEW, _MANY = 20, 50
#: Degrees of Taiwan, Penghu, Kinmen and Matsu (內政部國土測繪中心, WGS 84), and how exact positions are.
_DEGREES = {"latitude": (21.8, 26.5), "longitude": (118.0, 122.2)}
_EXACT = re.compile(r"[0-9]{2,3}\.[0-9]{4,}")
COORDINATE = "coordinate:"
#: In Taiwan about one person in 300 is 95 or older; of whole numbers up to 99 one in 20 is.
_OLD, _OLD_SHARE, _GROWN = 95, 0.02, 10


@dataclass(frozen=True, slots=True)
class FormEvidence:
    """A type, the log-odds that the column's form gives it, the share it speaks of, and why."""

    type: str
    weight: float
    prevalence: float
    code: str


def column_forms(values: ColumnValues) -> list[FormEvidence]:
    """Return what the spread of the values says; nothing for fewer than 20 of them."""
    if values.n < _FEW or values.kind in {"date", "boolean"}:
        return []
    parts = (_coded_sexes, _accounts, _handles, _doses, _coordinates)
    return [found for part in parts for found in part(values)]


def counts_rather_than_ages(values: ColumnValues) -> bool:
    """Return whether more values lie at 95 and above than ages of people do, and none is zero.

    Newborns are 0 years old and staff at least 15; what is counted or ordered begins at one.
    """
    numbers = values.numbers
    if numbers is None or not 1 <= float(np.min(numbers)) < _GROWN:
        return False
    return float(np.mean(numbers >= _OLD)) > _OLD_SHARE


def one_beginning(texts: Iterable[str], length: int) -> bool:
    """Return whether at least twenty different texts begin with the same ``length`` characters.

    Numbers given out to people do not; numbers given out by a machine do.
    """
    different = set(texts)
    return len(different) >= _FEW and len({text[:length] for text in different}) == 1


def _coded_sexes(values: ColumnValues) -> list[FormEvidence]:
    """Two codes, 1 and 2, each of about half of the rows (ISO/IEC 5218)."""
    shares = {text: count / values.n for text, count in values.counts.items()}
    if not set(shares) <= {"0", "1", "2", "9"} or shares.get("0", 0) + shares.get("9", 0) > 0.05:
        return []
    if min(shares.get("1", 0), shares.get("2", 0)) < 0.35 or values.n < _MANY:
        return []
    return [FormEvidence("GENDER", 0.3, shares["1"] + shares["2"], "coded:1/2")]


def _accounts(values: ColumnValues) -> list[FormEvidence]:
    """Digits behind a bank's code, or of many lengths, as those of several banks are."""
    banked = sum(n for text, n in values.counts.items() if _BANKED.fullmatch(text))
    if banked >= 0.8 * values.n and values.unique_share > 0.3:
        prefixes = {text.lstrip("(")[:3] for text in values.counts}
        if 2 <= len(prefixes) <= 0.5 * values.distinct + 2 and len({*map(len, values.counts)}) > 1:
            return [FormEvidence("BANK_ACCOUNT", 1.5, banked / values.n, "bank-code")]
    if not all(map(_DIGITS.fullmatch, values.counts)) or values.unique_share < 0.5:
        return []
    lengths = [len(text) for text in values.counts]
    spread = {length for length in set(lengths) if lengths.count(length) >= 0.05 * len(lengths)}
    zeros = any(text[0] == "0" for text in values.counts)
    shortest, longest = min(lengths), max(lengths)
    if not zeros or longest > 16 or len({text[:2] for text in values.counts}) < _FEW:
        return []
    # Thirteen and fourteen digits are lengths of accounts; parcels and orders mostly have twelve.
    if (len(spread) >= 3 and shortest >= 10) or (shortest >= 13 and longest <= 14):
        return [FormEvidence("BANK_ACCOUNT", 0.4, 1.0, f"lengths:{shortest}-{longest}")]
    return []


def _handles(values: ColumnValues) -> list[FormEvidence]:
    """Names that people chose for themselves: lower case, of many lengths, some with . _ -."""
    if values.unique_share < 0.5 or values.distinct < _FEW:
        return []
    texts = [text for text in values.counts if _HANDLE.fullmatch(text) and not text.isdigit()]
    share = sum(values.counts[text] for text in texts) / values.n
    joined = sum(any(mark in text for mark in "._-") for text in texts)
    lengths = {len(text) for text in texts}
    led = sum(text[0].isalpha() for text in texts)
    mixed = 0.1 <= joined / max(1, len(texts)) <= 0.95
    if share < 0.9 or len(lengths) < 6 or not mixed or led < 0.6 * len(texts):
        return []
    if one_beginning(texts, 2):
        return []
    return [FormEvidence("LINE_ID", 0.4, share, "handles")]


def _doses(values: ColumnValues) -> list[FormEvidence]:
    """Names of medicines with their strengths."""
    dosed = sum(n for text, n in values.counts.items() if _DOSE.fullmatch(text))
    share = dosed / values.n
    return [FormEvidence("MEDICAL_TREATMENT", 2.5, share, "doses")] if share >= 0.6 else []


def _coordinates(values: ColumnValues) -> list[FormEvidence]:
    """Degrees of Taiwan to ten metres or better: half a position, if the other half stands beside it."""
    numbers = values.numbers
    if numbers is None or values.whole:
        return []
    for half, (low, high) in _DEGREES.items():
        inside = float(np.mean((numbers >= low) & (numbers <= high)))
        if inside < 0.98:
            continue
        exact = sum(n for text, n in values.counts.items() if _EXACT.match(text)) / values.n
        if exact >= 0.8:
            return [FormEvidence("LOCATION", -1.0, inside, f"{COORDINATE}{half}")]
    return []
