"""Documents are looked through by a detector and by what metadata is called."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from anping.core.span import Span
from anping.engine.documents.document import Document, Writing
from anping.know.discover.text import find_spans
from anping.know.documents.metadata import WithMetadata
from anping.know.documents.scan import LISTED, scan_documents


def _document(name: str, *lines: str) -> Document:
    writing = Writing()
    for line in lines:
        writing.add("paragraph", line)
    made = writing.document("text")
    return Document(name, made.format, made.text, made.blocks)


def test_metadata_is_evidence_by_its_name() -> None:
    found = WithMetadata(lambda _: ())(
        "Artist: xx9\nModel: yy\nGPSPosition: 25.0, 121.5\nBodySerialNumber: 7"
    )
    assert [(span.type, span.start, span.end) for span in found] == [
        ("PERSON_NAME", 8, 11), ("GPS_POSITION", 35, 46), ("DEVICE_ID", 65, 66),
    ]  # fmt: skip
    seen = WithMetadata(lambda _: [Span(8, 11, "EMAIL")])("Artist: xx9")
    assert [span.type for span in seen] == ["EMAIL"]


def test_mentions_are_counted_and_the_first_are_placed() -> None:
    many = _document("many.txt", *[f"電話 0912-345-{n:03d}" for n in range(LISTED + 10)])
    none = _document("none.txt", "沒有個資")
    scan = scan_documents([many, none], find_spans=find_spans)
    first, second = scan.documents
    assert first.counts["PHONE"] == LISTED + 10
    assert len([one for one in first.mentions if one.type == "PHONE"]) == LISTED
    assert [one.place.number for one in first.mentions[:3]] == [1, 2, 3]
    assert second.counts == {}
    values = {measure.key: measure.value for measure in scan.measures}
    assert values["corpus.documents"] == 2
    assert values["corpus.documents.telling"] == 1
    assert values["corpus.mentions[PHONE]"] == LISTED + 10
    assert "personal" in scan.labels.categories
    assert "pdpa:art2:contact" in scan.labels.categories


def test_a_long_document_is_counted_as_a_short_one() -> None:
    line = "聯絡人王小明，電話0912-345-678，身分證A123456789。"
    short = scan_documents([_document("a", line)], find_spans=find_spans)
    long = scan_documents([_document("b", *[line] * 1500)], find_spans=find_spans)
    assert long.counts == {kind: 1500 * n for kind, n in short.counts.items()}


@given(st.lists(st.sampled_from(["0912345678", "x", "王小明先生", "a@b.tw"]), max_size=6))
def test_the_counts_are_those_of_the_detector(words: list[str]) -> None:
    document = _document("a", "，".join(words))
    (found,) = scan_documents([document], find_spans=find_spans).documents
    assert found.counts == dict(Counter(span.type for span in find_spans(document.text)))
