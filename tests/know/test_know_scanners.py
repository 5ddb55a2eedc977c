"""Two scanners, one definition: what they find, and that the rules' own examples hold."""

from __future__ import annotations

import gzip
import json
import pickle
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anping.core.errors import ParameterError
from anping.core.windows import FindsInMany
from anping.know.discover.automaton import LIMIT, build
from anping.know.discover.batch import Detector, find_in, find_spans_in
from anping.know.discover.lexicon import load
from anping.know.discover.own_entities import rules_with
from anping.know.discover.pattern import parse
from anping.know.discover.scoring import explain
from anping.know.discover.text import Scanner, find_spans
from anping.know.discover.walking import walk_many, walk_text

ENTRIES: list[dict[str, Any]] = load("entities")
MARKED = re.compile("«(.*?)»", re.DOTALL)
#: Pieces of values, labels, decoys and odd characters, put together at random.
PIECES = [
    "身分證字號", "A123456789", "Ａ１２３４５６７８９", "A1234\n56789", "A 1 2 3 4 5 6 7 8 9", "電話", "(02)2345-6789",
    "0912-345-\r\n678", "０９１２３４５６７８", "統編：", "04595257", "病歷號M1234567", "車", "ABC-1234", "LINE ID：", "amy_1234",
    "密碼：", "Hunter2!x", "臺北市大安區和平東路二段106號3樓之1", "中山路5號", "2018/03/0816:24", "民國73年10月18日", "生", "出生", "。", "，",
    "；", " ", "\n", "\0", "\ud800", "🙂", "𠀀", "碁銹裏", "\ue000", "：", "(", ")", "（手機）", "amy@mail.example", "https://a.example/b.",
    "4111-1111-1111-1111", "192.168.1.20", "2001:db8::1", "00:1B:44:11:3A:B7", "訂單", "12345678901234", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
    "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "ghp_0123456789abcdefghijABCDEFGHIJ012345", "GB82 WEST 1234 5698 7654 32", "No. 7, Sec. 5, Xinyi Rd., Taipei City 110",
    "王小明", "陳先生", "Mary Johnson", "宏達股份有限公司", "x", "7", "-", "at", "id", "軍A-20015", "匯款帳號：(803)8605359628397", "Jan 5, 2024", "113.5.6",
]  # fmt: skip
nasty = st.lists(st.sampled_from(PIECES), max_size=8).map("".join)
anything = st.one_of(nasty, st.text(max_size=30))


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["type"])
def test_each_entity_finds_its_examples_and_not_its_counter_examples(entry: dict[str, Any]) -> None:
    assert entry["source"]
    assert entry["examples"]
    assert entry["counter"]
    modes = {rule.get("only") for rule in entry["rules"]}
    scanner = Scanner(attributes="attributes" in modes)
    for example in entry["examples"]:
        text = MARKED.sub(r"\1", example)
        wanted = [
            (m.start() - 2 * n, m.end() - 2 * n - 2) for n, m in enumerate(MARKED.finditer(example))
        ]
        found = [(s.start, s.end) for s in scanner.find(text) if s.type == entry["type"]]
        assert found == wanted, text
    for text in entry["counter"]:
        assert entry["type"] not in {span.type for span in scanner.find(text)}, text


@settings(max_examples=150, deadline=None)
@given(st.lists(anything, max_size=4), st.sampled_from([0.05, 0.15, 0.5]), st.booleans())
def test_many_texts_at_once_give_what_each_gives_alone(
    texts: list[str],
    threshold: float,
    recall: bool,  # noqa: FBT001 - hypothesis passes it
) -> None:
    scanner = Scanner(threshold, recall, attributes=True)
    assert list(find_in(scanner, texts, fast=False)) == [scanner.find(text) for text in texts]


@settings(max_examples=60, deadline=None)
@given(st.lists(anything, max_size=4), st.booleans())
def test_compiled_code_finds_the_same(
    texts: list[str],
    recall: bool,  # noqa: FBT001 - hypothesis passes it
) -> None:
    pytest.importorskip("numba")
    scanner = Scanner(0.05, recall, attributes=True)
    assert list(find_in(scanner, texts, fast=True)) == list(find_in(scanner, texts, fast=False))


def test_a_detector_takes_one_text_or_many() -> None:
    detector = Detector(Scanner(recall=True))
    texts = ["身分證字號A123456789 ", "", "電話 0912-345-678。"] * 400
    assert isinstance(detector, FindsInMany)
    assert list(detector.many(texts)) == [detector(text) for text in texts]
    long = "".join(texts)
    assert detector(long) == Scanner(recall=True).find(long)
    assert pickle.loads(pickle.dumps(detector))(texts[0]) == detector(texts[0])


def test_the_labelled_corpus_gives_the_same_on_both_paths(shared: Path) -> None:
    with gzip.open(shared / "peers" / "pii" / "docs.jsonl.gz", "rt", encoding="utf-8") as lines:
        texts = [json.loads(next(lines))["text"] for _ in range(600)]
    for recall in (False, True):
        found = find_spans_in(texts, recall=recall)
        assert list(found) == [find_spans(text, recall=recall) for text in texts]
        assert sum(found.counts().values()) == len(found) == len(found.types) == len(found.scores)


def test_no_texts_and_empty_texts_find_nothing() -> None:
    assert list(find_spans_in([])) == []
    assert list(find_spans_in(["", ""])) == [(), ()]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from(["a|bc", "[ab]{2,3}", "a(?:b|c)*d", "[^a]b+", "ab?c?", "\\d{1,3}"]), min_size=1, unique=True),
    st.text("abcd12", max_size=12),
)  # fmt: skip
def test_the_automaton_finds_the_longest_match_of_each_pattern(
    patterns: list[str], text: str
) -> None:
    automaton = build([parse(pattern) for pattern in patterns])
    classes = np.append(automaton.classes[[ord(c) for c in text]], 0).astype(np.uint16)
    found = sorted(walk_text(automaton, text, range(len(text))))
    numbers, starts, ends = walk_many(automaton, classes, np.arange(len(text)))
    assert sorted(zip(numbers.tolist(), starts.tolist(), ends.tolist(), strict=True)) == found
    for number, pattern in enumerate(patterns):
        for start in range(len(text)):
            ends_here = [
                e for e in range(start + 1, len(text) + 1) if re.fullmatch(pattern, text[start:e])
            ]
            assert [e for n, s, e in found if (n, s) == (number, start)] == ends_here[-1:]


@pytest.mark.parametrize(
    "pattern", ["^a", "a$", r"\bx", "(?=a)", r"(a)\1", "a*?", "(a+)+?", "[b-a]", "a{300}", "(a", "a)", "", "a|", "*"]
)  # fmt: skip
def test_patterns_that_could_blow_up_are_refused(pattern: str) -> None:
    with pytest.raises(ParameterError) as caught:
        build([parse(pattern)])
    assert caught.value.code.startswith("discover.pattern")


def test_matches_that_begin_one_in_another_are_limited_on_both_paths() -> None:
    automaton = build([parse("(?:ab)+"), parse("x(?:ab)+c")], limited={0})
    text = "x" + "ab" * 300 + "c"
    found = walk_text(automaton, text, [0, 1, 601 - LIMIT])
    assert found == [(1, 0, 602), (0, 1, 1 + LIMIT), (0, 601 - LIMIT, 601)]
    classes = np.append(automaton.classes[[ord(c) for c in text]], 0).astype(np.uint16)
    numbers, starts, ends = walk_many(automaton, classes, np.array([0, 1, 601 - LIMIT]))
    assert sorted(zip(numbers.tolist(), starts.tolist(), ends.tolist(), strict=True)) == sorted(
        found
    )


def test_patterns_that_blow_up_elsewhere_are_read_in_one_pass() -> None:
    automaton = build([parse("(?:a+)+b")])
    assert walk_text(automaton, "a" * 4000, [0]) == []


def test_entities_of_ones_own_are_found_with_their_labels(tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(
        "- type: STAFF_PASS\n  labels: [通行證]\n  rules:\n"
        "    - {pattern: 'ZQ[0-9]{5}[A-Z]', prior: -5, context: 7}\n",
        "utf-8",
    )
    scanner = Scanner(rules=rules_with(file))
    text = "通行證 ZQ12345K 已停用；型號 ZQ12345K"
    (span,) = scanner.find(text)
    assert (span.start, span.end, span.type) == (4, 12, "STAFF_PASS")
    assert list(find_in(scanner, [text])) == [(span,)]


@pytest.mark.parametrize(
    "body",
    ["[]x: 1", "- {rules: []}", "- {type: A}", "- {type: A, rules: [{pattern: '(a'}]}", "- {type: A, rules: [{pattern: a, prior: x}]}",
     "- {type: A, rules: [{pattern: a, prior: 1, cut: '(a+)+'}]}", "- {type: A, rules: [{pattern: a, prior: 1, nonsense: 1}]}"],
)  # fmt: skip
def test_a_broken_file_of_entities_is_refused(tmp_path: Path, body: str) -> None:
    from anping.core.errors import AnpingError

    file = tmp_path / "own.yaml"
    file.write_text(body, "utf-8")
    with pytest.raises(AnpingError, match=r"discover\."):
        rules_with(file)


def test_a_long_private_key_is_found_whole() -> None:
    line = "MIIJKQIBAAKCAgEAx7Vb" * 3 + "+/a="
    key = "-----BEGIN RSA PRIVATE KEY-----\n" + f"{line}\n" * 48 + "-----END RSA PRIVATE KEY-----"
    text = f"附上金鑰\n{key}\n請查收"
    found = [span for span in find_spans(text) if span.type == "SECRET"]
    assert [text[span.start : span.end].strip() for span in found] == [key]
    assert list(find_spans_in([text])) == [find_spans(text)]


def test_a_finding_says_what_its_score_was_built_from() -> None:
    (span,) = find_spans("身分證字號A123456789")
    parts = explain(span)
    assert [part.code for part in parts] == [
        "pattern:TW_NATIONAL_ID",
        "checksum",
        "context:身分證字號",
    ]
    total = sum(part.log_odds for part in parts if part.log_odds is not None)
    assert span.score == pytest.approx(1 / (1 + np.exp(-total)), abs=0.002)


def test_a_value_behind_an_unknown_word_is_found_with_low_confidence() -> None:
    text = "稅籍代號：04595257"
    assert find_spans(text) == ()
    (span,) = find_spans(text, threshold=0.15)
    assert span.type == "TW_BUSINESS_ID"
    assert "introduced" in span.evidence


@pytest.mark.parametrize(
    ("text", "value", "kind"),
    [
        ("身分證 A 1 2 3 4 5 6 7 8 9 已驗", "A 1 2 3 4 5 6 7 8 9", "TW_NATIONAL_ID"),
        ("手機 ０９１２ ３４５ ６７８", "０９１２ ３４５ ６７８", "PHONE"),
        ("碁銹裏身分證字號A123456789", "A123456789", "TW_NATIONAL_ID"),
        ("他把車（WMG-7204）停在門口", "WMG-7204", "VEHICLE_PLATE"),
        ("郵遞區號：106409", "106409", "ADDRESS_PART"),
    ],
)
def test_values_written_oddly_are_found(text: str, value: str, kind: str) -> None:
    spans = [(text[span.start : span.end], span.type) for span in find_spans(text)]
    assert (value, kind) in spans
