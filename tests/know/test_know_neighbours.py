"""Neighbours of a column: part of its score, named; and lists of facilities, which are about nobody."""

from __future__ import annotations

import math
import random

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anping.core.columns import ColumnFinding, Role
from anping.core.taiwan import divisions
from anping.engine.table import Table
from anping.know.discover.columns import LOG_ODDS, find_column, find_columns
from anping.know.discover.neighbours import Looked, groups, supports
from anping.know.discover.table_values import table_values
from anping.know.discover.taxonomy import taxonomy
from anping.know.page import page
from anping.know.scan import scan

ROWS = 60


def parts(finding: ColumnFinding) -> dict[str, float]:
    """Return what each part adds to a finding's score."""
    code = next(code for code in finding.evidence if code.startswith(LOG_ODDS))
    found = {}
    for part in code.removeprefix(LOG_ODDS).split():
        at = max(part.rfind("+"), part.rfind("-"))
        found[part[:at]] = float(part[at:])
    return found


def found(**columns: list[str]) -> dict[str, ColumnFinding]:
    return {one.column: one for one in find_columns(Table.of(pa.table(columns)))}


@pytest.fixture(scope="module")
def clinic() -> dict[str, list[str]]:
    draw = random.Random(3)
    return {
        "col_1": [f"{draw.randrange(10**7, 10**8)}" for _ in range(ROWS)],
        "col_2": [draw.choice(["E11.9", "I10", "J45.9"]) for _ in range(ROWS)],
        "col_3": [draw.choice(["A型", "B型", "O型", "AB型"]) for _ in range(ROWS)],
    }


@pytest.fixture(scope="module")
def places() -> dict[str, list[str]]:
    draw = random.Random(5)
    there = [draw.choice(divisions()) for _ in range(ROWS)]
    return {
        "館名": [f"{one.township}第{n}圖書館" for n, one in enumerate(there)],
        "地址": [f"{one.county}{one.township}中山路{n + 1}號" for n, one in enumerate(there)],
        "電話": [f"02-2{draw.randrange(100, 999)}-{draw.randrange(1000, 9999)}" for _ in there],
        "緯度": [f"{draw.uniform(22, 25):.6f}" for _ in there],
        "經度": [f"{draw.uniform(120, 122):.6f}" for _ in there],
    }


def test_the_parts_of_a_score_add_up_to_its_confidence(
    clinic: dict[str, list[str]], places: dict[str, list[str]]
) -> None:
    for finding in (*found(**clinic).values(), *found(**places).values()):
        total = sum(parts(finding).values())
        assert finding.confidence == pytest.approx(1 / (1 + math.exp(-total)), abs=0.002)


def test_a_number_beside_diagnoses_and_blood_types_is_the_patients(
    clinic: dict[str, list[str]],
) -> None:
    together = found(**clinic)["col_1"]
    assert together.semantic_type == "MEDICAL_RECORD_NO"
    assert parts(together)["neighbours"] > 0
    assert {"neighbour:BLOOD_TYPE", "neighbour:DIAGNOSIS"} <= set(together.evidence)
    assert together.alternatives[0] == "RECORD_ID"
    alone = found(col_1=clinic["col_1"])["col_1"]
    assert alone.semantic_type == "RECORD_ID"
    assert "neighbours" not in parts(alone)


def test_latitudes_and_longitudes_make_each_other_positions(places: dict[str, list[str]]) -> None:
    both = found(a=places["緯度"], b=places["經度"])
    assert {one.semantic_type for one in both.values()} == {"LOCATION"}
    assert "neighbour:longitude" in both["a"].evidence
    assert {one.role for one in both.values()} == {Role.QUASI_IDENTIFIER}
    one = found(a=places["緯度"])["a"]
    assert one.semantic_type == "NUMBER"


def test_a_wide_table_without_people_speaks_against_ages() -> None:
    draw = random.Random(8)
    ages = [str(round(draw.triangular(0, 92, 45))) for _ in range(300)]
    code = [f"P-{n % 7}" for n in range(300)]
    reading = [f"{draw.uniform(1, 9):.2f}" for _ in range(300)]
    names = ["王小明", "陳怡君", "林志豪", "李淑芬", "張雅婷", "黃家豪"]
    persons = [draw.choice(names) for _ in range(300)]
    machine = found(col_1=ages, col_2=code, col_3=reading, col_4=reading, col_5=code)["col_1"]
    person = found(
        col_1=ages, col_2=persons, col_3=[draw.choice("男女") for _ in ages], col_4=code, col_5=code
    )["col_1"]
    assert machine.semantic_type != "AGE"
    assert person.semantic_type == "AGE"
    assert parts(person)["neighbours"] > 0


def test_how_a_public_place_is_reached_is_nobodys(places: dict[str, list[str]]) -> None:
    public = found(**places)
    for name in ("地址", "電話", "緯度", "經度"):
        assert public[name].role is Role.NONE
        assert "public-place:館名" in public[name].evidence
        assert public[name].categories == ("organisation",)
    assert public["地址"].semantic_type == "ADDRESS_FULL"


def test_with_a_person_in_the_table_it_is_somebodys(places: dict[str, list[str]]) -> None:
    volunteers = ["王小明", "陳怡君", "林志豪", "李淑芬", "張雅婷", "黃家豪"] * (ROWS // 6)
    mixed = found(**places, 志工=volunteers)
    roles = [mixed[name].role for name in ("地址", "電話", "緯度")]
    assert roles == [Role.DIRECT_IDENTIFIER, Role.DIRECT_IDENTIFIER, Role.QUASI_IDENTIFIER]


def test_silence_alone_makes_nothing_public(places: dict[str, list[str]]) -> None:
    nameless = found(**{name: cells for name, cells in places.items() if name != "館名"})
    assert nameless["電話"].role is Role.DIRECT_IDENTIFIER
    assert nameless["緯度"].role is Role.QUASI_IDENTIFIER


def test_mobile_numbers_are_peoples_own(places: dict[str, list[str]]) -> None:
    mobiles = [f"0912{n:06d}" for n in range(ROWS)]
    public = found(**{**places, "電話": mobiles})
    assert public["電話"].role is Role.DIRECT_IDENTIFIER
    assert public["地址"].role is Role.NONE


def test_the_page_shows_what_each_part_adds(places: dict[str, list[str]]) -> None:
    drawn = page({"places": scan(Table.of(pa.table({"a": places["緯度"], "b": places["經度"]})))})
    assert "加權（對數勝算）：值 -1.00 · 鄰欄 +2.50" in drawn
    assert "weighed as log-odds: values -1.00 · neighbours +2.50" in drawn


def test_a_column_by_itself_has_no_neighbours(clinic: dict[str, list[str]]) -> None:
    (values,) = table_values(Table.of(pa.table({"col_2": clinic["col_2"]})))
    assert "neighbours" not in parts(find_column(values))


@given(st.lists(st.sampled_from(sorted(taxonomy())), min_size=1, max_size=12), st.randoms())
def test_neighbours_add_the_same_in_any_order_and_never_much(
    kinds: list[str], shuffle: random.Random
) -> None:
    (values,) = table_values(Table.of(pa.table({"a": ["x"] * 3})))
    columns = [Looked(kind, 0.95, values) for kind in kinds]
    order = list(range(len(kinds)))
    shuffle.shuffle(order)
    plain = supports(columns)
    turned = supports([columns[at] for at in order])
    for at, place in enumerate(order):
        for kind, support in turned[at].items():
            assert support.log_odds == pytest.approx(plain[place][kind].log_odds)
            assert abs(support.log_odds) <= sum(group.most for group in groups()) + 1


def test_the_groups_name_types_that_there_are() -> None:
    for group in groups():
        assert group.beside <= taxonomy().keys()
        assert group.supports <= taxonomy().keys()
