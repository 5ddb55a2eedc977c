"""The recogniser of names: what it finds, that many texts give what each gives, and its weights."""

from __future__ import annotations

import subprocess
import sys
from hashlib import sha256
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anping.core.errors import InputError
from anping.know.discover.fold import fold
from anping.know.discover.lexicon import load
from anping.know.discover.name_cells import name_score
from anping.know.discover.name_features import BITS, candidates, padded
from anping.know.discover.name_model import read_weights, shipped_weights
from anping.know.discover.names import find_names, find_names_in
from anping.know.discover.organisations import find_organisations

SURE = 0.5
ROOT = Path(__file__).parents[2]
#: What training on 1,500 sentences gives, on every machine.
SMALL = "0b315ef95cd2866e8205820bf94607a237417427273a555832345b68819a8a87"
#: Names, their neighbours and odd characters, put together at random.
PIECES = [
    "王小明", "歐陽家豪", "陳林美惠", "阮氏秋芳", "陳", "林", "於", "任何", "方法", "高雄市", "聯絡人", "：", "先生", "小姐", "的",
    "表示", "，", "。", "\n", "\0", " ", "　", "\ud800", "🙂", "𠀀", "\ue000", "王 小 明", "Patient", "Mary Johnson", "Lin Wei-Ting",
    "LIN, WEI-TING", "O'Connor", "Le Thi Mai", "A", "z", "7", "-", "'", "Mr.", "姓名", "(", ")", "「", "為", "是",
]  # fmt: skip
nasty = st.lists(st.sampled_from(PIECES), max_size=9).map("".join)
anything = st.one_of(nasty, st.text(max_size=20), st.text("陳林王小明先生 \0", max_size=20))


def sure(text: str, *, recall: bool = False) -> list[str]:
    folded = fold(text)
    spans = sorted(find_names(folded, recall=recall))
    return [text[span.start : span.end] for span in spans if span.score >= SURE]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("上週四跟洪雅雯討論過後，決定延到月底。", ["洪雅雯"]),
        ("昨天傍晚看到張志豪牽著狗往河堤走。", ["張志豪"]),
        ("緊急聯絡人：歐陽家豪（父）", ["歐陽家豪"]),
        ("住戶陳林美惠表示漏水", ["陳林美惠"]),
        ("Dear Wei-Ting Chen,", ["Wei-Ting Chen"]),
        ("Tenant: HSIEH MING-CHE", ["HSIEH MING-CHE"]),
        ("reported by Fatima O'Connor yesterday", ["Fatima O'Connor"]),
        ("the caretaker Nguyen Thi Lan signed", ["Nguyen Thi Lan"]),
    ],
)
def test_names_in_sentences_are_found(text: str, names: list[str]) -> None:
    assert sure(text) == names


@pytest.mark.parametrize(
    "text",
    [
        "方法論部分採隨機抽樣，高度相關的變數已剔除。",
        "任何人不得擅自進入，違者依法處理。",
        "時間：下午三點，地點：高雄市三民區。",
        "單位主管應於三日內簽核，費用由申請人負擔。",
        "The Annual Report of the Data Center in Ann Arbor, Main Street",
        "第一項第二款規定，於前條準用之。",
    ],
)
def test_ordinary_words_are_no_names(text: str) -> None:
    assert sure(text) == []


def test_a_label_and_a_title_are_told() -> None:
    (span,) = [s for s in find_names("聯絡人：陳淑芬小姐") if s.score >= SURE]
    assert span.evidence == ("surname", "label:聯絡人", "title:小姐")


def test_recall_finds_a_family_name_with_its_title() -> None:
    assert "王小姐" in [
        "王小姐來電"[span.start : span.end] for span in find_names("王小姐來電", recall=True)
    ]


@settings(max_examples=200, deadline=None)
@given(st.lists(anything, max_size=5), st.booleans())
def test_many_texts_at_once_give_what_each_gives(
    texts: list[str],
    recall: bool,  # noqa: FBT001 - hypothesis passes it
) -> None:
    folded = [fold(text) for text in texts]
    alone = []
    begin = 0
    for text in folded:
        alone += [
            (span.start + begin, span.end + begin, span.score, span.evidence)
            for span in find_names(text, recall=recall)
        ]
        begin += len(text) + 1
    joined = [
        (span.start, span.end, span.score, span.evidence)
        for span in find_names_in("\0".join(folded), recall=recall).spans()
    ]
    assert sorted(joined) == sorted(alone)


@settings(deadline=None)
@given(anything)
def test_recall_finds_whatever_precision_finds(text: str) -> None:
    folded = fold(text)
    wide = find_names(folded, recall=True)
    for span in find_names(folded):
        assert any(other.start == span.start and other.score >= span.score for other in wide)


def test_candidates_are_a_family_name_and_one_or_two_characters() -> None:
    codes = padded(np.array([ord(character) for character in "歐陽家豪"], np.uint32))
    found = candidates(codes)
    shapes = sorted(zip(found.family.tolist(), found.given.tolist(), strict=True))
    # 歐 and 家 are family names too.
    assert shapes == [(1, 1), (1, 1), (1, 2), (1, 2), (2, 1), (2, 2)]


def test_the_shipped_weights_are_those_that_were_trained() -> None:
    body = (
        resources.files("anping.know.discover").joinpath("data", "names_weights.npy").read_bytes()
    )
    assert sha256(body).hexdigest() == load("names_model")["sha256"]
    assert len(body) < 1_000_000
    assert shipped_weights().shape == (2**BITS,)


def test_training_gives_the_same_bytes_everywhere(tmp_path: Path) -> None:
    file = tmp_path / "weights.npy"
    command = ("-m", "training.names.train", "--sentences", "1500", "--to", str(file))
    subprocess.run([sys.executable, *command], cwd=ROOT, check=True)
    body = file.read_bytes()
    assert sha256(body).hexdigest() == SMALL
    assert read_weights(body, SMALL).any()


@pytest.mark.parametrize("body", [b"", b"not an array", b"\x93NUMPY\x01\x00"])
def test_weights_of_another_form_are_refused(body: bytes) -> None:
    with pytest.raises(InputError, match=r"discover\.name-weights"):
        read_weights(body, sha256(body).hexdigest())


def test_weights_with_another_digest_are_refused() -> None:
    with pytest.raises(InputError, match=r"discover\.name-weights"):
        read_weights(b"anything", "0" * 64)


def test_firms_of_one_person_are_organisations() -> None:
    kinds = [(span.start, span.end) for span in find_organisations("訂購單：大發冷凍空調工程行")]
    assert kinds == [(4, 13)]


def test_a_cell_of_a_title_and_a_name_is_a_name() -> None:
    assert name_score("陳淑芬小姐") > SURE > name_score("高雄市政府")
