"""How many cells of a column look like each kind of identifier, however few: over whole arrays.

A column's type is what most of its cells are. Here every cell counts, so that three e-mail
addresses among a million codes are told too. Lengths and first letters rule most cells out before a
form is matched; a checksum counts only as far as chance would not explain it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from math import log

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from anping.know.discover.array_tests import (
    ARRAY_TESTS,
    ID_SECOND,
    IPV4,
    RESIDENT_SECOND,
    ArrayTest,
    byte_table,
    identity_shaped,
    matching,
)
from anping.know.discover.validators import CHANCE
from anping.know.discover.written import Mask, letters
from anping.stats.binomial import log_binomial_tail

#: Chance must explain what passed a checksum with at most this probability.
_CHANCE_LEAST = log(1e-4)
_DIGITS, _UPPER = "0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LETTERS = _UPPER + _UPPER.lower()


@dataclass(frozen=True)
class _Looked:
    """How cells that may be of a type are told at a glance, and the test that decides.

    ``first`` and ``second`` are the letters that may stand there, ``holds`` one that must occur.
    With a checksum, ``shape`` is the form it is tried on and ``chance`` its random pass rate.
    """

    test: ArrayTest
    shortest: int
    longest: int
    first: str = ""
    second: str = ""
    holds: str = ""
    shape: ArrayTest | None = None
    chance: float | None = None


_LOOKED: Mapping[str, _Looked] = {
    "TW_NATIONAL_ID": _Looked(
        ARRAY_TESTS["TW_NATIONAL_ID"], 10, 10, _LETTERS, ID_SECOND,
        shape=partial(identity_shaped, second=ID_SECOND), chance=CHANCE["national_id"],
    ),
    "TW_RESIDENT_ID": _Looked(
        ARRAY_TESTS["TW_RESIDENT_ID"], 10, 10, _LETTERS, RESIDENT_SECOND,
        shape=partial(identity_shaped, second=RESIDENT_SECOND), chance=CHANCE["resident_id"],
    ),
    "CREDIT_CARD": _Looked(
        ARRAY_TESTS["CREDIT_CARD"], 14, 23, "23456",
        shape=partial(matching, pattern=r"^[2-6][0-9]{3}[ -]?[0-9]{4,6}[ -]?[0-9]{4,5}[ -]?[0-9]{0,4}$"),
        chance=CHANCE["credit_card"],
    ),
    "EMAIL": _Looked(ARRAY_TESTS["EMAIL"], 6, 254, holds="@"),
    "PHONE": _Looked(ARRAY_TESTS["PHONE"], 9, 64, "+08 ().-"),
    "MAC_ADDRESS": _Looked(ARRAY_TESTS["MAC_ADDRESS"], 14, 17, _DIGITS + "ABCDEFabcdef"),
    "IP_ADDRESS": _Looked(IPV4, 7, 15, _DIGITS, holds="."),
    "US_SSN": _Looked(ARRAY_TESTS["US_SSN"], 11, 11, _DIGITS, holds="-"),
    "TW_CITIZEN_CERTIFICATE": _Looked(
        ARRAY_TESTS["TW_CITIZEN_CERTIFICATE"], 16, 16, _UPPER, _UPPER
    ),
    "EINVOICE_CARRIER": _Looked(ARRAY_TESTS["EINVOICE_CARRIER"], 8, 8, "/"),
}  # fmt: skip
#: The types whose every cell can be told without looking at one after the other.
OCCURRING = tuple(_LOOKED)
_SHAPED, _PASSED = "shaped", "passed"


@dataclass(frozen=True, slots=True)
class Occurrence:
    """How many cells have a type's shape, and how many pass its test."""

    type: str
    shaped: int
    passed: int

    @property
    def told(self) -> bool:
        """Whether chance alone does not explain the cells that pass."""
        chance = _LOOKED[self.type].chance
        if self.passed == 0 or chance is None:
            return self.passed > 0
        return log_binomial_tail(self.passed, self.shaped, chance) <= _CHANCE_LEAST


def occurrences(texts: pa.StringArray, weights: npt.NDArray[np.int64] | None) -> Counter[str]:
    """Return how many texts have each type's shape and pass its test: keys ``TYPE/shaped`` ....

    ``weights`` (None: one each) say how many cells hold each text.
    """
    found: Counter[str] = Counter()
    data, begins = letters(texts)
    lengths = np.diff(begins)
    head = _letter_at(data, begins, lengths, 0)
    after = _letter_at(data, begins, lengths, 1)
    for kind, looked in _LOOKED.items():
        likely = (lengths >= looked.shortest) & (lengths <= looked.longest)
        for allowed, place in ((looked.first, head), (looked.second, after)):
            if allowed and likely.any():
                likely &= byte_table(allowed)[place]
        rows = np.flatnonzero(likely)
        if not len(rows):
            continue
        cells = texts.take(pa.array(rows)) if len(rows) < len(texts) else texts
        if looked.holds and ord(looked.holds) not in data:
            continue
        found.update(_counted(kind, cells, rows, weights))
    return found


def listed(found: Mapping[str, int]) -> tuple[Occurrence, ...]:
    """Return the occurrences that chance does not explain, from the counts of :func:`occurrences`."""
    every = (
        Occurrence(kind, found.get(f"{kind}/{_SHAPED}", 0), found.get(f"{kind}/{_PASSED}", 0))
        for kind in OCCURRING
    )
    return tuple(one for one in every if one.told)


def occurring(counts: Mapping[str, int]) -> Counter[str]:
    """Return :func:`occurrences` of texts that are given with how often each occurs."""
    texts: Iterable[str] = counts
    weights = np.fromiter(counts.values(), np.int64, len(counts))
    return occurrences(pa.array(texts, pa.string()), weights)


def _counted(
    kind: str,
    cells: pa.StringArray,
    rows: npt.NDArray[np.int64],
    weights: npt.NDArray[np.int64] | None,
) -> dict[str, int]:
    looked = _LOOKED[kind]
    shaped = np.ones(len(cells), bool) if looked.shape is None else looked.shape(cells)
    if not shaped.any():
        return {}
    if not shaped.all():
        cells, rows = cells.filter(pa.array(shaped)), rows[shaped]
    passed: Mask = looked.test(cells)
    if weights is None:
        return {f"{kind}/{_SHAPED}": len(rows), f"{kind}/{_PASSED}": int(passed.sum())}
    return {
        f"{kind}/{_SHAPED}": int(weights[rows].sum()),
        f"{kind}/{_PASSED}": int(weights[rows][passed].sum()),
    }


def _letter_at(
    data: npt.NDArray[np.uint8],
    begins: npt.NDArray[np.int64],
    lengths: npt.NDArray[np.int64],
    place: int,
) -> npt.NDArray[np.uint8]:
    """Return the byte at ``place`` of every text, 0 where it has none."""
    found = np.zeros(len(lengths), np.uint8)
    held = lengths > place
    found[held] = data[begins[:-1][held] + place]
    return found
