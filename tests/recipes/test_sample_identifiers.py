"""Identifiers pass their checksums, as told by a peer library and by a second implementation."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn
from stdnum.tw import ubn

from anping.core.taiwan import counties
from anping.recipes.sample import identifiers
from anping.recipes.sample.contacts import AREA_CODES, landline
from anping.recipes.sample.identifiers import COUNTY_LETTERS, Sex
from anping.recipes.sample.mess import mistyped_number

SEEDS = st.integers(0, 2**32 - 1)
SEXES = st.sampled_from(("M", "F"))
LETTERS = st.sampled_from(sorted(COUNTY_LETTERS.values()))

# A table of its own, typed from the published list, so that it shares nothing with the generator.
CODES = {
    "A": 10, "B": 11, "C": 12, "D": 13, "E": 14, "F": 15, "G": 16, "H": 17, "I": 34, "J": 18,
    "K": 19, "L": 20, "M": 21, "N": 22, "O": 35, "P": 23, "Q": 24, "R": 25, "S": 26, "T": 27,
    "U": 28, "V": 29, "W": 32, "X": 30, "Y": 31, "Z": 33,
}  # fmt: skip


def passes(value: str) -> bool:
    second = value[1] if value[1].isdigit() else str(CODES[value[1]] % 10)
    numbers = [int(d) for d in f"{CODES[value[0]]}{second}{value[2:]}"]
    weights = (1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1)
    return sum(w * n for w, n in zip(weights, numbers, strict=True)) % 10 == 0


def test_a_published_example_passes() -> None:
    assert passes("A123456789")
    assert identifiers.national_checksum_holds("A123456789")
    assert not identifiers.national_checksum_holds("A123456788")


@given(SEEDS, LETTERS, SEXES)
def test_national_ids(seed: int, letter: str, sex: Sex) -> None:
    value = identifiers.national_id(letter, sex, np.random.default_rng(seed))
    assert re.fullmatch(rf"{letter}[{1 if sex == 'M' else 2}][0-5]\d{{7}}", value)
    assert passes(value)
    assert identifiers.national_checksum_holds(value)


@given(SEEDS, LETTERS, SEXES)
def test_resident_certificates_of_both_forms(seed: int, letter: str, sex: Sex) -> None:
    rng = np.random.default_rng(seed)
    new = identifiers.resident_id(letter, sex, rng)
    old = identifiers.old_resident_id(letter, sex, rng)
    assert re.fullmatch(rf"{letter}[{8 if sex == 'M' else 9}]\d{{8}}", new)
    assert re.fullmatch(rf"{letter}[{'AC' if sex == 'M' else 'BD'}]\d{{8}}", old)
    assert passes(new)
    assert passes(old)


@given(SEEDS, LETTERS, SEXES)
def test_a_mistyped_number_never_passes(seed: int, letter: str, sex: Sex) -> None:
    rng = np.random.default_rng(seed)
    assert not passes(mistyped_number(identifiers.national_id(letter, sex, rng), rng))


@given(SEEDS)
def test_business_numbers_and_cards_against_stdnum(seed: int) -> None:
    rng = np.random.default_rng(seed)
    # stdnum 2.2 still asks for a multiple of 10, the rule before 2023-04-01; its sum is the same.
    assert int(ubn.calc_checksum(identifiers.business_number(rng))) % 5 == 0
    card = identifiers.credit_card(rng)
    assert len(card) == 16
    assert luhn.is_valid(card)


def test_business_numbers_that_only_the_new_rule_allows_occur() -> None:
    rng = np.random.default_rng(2)
    numbers = [identifiers.business_number(rng) for _ in range(200)]
    assert 40 < sum(ubn.is_valid(number) for number in numbers) < 160


@given(SEEDS)
def test_numbers_without_checksum_have_their_shape(seed: int) -> None:
    rng = np.random.default_rng(seed)
    assert re.fullmatch(r"0000\d{8}", identifiers.health_card(rng))
    assert re.fullmatch(r"3\d{8}", identifiers.passport(rng))
    assert re.fullmatch(r"[1-3]\d{9}", identifiers.medical_record(rng))
    assert re.fullmatch(r"\d{3}-\d{14}", identifiers.bank_account(rng))
    plate = identifiers.licence_plate(rng)
    assert re.fullmatch(r"[A-Z]{3}-\d{4}|[A-Z]{2}-\d{4}|\d{4}-[A-Z]{2}", plate)
    assert not set(plate) & set("IO")


def test_every_county_has_a_letter_and_an_area_code() -> None:
    assert set(COUNTY_LETTERS) == set(AREA_CODES) == set(counties())


@pytest.mark.parametrize(
    ("county", "area", "length"),
    [("臺北市", "02", 8), ("臺中市", "04", 8), ("彰化縣", "04", 7), ("南投縣", "049", 7),
     ("苗栗縣", "037", 6), ("臺東縣", "089", 6), ("連江縣", "0836", 5)],
)  # fmt: skip
def test_landlines_follow_the_numbering_plan(county: str, area: str, length: int) -> None:
    number = landline(county, np.random.default_rng(1))
    assert (number.area, len(number.local)) == (area, length)
