"""Dates are read in every form and written back in the same one."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anping.core import dates

FORMS = {
    "1985-03-12": "iso",
    "1985/03/12": "slash",
    "1985.03.12": "dot",
    "19850312": "compact",
    "1985年3月12日": "han",
    "民國74年3月12日": "roc-han",
    "74年3月12日": "roc-han-short",
    "74/03/12": "roc-slash",
    "74.03.12": "roc-dot",
    "74-03-12": "roc-dash",
    "0740312": "roc-compact",
}


@pytest.mark.parametrize(("text", "form"), FORMS.items())
def test_every_form_is_read(text: str, form: str) -> None:
    written = dates.parse(text)
    assert written == dates.WrittenDate(date(1985, 3, 12), form)
    assert written.roc == form.startswith("roc")


@given(st.sampled_from(sorted(FORMS)), st.dates(date(1922, 1, 1), date(2099, 12, 31)))
def test_writing_and_reading_agree(text: str, day: date) -> None:
    written = dates.parse(text)
    assert written is not None
    again = dates.parse(written.write(day))
    assert again is not None
    assert again.day == day


@pytest.mark.parametrize("text", ["", "1985", "1985-13-01", "74/02/30", "abc", "0912345678"])
def test_what_is_no_date_is_none(text: str) -> None:
    assert dates.parse(text) is None


def test_full_width_digits_are_folded() -> None:
    found = dates.parse("民國７４年３月１２日")
    assert found is not None
    assert found.day == date(1985, 3, 12)
