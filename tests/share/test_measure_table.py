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
    assert series.shared == Text("quality.completeness", "quality.completeness")
    assert [text.en for text in series.range] == ["0%", "40%"]


def test_titles_that_differ_are_said_row_by_row() -> None:
    rows = tuple(
        Measure("risk.l_diversity.min", 2, "values", 9, Text(str(n), str(n)), f"c{n}")
        for n in range(4)
    )
    assert families_of(rows)[0].series[0].shared is None


def test_values_are_written_by_their_unit() -> None:
    assert shown_value(measure("m", 0.25)).en == "25%"
    assert shown_value(measure("m", 6, unit="people")).en == "6"
    assert shown_value(measure("m", 1.0, unit="boolean")) == Text("是", "yes")
    ends = Measure("m", 0.5, "share", 3, Text("m", "m"), interval=Interval(0.4, 0.6, 0.95, "w"))
    assert shown_interval(ends) == "40% – 60%"
    assert shown_interval(measure("m")) == ""
