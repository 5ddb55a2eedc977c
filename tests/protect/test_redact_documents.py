"""Documents leave under redacted names that are free and lead nowhere else."""

from __future__ import annotations

import re
from functools import partial

from anping.core.span import Span
from anping.engine.documents.document import Block, Document
from anping.protect.pseudonym.keys import KeyRing
from anping.protect.text.documents import RedactionTally, redact_documents
from anping.protect.text.operators import Mask, Surrogates

KEYS = KeyRing({"redaction": b"k" * 32})


def _find(kind: str, pattern: str, text: str) -> list[Span]:
    return [Span(match.start(), match.end(), kind) for match in re.finditer(pattern, text)]


NAMES = partial(_find, "PERSON_NAME", "王小明|林淑芬")


def _document(name: str, text: str) -> Document:
    return Document(name, "pdf", text, (Block(0, "page", 1, "王小明"), Block(4, "page", 2)))


def test_names_are_redacted_kept_apart_and_end_in_txt() -> None:
    documents = [
        _document(f"{folder}/{name}.pdf", "王小明\n林淑芬")
        for folder in "ab"
        for name in ("王小明", "林淑芬")
    ]
    made = [one.document for one in redact_documents(documents, find_spans=NAMES)]
    assert [one.name for one in made] == [
        "a/[姓名].pdf.txt", "a/[姓名].pdf-2.txt", "b/[姓名].pdf.txt", "b/[姓名].pdf-2.txt",
    ]  # fmt: skip
    assert all(one.text == "[姓名]\n[姓名]" for one in made)
    assert [(block.start, block.kind, block.name) for block in made[0].blocks] == [
        (0, "page", ""), (5, "page", ""),
    ]  # fmt: skip


def test_a_mask_in_a_name_is_no_star() -> None:
    (one,) = redact_documents([_document("王小明.txt", "x")], find_spans=NAMES, operator=Mask())
    assert one.document.name == "___.txt"


def test_dates_move_alike_within_a_document_and_otherwise_in_another() -> None:
    dates = partial(_find, "DATE", r"\d{4}-\d\d-\d\d")
    documents = [_document(f"{n}.txt", "2023-05-06 2023-05-09") for n in range(8)]
    operator = Surrogates.under(KEYS, "redaction")
    made = [
        one.document.text
        for one in redact_documents(documents, find_spans=dates, operator=operator)
    ]
    assert len(set(made)) > 4
    one_case = Surrogates.under(KEYS, "redaction", subject="case 1")
    same = {
        one.document.text
        for one in redact_documents(documents, find_spans=dates, operator=one_case)
    }
    assert len(same) == 1


def test_the_tally_counts_what_was_replaced() -> None:
    tally = RedactionTally()
    for one in redact_documents(
        [_document("a", "王小明 王小明"), _document("b", "x")], find_spans=NAMES
    ):
        tally.add(one)
    assert tally.counts == {"PERSON_NAME": 2}
    values = {measure.key: measure.value for measure in tally.measures}
    assert values["redaction.documents"] == 1
    assert values["redaction.mentions[PERSON_NAME]"] == 2
    assert values["redaction.remaining"] == 0
