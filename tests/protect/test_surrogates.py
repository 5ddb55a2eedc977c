"""Surrogates: other values of the same kind, form and checksum class, always the same under a key."""

from __future__ import annotations

import re
from datetime import date
from ipaddress import ip_address

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import iban as iban_oracle
from stdnum import luhn as luhn_oracle
from stdnum.tw import ubn as business_oracle

from anping.core import dates, taiwan
from anping.core.span import Span
from anping.know.discover import validators
from anping.protect.pseudonym.keys import KeyRing
from anping.protect.pseudonym.normal import normal
from anping.protect.text.operators import KeepFormat, Mask, Operator, Surrogates
from anping.protect.text.surrogates.draw import Draw

KEYS = KeyRing({"one": b"1" * 32, "two": b"2" * 32})
ONE = Surrogates.under(KEYS, "one")
TWO = Surrogates.under(KEYS, "two")
_digits = st.text("0123456789", min_size=8, max_size=8)


def made(text: str, kind: str, operator: Operator = ONE) -> str:
    (found,) = operator(text, [Span(0, len(text), kind)])
    return found


def _with_check(body: str) -> str:
    return next(f"{body}{n}" for n in range(10) if validators.national_id(f"{body}{n}"))


@given(st.from_regex(r"[A-Z][12][0-5][0-9]{6}", fullmatch=True))
def test_a_valid_national_id_becomes_another_valid_one(body: str) -> None:
    true = _with_check(body)
    fake = made(true, "TW_NATIONAL_ID")
    assert fake != true
    assert validators.national_id(fake)
    assert fake[1] == true[1]
    assert made(true.lower(), "TW_NATIONAL_ID") == fake.lower()
    assert made(f"{true[:4]} {true[4:]}", "TW_NATIONAL_ID") == f"{fake[:4]} {fake[4:]}"


def test_a_number_that_fails_its_check_becomes_one_that_fails() -> None:
    for last in "0123456789":
        true = f"A12345678{last}"
        fake = made(true, "TW_NATIONAL_ID")
        assert validators.national_id(fake) == validators.national_id(true)


@pytest.mark.parametrize("true", ["A800000014", "AB12345677", "FC00000007"])
def test_resident_certificates_keep_their_form(true: str) -> None:
    fake = made(true, "TW_RESIDENT_ID")
    assert fake[1] == true[1]
    assert validators.resident_id(fake) == validators.resident_id(true)


@given(_digits)
def test_business_numbers_keep_their_class(true: str) -> None:
    fake = made(true, "TW_BUSINESS_ID")
    assert fake != true
    assert validators.business_id(fake) == validators.business_id(true) or true == "00000000"


def test_a_business_number_passes_the_peers_check() -> None:
    fakes = {made(n, "TW_BUSINESS_ID") for n in ("04595257", "00501503", "22099131", "84149961")}
    assert len(fakes) == 4
    assert all(validators.business_id(fake) for fake in fakes)
    # The peer knows the rule of 2023 or the older one, whose numbers are some of these.
    assert any(business_oracle.is_valid(fake) for fake in fakes)


@pytest.mark.parametrize(
    "true", ["4111-1111-1111-1111", "5555 5555 5555 4444", "378282246310005", "3530111333300000"]
)
def test_cards_stay_in_their_network(true: str) -> None:
    fake = made(true, "CREDIT_CARD")
    assert validators.credit_card(fake)
    assert luhn_oracle.is_valid(re.sub(r"\D", "", fake))
    assert fake != true
    assert fake[0] == true[0]
    assert re.sub(r"\d", "9", fake) == re.sub(r"\d", "9", true)


def test_ibans_keep_their_country_and_check() -> None:
    fake = made("GB82 WEST 1234 5698 7654 32", "BANK_ACCOUNT")
    assert fake.startswith("GB")
    assert iban_oracle.is_valid(fake, check_country=False)


@pytest.mark.parametrize(
    ("true", "area"),
    [
        ("0912-345-678", "09"), ("(02)2345-6789#12", "(02)"), ("037-123456", "037"),
        ("04-2345-6789", "04-"), ("049-2345678", "049"), ("089-123456", "089"),
        ("08-7654321", "08-7"), ("0836-12345", "0836"), ("+886-2-2345-6789", "+886-2-"),
        ("+886 912 345 678", "+886 9"), ("０９１２３４５６７８", "０９"),
    ],
)  # fmt: skip
def test_phones_stay_in_their_area(true: str, area: str) -> None:
    fake = made(true, "PHONE")
    assert fake != true
    assert fake.startswith(area[:-1] if area == "08-7" else area)
    assert len(fake) == len(true)
    folded = fake.translate({0xFF10 + n: 0x30 + n for n in range(10)})
    assert validators.mobile(folded) or validators.landline(folded)


def test_one_phone_written_two_ways_is_one_surrogate() -> None:
    plain, abroad = made("0912345678", "PHONE"), made("+886-912-345-678", "PHONE")
    assert re.sub(r"\D", "", abroad).removeprefix("886") == plain[1:]


@given(st.sampled_from(taiwan.divisions()), st.integers(1, 999), st.sampled_from(["coded", ""]))
@settings(max_examples=60)
def test_addresses_stay_in_their_county(division: taiwan.Division, number: int, coded: str) -> None:
    code = division.postal_code if coded else ""
    true = f"{code}{division.county}{division.township}中正路二段{number}號3樓"
    fake = made(true, "ADDRESS_FULL")
    assert fake != true
    there = taiwan.locate(fake)
    assert there is not None
    assert there.county == division.county
    assert "中正路" not in fake
    if coded:
        assert any(
            one.postal_code == fake[:3] and one.township == there.township
            for one in taiwan.divisions()
        )


def test_an_address_with_and_without_its_county_has_one_street() -> None:
    whole = made("台北市大安區和平東路二段106號3樓", "ADDRESS_FULL")
    assert whole.startswith("台北市")
    assert whole.endswith(made("和平東路二段106號3樓", "ADDRESS_FULL"))


@pytest.mark.parametrize("true", ["王小明", "陳怡", "歐陽娜娜", "張 簡 雅 文"])
def test_names_keep_their_length_and_never_stay(true: str) -> None:
    fake = made(true, "PERSON_NAME")
    assert len(fake) == len(true)
    assert fake != true
    assert fake[0] != true[0]


def test_parts_of_one_name_stay_together() -> None:
    text = "王小明的母親說小明發燒"
    spans = [Span(0, 3, "PERSON_NAME"), Span(7, 9, "PERSON_NAME")]
    whole, given_name = ONE(text, spans)
    assert whole.endswith(given_name)
    titled = ONE("王小明來了，王先生", [Span(0, 3, "PERSON_NAME"), Span(6, 9, "PERSON_NAME")])
    assert titled[1] == f"{titled[0][0]}先生"


def test_an_english_name_is_one_in_either_order() -> None:
    one, other = made("Amy Chen", "PERSON_NAME"), made("CHEN Amy", "PERSON_NAME")
    given_name, surname = one.split()
    assert other == f"{surname.upper()} {given_name}"


@given(st.dates(date(1912, 7, 1), date(2090, 1, 1)), st.sampled_from(range(8)))
def test_dates_move_and_stay_as_written(day: date, form: int) -> None:
    roc = day.year - 1911
    true = (
        day.isoformat(),
        f"{day.year}/{day.month}/{day.day}",
        f"{day.year}年{day.month}月{day.day}日",
        f"民國{roc}年{day.month}月{day.day}日",
        f"{roc:02d}/{day.month:02d}/{day.day:02d}",
        f"{roc:03d}{day.month:02d}{day.day:02d}" if roc < 200 else day.isoformat(),
        f"{day.day} {day:%B} {day.year}",
        f"{day:%b} {day.day}, {day.year}",
    )[form]
    fake = made(true, "DATE")
    assert fake != true
    if form < 6:
        read = dates.parse(fake)
        assert read is not None
        there: date | None = read.day
    else:
        there = validators.day(fake)
    assert there is not None
    assert 0 < abs((there - day).days) <= 182


def test_dates_of_one_text_keep_their_distance() -> None:
    text = "2023-05-06入院，2023/05/09出院，五月十日回診"
    spans = [Span(0, 10, "DATE"), Span(13, 23, "DATE"), Span(26, 30, "DATE")]
    first, second, third = ONE(text, spans)
    days = [dates.parse(each) for each in (first, second)]
    assert days[0] is not None
    assert days[1] is not None
    assert (days[1].day - days[0].day).days == 3
    assert re.fullmatch("[一二三四五六七八九十]+月[一二三四五六七八九十]+日", third)


def test_network_surrogates_reach_nobody() -> None:
    assert re.search(r"@example\.(com|net|org)$", made("a@b.tw", "EMAIL"))
    assert "://example." in made("https://hospital.tw/p/12", "URL")
    assert ip_address(made("10.3.2.1", "IP_ADDRESS")).is_private
    assert made("8.8.8.8", "IP_ADDRESS").startswith(("198.18.", "198.19."))
    assert made("2404:6800::1", "IP_ADDRESS").startswith("2001:db8:")
    assert int(made("00-1a-2b-3c-4d-5e", "MAC_ADDRESS")[:2], 16) & 3 == 2


_KINDS = (
    "TW_NATIONAL_ID", "TW_BUSINESS_ID", "CREDIT_CARD", "BANK_ACCOUNT", "PHONE", "EMAIL", "URL",
    "IP_ADDRESS", "MAC_ADDRESS", "ADDRESS_FULL", "ADDRESS_PART", "ORGANISATION", "PERSON_NAME", "DATE",
    "VEHICLE_PLATE", "US_SSN", "TW_PASSPORT", "EINVOICE_CARRIER", "LINE_ID", "NEW_TYPE",
)  # fmt: skip
_marks = st.text("王小明台北市路號１２ab12/ -#@.：年月日", min_size=1, max_size=24)


@given(_marks, st.sampled_from(_KINDS))
@settings(max_examples=300)
def test_anything_gets_a_surrogate_that_is_not_itself(text: str, kind: str) -> None:
    for operator in (ONE, KeepFormat.under(KEYS, "one")):
        fake = made(text, kind, operator)
        assert fake == made(text, kind, operator)
        if normal(text) and any(mark.isalnum() for mark in text):
            assert isinstance(fake, str)
            assert fake != text


def test_keys_separate_and_mask_shows_length_only() -> None:
    assert made("A123456789", "TW_NATIONAL_ID") != made("A123456789", "TW_NATIONAL_ID", TWO)
    assert made("王小明", "PERSON_NAME", Mask()) == "***"
    assert made("Ab-12王", "X", KeepFormat.under(KEYS, "one"))[2] == "-"


def test_a_surrogate_is_nobody_else_of_the_table() -> None:
    fake = made("王小明", "PERSON_NAME")
    other = Surrogates(ONE.secret, taken=frozenset({fake}))
    assert made("王小明", "PERSON_NAME", other) not in {fake, "王小明"}


@given(st.lists(st.text(max_size=12) | st.text("A1b２ｂ王段二🙂-", max_size=8), max_size=5))
def test_many_formats_made_together_are_those_made_one_by_one(texts: list[str]) -> None:
    operator = KeepFormat(b"k" * 32)
    spans = [[Span(0, len(text), "IDENTIFIER")] for text in texts]
    alone = [operator(text, [*span])[0] for text, span in zip(texts, spans, strict=True)]
    assert list(operator.of_mentions(texts)) == alone


def test_draws_spread_and_repeat() -> None:
    drawn = [Draw(b"k" * 32, "kind", str(n)).below(10) for n in range(2000)]
    assert drawn == [Draw(b"k" * 32, "kind", str(n)).below(10) for n in range(2000)]
    assert all(140 < drawn.count(n) < 260 for n in range(10))
    # The parts are told apart, wherever they are cut.
    assert Draw(b"k" * 32, "ab", "c").digits(9) != Draw(b"k" * 32, "a", "bc").digits(9)
