"""Hierarchies of published classifications: ICD-10, occupations, postal codes."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anping.core.errors import ParameterError
from anping.core.taiwan import divisions
from anping.protect.deid.hierarchies.addresses import postal_codes
from anping.protect.deid.hierarchies.diagnoses import icd10
from anping.protect.deid.hierarchies.occupations import occupations
from anping.protect.deid.hierarchies.published import published
from anping.protect.deid.hierarchy import MISSING, TOP, Hierarchy
from anping.protect.deid.preview import preview

CODES = [
    "E11.9",
    "E11.65",
    "E10.9",
    "E66.9",
    "I10",
    "S72.001A",
    "S73.0",
    "S82.1",
    "M1A.0110",
    "M10.9",
    "M17.0",
]


@pytest.mark.parametrize(
    "written",
    [
        "E11.9",
        "e11.9",
        "E119",
        " E11.9 ",
        "Ｅ１１．９",
        "E11.9 第二型糖尿病",
        "E11.9†",
        "E11.9*",
        "E11.9+",
    ],
)
def test_a_diagnosis_is_read_however_it_is_written(written: str) -> None:
    assert icd10("dx", [written]).leaf_of(written) == "E11.9"


@pytest.mark.parametrize("written", ["250.00", "糖尿病", "E1", "", None, "*", "E11.91234567", 7])
def test_what_is_no_diagnosis_code_is_missing(written: object) -> None:
    assert icd10("dx", CODES).leaf_of(written) == MISSING


def test_a_diagnosis_goes_from_code_to_chapter() -> None:
    hierarchy = icd10("dx", CODES)
    assert hierarchy.paths["E11.9"] == (
        "E11.9", "E11.-", "E08-E13", "第4章 內分泌、營養與代謝疾病 (E00-E89)", "*",
    )  # fmt: skip
    assert hierarchy.paths["M1A.0110"][2] == "M05-M14"
    assert hierarchy.paths["S72.001A"][:3] == ("S72.001A", "S72.-", "S70-S79")
    english = icd10("dx", ["E11.9", "E66.9", "I10"], language="en", start="block")
    assert english.leaf_of("E119") == "E08-E13"
    assert english.paths["E08-E13"][1].startswith("Chapter 4: Endocrine")
    assert english.leaf_of("E08-E13") == "E08-E13"


def test_the_two_editions_differ_where_they_do() -> None:
    both = ["E11.9", "E11.65", "E13.9", "E14.9", "E66.9", "T88.3", "T98.3"]
    cm, who = (icd10("dx", both, edition=edition) for edition in ("cm", "who"))
    assert (cm.paths["E11.9"][2], who.paths["E11.9"][2]) == ("E08-E13", "E10-E14")
    # What an edition does not list stands for its own block.
    assert (cm.paths["E14.9"][2], who.paths["E14.9"][2]) == ("E14-E14", "E10-E14")
    assert cm.paths["T98.3"][3].startswith("第19章")


def test_levels_that_merge_nothing_are_left_out() -> None:
    assert icd10("dx", ["E11.9", "I10"]).paths["I10"] == ("I10", TOP)
    assert occupations("job", ["2511", "5221"]).paths["2511"] == ("2511", TOP)


def test_the_ranges_of_an_edition_are_sound() -> None:
    for edition in ("cm", "who"):
        body = published("icd10")[edition]
        assert len(body["chapters"]) == len(published("icd10")["titles"]) == 22
        assert body["blocks"] == sorted(set(body["blocks"]))
        # Letters sort after digits, as in the classification itself: C7A follows C79.
        assert all(re.fullmatch(r"[A-Z]\d[\dA-Z]-[A-Z]\d[\dA-Z]", span) for span in body["blocks"])
        ends = [tuple(span.split("-")) for span in body["blocks"]]
        assert all(last < first for (_, last), (first, _) in pairwise(ends))
        for first, last in ends:
            assert first <= last
            holding = [span for span in body["chapters"] if span[:3] <= first <= last <= span[-3:]]
            assert len(holding) == 1


CODE = st.from_regex(r"[A-Za-z][0-9][0-9ABab]\.?[0-9A-Z]{0,4}", fullmatch=True)


@given(
    st.lists(CODE | st.none() | st.text(max_size=5), max_size=20), st.sampled_from(["cm", "who"])
)
def test_diagnoses_are_complete_and_nested(values: list[str | None], edition: str) -> None:
    for start in ("code", "category", "block"):
        hierarchy = icd10("dx", values, edition=edition, start=start)  # type: ignore[arg-type]
        hierarchy.require(hierarchy.leaf_of(value) for value in values)
        assert hierarchy.values_at(hierarchy.height) == (TOP,)
        for leaf in hierarchy.leaves:
            assert hierarchy.leaf_of(leaf) == leaf


def test_an_occupation_goes_from_unit_to_major_group() -> None:
    values = [
        "2512",
        "2511 系統分析師",
        "2521",
        "2310",
        "251",
        "25",
        "2",
        110,
        "0110",
        "５２２１",
        None,
    ]
    hierarchy = occupations("job", values)
    assert hierarchy.paths["2512"] == ("2512", "251x", "25xx", "2 專業人員", "*")
    assert hierarchy.paths["251"] == ("251", "251x", "25xx", "2 專業人員", "*")
    assert hierarchy.paths["25"] == ("25", "25", "25xx", "2 專業人員", "*")
    assert hierarchy.leaf_of(110) == hierarchy.leaf_of("0110") == "0110"
    assert hierarchy.paths["0110"][3] == "0 軍人"
    assert hierarchy.leaf_of("工程師") == hierarchy.leaf_of("25120") == MISSING
    english = occupations("job", values, start="major", language="en")
    assert english.leaf_of("2511") == "2 Professionals"
    assert len(published("occupations")["major"]) == 10


OCCUPATION = st.from_regex(r"[0-9]{1,5}", fullmatch=True) | st.integers(0, 12_000) | st.none()


@given(st.lists(OCCUPATION | st.text(max_size=3), max_size=20))
def test_occupations_are_complete_and_nested(values: list[str | int | None]) -> None:
    for start in ("unit", "minor", "sub_major", "major"):
        hierarchy = occupations("job", values, start=start)
        hierarchy.require(hierarchy.leaf_of(value) for value in values)
        assert hierarchy.values_at(hierarchy.height) == (TOP,)


def test_whole_postal_codes_start_at_five_or_six_digits() -> None:
    values = ["10617", "106445", "106-44", 106, 110, 220, "30041", "８０２４５", "nonsense", None]
    hierarchy = postal_codes("zip", values, start="full")
    assert hierarchy.paths["10617"] == ("10617", "106 臺北市大安區", "臺北市", "北部", "*")
    assert hierarchy.leaf_of("106-44") == "10644"
    assert hierarchy.paths["106"][1] == "106 臺北市大安區"
    # Three districts of Hsinchu share one code.
    assert hierarchy.paths["30041"][1] == "300 新竹市"
    assert hierarchy.leaf_of("８０２４５") == "80245"
    assert hierarchy.leaf_of("nonsense") == hierarchy.leaf_of("1061") == MISSING
    county = postal_codes("zip", values, start="county")
    assert county.leaf_of("10617") == "臺北市"
    assert county.domain_size == 22 + 1


@given(st.lists(st.sampled_from([d.postal_code for d in divisions()]), max_size=30))
def test_whole_postal_codes_agree_with_short_ones(codes: list[str]) -> None:
    full = postal_codes("zip", [code + "12" for code in codes], start="full")
    short = postal_codes("zip", codes)
    for code in codes:
        path = full.paths[code + "12"]
        assert path[0] == code + "12"
        # Levels that merge nothing are left out; those that are left are the short codes' own.
        assert set(path[1:]) <= {*short.paths[code][1:], *(n for n in path if n[:4] == f"{code} ")}


def test_settings_that_mean_nothing() -> None:
    with pytest.raises(ParameterError, match=r"deid\.icd10"):
        icd10("dx", [], edition="icd9")  # type: ignore[arg-type]
    with pytest.raises(ParameterError, match="occupation-start"):
        occupations("job", [], start="x")  # type: ignore[arg-type]
    with pytest.raises(ParameterError, match="postal-start"):
        postal_codes("zip", [], start="x")  # type: ignore[arg-type]


def test_a_preview_shows_levels_and_no_value_of_the_table() -> None:
    values = ["E11.9", "E11.65", "I10", "250.00", None]
    seen = preview(icd10("dx", values), values, counts=[5, 4, 3, 2, 1])
    assert (seen.rows, seen.missing, seen.unread) == (15, 1, 2)
    assert [level.values for level in seen.levels] == [4, 3, 1]
    assert [level.largest for level in seen.levels] == [1, 2, 4]
    assert not any(level.examples for level in seen.levels)
    own = Hierarchy("q", {"a": ("a", "x", "*"), "b": ("b", "x", "*")}, given=True)
    assert [level.examples for level in preview(own).levels] == [("a", "b"), ("x",), ("*",)]
    measures = seen.measures()
    assert measures[-1].value == 2 / 15
    assert [measure.key for measure in measures][:2] == [
        "deid.hierarchy.values[dx:0]", "deid.hierarchy.values[dx:1]",
    ]  # fmt: skip
    assert seen.as_json()["levels"][0] == {
        "level": 0, "values": 4, "largest": 1, "examples": [], "alone": 0, "fewest": 3,
    }  # fmt: skip
