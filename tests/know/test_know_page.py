"""The page on findings: a heat map of tables and types, in two languages, without values."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pyarrow as pa
import pytest

from anping.core.columns import Decision
from anping.engine.table import Table
from anping.know.confirm import confirm
from anping.know.masked import masked_examples
from anping.know.page import heat_map, page
from anping.know.scan import Scan, scan

BY = Decision("王小美", "2026-11-21T09:00:00Z", "checked")


class Balanced(HTMLParser):
    """Reads a page and keeps the tags that are open."""

    void = frozenset({"meta", "input", "br", "link"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element; nothing is loaded from elsewhere."""
        assert not any(name in {"src", "href"} for name, _ in attrs)
        assert tag != "script"
        if tag not in self.void:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close the element that was opened last."""
        assert self.open.pop() == tag


@pytest.fixture
def scans(people: Table) -> dict[str, Scan]:
    other = Table.of(pa.table({"<b>col</b>": [f"A{n}" for n in range(50)], "memo": ["嗨"] * 50}))
    known = confirm(scan(other), column="memo", role="sensitive", decision=BY)
    return {"people": scan(people), "stock & more": known}


def test_the_page_is_whole_in_both_languages_and_holds_no_value(
    scans: dict[str, Scan], people: Table
) -> None:
    drawn = page(scans)
    reader = Balanced()
    reader.feed(drawn)
    assert reader.open == []
    assert "default-src 'none'" in drawn
    for words in (
        "分布圖",
        "Heat map",
        "國民身分證統一編號",
        "national ID number",
        "stock &amp; more",
    ):
        assert words in drawn
    assert "<b>col" not in drawn
    for column in ("c1", "姓名", "mail", "note"):
        for value in people.column(column).to_pylist():
            assert value is None or value not in drawn
    assert "A999999999" in drawn


def test_masked_examples_stand_there_only_when_asked(scans: dict[str, Scan], people: Table) -> None:
    shown = masked_examples(people, "c1", scans["people"].finding("c1"))
    assert not any(example in page(scans) for example in shown)
    drawn = page(scans, examples={"people": {"c1": shown}})
    assert all(example in drawn for example in shown)
    assert re.search("not to be kept", drawn)


def test_the_map_says_where_and_how_much(scans: dict[str, Scan]) -> None:
    spots = heat_map(scans).as_json()
    assert spots["people"]["TW_NATIONAL_ID"] == {"columns": ["c1"], "share": pytest.approx(1, abs=0.03), "inside": False}  # fmt: skip
    assert spots["people"]["PHONE"]["inside"] is True
    assert spots["people"]["PHONE"]["columns"] == ["note"]
    assert heat_map(scans).types[0].role == "direct_identifier"
