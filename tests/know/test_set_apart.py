"""Values over broken lines, set apart character by character, and in the cells of tables."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anping.know.discover.batch import find_in
from anping.know.discover.text import Scanner, find_spans


def _found(text: str) -> dict[str, str]:
    return {text[span.start : span.end]: span.type for span in find_spans(text)}


@pytest.mark.parametrize(
    ("text", "value", "kind"),
    [
        ("生　日：1982/8/3，備查", "1982/8/3", "DATE_OF_BIRTH"),
        ("電　　話 0422223333 轉交", "0422223333", "PHONE"),
        ("身 分 證 字 號 A123456789", "A123456789", "TW_NATIONAL_ID"),
        ("本 人 出 生 日 期 １９８２年８月３日", "１９８２年８月３日", "DATE_OF_BIRTH"),
        ("帳 寄 地 址 臺 北 市 大 安 區 和 平 東 路 二 段106號", "臺 北 市 大 安 區 和 平 東 路 二 段106號", "ADDRESS_FULL"),
        ("身分證字號 A1 23 45 67 89 已核", "A1 23 45 67 89", "TW_NATIONAL_ID"),
        ("ID A1 23 45 67 89", "A1 23 45 67 89", "TW_NATIONAL_ID"),
        ("統一編號 04 59 52 57 無誤", "04 59 52 57", "TW_BUSINESS_ID"),
        ("寄件者：營業部客服專員，信箱 amy.wang@school.\nexample 請回覆", "amy.wang@school.\nexample", "EMAIL"),
        ("收據將寄至各位捐款人的通訊地址屏東縣佳冬鄉\n九如路2段292巷115號，謝謝", "屏東縣佳冬鄉\n九如路2段292巷115號", "ADDRESS_FULL"),
        ("伊隨即以+ 8 8 6 - 9 1 2 - 3 4 5 - 6 7 8報警", "+ 8 8 6 - 9 1 2 - 3 4 5 - 6 7 8", "PHONE"),
        ("會員\t統編\t負責人\n大晟\t04595257\t王小明", "04595257", "TW_BUSINESS_ID"),
        ("| 員工 | 員工編號 | 信箱 |\n|---|---|---|\n| 王小明 | C0012345 | a@b.example |", "C0012345", "RECORD_ID"),
    ],
)  # fmt: skip
def test_what_stands_apart_is_found_at_its_place(text: str, value: str, kind: str) -> None:
    assert _found(text).get(value) == kind


@pytest.mark.parametrize(
    "text",
    [
        "姓名\n電話\n0912",
        "矩陣 0 9 1 2 3 4 5 6 7 8 為一列",
        "本 日 天 氣 晴 朗 無 雲，氣 溫 三 十 度",
        "數量\t單價\n04595257\t100\n04595258\t200",
        "we go to it as he is no fan of us in LA or DC 12 34",
    ],
)
def test_look_alikes_are_left_alone(text: str) -> None:
    assert not {kind for kind in _found(text).values() if kind not in {"DATE", "PERSON_NAME"}}


def test_an_address_of_mail_does_not_take_the_next_line() -> None:
    text = "承辦人員聯絡信箱為 amy.wang@school.example\nTel 0912345678"
    assert _found(text) == {"amy.wang@school.example": "EMAIL", "0912345678": "PHONE"}


_PIECES = st.lists(
    st.sampled_from(
        ["身 分 證 字 號 ", "A1 23 45 67 89", "A123456789", "\n", "\r\n", "\t", "|", "統編", "04595257",
         "地　址", "臺北市大安區和平東路二段106號", "王 小 明 先 生 今 天 來", "amy@school.", "example",
         "客戶資料如下請查收謝謝", " ", "電話：0912-345-", "678", "，", "。", "--- | ---"]
    ),
    max_size=14,
)  # fmt: skip


@given(st.lists(_PIECES.map("".join), min_size=1, max_size=5))
def test_many_texts_have_the_findings_of_each(texts: list[str]) -> None:
    for recall in (False, True):
        scanner = Scanner(recall=recall)
        assert list(find_in(scanner, texts)) == [scanner.find(text) for text in texts]


_ROWS = st.lists(
    st.sampled_from(
        ["姓名,電話,地址\n", "姓名 電話 統編\r\n", "總則、會議、附則\n", "甲 乙 丙\n", "name;phone;id\n", "\n", "\0", " 段落 ",
         "王小明,0912345678,台北\n", "陳美麗 02-2345-6789 04595257\r\n", "a;(02)23456789;A123456789\n", "一、二、三\n",
         "2001:db8::8a2e:370:7334 ", "1:2:3:4:5:6:7:8:9 ", "客戶資料如下請查收謝謝並請", "中山路5", "號之1 ", "3 4 5 6 7 8 ", "王 小 明 先 生 今 天 "]
    ),
    max_size=12,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(_ROWS.map("".join), min_size=1, max_size=4), st.booleans())
def test_tables_and_lines_are_the_same_in_arrays_and_in_compiled_code(
    texts: list[str],
    fast: bool,  # noqa: FBT001 - hypothesis passes it
) -> None:
    if fast:
        pytest.importorskip("numba")
    scanner = Scanner(0.05, recall=True, attributes=True)
    assert list(find_in(scanner, texts, fast=fast)) == [scanner.find(text) for text in texts]


def test_a_column_needs_a_heading_that_names_something() -> None:
    table = "{}，{}，地點\n陳美麗，66209184，台北\n"
    named, other = table.format("姓名", "病歷號"), table.format("總則", "會議")
    assert "66209184" in _found(named)
    assert "66209184" not in _found(other)
