from __future__ import annotations

import csv
from io import StringIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anping.core.frontier import Frontier, Point
from anping.core.measure import Interval, Measure
from anping.core.text import LANGUAGES, Text
from anping.share.charts.chart import Axis, ReferenceLine, same
from anping.share.charts.scale import logarithmic
from anping.share.charts.scatter import Cloud, Dot, Scatter
from anping.share.charts.svg import draw_svg
from anping.share.frontier import (
    frontier_csv,
    frontier_figure,
    frontier_markdown,
    headers_of,
    rows_of,
)

SPACE = "{http://www.w3.org/2000/svg}"
GOLDEN = Path(__file__).with_name("golden")
KINDS = {
    "local": Text("區域重編碼", "local recoding"),
    "full": Text("全域概化", "full domain"),
}


def point(name: str, *, risk: float, loss: float, linked: float) -> Point:
    k = int(name[1:].partition("-")[0])
    spread = Interval(max(0.0, linked - 0.03), linked + 0.03, 0.95, "wilson")
    word = Text("量", "amount")
    measures = (
        Measure("deid.information_loss", loss, "share", 900, word),
        Measure("risk.prosecutor.max", 1 / k, "probability", 900, word),
        Measure("risk.prosecutor.average", risk, "probability", 900, word),
        Measure("risk.linkage.success", linked, "share", 400, word, interval=spread),
    )
    kind = KINDS[name.partition("-")[2]]
    what = Text(f"k={k}，{kind.zh}", f"k={k}, {kind.en}")
    return Point(name, what, kind, "plan: 1\n", name, measures)


def example(risk: Any = "average") -> Frontier:
    points = (
        point("k2-local", risk=0.31, loss=0.026, linked=0.29),
        point("k5-local", risk=0.13, loss=0.06, linked=0.14),
        point("k2-full", risk=0.2, loss=0.3, linked=0.05),
        point("k20-full", risk=0.002, loss=0.48, linked=0.01),
    )
    impossible = Point(
        "k900-full", KINDS["full"], KINDS["full"], "plan: 1\n", "x", (), Text("不成立", "too large")
    )
    return Frontier((*points, impossible), ("k2-local", "k5-local", "k20-full"), risk)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_picture_is_the_one_that_was_looked_at(language: Any) -> None:
    figure = frontier_figure(example(), limits=[ReferenceLine(0.2, Text("門檻", "limit"))])
    assert figure is not None
    assert draw_svg(figure, language) == (GOLDEN / f"frontier.{language}.svg").read_text("utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_picture_speaks_to_those_who_cannot_see_it(language: Any) -> None:
    figure = frontier_figure(example())
    assert figure is not None
    root = ET.fromstring(draw_svg(figure, language))
    assert root.attrib["role"] == "img"
    title, desc = root.find(f"{SPACE}title"), root.find(f"{SPACE}desc")
    assert title is not None
    assert desc is not None
    assert root.attrib["aria-labelledby"].split() == [title.attrib["id"], desc.attrib["id"]]
    for name in example().front:
        assert desc.text is not None
        assert name in desc.text
    words = [text.text for text in root.iter(f"{SPACE}text")]
    assert {"k2-local", "k5-local", "k20-full"} <= set(words)
    assert "k2-full" not in words


def test_kinds_differ_without_colour() -> None:
    figure = frontier_figure(example())
    assert figure is not None
    root = ET.fromstring(draw_svg(figure, "en"))
    assert len([*root.iter(f"{SPACE}circle")]) == 3
    assert len([*root.iter(f"{SPACE}rect")]) == 3


numbers = st.floats(0, 1, allow_nan=False)


@settings(deadline=None)
@given(
    dots=st.lists(st.tuples(numbers, numbers, st.booleans(), st.text(max_size=12)), min_size=1,
                  max_size=20),
    kinds=st.integers(1, 6),
    steep=st.booleans(),
)  # fmt: skip
def test_every_picture_is_well_formed_and_inside_its_frame(
    dots: Any, kinds: int, *, steep: bool
) -> None:
    clouds = tuple(
        Cloud(same(f"kind {kind}"), tuple(
            Dot(x, y, label, best, Interval(x, x + 0.1, 0.95, "wilson"))
            for x, y, best, label in dots[kind::kinds]
        ))
        for kind in range(kinds)
    )  # fmt: skip
    axis = Axis(Text("軸", "axis"), "percent")
    chart = Scatter("one", same("t"), same("d"), axis, axis, clouds, steep=steep)
    for language in LANGUAGES:
        root = ET.fromstring(draw_svg(chart, language))
        width, height = (float(root.attrib[name]) for name in ("width", "height"))
        for dot in root.iter(f"{SPACE}circle"):
            assert 0 <= float(dot.attrib["cx"]) <= width
            assert 0 <= float(dot.attrib["cy"]) <= height


def test_a_scatter_without_points_is_none() -> None:
    axis = Axis(same("axis"))
    with pytest.raises(ValueError, match="point"):
        Scatter("one", same("t"), same("d"), axis, axis, (Cloud(same("none"), ()),))
    assert frontier_figure(Frontier((), ())) is None


@settings(deadline=None)
@given(st.floats(1e-6, 1), st.floats(1, 1e4))
def test_a_logarithmic_scale_holds_what_it_shows(low: float, times: float) -> None:
    scale = logarithmic((low, low * times), 0, 100)
    assert scale.low <= low * 1.00001
    assert scale.high >= low * times * 0.99999
    places = [scale(tick) for tick in scale.ticks]
    assert places == sorted(places)
    assert len(places) >= 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_table_has_every_point_those_of_the_front_first(language: Any) -> None:
    found = example()
    rows = rows_of(found, language)
    assert [row[0] for row in rows] == ["k2-local", "k5-local", "k20-full", "k2-full", "k900-full"]
    assert [bool(row[1]) for row in rows] == [True, True, True, False, False]
    assert {len(row) for row in rows} == {len(headers_of(found))}
    assert "29% [26%, 32%]" in rows[0]
    assert rows[-1][3:] == ("–",) * (len(rows[-1]) - 3)
    lines = frontier_markdown(found, language).splitlines()
    assert len(lines) == 2 + len(rows)
    assert {line.count("|") for line in lines} == {len(headers_of(found)) + 1}


def test_the_csv_has_every_measure_to_the_last_digit() -> None:
    lines = list(csv.DictReader(StringIO(frontier_csv(example()))))
    assert len(lines) == 16
    assert lines[0] == {
        "point": "k2-local", "front": "1", "measure": "deid.information_loss", "subject": "",
        "value": "0.026", "low": "", "high": "", "unit": "share", "n": "900",
    }  # fmt: skip
    assert lines[3]["high"] == repr(0.29 + 0.03)
