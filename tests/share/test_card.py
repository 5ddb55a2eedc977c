from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest

from anping.core.measure import Measure
from anping.core.text import LANGUAGES, Text
from anping.core.verdict import Reason, Verdict
from anping.share.card import Card, card_html, index_html
from anping.share.charts.chart import Chart
from anping.share.release import Release
from anping.share.words import GLOSSARY, WORDS, technique_title

HOSTILE = "<script>alert('x')</script>"
VOID = {"meta", "br", "link", "img", "input", "hr", "wbr"}


class Page(HTMLParser):
    """What a page holds: its tags, what they load, its ids, and whether the tags close."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.loads: list[str] = []
        self.links: list[str] = []
        self.ids: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name in {"src", "srcset", "data", "poster", "action"} or name.startswith("on"):
                self.loads.append(f"{tag} {name}")
            if name == "href":
                self.links.append(value or "")
            if name == "id":
                self.ids.append(value or "")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"{tag} closes nothing"
        opened = self.open.pop()
        assert opened == tag, f"{tag} closes {opened}"


def read(html: str) -> Page:
    page = Page()
    page.feed(html)
    page.close()
    assert page.open == []
    return page


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_card_is_self_contained(card: Card, language: Any) -> None:
    html = card_html(card, language)
    page = read(html)
    assert page.loads == []
    assert not {"script", "link", "img", "iframe", "object", "form"} & set(page.tags)
    assert "@import" not in html
    assert "url(" not in html
    assert "default-src 'none'" in html
    assert all(link.startswith(("#", "card.", "assessment.")) for link in page.links)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_card_leads_to_parts_that_exist(card: Card, language: Any) -> None:
    page = read(card_html(card, language))
    assert len(page.ids) == len(set(page.ids))
    assert all(link[1:] in page.ids for link in page.links if link.startswith("#"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_card_says_everything(card: Card, language: Any) -> None:
    html = card_html(card, language).replace("<wbr>", "")
    release = card.release
    for column in release.columns:
        assert column.name in html
    for measure in release.measures:
        assert measure.name in html
        assert f"{measure.n:,}" in html
    for text in (*release.limits, *release.verdict.conditions, release.title, release.description):
        assert text.to(language).replace("'", "&#39;") in html
    for reason in release.verdict.reasons:
        assert reason.code in html
    for step in card.chain:
        assert step.digest[:16] in html
    assert "anping verify ." in html
    assert html.count("<svg ") >= len(card.charts)


def test_each_language_is_whole(card: Card) -> None:
    english = card_html(card, "en")
    body = re.sub(r"<[^>]+>", " ", english.split("<body>")[1])
    allowed = "".join(column.name for column in card.release.columns)
    allowed += "".join(card.release.dropped) + "安平中文"
    allowed += "".join(m.subject for m in card.release.measures)
    allowed += "".join(e for column in card.release.columns for e in column.examples)
    left = {c for c in body if "\u4e00" <= c <= "\u9fff"} - set(allowed)
    assert left == set()
    chinese = card_html(card, "zh")
    for word in WORDS.values():
        assert word.zh
        assert word.en
    for term, meaning in GLOSSARY:
        assert term.zh in chinese
        assert meaning.en.replace("'", "&#39;") in english


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_from_outside_are_escaped(card: Card, language: Any) -> None:
    hostile = Text(HOSTILE, HOSTILE)
    column = replace(card.release.columns[0], name=HOSTILE, what=hostile, examples=(HOSTILE,))
    release = replace(
        card.release,
        title=hostile,
        description=hostile,
        owner=hostile,
        recipient=HOSTILE,
        columns=(column, *card.release.columns[1:]),
        dropped=(HOSTILE,),
        limits=(hostile,),
        measures=tuple(
            replace(m, title=hostile, subject=HOSTILE, method=HOSTILE)
            for m in card.release.measures
        ),
    )
    charts = tuple(replace(chart, title=hostile, description=hostile) for chart in card.charts)
    chain = tuple(replace(step, title=hostile, agent=HOSTILE) for step in card.chain)
    made = replace(card, release=release, charts=charts, chain=chain)
    for html in (card_html(made, language), index_html(made)):
        assert "<script" not in html
        assert "&lt;script&gt;" in html


def test_a_refusal_looks_like_one(card: Card) -> None:
    release = replace(card.release, verdict=Verdict("g", "refuse", ()))
    assert 'class="verdict refuse"' in card_html(replace(card, release=release), "en")


def test_the_same_card_gives_the_same_page(card: Card) -> None:
    for language in LANGUAGES:
        assert card_html(card, language) == card_html(card, language)
    assert index_html(card) == index_html(card)


def test_a_card_without_charts_or_measures_is_still_a_card(card: Card, release: Release) -> None:
    bare = Card(replace(release, measures=(), limits=(), dropped=(), purposes=()))
    for language in LANGUAGES:
        read(card_html(bare, language))
    assert all(isinstance(chart, Chart) for chart in card.charts)


def test_the_index_links_both_languages_and_says_how_to_verify(card: Card) -> None:
    html = index_html(card)
    assert {"card.zh.html", "card.en.html"} <= set(read(html).links)
    assert html.count("anping verify . --replay") == 2


def test_techniques_are_said_in_words() -> None:
    both = technique_title("masking + generalization (k-anonymity)")
    assert both.zh == "遮罩（masking）＋概化（generalization (k-anonymity)）"
    assert technique_title("anything").zh == "anything"


def test_a_technique_named_none_is_a_kept_column(card: Card) -> None:
    column = replace(card.release.columns[0], technique="none")
    assert not column.treated
    release = replace(card.release, columns=(column,))
    assert "kept" in card_html(replace(card, release=release), "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_names_break_after_underscores_only_and_stay_escaped(card: Card, language: Any) -> None:
    column = replace(card.release.columns[0], name="a_<b>_c", semantic_type="CREDIT_DEFAULT")
    html = card_html(replace(card, release=replace(card.release, columns=(column,))), language)
    assert "CREDIT_<wbr>DEFAULT" in html
    assert "a_<wbr>&lt;b&gt;_<wbr>c" in html
    assert "<b>_" not in html


def test_empty_cells_are_left_out_on_narrow_screens(card: Card) -> None:
    html = card_html(card, "en")
    assert "td.empty[data-label]{display:none}" in html
    assert html.index(".measures td[data-label]{") < html.index("td.empty[data-label]{")


def test_the_methods_of_a_chinese_card_are_chinese(card: Card) -> None:
    html = card_html(card, "zh")
    assert "1 ÷ 最小等價類的人數" in html
    assert "most specific compatible record" not in html


def test_examples_stand_with_the_treatment_of_generalised_columns(card: Card) -> None:
    html = card_html(card, "en")
    assert html.count("values now look like: ") == sum(
        bool(c.examples) for c in card.release.columns
    )


def test_what_k_anonymity_does_not_cover_is_said_with_its_number(card: Card) -> None:
    title = Text("獨一無二的列", "Unique rows")
    beyond = Measure("risk.uniqueness.all_columns", 0.9996, "share", 9_612, title, subject="after")
    before = replace(beyond, subject="before", value=1.0)
    measures = (*card.release.measures, before, beyond)
    made = replace(card, release=replace(card.release, measures=measures))
    part = card_html(made, "en").split('id="limits"')[1].split("</section>")[0]
    assert "taken together, &gt;99.9% are unique" in part
    assert "k-anonymity makes people alike on the quasi-identifiers only" in part
    assert "獨一無二" in card_html(made, "zh").split('id="limits"')[1].split("</section>")[0]
    assert 'class="warning"' not in card_html(card, "en")


def test_equal_titles_stand_once_and_missing_words_leave_no_hole(card: Card) -> None:
    title, nothing = Text("customers", "customers"), Text("", "")
    release = replace(card.release, title=title, description=nothing, owner=nothing)
    made = replace(card, release=release)
    html = index_html(made)
    assert "<title>customers</title>" in html
    assert html.count("customers</h1>") == 1
    assert "<p></p>" not in html
    for language in LANGUAGES:
        page = card_html(made, language)
        assert '<p class="intro">' not in page
        assert "<dd></dd>" not in page


def test_rules_on_measures_and_failures_stand_open_the_others_are_folded(card: Card) -> None:
    failed = Reason("release.recipient", holds=False, why=Text("沒有接收者", "no recipient"))
    verdict = replace(card.release.verdict, reasons=(*card.release.verdict.reasons, failed))
    html = card_html(replace(card, release=replace(card.release, verdict=verdict)), "en")
    shown, folded = html.split('id="decision"')[1].split("</section>")[0].split("<details>")
    assert "no recipient" in shown
    assert "release.<wbr>confirmed" in folded


def test_a_wide_table_is_folded(card: Card) -> None:
    columns = tuple(replace(card.release.columns[0], name=f"c{n}") for n in range(41))
    html = card_html(replace(card, release=replace(card.release, columns=columns)), "en")
    assert "<details>" in html.split('id="columns"')[1].split("</section>")[0]
    read(html)
