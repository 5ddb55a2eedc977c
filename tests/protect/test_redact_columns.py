"""Many texts redacted at once, in columns, become what each becomes alone."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anping.core.span import Span
from anping.core.windows import FindsInMany
from anping.know.discover.batch import Detector
from anping.know.discover.text import Scanner
from anping.protect.pseudonym.keys import KeyRing
from anping.protect.text.dictionary import IdentifierDictionary
from anping.protect.text.offsets import to_old
from anping.protect.text.operators import Method, operator_of
from anping.protect.text.redact import redact, redact_stream, redact_text

KEYS = KeyRing({"redaction": b"k" * 32})
SCANNER = Scanner(recall=True)
METHODS: tuple[Method, ...] = ("tag", "mask", "format", "surrogate")
PIECES = [
    "王小明", "小明", "陳先生", "身分證A123456789", "手機0912-345-678", "。", "，", " ", "\n", "_", "amy@mail.example",
    "臺北市大安區和平東路二段106號", "民國73年10月18日", "5月6日", "1234567", "Mary Johnson", "🙂", "\ud800", "x", "統編：04595257",
]  # fmt: skip
texts_of_pieces = st.lists(st.lists(st.sampled_from(PIECES), max_size=7).map("".join), max_size=6)


class Columns:
    """The embedded detector; however few texts there are, they go together."""

    def __call__(self, text: str, /) -> tuple[Span, ...]:
        return SCANNER.find(text)

    def many(self, texts: list[str], /) -> object:
        from anping.know.discover.batch import find_in

        return find_in(SCANNER, texts, fast=False)


@settings(max_examples=60, deadline=None)
@given(texts_of_pieces, st.sampled_from(METHODS))
def test_many_texts_become_what_each_becomes_alone(texts: list[str], method: Method) -> None:
    operator = operator_of(method, KEYS, key="redaction")
    assert isinstance(Columns(), FindsInMany)
    done = redact(texts, find_spans=Columns(), operator=operator)
    alone = redact(texts, find_spans=SCANNER.find, operator=operator)
    assert done == alone
    assert list(done.each) == list(alone.each)
    assert (done.again, done.remaining) == (alone.again, alone.remaining)
    for text, one in zip(texts, done.each, strict=True):
        assert one is not None
        for each in one.replacements:
            assert to_old(one.replacements, each.start) == each.old_start
            assert text[each.old_start : each.old_end] != "" or each.start == each.end


def test_known_identifiers_and_a_rows_own_forms_are_replaced_in_columns_too() -> None:
    known = IdentifierDictionary.of(["甲乙丙公司0099", "林志玲"])
    own = [{"阿玲": "PERSON_NAME"}, {}, {}]
    texts = ["阿玲與林志玲", "阿玲與林志玲", None]
    done = redact(texts, find_spans=Columns(), known=known, own_forms=own.__getitem__)
    assert done.texts == ("[姓名]與[姓名]", "阿玲與[姓名]", None)
    assert done.counts == {"PERSON_NAME": 3}
    assert done.changed == 2
    assert done.each[2] is None
    assert pickle.loads(pickle.dumps(done)) == done


def test_a_detector_is_asked_for_all_texts_at_once() -> None:
    asked: list[int] = []

    class Counting(Columns):
        def many(self, texts: list[str], /) -> object:
            asked.append(len(texts))
            return super().many(texts)

    done = redact(["身分證A123456789"] * 50 + ["無"] * 50, find_spans=Counting())
    # Once as they were, each distinct text once, and once as they became.
    assert asked == [2, 1]
    assert done.changed == 50


@pytest.mark.parametrize("detector", [SCANNER.find, Detector(SCANNER)])
def test_a_stream_becomes_what_the_whole_text_becomes(detector: object) -> None:
    line = "病人王小明，身分證字號A123456789，電話 0912-345-678，記於 2023/05/06。\n"
    text = line * 900
    whole = redact_text(text, find_spans=SCANNER.find, window=2_000).text
    assert callable(detector)
    pieces = [text[at : at + 777] for at in range(0, len(text), 777)]
    assert "".join(redact_stream(pieces, find_spans=detector, window=2_000)) == whole
    assert "A123456789" not in whole
