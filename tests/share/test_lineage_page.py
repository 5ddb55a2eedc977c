"""The drawing and the page of lineage: well-formed, escaped, told by form as well as colour, in full."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from anping.core.lineage import Flow, Place
from anping.core.text import LANGUAGES, Language, Text
from anping.share.charts.lineage import SHOWN, draw_lineage, kind_of
from anping.share.lineage_page import DrawnFlow, lineage_page

SVG = "{http://www.w3.org/2000/svg}"
EVIL = '<script>"&\x00'


def flow(into: Place, source: Place, **more: object) -> Flow:
    return Flow(into, source, **more)  # type: ignore[arg-type]


FLOWS = (
    flow(Place("raw@1", "a"), Place("f.csv", "a")),
    flow(Place("safe@1", "a"), Place("raw@1", "a"), masking=True, subtype="TRANSFORMATION"),
    flow(Place("safe@1"), Place("raw@1", EVIL), kind="INDIRECT", subtype="FILTER"),
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_drawing_is_whole_and_escaped(language: Language) -> None:
    drawing = draw_lineage(Place("safe@1"), FLOWS, language)
    root = ET.fromstring(drawing)
    assert root.attrib["role"] == "img"
    kinds = [path.attrib["class"] for path in root.iter(f"{SVG}path")]
    assert kinds[:3] == ["kept", "masked", "influence"]
    assert "<script" not in drawing
    boxes = [rect for rect in root.iter(f"{SVG}rect") if "box" in rect.attrib["class"]]
    assert [float(box.attrib["x"]) for box in boxes] == sorted(float(b.attrib["x"]) for b in boxes)
    assert len(boxes) == 3
    assert drawing == draw_lineage(Place("safe@1"), FLOWS, language)


def test_kinds_differ_by_form() -> None:
    drawing = draw_lineage(Place("safe@1"), FLOWS, "en")
    assert len({kind_of(one) for one in FLOWS}) == 3
    assert drawing.count("stroke-dasharray") == 2


def test_many_columns_are_drawn_in_part_and_listed_whole() -> None:
    flows = tuple(
        flow(Place("raw@1", f"c{number}"), Place("f.csv", f"c{number}")) for number in range(200)
    )
    drawing = draw_lineage(Place("raw@1"), flows, "en")
    assert f"{200 - SHOWN} more columns" in drawing
    assert "c199" not in drawing
    drawn = tuple(DrawnFlow(0, Text("讀", "read"), one) for one in flows)
    ends = [(one.source, "readable") for one in flows]
    page = lineage_page(Place("raw@1"), drawn, ends, "en")
    assert page.count("c199") == 3


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_loads_nothing_and_says_its_limits(language: Language) -> None:
    drawn = tuple(DrawnFlow(7, Text("保護", "protect"), one) for one in FLOWS)
    page = lineage_page(Place("safe@1"), drawn, [(Place("f.csv", "a"), "masked")], language)
    assert "default-src 'none'" in page
    assert "<script" not in page
    assert ("已隱藏" if language == "zh" else "hidden") in page
    assert "#7" in page
    empty = lineage_page(Place("policy@1"), (), (), language)
    assert ("沒有欄位" if language == "zh" else "tells of no columns") in empty
