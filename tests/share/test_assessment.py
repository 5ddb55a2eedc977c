"""The identifiability assessment: its order, its numbers, and what it does not claim."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from anping.core.measure import Interval, Measure
from anping.core.text import LANGUAGES, Language, Text
from anping.share.assessment import assessment_html
from anping.share.attack_table import attack_rows, beside_attacks
from anping.share.card import Card, card_html
from anping.share.three_questions import FINDINGS, three_answers
from share.conftest import HOSTILE, make_assessment
from share.test_card import read

TITLE = Text("標題", "title")


def measure(name: str, value: float, subject: str = "after", low: float | None = None) -> Measure:
    interval = None if low is None else Interval(low, value + 0.1, 0.95, "wilson")
    return Measure(name, value, "share", 500, TITLE, subject, interval)


def found(*measures: Measure) -> dict[str, str]:
    return {answer.question.id: answer.finding for answer in three_answers(measures)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_whole_and_loads_nothing(card: Card, language: Language) -> None:
    html = assessment_html(card, make_assessment(), language)
    page = read(html)
    assert not page.loads
    assert "script" not in page.tags
    assert all(link.startswith(("#", "card.", "assessment.")) for link in page.links)
    assert {link[1:] for link in page.links if link.startswith("#")} <= set(page.ids)
    assert len(page.ids) == len(set(page.ids))
    order = ["answers", "context", "data", "identifiability", "governance", "limits"]
    assert [each for each in page.ids if each in order] == order
    for measured in card.release.measures:
        if measured.name.startswith("risk.") and measured.subject != "before":
            assert measured.title.to(language) in html


def test_the_english_page_has_no_chinese_but_names(card: Card) -> None:
    html = assessment_html(card, make_assessment(), "en")
    names = "".join(column.name for column in card.release.columns)
    names += "".join(card.release.dropped) + "安平中文"
    names += "".join(e for column in card.release.columns for e in column.examples)
    assert set(re.findall(r"[\u4e00-\u9fff]", html)) <= set(names)


def test_hostile_texts_are_escaped(card: Card) -> None:
    hostile = Text(HOSTILE, HOSTILE)
    release = replace(card.release, title=hostile, recipient=HOSTILE, limits=(hostile,))
    assessment = replace(make_assessment(), access=hostile)
    for language in LANGUAGES:
        assert HOSTILE not in assessment_html(replace(card, release=release), assessment, language)


def test_nothing_measured_is_nothing_tested() -> None:
    assert set(found().values()) == {"not-tested"}
    for answer in three_answers(()):
        assert answer.verdict == FINDINGS["not-tested"]
        assert answer.words


def test_an_attack_that_beats_its_control_is_told() -> None:
    safe = found(
        measure("risk.sample_uniqueness", 0.0),
        measure("risk.singling_out.univariate.excess", 0.01, low=-0.05),
        measure("risk.linkage.excess", 0.02, low=0.0),
        measure("risk.inference.excess", 0.03, "income", low=-0.01),
    )
    assert set(safe.values()) == {"not-shown"}
    told = found(
        measure("risk.sample_uniqueness", 0.0),
        measure("risk.singling_out.multivariate.excess", 0.2, low=0.1),
        measure("risk.linkability.excess", 0.2, low=0.1),
        measure("risk.membership.excess", 0.2, low=0.1),
    )
    assert set(told.values()) == {"possible"}


def test_who_stands_alone_can_be_singled_out() -> None:
    assert found(measure("risk.sample_uniqueness", 0.1))["singling-out"] == "possible"
    assert found(measure("risk.uniqueness.all_columns", 0.1))["singling-out"] == "possible"
    # What was so before protection says nothing of the release.
    assert found(measure("risk.sample_uniqueness", 0.1, "before"))["singling-out"] == "not-tested"


def test_the_population_is_told_as_a_range() -> None:
    low = measure("risk.population_uniqueness.low", 0.01)
    high = measure("risk.population_uniqueness.high", 0.2)
    words = [text.en for text in three_answers((low, high))[0].words]
    assert any("1%" in text and "20%" in text for text in words)
    without = [text.en for text in three_answers(())[0].words]
    assert any("was not given" in text for text in without)


def test_a_class_of_one_value_is_told() -> None:
    single = Measure("risk.l_diversity.min", 1, "values", 40, TITLE, "income")
    (text, _) = three_answers((single,))[2].words
    assert "income" in text.en
    assert "knows the value" in text.en


def test_an_attack_on_too_few_people_is_told() -> None:
    wide = measure("risk.linkage.excess", 0.05, low=-0.2)
    words = [text.en for text in three_answers((wide,))[1].words]
    assert any("too few people" in text for text in words)
    narrow = replace(wide, interval=Interval(-0.01, 0.02, 0.95, "wilson"))
    assert not any("too few" in text.en for text in three_answers((narrow,))[1].words)


def test_the_largest_difference_is_that_of_an_attack_that_clearly_succeeds() -> None:
    """One that chance explains may be larger in value; it must not be named instead."""
    noisy = replace(measure("risk.linkability.excess", 0.3, low=-0.2), title=Text("雜", "noisy"))
    clear = replace(measure("risk.linkage.excess", 0.1, low=0.05), title=Text("清楚", "clear"))
    (linkable,) = (a for a in three_answers((noisy, clear)) if a.question.id == "linkability")
    assert any("1 did clearly better" in words.en for words in linkable.words)
    said = next(words for words in linkable.words if "attacks were run" in words.en)
    assert "The largest of these differences: clear" in said.en
    assert "「清楚」" in said.zh
    (alone,) = (a for a in three_answers((noisy,)) if a.question.id == "linkability")
    said = next(words for words in alone.words if "attacks were run" in words.en)
    assert "which chance can explain: noisy" in said.en


def test_a_difference_below_nothing_is_written_with_its_sign() -> None:
    small = replace(
        measure("risk.linkage.excess", -0.0004), interval=Interval(-0.02, 0.01, 0.95, "newcombe")
    )
    (answer,) = (a for a in three_answers((small,)) if a.question.id == "linkability")
    said = next(words for words in answer.words if "attacks were run" in words.en)
    assert "−0.04% (−2% – 1%)" in said.en
    assert ">-" not in said.en


@pytest.mark.parametrize("language", LANGUAGES)
def test_both_pages_stand_in_one_frame(card: Card, language: Language) -> None:
    pages = [card_html(card, language), assessment_html(card, make_assessment(), language)]
    heads = [page[: page.index("<title>")] for page in pages]
    assert heads[0] == heads[1]
    assert [f'href="{name}.{other(language)}.html"' in page for name, page in
            zip(("card", "assessment"), pages, strict=True)] == [True, True]  # fmt: skip


def other(language: Language) -> Language:
    return "en" if language == "zh" else "zh"


def test_an_attack_is_one_row_with_what_it_is_compared_with() -> None:
    def end(name: str, title: Text, subject: str = "") -> Measure:
        return replace(measure(f"risk.linkability.{name}", 0.1, subject, low=0.0), title=title)

    attack = (
        end("success", Text("連結", "joined")),
        end("control", Text("連結（對照組：不含本人）", "joined (control: own rows left out)")),
        end("baseline", Text("連結（猜測）", "joined (a guess)")),
        end("excess", Text("連結（差距）", "joined (above)")),
    )
    apart = end("success", Text("連結", "joined"), "held-out")
    other = measure("risk.linkage.claimed", 0.5)
    rows = attack_rows((*attack, other, apart))
    assert [(row.name, row.success.subject) for row in rows] == [
        ("risk.linkability", ""),
        ("risk.linkability", "held-out"),
    ]
    assert rows[0].cells == (attack[3], attack[0], attack[1], attack[2])
    assert [each.en for each in rows[0].compared] == ["control: own rows left out", "a guess"]
    assert [each.zh for each in rows[0].compared] == ["對照組：不含本人", "猜測"]
    assert rows[1].cells == (None, apart, None, None)
    assert beside_attacks((*attack, other, apart)) == (other,)
