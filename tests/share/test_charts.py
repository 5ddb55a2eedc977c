from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anping.core.measure import Interval, Measure
from anping.core.text import LANGUAGES, Text
from anping.share.charts.chart import Axis, Chart, Kind, ReferenceLine, Series, same
from anping.share.charts.class_sizes import class_size_figure
from anping.share.charts.figures import release_figures, risk_figure
from anping.share.charts.scale import linear, shortened, text_width, written
from anping.share.charts.svg import draw_svg
from anping.share.charts.vega_lite import vega_lite
from anping.share.release import Release

SPACE = "{http://www.w3.org/2000/svg}"
AXIS = Axis(Text("軸", "axis"), "percent")


def make(kind: Kind, values: list[float | None], words: str = "甲", series: int = 2) -> Chart:
    intervals = tuple(
        None if value is None else Interval(value - 0.1, value + 0.1, 0.95, "wilson")
        for value in values
    )
    return Chart(
        id="one",
        kind=kind,
        title=Text(words, words),
        description=Text("說明", "description"),
        category=AXIS,
        value=AXIS,
        categories=tuple(same(f"{words}{index}") for index in range(len(values))),
        series=tuple(
            Series(same(f"{words}{index}"), tuple(values), intervals) for index in range(series)
        ),
        references=(ReferenceLine(0.2, same(words)), ReferenceLine(0.21, same(words))),
    )


@given(
    kind=st.sampled_from(["bar", "histogram", "line"]),
    values=st.lists(st.none() | st.floats(-1e6, 1e6, allow_nan=False), min_size=1, max_size=12),
    words=st.text(max_size=30),
    series=st.integers(1, 4),
)
def test_every_chart_is_well_formed_and_inside_its_frame(
    kind: Any, values: list[float | None], words: str, series: int
) -> None:
    chart = make(kind, values, words, series)
    for language in LANGUAGES:
        root = ET.fromstring(draw_svg(chart, language))
        width, height = (float(root.attrib[name]) for name in ("width", "height"))
        for box in root.iter(f"{SPACE}rect"):
            assert float(box.attrib["x"]) >= -0.1
            assert float(box.attrib["x"]) + float(box.attrib["width"]) <= width + 0.1 or series > 1
            assert float(box.attrib["y"]) + float(box.attrib["height"]) <= height + 0.1
        json.dumps(vega_lite(chart, language), allow_nan=False)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_chart_speaks_to_those_who_cannot_see_it(language: Any, release: Release) -> None:
    for chart in release_figures(release.measures):
        root = ET.fromstring(draw_svg(chart, language))
        assert root.attrib["role"] == "img"
        ids = root.attrib["aria-labelledby"].split()
        title, desc = root.find(f"{SPACE}title"), root.find(f"{SPACE}desc")
        assert title is not None
        assert desc is not None
        assert [title.attrib["id"], desc.attrib["id"]] == ids
        assert title.text == chart.title.to(language)
        assert desc.text == chart.description.to(language)


def test_an_svg_loads_nothing_and_follows_the_scheme(release: Release) -> None:
    for chart in release_figures(release.measures):
        drawing = draw_svg(chart, "zh")
        assert drawing.replace('xmlns="http://www.w3.org/2000/svg"', "").count("http") == 0
        assert "url(" not in drawing
        assert "prefers-color-scheme:dark" in drawing


def test_words_are_escaped() -> None:
    drawing = draw_svg(make("bar", [0.1], "<script>&\x00"), "en")
    assert "<script" not in drawing
    assert "&lt;script&gt;&amp;" in drawing


def test_the_vega_lite_data_are_inline() -> None:
    spec = vega_lite(make("bar", [0.1, None]), "en")
    assert spec["data"]["values"][0]["value"] == 0.1
    assert spec["data"]["values"][1]["value"] is None
    assert '"url"' not in json.dumps(spec)
    assert len(spec["layer"]) == 3


def test_the_figures_of_a_release_follow_its_measures(release: Release) -> None:
    ids = [chart.id for chart in release_figures(release.measures)]
    assert ids == [
        "risk",
        "linkage",
        "information-loss",
        "model-quality",
        "completeness",
        "detection-recall",
    ]
    assert release_figures(()) == ()


def test_risk_shows_both_sides_and_the_limit(release: Release) -> None:
    chart = risk_figure(release.measures, limits=(ReferenceLine(0.2, same("limit")),))
    assert chart is not None
    assert [one.values[0] for one in chart.series] == [1.0, 0.1667]
    assert "100% → 16.7%" in chart.description.en


def test_a_side_that_was_not_measured_is_a_gap() -> None:
    only = Measure("risk.marketer", 0.1, "probability", 5, same("m"), subject="after")
    chart = risk_figure((only,))
    assert chart is not None
    assert chart.series[0].values == (None,)


def _bands(*people: int | None) -> list[dict[str, int | None]]:
    ends = [(1, 1), (2, 4), (5, None)]
    return [
        {"low": low, "high": high, "people": count}
        for (low, high), count in zip(ends, people, strict=True)
    ]


def test_suppressed_class_sizes_are_not_drawn() -> None:
    chart = class_size_figure(_bands(50, 50, 0), _bands(0, None, 90))
    assert chart is not None
    assert chart.series[0].values == (0.5, 0.5, 0.0)
    assert chart.series[1].values == (0.0, None, 1.0)
    assert [text.en for text in chart.categories] == ["1", "2–4", "5+"]
    assert class_size_figure([], []) is None


def test_a_chart_needs_as_many_values_as_categories() -> None:
    with pytest.raises(ValueError, match="one value"):
        Chart("x", "bar", same("t"), same("d"), AXIS, AXIS, (same("a"),), (Series(same("s"), ()),))


@given(low=st.floats(-1e9, 1e9), size=st.floats(1e-6, 1e9))
def test_a_scale_covers_its_extent_with_a_few_round_ticks(low: float, size: float) -> None:
    scale = linear((low, low + size), 0, 100)
    assert scale.low <= low + 1e-6 * size + 1e-12 * abs(low)
    assert scale.high >= low + size - 1e-6 * size - 1e-12 * abs(low)
    assert 2 <= len(scale.ticks) <= 12
    assert 0 <= scale(low) <= 100


@pytest.mark.parametrize(
    ("value", "form", "expected"),
    [
        (0.125, "percent", "12.5%"),
        (1.0, "percent", "100%"),
        (0.0001, "percent", "<0.1%"),
        (0.0, "percent", "0%"),
        (0.9999, "percent", ">99.9%"),
        (1.0002, "percent", "100%"),
        (-0.0001, "percent", "−0.01%"),
        (-0.00042, "percent", "−0.04%"),
        (-0.073, "percent", "−7.3%"),
        (-0.9999, "percent", "−99.99%"),
        (-1e-12, "percent", "≈0%"),
        (-0.0, "percent", "0%"),
        (-0.00004, "number", "−0.00004"),
        (0.00004, "number", "0.00004"),
        (-0.25, "number", "−0.25"),
        (-1204.0, "number", "−1,204"),
        (1204.0, "number", "1,204"),
        (0.8731, "number", "0.873"),
        (123456.7, "number", "123,457"),
    ],
)
def test_numbers_are_written_for_people(value: float, form: Any, expected: str) -> None:
    assert written(value, form) == expected


def test_a_share_is_never_rounded_to_nothing_or_to_all() -> None:
    assert written(0.003, "percent", digits=0) == "<1%"
    assert written(0.9996, "percent", digits=0) == ">99%"
    assert written(0.008, "percent", digits=0) == "1%"


def _placed(drawing: str, words: str) -> tuple[float, float]:
    root = ET.fromstring(drawing)
    found = [each for each in root.iter(f"{SPACE}text") if each.text == words]
    return float(found[0].attrib["x"]), float(found[0].attrib["y"])


@given(value=st.floats(0.001, 0.998), limits=st.lists(st.floats(0, 1), min_size=1, max_size=3))
def test_no_threshold_runs_through_the_value_of_a_bar(value: float, limits: list[float]) -> None:
    chart = Chart(
        "x", "bar", same("t"), same("d"), AXIS, AXIS, (same("a"),), (Series(same("s"), (value,)),),
        references=tuple(ReferenceLine(limit, same(f"L{n}")) for n, limit in enumerate(limits)),
        domain=(0.0, 1.0),
    )  # fmt: skip
    drawing = draw_svg(chart, "en")
    words = written(value, "percent")
    # The last text of those words is the value: a tick could read the same.
    root = ET.fromstring(drawing)
    places = [
        (float(each.attrib["x"]), float(each.attrib["y"]))
        for each in root.iter(f"{SPACE}text")
        if each.text == words and each.attrib["text-anchor"] == "start"
    ]
    start, _ = places[-1]
    end = start + text_width(words, 12)
    lines = [
        float(line.attrib["x1"])
        for line in root.iter(f"{SPACE}line")
        if line.attrib["class"] == "mark"
    ]
    assert lines
    assert not [x for x in lines if start < x < end]
    assert end <= float(root.attrib["width"])


def test_the_value_over_the_highest_column_is_clear_of_the_axis_title() -> None:
    chart = class_size_figure(_bands(10, 0, 0), _bands(0, 0, 10))
    assert chart is not None
    drawing = draw_svg(chart, "en")
    title = _placed(drawing, chart.value.title.en)[1]
    values = [
        float(each.attrib["y"])
        for each in ET.fromstring(drawing).iter(f"{SPACE}text")
        if each.text == "100%" and each.attrib["text-anchor"] == "middle"
    ]
    assert min(values) - title >= 14


def test_a_picture_says_on_how_many_it_rests(release: Release) -> None:
    notes = {chart.id: chart.note for chart in release_figures(release.measures)}
    assert notes["linkage"] == same("n\u00a0=\u00a02,000")
    assert notes["completeness"] == same("n\u00a0=\u00a010,000")
    assert notes["detection-recall"] == same("n\u00a0=\u00a05,120–10,000")


def test_a_full_width_character_takes_an_em() -> None:
    assert text_width("安平", 10) == 20
    assert shortened("安平安平", 10, 31).endswith("…")
    assert shortened("安平", 10, 31) == "安平"


def test_a_wide_table_shows_its_worst_columns_and_says_so() -> None:
    measures = tuple(
        Measure("quality.completeness", 1 - n / 1000, "share", 9, same("c"), f"c{n}")
        for n in range(500)
    )
    (chart,) = release_figures(measures)
    assert len(chart.categories) == 12
    assert chart.categories[0].en == "c499"
    assert "worst 12 of 500" in chart.title.en
    assert "500 項" in chart.title.zh
