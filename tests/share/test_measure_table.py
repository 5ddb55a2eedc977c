from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from anping.core.measure import Interval, Measure
from anping.core.text import Text
from anping.share.measure_table import families_of, shown_interval, shown_value

NAMES = ("risk.classes", "deid.level", "quality.completeness", "own.measure")


def measure(name: str, value: float = 0.5, subject: str = "", unit: str = "share") -> Measure:
    return Measure(name, value, unit, 10, Text(name, name), subject)


@given(st.lists(st.tuples(st.sampled_from(NAMES), st.integers(0, 9)), max_size=30))
def test_no_measure_is_left_out(given: list[tuple[str, int]]) -> None:
    measures = tuple(measure(name, n, f"c{n}") for name, n in given)
    shown = [
        one
        for family in families_of(measures)
        for one in (*family.singles, *(row for series in family.series for row in series.rows))
    ]
    assert sorted(map(id, shown)) == sorted(map(id, measures))


def test_a_long_list_of_one_kind_is_folded_with_its_range() -> None:
    rows = tuple(measure("quality.completeness", n / 10, f"c{n}") for n in range(5))
    (family,) = families_of((measure("quality.uniqueness"), *rows))
    assert [one.name for one in family.singles] == ["quality.uniqueness"]
    (series,) = family.series
    assert series.shared
    assert series.title == Text("quality.completeness", "quality.completeness")
    assert series.range == Text("0% – 40%", "0% – 40%")
    even = families_of(tuple(measure("quality.completeness", 1, f"c{n}") for n in range(5)))
    assert even[0].series[0].range == Text("100%", "100%")


def _titled(name: str, zh: str, en: str, subject: str) -> Measure:
    return Measure(name, 2, "values", 9, Text(zh, en), subject)


def test_titles_that_differ_are_said_row_by_row_under_a_title_in_words() -> None:
    rows = tuple(_titled("deid.level", f"層級 {n}", f"level {n}", f"c{n}") for n in range(4))
    (series,) = families_of(rows)[0].series
    assert not series.shared
    assert series.title.en == "Generalisation level of each column"
    rows = tuple(_titled("risk.x", f"猜對「c{n}」", f"Right: “c{n}”", f"c{n}") for n in range(4))
    assert families_of(rows)[0].series[0].title == Text("猜對", "Right")
    rows = tuple(_titled("risk.x", str(n), str(n), f"c{n}") for n in range(4))
    assert families_of(rows)[0].series[0].title == Text("risk.x", "risk.x")


def test_what_leads_is_shown_and_the_raw_side_and_the_rest_are_folded() -> None:
    measures = (
        measure("risk.marketer", 1.0, "before"),
        measure("risk.marketer", 0.1, "after"),
        measure("risk.classes", 9, "after"),
        measure("risk.l_diversity.min", 1, "income before"),
        measure("risk.l_diversity.min", 2, "income"),
        measure("risk.inference.control", 0.2, "income"),
    )
    (family,) = families_of(measures)
    assert [one.key for one in family.singles] == [
        "risk.marketer[after]",
        "risk.l_diversity.min[income]",
    ]
    assert [(one.title.en, [row.key for row in one.rows]) for one in family.series] == [
        ("More measures", ["risk.classes[after]", "risk.inference.control[income]"]),
        ("Before protection", ["risk.marketer[before]", "risk.l_diversity.min[income before]"]),
    ]
    assert all(one.range is None for one in family.series)


def test_a_family_without_a_leading_measure_is_not_a_heading_alone() -> None:
    (family,) = families_of((measure("own.measure"), measure("own.other", subject="c")))
    assert [one.name for one in family.singles] == ["own.measure"]
    assert [one.name for one in family.series[0].rows] == ["own.other"]


def test_values_are_written_by_their_unit() -> None:
    assert shown_value(measure("m", 0.25)).en == "25%"
    assert shown_value(measure("m", 6, unit="people")).en == "6"
    assert shown_value(measure("m", 1.0, unit="boolean")) == Text("是", "yes")
    ends = Measure("m", 0.5, "share", 3, Text("m", "m"), interval=Interval(0.4, 0.6, 0.95, "w"))
    assert shown_interval(ends) == "40% – 60%"
    assert shown_interval(measure("m")) == ""
