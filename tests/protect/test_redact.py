from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anping.core.span import Span
from anping.protect.text.dictionary import IdentifierDictionary
from anping.protect.text.folding import fold, squeeze
from anping.protect.text.forms import in_own_row, of_date, surname_and_given, type_of
from anping.protect.text.redact import nothing_found, redact
from anping.protect.text.settling import merged

KNOWN = IdentifierDictionary.of(
    [
        "王小明",
        "歐陽娜娜",
        "Amy Chen",
        "A123456789",
        "0912-345-678",
        "(02)2345-6789#12",
        "amy.chen@mail.example.tw",
        "106臺北市大安區和平東路二段106號3樓",
        "9876543",
        None,
        "12",
    ]
)


def _redacted(text: str, known: IdentifierDictionary | None = KNOWN) -> str:
    (result,) = redact([text], find_spans=nothing_found, known=known).texts
    assert result is not None
    return result


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("王小明來電", "[姓名]來電"),
        ("王 小 明來電", "[姓名]來電"),
        ("王\n小明", "[姓名]"),
        ("小明先生說好", "[姓名]先生說好"),
        ("王先生說好", "[姓名]說好"),
        ("娜娜小姐", "[姓名]小姐"),
        ("AMY CHEN called", "[NAME] called"),
        ("Ａｍｙ　Ｃｈｅｎ來電", "[姓名]來電"),
        ("身分證A123456789號", "身分證[身分證字號]號"),
        ("證號a1234 56789。", "證號[身分證字號]。"),
        ("證號Ａ１２３４５６７８９", "證號[身分證字號]"),
        ("手機0912345678", "手機[電話]"),
        ("+886-912-345-678", "+[PHONE]"),
        ("０９１２–３４５–６７８", "[PHONE]"),
        ("電話02-23456789轉12", "電話[電話]轉12"),
        ("Amy.Chen@mail.example.tw", "[EMAIL]"),
        ("住台北市大安區和平東路2段106號3樓", "住[地址]"),
        ("大安區和平東路二段106號3樓", "[地址]"),
        ("在和平東路二段106號3樓交件", "在[地址]交件"),
        ("帳務 9876543 結清", "帳務 [識別資料] 結清"),
    ],
)
def test_every_written_form_of_a_known_identifier_is_replaced(text: str, expected: str) -> None:
    assert _redacted(text) == expected
    assert not KNOWN.find(expected)


@pytest.mark.parametrize(
    "text", ["金額19876543元", "B9123456780", "本行12樓", "小明顯不同", "amychens", ""]
)
def test_what_only_looks_alike_stays(text: str) -> None:
    assert _redacted(text) == text


def test_a_detector_and_the_dictionary_are_united() -> None:
    def finds(text: str) -> list[Span]:
        at = text.find("小明")
        return [Span(at, at + 2, "PERSON_NAME", 0.6), Span(len(text) - 2, len(text), "LINE_ID")]

    result = redact(["客戶王小明LINE賴abc", None, " "], find_spans=finds, known=KNOWN)
    assert result.texts == ("客戶[姓名]LINE賴a[LINE帳號]", None, " ")
    assert result.counts == {"LINE_ID": 1, "PERSON_NAME": 1}
    assert (result.changed, result.read) == (1, 2)


def test_own_forms_count_in_their_own_row_only() -> None:
    own = [dict.fromkeys(of_date("民國74年3月5日"), "DATE"), {}]
    result = redact(
        ["生於74/03/05，1985年3月5日，74.3.5", "生於74/03/05"],
        find_spans=nothing_found,
        own_forms=own.__getitem__,
    )
    assert result.texts == ("生於[日期]，[日期]，[日期]", "生於74/03/05")


def test_the_same_text_in_two_rows_meets_each_rows_own_forms() -> None:
    own = [{"小明": "PERSON_NAME"}, {"小華": "PERSON_NAME"}]
    result = redact(["小明和小華"] * 2, find_spans=nothing_found, own_forms=own.__getitem__)
    assert result.texts == ("[姓名]和小華", "小明和[姓名]")


@given(st.text(max_size=80))
def test_folding_keeps_every_place(text: str) -> None:
    assert len(fold(text)) == len(text)
    squeezed = squeeze(text)
    assert len(squeezed.text) == len(squeezed.places)
    assert all(
        fold(text)[at] == mark for at, mark in zip(squeezed.places, squeezed.text, strict=True)
    )


_word = st.text("王小明林志玲0123456789AB來電說的，- ", max_size=12)


@given(_word, _word, st.sampled_from(["王小明", "0912345678", "0912 345-678", "王 小明"]))
def test_planted_identifiers_never_survive(before: str, after: str, planted: str) -> None:
    if planted[0].isdigit():
        planted = f"：{planted}。"
    found = _redacted(before + planted + after)
    assert re.sub(r"[\s-]", "", planted) not in re.sub(r"[\s-]", "", found)


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 9)), max_size=12))
def test_merged_spans_cover_the_same_places_without_overlap(pairs: list[tuple[int, int]]) -> None:
    spans = [Span(start, start + length, "X") for start, length in pairs]
    found = merged(spans)
    covered = {place for span in spans for place in range(span.start, span.end)}
    assert {place for span in found for place in range(span.start, span.end)} == covered
    assert all(one.end <= other.start for one, other in pairwise(found))


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("A123456789", "TW_NATIONAL_ID"),
        ("A823456789", "TW_RESIDENT_ID"),
        ("0912345678", "PHONE"),
        ("a@b.tw", "EMAIL"),
        ("王小明", "PERSON_NAME"),
        ("臺北市大安區和平東路二段106號", "ADDRESS_FULL"),
        ("X-99-00017", "IDENTIFIER"),
    ],
)
def test_the_type_of_a_known_value(value: str, kind: str) -> None:
    assert type_of(value) == kind


def test_chinese_names_are_cut_after_the_surname() -> None:
    assert surname_and_given("歐陽娜娜") == ("歐陽", "娜娜")
    assert surname_and_given("歐陽娜") == ("歐陽", "娜")
    assert surname_and_given("王小明") == ("王", "小明")
    assert surname_and_given("Amy") is None
    assert list(in_own_row("王小明")) == ["小明"]


def test_a_shorter_form_at_the_end_of_a_text_is_found_as_itself() -> None:
    known = IdentifierDictionary.of(["歐陽娜娜"])
    assert [(span.start, span.end) for span in known.find("找歐陽小姐")] == [(1, 5)]
