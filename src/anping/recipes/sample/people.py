"""People: sex, age, home, name and identity number, as one register would hold them.

Distributions (all drawn independently unless said otherwise):

- sex: female with probability 0.51;
- age: five-year bands of :data:`ADULT_AGES` (shape of Taiwan's adults), uniform inside a band;
- home: county by its share of the population, township uniform within the county;
- name: surname by its frequency, given name by its frequency among the sex (half of them), or two
  characters from two such names (the other half), so that full names repeat but not too often;
- resident certificates: 4 % of people, two thirds of them in the form issued since 2021.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Final

import numpy as np

from anping.core.taiwan import Division, Names, counties, divisions, names
from anping.recipes.sample import identifiers
from anping.recipes.sample.draw import Weighted, chance, pick
from anping.recipes.sample.identifiers import COUNTY_LETTERS, Sex

FEMALE_SHARE: Final = 0.51
RESIDENT_SHARE: Final = 0.04

#: Weight of each five-year band from 20 to 79.
ADULT_AGES: Final = Weighted.of(
    tuple(zip(range(20, 80, 5), (6.5, 7.8, 8.6, 9.4, 11.0, 10.2, 9.4, 9.4, 9.2, 8.3, 6.2, 4.0),
              strict=True))
)  # fmt: skip

#: Residents per county, in units of 10,000 (Ministry of the Interior, end of 2023, rounded).
COUNTY_SHARES: Final = {
    "新北市": 404.0, "臺中市": 284.6, "高雄市": 273.7, "臺北市": 251.1, "桃園市": 231.7,
    "臺南市": 185.9, "彰化縣": 123.8, "屏東縣": 79.3, "雲林縣": 66.0, "新竹縣": 59.0,
    "苗栗縣": 53.3, "嘉義縣": 48.3, "南投縣": 47.7, "宜蘭縣": 44.9, "新竹市": 45.6,
    "基隆市": 36.2, "花蓮縣": 31.7, "嘉義市": 26.3, "臺東縣": 21.1, "金門縣": 14.4,
    "澎湖縣": 10.8, "連江縣": 1.4,
}  # fmt: skip

#: Words that must not be inside a person's name, because texts about data hold them too.
STOP_WORDS: Final = (
    "中山", "中正", "信義", "仁愛", "文山", "大安", "安平", "成功", "光明", "平安", "安全", "高興",
    "黃金", "文章", "聰明", "美麗", "方法", "管理", "資料", "文件", "明珠", "國華", "中華", "進財",
    "方文", "金文", "文中", "明文", "高明", "華文", "英文", "中文", "方正", "公文", "建成", "成文",
)  # fmt: skip

_VIETNAMESE_GIVEN: Final = tuple("蘭秋紅翠玄莊香梅雪娥芳蓉")
_VIETNAMESE_SURNAMES: Final = ("阮", "陳", "黎", "范", "黃")
_LATIN_GIVEN: Final = {
    "M": ("Agus", "Budi", "Eko", "Hendra", "Jose", "Marlon", "Rizal", "Somchai", "Wahyu", "Yusuf"),
    "F": ("Siti", "Dewi", "Rina", "Maricel", "Jocelyn", "Wati", "Nurul", "Lorna", "Yanti", "Malee"),
}  # fmt: skip
_LATIN_SURNAMES: Final = (
    "Santoso", "Wijaya", "Hidayat", "Lestari", "Reyes", "Villanueva", "Bautista", "Saetang",
    "Pratama", "Kusuma",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Person:
    """One person. ``index`` ties every record, note and identifier of the person together."""

    index: int
    sex: Sex
    born: date
    home: Division
    surname: str
    name: str
    identity: str
    identity_type: str


def encodable(text: str) -> bool:
    """Return whether ``text`` can be written in Big5 as Windows does (cp950)."""
    try:
        text.encode("cp950")
    except UnicodeEncodeError:
        return False
    return True


@cache
def _forbidden() -> tuple[str, ...]:
    places = {county[:-1] for county in counties()}
    places |= {division.township[:-1] for division in divisions() if len(division.township) > 2}
    return (*STOP_WORDS, *sorted(place for place in places if len(place) > 1))


@cache
def _surnames() -> Weighted[str]:
    return Weighted.of([pair for pair in _names().surnames if encodable(pair[0])])


@cache
def _given(sex: Sex) -> Weighted[str]:
    return Weighted.of(_names().given_male if sex == "M" else _names().given_female)


@cache
def _names() -> Names:
    return names()


@cache
def _homes() -> Weighted[str]:
    return Weighted.of(tuple(COUNTY_SHARES.items()))


@cache
def _townships(county: str) -> tuple[Division, ...]:
    return tuple(division for division in divisions() if division.county == county)


def chinese_name(sex: Sex, rng: np.random.Generator) -> tuple[str, str]:
    """Return a surname and a full name of three or four characters that is no place or word."""
    while True:
        surname, given = _surnames().one(rng), _given(sex).one(rng)
        if chance(0.5, rng):
            given = given[0] + _given(sex).one(rng)[1]
        name = surname + given
        if given[0] != given[1] and not any(word in name for word in _forbidden()):
            return surname, name


def _foreign_name(sex: Sex, rng: np.random.Generator) -> tuple[str, str]:
    if chance(0.6, rng):
        surname = pick(_VIETNAMESE_SURNAMES, rng)
        if sex == "F":
            return surname, f"{surname}氏{pick(_VIETNAMESE_GIVEN, rng)}"
        return surname, f"{surname}文{pick('雄俊勇強德海', rng)}"
    surname = pick(_LATIN_SURNAMES, rng)
    return surname, f"{pick(_LATIN_GIVEN[sex], rng)} {surname}"


def _birthday(ages: Weighted[int], today: date, rng: np.random.Generator) -> date:
    days = ages.one(rng) * 365.25 + rng.random() * 5 * 365.25
    return today - timedelta(days=int(days))


def _letter(county: str, rng: np.random.Generator) -> str:
    birthplace = county if chance(0.7, rng) else _homes().one(rng)
    return COUNTY_LETTERS[birthplace]


def draw_person(
    index: int, rng: np.random.Generator, *, today: date, ages: Weighted[int] = ADULT_AGES
) -> Person:
    """Return one person as of ``today``; ``ages`` weighs the lower ends of five-year bands."""
    sex: Sex = "F" if chance(FEMALE_SHARE, rng) else "M"
    born = _birthday(ages, today, rng)
    home = pick(_townships(_homes().one(rng)), rng)
    letter = _letter(home.county, rng)
    if chance(RESIDENT_SHARE, rng):
        surname, name = _foreign_name(sex, rng)
        issue = identifiers.resident_id if chance(2 / 3, rng) else identifiers.old_resident_id
        identity, kind = issue(letter, sex, rng), "TW_RESIDENT_ID"
    else:
        surname, name = chinese_name(sex, rng)
        identity, kind = identifiers.national_id(letter, sex, rng), "TW_NATIONAL_ID"
    return Person(index, sex, born, home, surname, name, identity, kind)


def draw_people(
    count: int, rng: np.random.Generator, *, today: date, ages: Weighted[int] = ADULT_AGES
) -> tuple[Person, ...]:
    """Return ``count`` people with distinct identity numbers, indexed from 0."""
    seen: set[str] = set()
    people: list[Person] = []
    while len(people) < count:
        person = draw_person(len(people), rng, today=today, ages=ages)
        if person.identity not in seen:
            seen.add(person.identity)
            people.append(person)
    return tuple(people)


def age_on(born: date, day: date) -> int:
    """Return the age in whole years on ``day``."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def honorific(person: Person) -> str:
    """Return the surname with 先生 or 小姐."""
    return f"{person.surname}{'先生' if person.sex == 'M' else '小姐'}"
