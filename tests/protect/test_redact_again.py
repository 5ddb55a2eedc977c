"""A redacted text is looked through again; its places map back; streams and windows find the same."""

from __future__ import annotations

import pickle
import re
from functools import partial
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anping.core.errors import KeyStoreError
from anping.core.span import Span
from anping.core.windows import cuts, found_in
from anping.engine.table import Table
from anping.know.discover.text import find_spans
from anping.protect import protect, read_plan
from anping.protect.pseudonym.keys import KeyRing
from anping.protect.text.offsets import replaced, to_new, to_old
from anping.protect.text.operators import Method, Surrogates, operator_of
from anping.protect.text.redact import nothing_found, redact, redact_stream, redact_text

KEYS = KeyRing({"redaction": b"k" * 32, "person": b"p" * 32})
RECALL = partial(find_spans, recall=True)
NOTE = (
    "病人王小明，身分證A123456789，電話0912-345-678，住臺北市大安區和平東路二段106號。"
    "小明於2023/05/06入院，王先生的信箱是amy.chen@hospital.tw。"
)
METHODS: tuple[Method, ...] = ("tag", "mask", "format", "surrogate")


def _finds(pattern: str, kind: str = "X") -> partial[list[Span]]:
    return partial(_matches, re.compile(pattern), kind)


def _matches(pattern: re.Pattern[str], kind: str, text: str) -> list[Span]:
    return [Span(found.start(), found.end(), kind) for found in pattern.finditer(text)]


@pytest.mark.parametrize("method", METHODS)
def test_nothing_that_was_found_is_left_and_nothing_more_is_found(method: Method) -> None:
    operator = operator_of(method, KEYS, key="redaction")
    done = redact_text(NOTE, find_spans=RECALL, operator=operator)
    for secret in ("王小明", "小明", "A123456789", "0912-345-678", "和平東路二段106號", "amy.chen"):
        assert secret not in done.text
    assert not done.remaining
    again = redact_text(NOTE, find_spans=RECALL, operator=operator)
    assert again == done


def test_a_find_that_only_the_redacted_text_shows_is_redacted_then() -> None:
    # The detector sees one number at a time: the first, until it is gone.
    def first_number(text: str) -> list[Span]:
        return _matches(re.compile(r"\d+"), "LONG_NUMBER", text)[:1]

    done = redact_text("一 12 二 34 三 56", find_spans=first_number)
    assert done.text == "一 [識別資料] 二 [識別資料] 三 [識別資料]"
    assert done.again == {"LONG_NUMBER": 2}
    assert not done.remaining


def test_a_detector_that_never_ends_is_told_not_followed() -> None:
    def one_letter(text: str) -> list[Span]:
        return _matches(re.compile("[a-z]"), "X", text)[:1]

    done = redact_text("a b c d e f g h i j k l m n", find_spans=one_letter)
    assert sum(done.remaining.values()) == 1
    assert done.text.endswith("m n")


def test_a_surrogate_that_is_found_again_is_no_remainder() -> None:
    operator = Surrogates.under(KEYS, "redaction")
    done = redact_text("手機0912345678。", find_spans=RECALL, operator=operator)
    assert not done.again
    assert RECALL(done.text)


@given(st.text("ab1。2 ", max_size=60), st.sampled_from(METHODS))
def test_places_map_back(text: str, method: Method) -> None:
    done = redact_text(
        text, find_spans=_finds("[0-9]+"), operator=operator_of(method, KEYS, key="redaction")
    )
    covered = {n for each in done.replacements for n in range(each.old_start, each.old_end)}
    assert covered == {n for n, mark in enumerate(text) if mark.isdigit()}
    fresh = {n for each in done.replacements for n in range(each.start, each.end)}
    for place, mark in enumerate(done.text):
        if place not in fresh:
            assert text[to_old(done.replacements, place)] == mark
            assert to_new(done.replacements, to_old(done.replacements, place)) == place
    for place in set(range(len(text) + 1)) - covered:
        assert to_old(done.replacements, to_new(done.replacements, place)) == place


def test_a_place_within_a_replacement_is_its_beginning() -> None:
    _, found = replaced("0123456789", [Span(2, 5, "X")], ["[ABCDE]"])
    assert [to_old(found, place) for place in (0, 2, 5, 9, 10)] == [0, 2, 2, 5, 6]
    assert [to_new(found, place) for place in (0, 2, 4, 5, 9)] == [0, 2, 2, 9, 13]


@given(st.lists(st.sampled_from(["x", "0912345678", "。", "\n", " 字"]), max_size=80))
@settings(max_examples=40)
def test_windows_find_what_one_look_finds(parts: list[str]) -> None:
    text = "，".join(parts)
    found = _finds("0912345678")
    windowed = found_in(found, text, window=40)
    assert set(found(text)) <= set(windowed)
    assert "".join(text[start:end] for start, end in cuts(text, 40)) == text


def test_a_line_without_end_is_redacted_in_pieces() -> None:
    piece = "電話0912345678，" * 50
    made = "".join(
        redact_stream([piece] * 40, find_spans=_finds("09[0-9]{8}", "PHONE"), window=256)
    )
    assert made == "電話[電話]，" * 2000
    assert list(redact_stream([], find_spans=nothing_found)) == []
    whole = redact_text(piece * 40, find_spans=_finds("09[0-9]{8}", "PHONE"), window=256)
    assert whole.text == made


def test_a_key_that_is_missing_is_told() -> None:
    with pytest.raises(KeyStoreError):
        operator_of("surrogate", KeyRing({}), key="redaction")


PLAN = """
columns:
  person_id: {do: pseudonym, key: person}
  name: {do: drop}
  note: {do: redact, method: METHOD, key: redaction}
"""


@pytest.mark.parametrize("method", METHODS)
def test_a_plan_says_what_stands_in_place_of_a_mention(method: Method, tmp_path: Path) -> None:
    table = Table.of(
        pa.table(
            {
                "person_id": ["P1", "P2"],
                "name": ["王小明", "林淑芬"],
                "note": ["王小明電話0912345678", "與王小明同住，A123456789"],
            }
        )
    )
    (tmp_path / "plan.yaml").write_text(PLAN.replace("METHOD", method), "utf-8")
    plan = read_plan(tmp_path / "plan.yaml")
    done = protect(table, plan, keys=KEYS, find_spans=RECALL)
    notes = done.table.column("note").to_pylist()
    assert not any(word in note for note in notes for word in ("王小明", "0912345678", "林淑芬"))
    told = next(each for each in done.operations if each.column == "note")
    assert "text redaction" in told.technique
    values = {each.name: each.value for each in done.measures}
    assert values["deid.redacted.remaining"] == 0
    if method == "surrogate":
        assert len({note[:3] for note in notes if note[3:5] == "電話"}) == 1
        assert "redaction" in told.what.en


def test_operators_can_be_sent_to_another_process() -> None:
    operator = operator_of("surrogate", KEYS, key="redaction", taken={"王大明": "PERSON_NAME"})
    again = pickle.loads(pickle.dumps(operator))
    spans = [Span(0, 3, "PERSON_NAME")]
    assert again("王小明", spans) == operator("王小明", spans)
    assert "secret" not in repr(operator)


def test_redacting_many_texts_tells_each_ones_replacements() -> None:
    done = redact(["a1", None, "b"], find_spans=_finds("[0-9]"))
    assert [None if one is None else len(one.replacements) for one in done.each] == [1, None, 0]
    assert (done.again, done.remaining) == (0, 0)
