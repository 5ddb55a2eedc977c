from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anping.core.errors import ParameterError, PlanError
from anping.core.taiwan import counties, divisions
from anping.protect.deid.hierarchies.addresses import REGIONS, addresses, postal_codes
from anping.protect.deid.hierarchies.ages import ages
from anping.protect.deid.hierarchies.categories import all_or_nothing, categories, tree
from anping.protect.deid.hierarchies.dates import dates
from anping.protect.deid.hierarchies.numbers import numbers
from anping.protect.deid.hierarchy import MISSING, TOP, Hierarchy

METHOD = st.sampled_from(["quantile", "round"])
START = st.sampled_from(["value", "interval"])
ANY_NUMBER = st.none() | st.floats() | st.integers(-(10**12), 10**12) | st.text(max_size=5)


def assert_complete(hierarchy: Hierarchy, values: list[object]) -> None:
    """Complete for what was observed, one root, coverage rising with the level.

    That a value has one parent and one meaning is checked whenever a hierarchy is made.
    """
    hierarchy.require(hierarchy.leaf_of(value) for value in values)
    assert hierarchy.values_at(hierarchy.height) == (TOP,)
    for path in hierarchy.paths.values():
        covered = [hierarchy.covered(value) for value in path]
        assert covered == sorted(covered)
        assert covered[-1] == hierarchy.domain_size
    for level in range(hierarchy.height + 1):
        names, codes = hierarchy.values_at(level), hierarchy.codes_at(level)
        assert [names[code] for code in codes] == [p[level] for p in hierarchy.paths.values()]


@given(st.lists(ANY_NUMBER, max_size=40), st.integers(2, 40), METHOD, START)
def test_numbers_are_complete_and_nested(
    values: list[object],
    bins: int,
    method: Literal["quantile", "round"],
    start: Literal["value", "interval"],
) -> None:
    hierarchy = numbers(
        "x",
        values,
        method=method,
        bins=bins,
        start=start,
    )
    assert_complete(hierarchy, values)


@given(st.lists(st.none() | st.integers(-5, 130) | st.text(max_size=3), max_size=40))
def test_ages_are_complete_and_nested(values: list[object]) -> None:
    assert_complete(ages("age", values), values)


@given(
    st.lists(st.none() | st.dates() | st.dates().map(str) | st.text(max_size=4), max_size=20),
    st.sampled_from(["day", "month", "quarter", "year", "5years", "decade"]),
)
def test_dates_are_complete_and_nested(values: list[object], start: str) -> None:
    assert_complete(dates("d", values, start=start), values)  # type: ignore[arg-type]


@given(st.lists(st.none() | st.sampled_from([*"abcdefgh", "其他類別"]), max_size=60))
def test_categories_are_complete_and_nested(values: list[object]) -> None:
    assert_complete(categories("c", values, rare=(0.1, 0.3)), values)
    assert_complete(all_or_nothing("c", values), values)


def test_ages_are_banded_and_top_coded() -> None:
    hierarchy = ages("age", [18, 34.0, "88", 103, None])
    assert hierarchy.paths["34"] == ("34", "30-34", "30-39", "20-39", "*")
    assert hierarchy.paths["88"] == ("88", "85-89", "80-89", "80+", "*")
    assert hierarchy.leaf_of(103) == "90+"
    assert hierarchy.paths["90+"] == ("90+", "90+", "90+", "80+", "*")
    assert hierarchy.paths[MISSING] == ("", "", "", "", "*")
    with pytest.raises(ParameterError, match="widths-not-nested"):
        ages("age", [1], widths=(5, 12))


def test_numbers_never_show_the_extremes_or_an_exact_quantile() -> None:
    values = [31_337 + 1_013 * i for i in range(200)]
    hierarchy = numbers("income", values, bins=8)
    shown = {name for level in range(1, hierarchy.height) for name in hierarchy.values_at(level)}
    assert not any(str(value) in name for value in values for name in shown)
    assert hierarchy.values_at(1)[0].startswith("<")
    assert hierarchy.values_at(1)[-1].startswith(">=")
    assert len(hierarchy.values_at(1)) == 8


def test_numbers_around_zero_and_with_many_zeros() -> None:
    signed = numbers("x", [n / 10 for n in range(-30, 31)], method="round", bins=8)
    assert [len(signed.values_at(level)) for level in range(1, signed.height)] == [7, 2]
    mostly_zero = [0] * 900 + [7 * n for n in range(100, 200)]
    hierarchy = numbers("x", mostly_zero, bins=8)
    assert len(hierarchy.values_at(1)) == 8
    zero = hierarchy.paths["0"][1]
    assert hierarchy.covered(zero) == 1
    assert numbers("x", [0, 1], bins=8).height == 2
    assert numbers("x", [5, 5]).height == 1


@pytest.mark.parametrize("method", ["quantile", "round"])
@pytest.mark.parametrize(
    "values", [[-1.7e308, 1.7e308], [0, 5e-324], [0, 5e-324, 1e288], [1e16, 1e16 + 2]]
)
def test_numbers_at_the_ends_of_arithmetic(
    values: list[object], method: Literal["quantile", "round"]
) -> None:
    assert_complete(numbers("x", values, method=method, bins=8), values)


def test_dates_come_out_gregorian_at_the_level_where_the_plan_starts() -> None:
    hierarchy = dates("born", ["民國74年3月14日", date(1991, 12, 1), "?", None], start="month")
    assert hierarchy.leaf_of("74/03/14") == "1985-03"
    assert hierarchy.paths["1985-03"] == (
        "1985-03",
        "1985-Q1",
        "1985",
        "1985-1989",
        "1980-1989",
        "*",
    )
    assert set(hierarchy.leaves) == {"", "1985-03", "1991-12"}
    assert not any("14" in leaf for leaf in hierarchy.leaves)
    with pytest.raises(ParameterError, match=r"deid\.grain"):
        dates("born", [], start="week")  # type: ignore[arg-type]


def test_a_full_address_never_becomes_a_leaf() -> None:
    raw = "台北市大安區和平東路二段１０６號"
    hierarchy = addresses("address", [raw, "no address"])
    assert hierarchy.leaf_of(raw) == "臺北市大安區"
    assert hierarchy.paths["臺北市大安區"] == ("臺北市大安區", "臺北市", "北部", "*")
    assert hierarchy.leaf_of("no address") == MISSING
    assert hierarchy.domain_size == len({(d.county, d.township) for d in divisions()}) + 1
    by_county = addresses("address", ["臺北市"], start="county")
    assert by_county.leaf_of("台北市") == by_county.leaf_of(raw) == "臺北市"
    assert by_county.domain_size == 22


@pytest.mark.parametrize(
    ("written", "township"),
    [
        ("臺北縣板橋市文化路一段1號", "新北市板橋區"),
        ("220 台北縣板橋市", "新北市板橋區"),
        ("桃園縣中壢市", "桃園市中壢區"),
        ("台中縣豐原市", "臺中市豐原區"),
        ("台南縣七股鄉", "臺南市七股區"),
        ("高雄縣三民鄉", "高雄市那瑪夏區"),
        ("高雄縣茂林鄉", "高雄市茂林區"),
        ("桃園縣不存在鄉", ""),
    ],
)
def test_an_address_from_before_the_merging_of_counties(written: str, township: str) -> None:
    hierarchy = addresses("address", [written])
    assert hierarchy.leaf_of(written) == township
    county = addresses("address", [written], start="county")
    assert county.leaf_of(written) == (township[:3] or "桃園市")


def test_every_county_lies_in_one_region() -> None:
    assert sorted(county for members in REGIONS.values() for county in members) == sorted(
        counties()
    )


def test_postal_codes_are_cut_to_three_digits() -> None:
    hierarchy = postal_codes("zip", ["10617", 106, 106.0, "nonsense"])
    assert {hierarchy.leaf_of(value) for value in ("10617", "106-44", 106, 106.0)} == {"106"}
    assert hierarchy.paths["106"] == ("106", "臺北市", "北部", "*")
    assert MISSING in hierarchy.paths


def test_rare_values_are_grouped() -> None:
    values = ["a"] * 90 + ["b"] * 3 + ["c"] * 3 + ["d"] * 4
    hierarchy = categories("job", values)
    assert hierarchy.paths["a"] == ("a", "a", "*")
    assert hierarchy.paths["b"] == ("b", "其他類別", "*")
    assert categories("job", ["a", "b"]).height == 1


def test_a_tree_must_hold_every_observed_value() -> None:
    parents = {"nurse": ["health"], "doctor": ["health"], "clerk": ["office"]}
    hierarchy = tree("job", ["nurse", None], parents=parents)
    assert hierarchy.paths["nurse"] == ("nurse", "health", "*")
    with pytest.raises(PlanError, match="hierarchy-incomplete") as caught:
        tree("job", ["nurse", "astronaut"], parents=parents)
    assert "astronaut" not in str(caught.value)
    with pytest.raises(PlanError, match="tree-uneven"):
        tree("job", [], parents={"a": ["b"], "c": []})


@pytest.mark.parametrize(
    ("paths", "code"),
    [
        ({}, "empty"),
        ({"a": ("a", "x", "*"), "b": ("b", "*")}, "ragged"),
        ({"a": ("b", "*")}, "level-zero"),
        ({"a": ("a", "x", "1"), "b": ("b", "x", "2")}, "two-parents"),
        ({"a": ("a", "b", "*"), "b": ("b", "b", "*")}, "ambiguous"),
        ({"a": ("a", "b", "a", "*")}, "cycle"),
        ({"a": ("a", "b", "*"), "b": ("b", "a", "*")}, "cycle"),
        ({"a": ("a", "", "*")}, "gap"),
        ({"a": ("a", "x", "")}, "blank"),
    ],
)
def test_a_broken_hierarchy_is_refused(paths: dict[str, tuple[str, ...]], code: str) -> None:
    with pytest.raises(PlanError) as caught:
        Hierarchy("q", paths)
    assert caught.value.code == f"deid.hierarchy-{code}"
    assert caught.value.where.column == "q"


@pytest.mark.parametrize(
    ("text", "code", "row"),
    [
        ("", "empty", None),
        ("a;x;*\n\nb;*\n", "ragged", 3),
        ("a;x;*\nb;;*\n", "gap", 2),
        ("a;x;*\nb;x;\n", "blank", 2),
        ("a;x;*\nb;x;*\na;x;*\n", "doubled", 3),
        ("a;b;*\nb;a;*\n", "cycle", 1),
        ("a;x;y;x;*\n", "cycle", 1),
        ("a;x;u;*\nb;x;v;*\n", "two-parents", 2),
        ("value;group;top\na;x;*\nb;x;*\n", "two-roots", 2),
        ("a;a1;x;*\nb;a1;y;*\n", "two-parents", 2),
        ("a;a;*\nb;a;*\n", "ambiguous", 1),
        ('a;"x;*\n' + "y" * 140_000, "unreadable", 2),
    ],
)
def test_a_fault_of_a_file_is_told_with_its_row(
    text: str, code: str, row: int | None, tmp_path: Path
) -> None:
    file = tmp_path / "levels.csv"
    file.write_text(text, "utf-8")
    with pytest.raises(PlanError) as caught:
        Hierarchy.from_csv("q", file)
    assert caught.value.code == f"deid.hierarchy-{code}"
    where = caught.value.where
    assert (where.file, where.row, where.column) == ("levels.csv", row, "q")


_CELL = st.sampled_from(["a", "b", "c", "x", "y", "*", ""])


@given(st.lists(st.lists(_CELL, min_size=1, max_size=4).map(tuple), max_size=6))
def test_a_hierarchy_that_is_taken_is_sound(rows: list[tuple[str, ...]]) -> None:
    try:
        hierarchy = Hierarchy("q", {row[0]: row for row in rows})
    except PlanError:
        return
    for level in range(hierarchy.height):
        finer, coarser = hierarchy.codes_at(level), hierarchy.codes_at(level + 1)
        pairs = set(zip(finer.tolist(), coarser.tolist(), strict=True))
        assert len(pairs) == len(set(finer.tolist()))
    for level in range(hierarchy.height + 1):
        for value in hierarchy.values_at(level):
            here = {leaf for leaf, path in hierarchy.paths.items() if path[level] == value}
            assert here == {leaf for leaf, path in hierarchy.paths.items() if value in path}
            assert len(here) == hierarchy.covered(value)


def test_values_that_are_spelt_otherwise_are_counted_in_the_hint() -> None:
    hierarchy = Hierarchy(
        "q", {"台北": ("台北", "*"), "007": ("007", "*"), "Nurse": ("Nurse", "*")}
    )
    with pytest.raises(PlanError, match="hierarchy-incomplete") as caught:
        hierarchy.require(["臺北", "7", "ＮＵＲＳＥ ", "astronaut"], file="q.csv")
    assert "4 distinct" in caught.value.what.en
    assert "3 of them" in caught.value.hint.en
    assert caught.value.where.file == "q.csv"
    assert "astronaut" not in str(caught.value)


def test_csv_round_trip_in_arx_s_format(tmp_path: Path) -> None:
    hierarchy = ages("age", range(18, 95))
    file = tmp_path / "age.csv"
    hierarchy.to_csv(file)
    assert file.read_text().splitlines()[0] == "18;15-19;10-19;0-19;*"
    assert Hierarchy.from_csv("age", file) == hierarchy
    commas = tmp_path / "commas.csv"
    commas.write_text("\ufeffM,*\r\nF,*\r\n", encoding="utf-8")
    assert Hierarchy.from_csv("sex", commas).leaves == ("M", "F")


def test_an_unusable_csv_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="hierarchy-unreadable"):
        Hierarchy.from_csv("q", tmp_path / "absent.csv")
    big5 = tmp_path / "big5.csv"
    big5.write_bytes("臺北;*".encode("big5"))
    with pytest.raises(PlanError, match="hierarchy-unreadable"):
        Hierarchy.from_csv("q", big5)
