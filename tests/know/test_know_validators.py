from __future__ import annotations

import random
import re
import string
from collections.abc import Callable
from hashlib import sha3_256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn as peer_luhn
from stdnum import numdb
from stdnum.iso7064 import mod_97_10 as peer_97
from stdnum.tw import ubn as peer_ubn

from anping.know.discover import validators as check
from anping.know.discover.keccak import keccak_256
from know.conftest import national_id

WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 1, 1)
digits = st.text("0123456789", min_size=7, max_size=7)
letters = st.sampled_from(string.ascii_uppercase)


def test_known_numbers_pass() -> None:
    assert check.national_id("A123456789")
    assert check.national_id("a123456789")
    assert check.resident_id("A800000014")
    assert check.business_id("04595257")
    assert not check.national_id("A123456788")
    assert not check.national_id("A323456789")
    assert not check.resident_id("A123456789")
    assert not check.business_id("00000000")


@given(letters, st.sampled_from("12"), digits)
def test_national_id_agrees_with_the_digit_string_rule(letter: str, sex: str, rest: str) -> None:
    assert check.national_id(national_id(letter + sex + rest))


@given(
    st.tuples(letters, st.sampled_from("12"), digits).map("".join),
    st.integers(1, 8),
    st.integers(1, 9),
)
def test_one_wrong_digit_fails_exactly_where_the_weights_can_see_it(
    body: str, place: int, by: int
) -> None:
    right = national_id(body)
    wrong = right[: place + 1] + str((int(right[place + 1]) + by) % 10) + right[place + 2 :]
    change = int(wrong[place + 1]) - int(right[place + 1])
    assert check.national_id(wrong) == (change * WEIGHTS[place] % 10 == 0)


@given(st.text("0123456789", min_size=8, max_size=8).filter(lambda text: text != "00000000"))
def test_business_number_accepts_what_the_older_rule_accepts(number: str) -> None:
    if peer_ubn.is_valid(number):
        assert check.business_id(number)


@given(st.text("0123456789", min_size=1, max_size=20))
def test_luhn_agrees_with_stdnum(number: str) -> None:
    assert check.luhn(number) == peer_luhn.is_valid(number)


@given(st.sampled_from(sorted(check.IBAN_LENGTHS)), st.data())
def test_iban_checksum_agrees_with_stdnum(country: str, data: st.DataObject) -> None:
    length = check.IBAN_LENGTHS[country] - 2
    number = data.draw(st.text(string.digits, min_size=length, max_size=length))
    text = country + number
    assert check.iban(text) == peer_97.is_valid(text[4:] + text[:4])
    assert not check.iban(text + "0")
    assert not check.iban(text[:-1])


def test_iban_lengths_are_those_of_the_registry_that_stdnum_ships() -> None:
    for country, length in check.IBAN_LENGTHS.items():
        (found,) = {
            sum(map(int, re.findall(r"([0-9]+)!?[nac]", facts["bban"])))
            for part, facts in numdb.get("iban").info(country + "0" * 30)
            if part == country
        }
        assert found + 4 == length


def test_keccak_gives_the_published_digests() -> None:
    assert keccak_256(b"").hex() == (
        "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
    )
    assert keccak_256(b"abc").hex() == (
        "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"
    )


@given(st.binary(max_size=500))
def test_with_the_other_padding_keccak_is_sha3(message: bytes) -> None:
    assert keccak_256(message, suffix=0x06) == sha3_256(message).digest()


@pytest.mark.parametrize(
    "address",
    [
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
        "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
        "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
    ],
)
def test_addresses_of_eip_55_pass_and_one_letter_of_the_other_case_fails(address: str) -> None:
    assert check.eip55(address)
    assert not check.eip55(address.lower())
    assert not check.eip55("0x" + address[2:].upper())
    for place, letter in enumerate(address[2:], start=2):
        if letter.isalpha():
            assert not check.eip55(address[:place] + letter.swapcase() + address[place + 1 :])


def test_random_pass_rates_are_those_that_are_stated() -> None:
    generator = random.Random(5)
    tries = 20_000

    def share(make: Callable[[], str], test: Callable[[str], bool]) -> float:
        return sum(test(make()) for _ in range(tries)) / tries

    def number(size: int) -> str:
        return "".join(generator.choices("0123456789", k=size))

    def letter() -> str:
        return generator.choice(string.ascii_uppercase)

    one = share(lambda: letter() + generator.choice("12") + number(8), check.national_id)
    two = share(lambda: number(8), check.business_id)
    three = share(lambda: "4" + number(15), check.credit_card)
    assert one == pytest.approx(check.CHANCE["national_id"], abs=0.01)
    assert two == pytest.approx(check.CHANCE["business_id"], abs=0.012)
    assert three == pytest.approx(check.CHANCE["credit_card"], abs=0.01)


@pytest.mark.parametrize(
    "text",
    [
        "0912345678",
        "0912-345-678",
        "+886 912 345 678",
        "+886-2-2345-6789",
        "(02)2345-6789",
        "037-612345",
        "04-2345-6789",
        "049-2371955",
        "082-312345",
        "02-23456789#123",
        "+1 650 253 0000",
    ],
)
def test_phone_numbers(text: str) -> None:
    assert check.phone(text)


@pytest.mark.parametrize(
    "text", ["0812345678", "123", "02-1234567", "0800-000-000-00", "+12", "abc"]
)
def test_no_phone_numbers(text: str) -> None:
    assert not check.phone(text)


@pytest.mark.parametrize(
    ("test", "good", "bad"),
    [
        (check.plate, "ABC-1234", "ABI-1234"),
        (check.einvoice_carrier, "/AB12+-.", "/ab12345"),
        (check.mac, "00:1B:44:11:3A:B7", "00:1B-44:11:3A:B7"),
        (check.ip, "2001:db8::1", "256.1.1.1"),
        (check.email, "a.b@mail.example", "a..b@mail.example"),
        (check.us_ssn, "123-45-6789", "666-45-6789"),
        (check.nhi_card, "000012345678", "00001234567"),
        (check.passport, "312345678", "012345678"),
        (check.citizen_certificate, "AB12345678901234", "A12345678901234"),
        (check.calendar_date, "民國73年10月18日", "73/13/41"),
        (check.calendar_date, "Oct 23, 2013", "Foo 23, 2013"),
        (check.credit_card, "4111 1111 1111 1111", "4111 1111 1111 1112"),
    ],
)
def test_shapes(test: Callable[[str], object], good: str, bad: str) -> None:
    assert test(good)
    assert not test(bad)
