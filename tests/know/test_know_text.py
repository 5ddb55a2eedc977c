from __future__ import annotations

import gzip
import json
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anping.core.span import Span
from anping.know.discover.text import find_spans
from know.conftest import national_id

#: Types that the shared corpus's answer key leaves unmarked.
UNMARKED = {"ORGANISATION", "DATE"}
#: Words of the shared corpus's answer key for our types.
THEIRS = {
    "PERSON": "PERSON_NAME",
    "ADDRESS": "ADDRESS_FULL",
    "TW_ID": "TW_NATIONAL_ID",
    "DOB": "DATE_OF_BIRTH",
    "BANK_ACCT": "BANK_ACCOUNT",
    "IBAN": "BANK_ACCOUNT",
    "TW_UBN": "TW_BUSINESS_ID",
    "MRN": "MEDICAL_RECORD_NO",
    "TW_PLATE": "VEHICLE_PLATE",
    "TW_ARC": "TW_RESIDENT_ID",
    "IP": "IP_ADDRESS",
    "MAC": "MAC_ADDRESS",
    "TW_CARRIER": "EINVOICE_CARRIER",
    "TW_NHI": "TW_NHI_CARD",
    "TW_CDC": "TW_CITIZEN_CERTIFICATE",
}


def found(text: str, **options: bool) -> list[tuple[str, str]]:
    return [(text[span.start : span.end], span.type) for span in find_spans(text, **options)]


@pytest.mark.parametrize(
    ("text", "value", "kind"),
    [
        ("身分證字號A123456789", "A123456789", "TW_NATIONAL_ID"),
        ("身分證Ａ１２３４５６７８９已驗證", "Ａ１２３４５６７８９", "TW_NATIONAL_ID"),
        ("居留證號A800000014，雇主王大明", "A800000014", "TW_RESIDENT_ID"),
        ("電子郵件amy@mail.example請回信", "amy@mail.example", "EMAIL"),
        ("信用卡號4111111111111111", "4111111111111111", "CREDIT_CARD"),
        ("手機０９１２－３４５－６７８", "０９１２－３４５－６７８", "PHONE"),
        ("電話(02)2345-6789分機12轉接", "(02)2345-6789分機12", "PHONE"),
        ("護照號碼312345678即將到期", "312345678", "TW_PASSPORT"),
        ("健保卡號000012345678讀取失敗", "000012345678", "TW_NHI_CARD"),
        ("病歷號M1234567，主訴胸悶", "M1234567", "MEDICAL_RECORD_NO"),
        ("車牌號碼ABC-1234違規", "ABC-1234", "VEHICLE_PLATE"),
        ("發票請存手機條碼載具/AB12CD3，謝謝", "/AB12CD3", "EINVOICE_CARRIER"),
        ("請加我LINE ID：amy_1234，謝謝", "amy_1234", "LINE_ID"),
        ("匯款帳號：(803)8605359628397，請備註", "(803)8605359628397", "BANK_ACCOUNT"),
        ("公司統一編號04595257，聯絡人", "04595257", "TW_BUSINESS_ID"),
        ("出生日期民國73年10月18日", "民國73年10月18日", "DATE_OF_BIRTH"),
        ("王小明（75/08/25生）", "75/08/25", "DATE_OF_BIRTH"),
        ("登入IP 192.168.1.20，裝置", "192.168.1.20", "IP_ADDRESS"),
        ("裝置MAC位址00:1B:44:11:3A:B7。", "00:1B:44:11:3A:B7", "MAC_ADDRESS"),
        (
            "戶籍地址為臺北市大安區和平東路二段106號3樓之1，",
            "臺北市大安區和平東路二段106號3樓之1",
            "ADDRESS_FULL",
        ),
        (
            "住在台中市西屯區福星里5鄰文華路100巷12弄3之1號",
            "台中市西屯區福星里5鄰文華路100巷12弄3之1號",
            "ADDRESS_FULL",
        ),
        (
            "Mail to No. 7, Sec. 5, Xinyi Rd., Xinyi Dist., Taipei City 110. Thanks",
            "No. 7, Sec. 5, Xinyi Rd., Xinyi Dist., Taipei City 110",
            "ADDRESS_FULL",
        ),
        ("駕照號碼A123456789", "A123456789", "TW_DRIVER_LICENSE"),
        ("申請人陳淑芬表示不服", "陳淑芬", "PERSON_NAME"),
        ("由其配偶歐陽家豪陪同", "歐陽家豪", "PERSON_NAME"),
        ("Patient Mary Johnson called", "Mary Johnson", "PERSON_NAME"),
    ],
)
def test_identifiers_beside_chinese_letters(text: str, value: str, kind: str) -> None:
    assert (value, kind) in found(text)


def test_an_identifier_broken_over_two_lines_keeps_its_place() -> None:
    text = "身分證字號：A1234\n  56789，電話 0912-\r\n345-678。"
    assert found(text) == [("A1234\n  56789", "TW_NATIONAL_ID"), ("0912-\r\n345-678", "PHONE")]


@pytest.mark.parametrize(
    "text",
    [
        "料號A123456789的庫存為零",
        "設備序號4111111111111111已停用",
        "訂單0012345678已出貨",
        "版本 3.2.8.1 已更新",
        "XA1234567890",
        "方法論部分採隨機抽樣，高度相關的變數已剔除",
        "本公司於2024年成立，石油價格連三周下跌",
        "the line was long and the account was closed",
    ],
)
def test_look_alikes_are_left_alone(text: str) -> None:
    assert found(text) == []


def test_a_broken_checksum_behind_its_label_is_still_found_but_less_surely() -> None:
    (good,) = find_spans("身分證字號A123456789")
    (bad,) = find_spans("身分證字號A123456780", threshold=0.3)
    assert "checksum" in good.evidence
    assert "checksum-failed" in bad.evidence
    assert good.score > bad.score


def test_recall_finds_dates_long_numbers_and_titles() -> None:
    text = "王小姐於2024-05-06來電，查詢單號88776655443。"
    assert found(text) == [("2024-05-06", "DATE")]
    kinds = {kind for _, kind in found(text, recall=True)}
    assert {"PERSON_NAME", "DATE"} <= kinds
    assert ("88776655443") in [value for value, _ in found(text, recall=True)]


anything = st.text(
    st.sampled_from("陳林王先生小姐電話身分證號：，。 \n0123456789ABCabc@.-/()（）Ａ１🙂女"),
    max_size=60,
)


@given(anything, st.sampled_from(["precise", "recall"]))
def test_spans_lie_in_order_inside_the_text(text: str, mode: str) -> None:
    spans = find_spans(text, recall=mode == "recall")
    ends = [0]
    for span in spans:
        assert ends[-1] <= span.start < span.end <= len(text)
        assert 0 <= span.score <= 1
        ends.append(span.end)


@given(anything)
def test_recall_hides_whatever_precision_finds(text: str) -> None:
    def covered(spans: tuple[Span, ...]) -> set[int]:
        return {place for span in spans for place in range(span.start, span.end)}

    assert covered(find_spans(text)) <= covered(find_spans(text, recall=True))


@given(
    st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), max_size=12),
    st.text("0123456789", min_size=7, max_size=7),
    st.sampled_from(["narrow", "wide"]),
)
def test_a_labelled_id_is_found_exactly_wherever_it_stands(
    before: str, digits: str, width: str
) -> None:
    number = national_id("F2" + digits)
    shown = "".join(chr(ord(c) + 0xFEE0) for c in number) if width == "wide" else number
    text = f"{before}🙂身分證字號{shown}，"
    assert (shown, "TW_NATIONAL_ID") in found(text)


def test_labelled_corpus_is_found_with_few_mistakes(shared: Path) -> None:
    folder = shared / "peers" / "pii"
    with gzip.open(folder / "docs.jsonl.gz", "rt", encoding="utf-8") as lines:
        docs = {
            doc["id"]: doc["text"] for doc in map(json.loads, (next(lines) for _ in range(300)))
        }
    gold: dict[int, list[tuple[int, int, str]]] = defaultdict(list)
    with gzip.open(folder / "gold.jsonl.gz", "rt", encoding="utf-8") as lines:
        for mark in map(json.loads, lines):
            if mark["id"] in docs:
                kind = THEIRS.get(mark["type"], mark["type"])
                gold[mark["id"]].append((mark["start"], mark["end"], kind))
    counts: Counter[str] = Counter()
    for number, text in docs.items():
        spans = {(s.start, s.end, s.type) for s in find_spans(text) if s.type not in UNMARKED}
        ignored = [mark for mark in gold[number] if mark[2] == "IGNORE"]
        wanted = {mark for mark in gold[number] if mark[2] != "IGNORE"}
        extra = [
            span
            for span in spans - wanted
            if not any(span[0] < mark[1] and mark[0] < span[1] for mark in (*ignored, *wanted))
        ]
        counts.update(wanted=len(wanted), hit=len(wanted & spans), extra=len(extra))
    assert counts["hit"] / counts["wanted"] > 0.97
    assert counts["extra"] / counts["wanted"] < 0.01
