"""People are drawn as documented."""

from __future__ import annotations

from datetime import date
from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anping.core.taiwan import Division, counties, divisions, locate
from anping.recipes.sample.contacts import address
from anping.recipes.sample.people import (
    COUNTY_SHARES,
    FEMALE_SHARE,
    RESIDENT_SHARE,
    STOP_WORDS,
    Person,
    age_on,
    draw_people,
    encodable,
    honorific,
)

TODAY = date(2025, 12, 31)


@pytest.fixture(scope="module")
def people() -> tuple[Person, ...]:
    return draw_people(6000, np.random.default_rng(7), today=TODAY)


def within(share: float, expected: float, n: int) -> bool:
    return abs(share - expected) < 4 * sqrt(expected * (1 - expected) / n)


def test_sex_residents_and_counties_have_their_shares(people: tuple[Person, ...]) -> None:
    n = len(people)
    assert within(sum(p.sex == "F" for p in people) / n, FEMALE_SHARE, n)
    residents = sum(p.identity_type == "TW_RESIDENT_ID" for p in people)
    assert within(residents / n, RESIDENT_SHARE, n)
    assert set(COUNTY_SHARES) == set(counties())
    share = COUNTY_SHARES["新北市"] / sum(COUNTY_SHARES.values())
    assert within(sum(p.home.county == "新北市" for p in people) / n, share, n)


def test_ages_have_their_quantiles(people: tuple[Person, ...]) -> None:
    ages = [age_on(p.born, TODAY) for p in people]
    assert min(ages) >= 19
    assert max(ages) <= 80
    low, middle, high = np.percentile(ages, [25, 50, 75])
    assert abs(low - 36) <= 2
    assert abs(middle - 48) <= 2
    assert abs(high - 61) <= 2


def test_identity_numbers_are_distinct_and_agree_with_the_sex(people: tuple[Person, ...]) -> None:
    assert len({p.identity for p in people}) == len(people)
    for person in people:
        assert person.identity[1] in ("18AC" if person.sex == "M" else "29BD")


def test_names_are_no_places_and_can_be_written_in_big5(people: tuple[Person, ...]) -> None:
    places = {d.township for d in divisions()} | set(counties())
    for person in people:
        assert encodable(person.name)
        assert person.name.isascii() or len(person.name) in {3, 4}
        if person.identity_type == "TW_NATIONAL_ID":
            assert not any(word in person.name for word in (*STOP_WORDS, *places))
    names = {person.name for person in people}
    assert len(people) / 4 < len(names) < len(people)
    assert honorific(people[0]).endswith(("先生", "小姐"))


@given(st.sampled_from(divisions()), st.integers(0, 2**32 - 1))
def test_an_address_lies_where_it_says(division: Division, seed: int) -> None:
    text = address(division, np.random.default_rng(seed))
    found = locate(text)
    assert found is not None
    assert (found.county, found.township) == (division.county, division.township)
    assert "號" in text
    assert encodable(text)
