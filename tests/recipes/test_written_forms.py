"""A written form finds an identifier however it is written."""

from __future__ import annotations

import re
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anping.core.dates import parse
from anping.recipes.sample import contacts
from anping.recipes.sample.contacts import LANDLINE_FORMS, MOBILE_FORMS, write_mobile
from anping.recipes.sample.mess import BIRTHDAY_FORMS, full_width, write_birthday
from anping.recipes.sample.truth import written_forms

SEEDS = st.integers(0, 2**32 - 1)


@given(SEEDS, st.sampled_from(MOBILE_FORMS.values), st.sampled_from(MOBILE_FORMS.values))
def test_a_mobile_in_one_form_has_every_other(seed: int, one: str, other: str) -> None:
    number = contacts.mobile(np.random.default_rng(seed))
    forms = written_forms(write_mobile(number, one), "PHONE")
    assert write_mobile(number, other) in forms
    assert full_width(number) in forms
    assert min(len(re.sub(r"\D", "", form)) for form in forms) >= 10


@given(SEEDS, st.sampled_from(sorted(contacts.AREA_CODES)))
def test_a_landline_in_one_form_has_every_other(seed: int, county: str) -> None:
    number = contacts.landline(county, np.random.default_rng(seed), office=True)
    written = [number.write(form) for form in LANDLINE_FORMS.values]
    for text in written:
        assert set(written) <= written_forms(text, "PHONE")


@given(st.dates(date(1921, 1, 1), date(2010, 12, 31)))
def test_a_birthday_in_one_calendar_has_the_other(day: date) -> None:
    for form in BIRTHDAY_FORMS.values:
        text = write_birthday(day, form)
        forms = written_forms(text, "DATE_OF_BIRTH")
        assert {day.isoformat(), write_birthday(day, "roc-han")} <= forms
        written = parse(text)
        assert written is not None
        assert written.day == day


@pytest.mark.parametrize(
    ("value", "kind", "other"),
    [
        ("A123456789", "TW_NATIONAL_ID", "a123456789"),
        ("A123456789", "TW_NATIONAL_ID", "Ａ１２３４５６７８９"),
        ("臺北市中正區中山路一段２號3樓", "ADDRESS_FULL", "台北市中正區中山路1段2號3樓"),
        ("台北市中正區中山路2號", "ADDRESS_FULL", "臺北市中正區中山路2號"),
        ("822-01234567890123", "BANK_ACCOUNT", "01234567890123"),
        ("4111-1111-1111-1111", "CREDIT_CARD", "4111111111111111"),
        ("4111111111111111", "CREDIT_CARD", "4111 1111 1111 1111"),
        ("ABC-1234", "VEHICLE_PLATE", "abc1234"),
        ("amy@example.com", "EMAIL", "AMY@EXAMPLE.COM"),
        ("林淑芬", "PERSON_NAME", "林 淑芬"),
        ("歐陽淑芬", "PERSON_NAME", "歐陽 淑芬"),
        ("Siti Lestari", "PERSON_NAME", "LESTARI, SITI"),
        ("000012345678", "TW_NHI_CARD", "００００１２３４５６７８"),
    ],
)
def test_known_forms(value: str, kind: str, other: str) -> None:
    assert other in written_forms(value, kind)
    assert value in written_forms(value, kind)
