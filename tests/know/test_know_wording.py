"""Labels, verbs and layouts of a third hand: how people write births, records, LINE and addresses."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from anping.know.discover.batch import find_in, find_spans_in
from anping.know.discover.text import Scanner, find_spans
from know.wording import LOOKALIKE, TELLING

MARK = re.compile("«([A-Z_]+):([^»]*)»")
Found = tuple[int, int, str]


def marked(line: str) -> tuple[str, frozenset[Found]]:
    text, true, place = "", set(), 0
    for match in MARK.finditer(line):
        text += line[place : match.start()]
        kind, value = match.groups()
        true.add((len(text), len(text) + len(value), kind))
        text += value
        place = match.end()
    return text + line[place:], frozenset(true)


def lines(block: str) -> list[tuple[str, frozenset[Found]]]:
    return [marked(line.replace("⏎", "\n")) for line in block.splitlines()]


def counted(listed: Sequence[tuple[str, frozenset[Found]]]) -> tuple[Counter[str], Counter[str]]:
    """Return the true values that are not found, and the found ones that are not true, by type."""
    findings = find_in(Scanner(), [text for text, _ in listed])
    missed: Counter[str] = Counter()
    false: Counter[str] = Counter()
    for row, (_, true) in enumerate(listed):
        found = {(span.start, span.end, span.type) for span in findings.of(row)}
        missed.update(kind for _, _, kind in true - found)
        false.update(kind for _, _, kind in found - true)
    return missed, false


def test_nearly_all_that_tells_is_found_and_nothing_else() -> None:
    telling = lines(TELLING)
    count = sum(len(true) for _, true in telling)
    assert count >= 80
    missed, false = counted(telling)
    assert missed.total() <= 0.03 * count, missed
    assert false.total() <= 0.03 * count, false


def test_nearly_nothing_is_found_in_lookalikes() -> None:
    alike = lines(LOOKALIKE)
    assert len(alike) >= 60
    missed, false = counted(alike)
    assert missed.total() <= 1, missed
    assert false.total() <= 2, false


def test_recall_mode_covers_all_that_tells() -> None:
    telling = lines(TELLING)
    findings = find_in(Scanner(recall=True), [text for text, _ in telling])
    open_ones = [
        text
        for row, (text, true) in enumerate(telling)
        for start, end, _ in true
        if not any(span.start <= start and end <= span.end for span in findings.of(row))
    ]
    assert not open_ones


@pytest.mark.parametrize(
    "text",
    [
        "名單：\n姓名,生日,病歷號\n王小明,1990/3/4,6620918\n陳美玲,75.1.3,M123456",
        "姓名　出生　病歷號\n王小明　1990/3/4　6620918\n陳美玲　75.1.3　M123456",
        "Name      DOB         MRN\nAmy Lin   1990/3/4    6620918\nBob Yu  75.1.3  M123456\n",
        "旅客（姓名、生日、病歷號）：\n王小明、1990/3/4、6620918\n陳美玲、75.1.3、M123456",
        "姓名，生日，病歷號\n王小明，1990/3/4，6620918\n陳美玲，75.1.3，M123456",
        "no;dob;mrn\r\nx;1990/3/4;6620918\r\ny;75.1.3;M123456",
    ],
)
def test_headings_name_cells_that_commas_semicolons_and_gaps_divide(text: str) -> None:
    found = [(text[span.start : span.end], span.type) for span in find_spans(text)]
    assert [one for one in found if one[1] != "PERSON_NAME"] == [
        ("1990/3/4", "DATE_OF_BIRTH"),
        ("6620918", "MEDICAL_RECORD_NO"),
        ("75.1.3", "DATE_OF_BIRTH"),
        ("M123456", "MEDICAL_RECORD_NO"),
    ]


PIECES = st.sampled_from([
    "生日", "病歷號", "dob", "LINE", "病人", "為其", "是我的", "的", "號", "出生", "生效", "凌晨誕生",
    "born ", " is his ", "birthday", "1990/3/4", "75年3月4日", "6620918", "M123456", "5512-883",
    "10.8.0.12", "203.66.14.9", "tom_12", "版本", "主機", "(", ")", "：", "No.", ",", ";", "、", "，", " ", "  ",
    "　", "\n", "\r\n", "\t", "|", "。", "王小明",
])  # fmt: skip


@example(["LINE，dob"])
@given(st.lists(st.lists(PIECES, max_size=14).map("".join), min_size=1, max_size=30))
def test_many_texts_at_once_give_what_each_gives_alone(texts: list[str]) -> None:
    # Few characters are looked at one text after the other: the texts are repeated.
    texts = texts * (1 + 9000 // max(1, sum(map(len, texts))) // 10)
    findings = find_spans_in(texts)
    for row, text in enumerate(texts):
        assert tuple(findings.of(row)) == find_spans(text)
